// What can be taken hold of in the drawing: the curve's handles, and the cursor that reads it. Each is a slider.

import { h, set } from "./h.js";
import { count, rounded, short } from "./numbers.js";
import { tip } from "./tip.js";

const STRIDE = { Shift: 10, Alt: 0 }; // pixels that an arrow key moves, with the key held; 0: one update

export function handles(desk, panel) {
  const layer = h("div", { class: "handles" });
  const cursor = h("div", {
    class: "reader",
    role: "slider",
    tabindex: "0",
    "aria-label": "Update to read",
    "aria-orientation": "horizontal",
  });
  let grips = [];
  let held = null;
  const beside = tip(desk);
  layer.append(cursor, beside.element);

  cursor.addEventListener("keydown", (event) => {
    const { from, to } = desk.shown();
    const pixel = event.altKey
      ? 1
      : Math.max(1, Math.round(((to - from) / panel().u.bbox.width) * devicePixelRatio) * (event.shiftKey ? 20 : 2));
    const moves = {
      ArrowLeft: -pixel,
      ArrowDown: -pixel,
      ArrowRight: pixel,
      ArrowUp: pixel,
      PageDown: -20 * pixel,
      PageUp: 20 * pixel,
      Home: -Infinity,
      End: Infinity,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    desk.read(Math.min(to, Math.max(from, desk.at + moves[event.key])), true);
  });
  cursor.addEventListener("focus", () => reading(true));
  cursor.addEventListener("blur", () => reading(false));
  cursor.addEventListener("pointerdown", (event) => follow(event, (x) => desk.read(Math.round(x.step))));

  /** The layer lies over the curve, where the drawing is. */
  function mount(mine) {
    const { over } = mine.u;
    over.append(layer);
    over.addEventListener("pointermove", () => reading(true));
    over.addEventListener("pointerleave", () => reading(document.activeElement === cursor));
    grips = [];
    layer.replaceChildren(cursor, beside.element);
  }

  function place(mine) {
    const { u } = mine;
    const curve = desk.drawn.curves[desk.state.active];
    const list = desk.mistaken()[desk.state.active] ? [] : (curve?.handles ?? []);
    list.forEach((handle, i) => {
      const grip = (grips[i] ??= made(i));
      grip.handle = handle;
      const { x, y } = position(u, handle);
      const { from, to } = desk.shown();
      const out = !Number.isFinite(x) || !Number.isFinite(y) || handle.step < from || handle.step > to;
      grip.node.hidden = out && held !== grip;
      if (grip.node.hidden) return;
      grip.node.style.transform = `translate(${x}px, ${y}px)`;
      const both = handle.moves === "both";
      set(grip.node, {
        "aria-label": handle.says,
        title: `${handle.says}: update ${count(handle.step)}, rate ${short(handle.rate)}`,
        "data-moves": handle.moves,
        "data-handle": handle.name,
        "aria-valuemin": handle.moves === "rate" ? 0 : from,
        "aria-valuemax": handle.moves === "rate" ? Math.max(mine.ys[1], handle.rate) : to,
        "aria-valuenow": handle.moves === "rate" ? handle.rate : handle.step,
        "aria-valuetext": `update ${count(handle.step)}, rate ${handle.rate}`,
        "aria-roledescription": both ? "handle, moved by all four arrow keys" : null,
        "aria-orientation": handle.moves === "rate" ? "vertical" : "horizontal",
      });
      grip.node.style.color = `var(--curve-${desk.state.active + 1})`;
    });
    grips.splice(list.length).forEach((grip) => grip.node.remove());
    reach();
  }

  function made(i) {
    const node = h("div", { class: "handle", role: "slider", tabindex: "0" });
    const grip = { node, handle: null };
    node.addEventListener("pointerdown", (event) => {
      held = grip;
      const begun = { ...grip.handle };
      follow(
        event,
        (to, moved) => moved && drag(grip, begun, to.step, to.rate, true),
        (to, moved) => {
          held = null;
          if (moved) drag(grip, begun, to.step, to.rate, false);
        },
        grip.handle,
      );
    });
    node.addEventListener("keydown", (event) => key(event, grip));
    layer.insertBefore(node, layer.children[i] ?? cursor);
    return grip;
  }

  /** Asks for the curve with this handle there. What the handle does not move stays exactly as it was. */
  function drag(grip, begun, step, rate, live) {
    const { moves, name } = grip.handle;
    desk.edit(
      { drag: name, step: moves === "rate" ? begun.step : step, rate: moves === "step" ? begun.rate : rate },
      { name: `drag ${name}`, live },
    );
  }

  function key(event, grip) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const rate = { ArrowDown: -1, ArrowUp: 1 }[event.key] ?? 0;
    if (!step && !rate) return;
    event.preventDefault();
    const { moves, step: x, rate: y, name } = grip.handle;
    const { from, to } = desk.shown();
    const across = event.altKey
      ? 1
      : Math.max(1, rounded((to - from) / 200, (to - from) / 400)) * (event.shiftKey ? STRIDE.Shift : 1);
    const up = (event.altKey ? 0.001 : 0.01) * (event.shiftKey ? STRIDE.Shift : 1);
    // A slider that moves one way follows all arrow keys, as each slider does
    const first = moves === "step" ? step || rate : step;
    const second = moves === "rate" ? rate || step : rate;
    const top = panel().ys[1];
    const next = desk.state.y === "log" && y > 0 ? y * (1 + up) ** second : y + second * up * top;
    desk.edit(
      {
        drag: name,
        step: moves === "rate" ? x : Math.max(0, x + first * across),
        rate: moves === "step" || !second ? y : Number(next.toPrecision(4)),
      },
      { name: `drag ${name}`, live: false },
    );
  }

  /** Follows a pointer on the scale as it was when it came down; tells the place in steps and rates. */
  function follow(event, moved, ended = () => {}, at = null) {
    if (event.button) return;
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.focus({ preventScroll: true });
    const { u } = panel();
    const node = event.currentTarget;
    node.setPointerCapture(event.pointerId);
    const box = u.over.getBoundingClientRect();
    const scales = ["x", "y"].map((name) => ({
      log: u.scales[name].distr === 3,
      min: u.scales[name].min,
      max: u.scales[name].max,
    }));
    const value = ({ log, min, max }, part) => (log ? min * (max / min) ** part : min + (max - min) * part);
    const held = at && position(u, at);
    const grabbed = held
      ? { x: held.x - (event.clientX - box.left), y: held.y - (event.clientY - box.top) }
      : { x: 0, y: 0 };
    const origin = [event.clientX, event.clientY];
    let far = false;
    const there = (now) => {
      far ||= Math.hypot(now.clientX - origin[0], now.clientY - origin[1]) > 2;
      const across = (now.clientX - box.left + grabbed.x) / box.width;
      const up = 1 - (now.clientY - box.top + grabbed.y) / box.height;
      const [x, y] = scales;
      const step = value(x, across);
      const rate = value(y, up);
      return {
        step: Math.max(0, rounded(step, Math.max(1, x.log ? step / 100 : (x.max - x.min) / box.width))),
        rate: rounded(y.log ? rate : Math.max(y.min, rate), y.log ? rate / 200 : (y.max - y.min) / box.height / 2),
      };
    };
    const move = (now) => moved(there(now), far);
    const end = (now) => {
      node.removeEventListener("pointermove", move);
      node.removeEventListener("pointerup", end);
      node.removeEventListener("pointercancel", end);
      ended(there(now), far);
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", end);
    node.addEventListener("pointercancel", end);
  }

  function reading(now) {
    beside.want(now);
    if (now) reach();
  }

  function reach() {
    const { u } = panel();
    const { from, to } = desk.shown();
    const x = u.valToPos(Math.min(to, Math.max(desk.state.x === "log" ? Math.max(1, from) : from, desk.at)), "x");
    cursor.style.transform = `translate(${x}px, ${u.over.clientHeight}px)`;
    beside.place(x, u.over.clientWidth);
    set(cursor, {
      "aria-valuemin": 0,
      "aria-valuemax": desk.drawn.total,
      "aria-valuenow": desk.at,
      "aria-valuetext": desk.spoken(),
    });
  }

  return { mount, place, cursor: reach };
}

/** Where a handle is in the drawing. What a logarithmic axis cannot show, as 0, is at its edge. */
function position(u, { step, rate }) {
  const x = u.valToPos(step, "x");
  const y = u.valToPos(rate, "y");
  return {
    x: u.scales.x.distr === 3 ? Math.max(0, x) : x,
    y: u.scales.y.distr === 3 ? Math.min(u.over.clientHeight, y) : y,
  };
}
