// A dialog that a button opens: the browser keeps the focus in it, and gives it back.

import { fresh, h, tool } from "./h.js";

export function dialog(name, title, inside, opened = () => {}) {
  const heading = fresh("title");
  const box = h(
    "dialog",
    { class: "dialog", "aria-labelledby": heading, onclick: (event) => event.target === box && box.close() },
    h(
      "div",
      { class: "dialog-body" },
      h(
        "div",
        { class: "dialog-head" },
        h("h2", { id: heading }, title),
        tool("Close", "M5 5l10 10M15 5 5 15", () => box.close()),
      ),
      inside,
    ),
  );
  const button = h(
    "button",
    { type: "button", class: "quiet", "aria-haspopup": "dialog", onclick: () => (opened(), box.showModal()) },
    name,
  );
  return { element: h("span", {}, button, box), close: () => box.close(), box };
}
