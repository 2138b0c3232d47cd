// One field of a part: a number box with a slider, a list of choices, a switch, or a text.

import { fresh, h, plain, set, write } from "./h.js";
import { placeOf, rangeOf, stepped, textAt, valueOf } from "./slider.js";

/**
 * `change(text, live)` asks for the new value, live while a slider is dragged. `show(spec, mistake)` takes the values of a
 * new reply; a mistake without words marks the field alone.
 */
export function field(first, key, change) {
  let spec = first;
  let held = null; // the range of the slider while it is dragged
  let asked = null; // what was typed last and has not come back yet
  const id = fresh("field");
  const wrong = h("span", { class: "wrong-field", id: fresh("mistake"), hidden: true });
  const label = h("label", { for: id, title: plain(spec.says ?? "") || null }, spec.name.replaceAll("_", " "));
  const numeric = spec.kind === "number" || spec.kind === "whole";
  const box = made();
  const slider = numeric ? sliding() : null;
  const extra = spec.kind === "list" ? items() : null;
  const element = h("div", { class: `field field-${spec.kind}` }, label, box, slider, wrong, extra?.element);

  function made() {
    const common = { id, "data-key": key, "aria-describedby": wrong.id };
    if (spec.kind === "choice")
      return h(
        "select",
        { ...common, onchange: () => change(box.value, false) },
        (spec.choices ?? []).map((one) => h("option", { value: one }, unquoted(one))),
      );
    if (spec.kind === "switch")
      return h("input", { ...common, type: "checkbox", onchange: () => change(box.checked ? "True" : "False", false) });
    return h("input", {
      ...common,
      type: "text",
      class: numeric ? "number" : "words",
      role: numeric ? "spinbutton" : null,
      inputmode: numeric ? "decimal" : null,
      placeholder: spec.optional ? "none" : null,
      autocomplete: "off",
      spellcheck: "false",
      oninput: typed,
      onchange: typed,
      onkeydown: (event) => {
        if (event.key === "Enter") typed();
        const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
        if (!numeric || !up || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        box.value = stepped(spec, up);
        typed();
      },
    });
  }

  function typed() {
    asked = box.value;
    change(asked, false);
  }

  function sliding() {
    return h("input", {
      type: "range",
      "aria-label": `${spec.name.replaceAll("_", " ")}, slider`,
      "data-key": `${key}.slider`,
      oninput: () => slid(true),
      onchange: () => slid(false),
    });
  }

  /** The slider's value. Its range stays while it is dragged, also where the value widened it. */
  function slid(live) {
    held ??= rangeOf(spec);
    const place = Number(slider.value);
    const value = valueOf(spec);
    const text = place === placeOf(value, held) ? spec.text : textAt(place, value, held);
    if (!live) held = null;
    change(text, live);
  }

  /** The numbers in a list, each with a box and a slider of its own; the text around them stays as it is. */
  function items() {
    const holder = h("div", { class: "items" });
    const details = h("details", {}, h("summary", {}, "Each value"), holder);
    let rows = [];
    const numbers = () => [...spec.text.matchAll(/[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g)];
    function showItems(anew) {
      const found = numbers();
      if (rows.length !== found.length) {
        rows = found.map((_, i) =>
          field(one(found, i), `${key}.${i}`, (words, live) => change(replaced(i, words), live)),
        );
        holder.replaceChildren(...rows.map((row) => row.element));
      }
      rows.forEach((row, i) => row.show(one(found, i), null, anew));
    }
    const pairs = () => /^\s*[[(]\s*[[(]/.test(spec.text);
    const one = (found, i) => {
      const values = found.map((item) => Number(item[0].replaceAll("_", "")));
      const mine = values.filter((_, j) => !pairs() || j % 2 === i % 2);
      const whole = mine.every(Number.isInteger) && (!pairs() || i % 2 === 0) && !/\./.test(found[i][0]);
      return {
        name: pairs() ? `${i % 2 ? "rate" : "step"} ${Math.floor(i / 2) + 1}` : `value ${i + 1}`,
        text: found[i][0],
        kind: whole ? "whole" : "number",
        least: Math.min(0, ...mine),
        most: Math.max(...mine) * 1.5 || 1,
        log: false,
      };
    };
    function replaced(i, words) {
      const item = numbers()[i];
      return spec.text.slice(0, item.index) + words + spec.text.slice(item.index + item[0].length);
    }
    return { element: details, show: showItems };
  }

  const given = () => (spec.text === "" || spec.text === "None" ? "not given" : spec.text);

  /** `anew` when the state went back or forth: then nothing that was typed is kept. */
  function show(next, mistake, anew = false) {
    spec = next;
    if (anew || asked === spec.text) asked = null;
    const typing = document.activeElement === box && asked !== null;
    if (spec.kind === "switch") set(box, { checked: spec.text === "True" });
    else if (spec.kind === "choice" || anew || !(typing || mistake))
      set(box, { value: spec.text === "None" ? "" : spec.text });
    if (numeric) {
      const range = held ?? rangeOf(spec);
      const value = valueOf(spec);
      const at = placeOf(value, range);
      set(box, { "aria-valuenow": value, "aria-valuetext": given() });
      set(slider, { min: 0, max: range.places, step: 1, "aria-valuetext": given() });
      if (Number(slider.value) !== at && !slider.matches(":active")) slider.value = at;
      slider.style.setProperty("--part", range.places ? at / range.places : 0);
    }
    extra?.show(anew);
    set(box, { "aria-invalid": mistake === null ? null : "true" });
    wrong.hidden = !mistake;
    write(wrong, mistake ?? "");
  }

  return { element, show, box };
}

const unquoted = (words) => words.replace(/^["']|["']$/g, "");
