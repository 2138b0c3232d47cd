// What is read off the drawing: an update, the updates above a rate, the difference of two curves, and the boundaries.

import { fresh, h, set, write } from "./h.js";
import { count, exact, short, typed } from "./numbers.js";
import { LETTERS } from "./marks.js";
import { UNITS } from "./state.js";

const UNKNOWN = "Epochs, samples and tokens can be read when the run says how long an epoch is and how large a batch.";
const STAYS =
  "The axis stays in updates: the run does not say how many of them are one of these, or their number changes.";

export function readings(desk) {
  const step = h("input", {
    type: "text",
    role: "spinbutton",
    inputmode: "numeric",
    class: "number",
    size: 10,
    "aria-label": "Update to read, exactly",
    onchange: went,
    onkeydown: keyed,
  });
  const units = h("span");
  const wrong = fresh("mistake");
  const above = h("input", {
    type: "text",
    inputmode: "decimal",
    class: "number",
    size: 8,
    placeholder: "a rate",
    "aria-label": "Count the updates above this rate",
    "aria-describedby": wrong,
    oninput: () => desk.change({ above: above.value.trim() }, "above"),
  });
  const aboveWrong = h("span", { class: "wrong-field", id: wrong, hidden: true });
  const minus = [0, 1].map((i) =>
    h("select", { "aria-label": i ? "Curve that is subtracted" : "Difference of curve", onchange: picked }),
  );
  const apart = h("span");
  const said = h("p", { class: "units" }, apart);
  const edges = h("ul", { class: "edges" });
  const many = h("summary", {}, "Boundaries");
  const difference = h(
    "div",
    { class: "row" },
    h("span", { "aria-hidden": "true" }, "Difference"),
    minus[0],
    h("span", { "aria-hidden": "true" }, "−"),
    minus[1],
  );
  const element = h(
    "div",
    { class: "readings" },
    h(
      "div",
      { class: "row asked" },
      h("div", { class: "row" }, h("span", { "aria-hidden": "true" }, "Update"), step),
      h("div", { class: "row row-above" }, h("span", { "aria-hidden": "true" }, "Above"), above, aboveWrong),
      difference,
    ),
    h("p", { class: "units" }, units),
    said,
    h("details", { class: "boundaries" }, many, edges),
  );
  let listed = "";

  function went() {
    const value = typed(step.value);
    if (Number.isFinite(value) && value >= 0 && value <= 2 ** 53) desk.read(value, true);
    else set(step, { value: String(desk.at) });
  }

  function keyed(event) {
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 100, PageDown: -100 }[event.key];
    if (event.key === "Enter") went();
    if (!by) return;
    event.preventDefault();
    desk.read(Math.max(0, desk.at + by), true);
    set(step, { value: String(desk.at) });
  }

  function picked() {
    const pair = minus.map((one) => one.value);
    desk.change({ minus: pair.includes("") ? null : pair.map(Number) });
    if (pair[0] !== "" && pair[1] === "") desk.change({ minus: [Number(pair[0]), pair[0] === "0" ? 1 : 0] });
  }

  function show() {
    const { state, drawn, reading } = desk;
    if (document.activeElement !== step || step.value.replace(/\D/g, "") === "") set(step, { value: String(desk.at) });
    set(step, { "aria-valuenow": desk.at, "aria-valuemin": 0 });
    const here = reading?.step === desk.at ? reading.units?.[0] : null;
    const others = UNITS.slice(1).filter((unit) => (here?.[unit] ?? null) !== null);
    if (reading?.step === desk.at)
      write(
        units,
        others.length
          ? `Update ${count(desk.at)} is at ${others.map((unit) => `${short(here[unit])} ${unit}`).join(", ")}.`
          : UNKNOWN,
      );
    if (state.unit !== desk.unit() && reading) write(units, STAYS);
    if (above.value.trim() !== state.above) above.value = state.above;
    set(above, { "aria-invalid": drawn.aboveError ? "true" : null });
    aboveWrong.hidden = !drawn.aboveError;
    write(aboveWrong, drawn.aboveError ?? "");
    showDifference();
    showEdges();
  }

  function showDifference() {
    const { state, drawn } = desk;
    const number = state.texts.length;
    set(said, { hidden: number < 2 });
    minus.forEach((select, i) => {
      if (select.options.length !== number + 1)
        select.replaceChildren(
          h("option", { value: "" }, "none"),
          ...Array.from({ length: number }, (_, j) => h("option", { value: String(j) }, LETTERS[j])),
        );
      set(select, { value: state.minus ? String(state.minus[i]) : "", disabled: number < 2 });
    });
    const found = drawn.apart;
    write(
      apart,
      number < 2
        ? ""
        : !found
          ? ""
          : found.largest === null
            ? "The two are the same at every update."
            : `They part at update ${place(found.first)} and are furthest apart at update ${place(found.largest)}.`,
    );
  }

  const place = ({ step: at, rate }) => `${count(at)} (${short(rate)})`;

  function showEdges() {
    const list = desk.drawn.curves[desk.state.active]?.edges ?? [];
    const now = JSON.stringify(list);
    if (now === listed) return;
    listed = now;
    write(many, list.length === 1 ? "1 boundary" : `${count(list.length)} boundaries`);
    edges.replaceChildren(
      ...list.map((edge) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "link", onclick: () => desk.read(edge.step, true) },
            `Update ${count(edge.step)}`,
          ),
          ` ${edge.says}, rate ${exact(edge.rate)}`,
        ),
      ),
    );
  }

  return { element, show };
}
