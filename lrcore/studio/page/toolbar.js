// The axes of the drawing and its zoom.

import { choice, h, set, tool } from "./h.js";
import { typed } from "./numbers.js";
import { UNITS } from "./state.js";

export function toolbar(desk, zoom) {
  const units = h(
    "select",
    { "aria-label": "Unit of the axis of steps", onchange: (event) => desk.change({ unit: event.target.value }) },
    UNITS.map((unit) => h("option", { value: unit }, unit)),
  );
  const x = choice("Axis of steps", { linear: "linear", log: "log" }, (value) => desk.change({ x: value }));
  const y = choice("Axis of rates", { linear: "linear", log: "log" }, (value) => desk.change({ y: value }));
  const total = h("input", {
    type: "text",
    inputmode: "numeric",
    class: "number",
    "aria-label": "Total updates of the run",
    placeholder: "all",
    size: 9,
    onchange: () => lasting(),
  });
  const tools = [
    tool("Zoom in", "M10 4v12M4 10h12", zoom.closer),
    tool("Zoom out", "M4 10h12", zoom.further),
    tool("Earlier", "m12 5-5 5 5 5", zoom.left),
    tool("Later", "m8 5 5 5-5 5", zoom.right),
    tool("Zoom to the update that is read", "M10 3v4m0 6v4M3 10h4m6 0h4M10 9.5v1", zoom.one),
    tool("Show the whole run", "M3 7V3h4m6 0h4v4m0 6v4h-4m-6 0H3v-4", zoom.all),
  ];
  const element = h(
    "div",
    { class: "toolbar" },
    h("label", { class: "inline" }, h("span", {}, "Steps"), units),
    x.element,
    h("span", { class: "inline" }, h("span", { "aria-hidden": "true" }, "Rates"), y.element),
    h("span", { class: "inline" }, h("span", { "aria-hidden": "true" }, "Total"), total),
    h("span", { class: "inline zooms", role: "group", "aria-label": "Zoom" }, tools),
  );
  function lasting() {
    const wrong = total.value.trim() !== "" && whole(total.value) === null;
    set(total, { "aria-invalid": wrong ? "true" : null });
    if (wrong) desk.say(`The total must be a whole number of updates from 1 to 2**53, got ${total.value}.`);
    else desk.change({ total: whole(total.value) }, "total");
  }

  function show() {
    const { state } = desk;
    x.show(state.x);
    y.show(state.y);
    set(units, { value: state.unit });
    if (!total.hasAttribute("aria-invalid") && (document.activeElement !== total || desk.anew))
      set(total, { value: state.total ? String(state.total) : "", placeholder: String(desk.drawn.total) });
    const { from, to } = desk.shown();
    set(tools[0], { "aria-disabled": String(to - from <= 1) });
    for (const one of [tools[1], tools[5]]) set(one, { "aria-disabled": String(from <= 0 && to >= desk.drawn.total) });
    set(tools[2], { "aria-disabled": String(from <= 0) });
    set(tools[3], { "aria-disabled": String(to >= desk.drawn.total) });
  }
  return { element, show };
}

/** The count of updates that is typed, or null. */
function whole(words) {
  const value = typed(words);
  return words.trim() !== "" && Number.isInteger(value) && value >= 1 && value <= 2 ** 53 ? value : null;
}
