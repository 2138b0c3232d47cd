// Zooming: with the wheel, with two fingers, with the keys + - 0, and by a selection, which the drawing tells.

const STEP = 0.6; // of the width that is left after zooming in once

export function zoomable(element, desk, drawing) {
  /** Makes the view so many times as wide, with one step staying where it is. */
  function around(step, factor) {
    const { from, to } = desk.shown();
    const width = Math.max(1, (to - from) * factor);
    const left = to > from ? (step - from) / (to - from) : 0.5;
    const first = Math.round(step - left * width);
    desk.zoom(first, first + Math.max(1, Math.round(width)), "zoom");
  }

  const under = (clientX) => {
    const u = drawing();
    const box = u.over.getBoundingClientRect();
    return u.posToVal(Math.min(box.width, Math.max(0, clientX - box.left)), "x");
  };

  element.addEventListener(
    "wheel",
    (event) => {
      const { from, to } = desk.shown();
      const outermost = from <= 0 && to >= desk.drawn.total;
      if (!drawing() || event.deltaY === 0 || (event.deltaY > 0 && outermost)) return;
      event.preventDefault();
      around(under(event.clientX), Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY * 0.0025))));
    },
    { passive: false },
  );

  element.addEventListener("dblclick", (event) => {
    if (!event.target.closest("[role=slider]")) desk.zoom(null, null, "zoom");
  });

  const fingers = new Map();
  let apart = 0;
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { apart: Math.max(10, Math.abs(a.x - b.x)), middle: (a.x + b.x) / 2 };
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, { x: event.clientX });
    if (fingers.size === 2) apart = spread().apart;
    else if (fingers.size === 1 && !event.target.closest("[role=slider]")) desk.read(Math.round(under(event.clientX)));
  });
  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX });
    if (fingers.size === 1 && !event.target.closest("[role=slider]")) desk.read(Math.round(under(event.clientX)));
    if (fingers.size !== 2) return;
    const now = spread();
    around(under(now.middle), apart / now.apart);
    apart = now.apart;
  });
  for (const name of ["pointerup", "pointercancel"])
    element.addEventListener(name, (event) => fingers.delete(event.pointerId));

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") around(desk.middle(), STEP);
    else if (event.key === "-") around(desk.middle(), 1 / STEP);
    else if (event.key === "0") desk.zoom(null, null, "zoom");
    else return;
    event.preventDefault();
  });

  return { around };
}

/** The view moved by part of its width, or made wider, around the update that is read if it is in view. */
export const zooming = (desk) => {
  const by = (factor) => {
    const { from, to } = desk.shown();
    const middle = desk.middle();
    const width = Math.max(1, Math.round((to - from) * factor));
    const first = Math.round(middle - ((middle - from) / (to - from)) * width);
    desk.zoom(first, first + width, "zoom");
  };
  const move = (part) => {
    const { from, to } = desk.shown();
    const far = Math.max(1, Math.round((to - from) * Math.abs(part))) * Math.sign(part);
    const kept = Math.max(-from, Math.min(far, Math.max(0, desk.drawn.total - to)));
    desk.zoom(from + kept, to + kept, "pan");
  };
  return {
    closer: () => by(STEP),
    further: () => by(1 / STEP),
    left: () => move(-0.25),
    right: () => move(0.25),
    all: () => desk.zoom(null, null, "zoom"),
    one: () =>
      desk.zoom(
        Math.min(desk.at, Math.max(0, desk.drawn.total - 1)),
        Math.min(desk.at, Math.max(0, desk.drawn.total - 1)) + 1,
      ),
  };
};
