// The curves in a table: which one is worked on, what each has at the update that is read, and the numbers of the whole run.

import { fresh, h, set, tool, write } from "./h.js";
import { count, exact, short } from "./numbers.js";
import { DASHES, LETTERS } from "./marks.js";
import { MOST } from "./state.js";

const COPY = "M7 7h9v9H7zM4 13V4h9";
const REMOVE = "M5 5l10 10M15 5 5 15";
const COLUMNS = ["Peak", "Mean", "At the end", "Area"];

export function compare(desk) {
  const head = { at: h("th", { scope: "col", class: "read" }), above: h("th", { scope: "col" }) };
  const body = h("tbody");
  const radios = `${desk.key}-active`;
  const more = h(
    "button",
    {
      type: "button",
      class: "chip",
      onclick: () => desk.add(desk.sound(desk.state.active) ?? desk.state.texts[desk.state.active]),
    },
    h("span", { "aria-hidden": "true" }, "+ "),
    "Add a curve to compare",
  );
  const table = h(
    "table",
    {},
    h(
      "caption",
      { class: "unseen" },
      "The curves, their rates at the update that is read, and their numbers over the whole run",
    ),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "Curve"),
        head.at,
        COLUMNS.map((name) => h("th", { scope: "col", class: name === "Peak" ? "peak" : null }, name)),
        head.above,
        h("th", { scope: "col", class: "actions" }, h("span", { class: "unseen" }, "Actions")),
      ),
    ),
    body,
  );
  const element = h(
    "section",
    { class: "card curves", "aria-label": "Curves" },
    h("h2", {}, "Curves"),
    h("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": "Table of curves" }, table),
    more,
  );
  let rows = [];

  /** Two lines a curve: its numbers, and under them its expression, for which no column is wide enough. */
  function row(i) {
    const id = fresh("curve");
    const words = h("label", { class: "curve-text", for: id });
    const radio = h("input", { type: "radio", id, name: radios, onchange: () => desk.change({ active: i }) });
    const cells = Array.from({ length: COLUMNS.length + 2 }, () => h("td"));
    cells[0].className = "read";
    const gone = tool(`Remove curve ${LETTERS[i]}`, REMOVE, () => {
      desk.remove(i);
      more.focus();
    });
    const copy = tool(`Copy curve ${LETTERS[i]}`, COPY, () => desk.add(desk.sound(i) ?? desk.state.texts[i]));
    const element = h(
      "tr",
      {},
      h("th", { scope: "row" }, h("label", { class: "curve-name" }, radio, swatch(i), h("b", {}, LETTERS[i]))),
      cells,
      h("td", { class: "actions" }, h("span", { class: "pair" }, copy, gone)),
    );
    const line = h("tr", { class: "curve-line" }, h("td", { colspan: COLUMNS.length + 4 }, words));
    return { element, line, words, radio, cells, gone, copy };
  }

  function show() {
    const { state, drawn, reading } = desk;
    if (rows.length !== state.texts.length) {
      rows = state.texts.map((_, i) => row(i));
      body.replaceChildren(...rows.flatMap((one) => [one.element, one.line]));
    }
    write(head.at, `Update ${count(desk.at)}`);
    write(head.above, state.above === "" || drawn.aboveError ? "Above" : `Above ${state.above}`);
    rows.forEach((one, i) => {
      const curve = drawn.curves[i];
      const summary = curve?.summary;
      const known = reading && reading.step === desk.at ? reading.rates[i] : undefined;
      set(one.radio, { checked: i === state.active, "aria-label": `Curve ${LETTERS[i]}, ${state.texts[i]}` });
      write(one.words, state.texts[i]);
      set(one.words, { title: state.texts[i] });
      for (const line of [one.element, one.line]) line.classList.toggle("active", i === state.active);
      one.line.classList.toggle("mistaken", Boolean(desk.errors[i]));
      set(one.copy, { "aria-disabled": String(state.texts.length >= MOST) });
      set(one.gone, { hidden: rows.length === 1 });
      if (known !== undefined) write(one.cells[0], exact(known));
      const facts = summary
        ? [
            `${short(summary.peak.value)} at ${count(summary.peak.step)}`,
            short(summary.mean),
            short(summary.last.value),
            short(summary.area),
          ]
        : COLUMNS.map(() => "–");
      const exactly = summary ? [summary.peak.value, summary.mean, summary.last.value, summary.area] : [];
      facts.forEach((words, j) => {
        write(one.cells[j + 1], words);
        set(one.cells[j + 1], { title: exactly[j] === undefined ? null : String(exactly[j]) });
      });
      const above = drawn.above?.[i];
      write(one.cells.at(-1), above === null || above === undefined ? "–" : count(above));
    });
    set(more, {
      "aria-disabled": String(state.texts.length >= MOST),
      title: state.texts.length >= MOST ? `Up to ${MOST} curves can be compared.` : null,
    });
  }

  return { element, show };
}

/** A piece of the curve's line, in its colour and with its dashes. */
function swatch(i) {
  return h(
    "svg",
    { class: `swatch curve-${i + 1}`, viewBox: "0 0 34 10", "aria-hidden": "true" },
    h("path", { d: "M1 5H33", "stroke-dasharray": DASHES[i].join(" ") || null }),
  );
}
