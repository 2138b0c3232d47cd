// The picture while lrcore is on its way: a curve that is drawn as far as the loading has come.

import { h, set, write } from "./h.js";

export function loading(element) {
  const line = h("path", { class: "loading-line", d: "M10 110 L40 14 C130 14 130 104 250 108", pathLength: "1" });
  const bar = h("progress", { max: "1", "aria-label": "Loading lrcore" });
  const says = h("p", { role: "status" }, "Loading lrcore.");
  const picture = h(
    "div",
    { class: "loading" },
    h(
      "svg",
      { viewBox: "0 0 260 120", "aria-hidden": "true" },
      h("path", { class: "loading-under", d: line.getAttribute("d") }),
      line,
    ),
    bar,
    says,
  );
  element.replaceChildren(picture);
  return {
    element: picture,
    show(part, sentence) {
      if (part !== null && part !== undefined) {
        set(bar, { value: part });
        line.style.strokeDashoffset = String(1 - part);
        picture.classList.add("known");
      }
      if (sentence) write(says, sentence);
    },
    failed(message) {
      picture.classList.add("stopped");
      says.setAttribute("role", "alert");
      bar.hidden = true;
      write(says, message);
      picture.append(h("button", { type: "button", class: "quiet", onclick: () => location.reload() }, "Try again"));
    },
  };
}
