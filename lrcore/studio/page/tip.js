// The rates at the cursor, beside it, while a pointer or the keyboard reads the drawing.

import { h, set, write } from "./h.js";
import { count, exact } from "./numbers.js";
import { LETTERS } from "./marks.js";

export function tip(desk) {
  const head = h("p");
  const list = h("ul");
  const element = h("div", { class: "tip", "aria-hidden": "true", hidden: true }, head, list);
  let rows = [];
  let wanted = false;

  function want(now) {
    wanted = now;
    set(element, { hidden: !wanted });
  }

  /** Beside the cursor, on the side where there is more room. */
  function place(x, width) {
    if (!wanted) return;
    const { reading, state } = desk;
    const one = state.texts.length === 1;
    if (rows.length !== state.texts.length) {
      rows = state.texts.map((_, i) => h("span"));
      list.replaceChildren(
        ...rows.map((row, i) => h("li", {}, one ? null : h("b", { class: `curve-${i + 1}` }, LETTERS[i]), row)),
      );
    }
    write(head, `Update ${count(desk.at)}`);
    if (reading?.step === desk.at) rows.forEach((row, i) => write(row, exact(reading.rates[i])));
    const left = x > width / 2;
    element.classList.toggle("left", left);
    element.style.transform = `translateX(${left ? x - 12 : x + 12}px)${left ? " translateX(-100%)" : ""}`;
  }

  return { element, want, place };
}
