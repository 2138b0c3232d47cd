// The colours of the drawing: a canvas does not read style sheets.

import { h } from "./h.js";
import { LETTERS } from "./marks.js";

/** The colours that the style sheet has for this theme. */
export function palette(element) {
  const probe = h("i", { hidden: true });
  element.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { curves: [...LETTERS].map((_, i) => colour(`curve-${i + 1}`)) };
  for (const name of ["ink", "soft", "line", "grid", "panel", "mark"]) found[name] = colour(name);
  probe.remove();
  return found;
}
