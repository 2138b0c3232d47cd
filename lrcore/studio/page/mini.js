// On a narrow screen the drawing scrolls away while a field is changed: then a small one stands at the upper edge.

import { h, set } from "./h.js";
import { sketch } from "./parts.js";

const POINTS = 200;

export function mini(desk, drawing, narrow) {
  const element = h("div", { class: "mini", "aria-hidden": "true", hidden: true });
  let away = false;
  new IntersectionObserver(([entry]) => {
    away = !entry.isIntersecting;
    show();
  }).observe(drawing);

  function show() {
    const curve = desk.drawn.curves[desk.state.active];
    set(element, { hidden: !away || !narrow() || !curve });
    if (element.hidden) return;
    const every = Math.ceil(curve.steps.length / POINTS);
    const kept = (list) => list.filter((_, i) => i % every === 0);
    element.className = `mini curve-${desk.state.active + 1}`;
    element.replaceChildren(sketch({ steps: kept(curve.steps), rates: kept(curve.rates) }, 300, 64, true));
  }

  return { element, show };
}
