// The head of the page: where a schedule comes from and goes to, its link, undo and redo, light and dark.

import { h, icon, set, tool, write } from "./h.js";

export function header(desk, dialogs) {
  const undo = tool("Undo", "M8 4 3.5 8.5 8 13M4 8.5h8a4.5 4.5 0 0 1 0 9h-2", desk.undo, {
    "aria-keyshortcuts": "Control+Z",
  });
  const redo = tool("Redo", "m12 4 4.5 4.5L12 13m4-4.5H8a4.5 4.5 0 0 0 0 9h2", desk.redo, {
    "aria-keyshortcuts": "Control+Shift+Z",
  });
  const copied = h("span", {}, "Copy link");
  const link = h(
    "button",
    { type: "button", class: "quiet", onclick: copy },
    icon("M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1m1 3.2a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1"),
    copied,
  );
  const wrong = h("p", { class: "alarm", role: "alert", hidden: true });
  const element = h(
    "header",
    { class: "bar" },
    h(
      "h1",
      {},
      h("span", { class: "brand", "aria-hidden": "true" }, mark()),
      "lrcore ",
      h("span", { class: "thin" }, "studio"),
    ),
    h(
      "div",
      { class: "bar-tools" },
      dialogs.map((one) => one.element),
      desk.linked && link,
      h("span", { class: "pair" }, undo, redo),
      desk.theme.element,
    ),
    wrong,
  );
  async function copy() {
    try {
      await navigator.clipboard.writeText(desk.address());
      write(copied, "Copied");
      desk.say("The link is copied.");
    } catch {
      prompt("Copy this link:", desk.address());
    }
    setTimeout(() => write(copied, "Copy link"), 1500);
  }
  function show() {
    // Not `disabled`: a button that loses its use under the finger must not lose the focus
    set(undo, { "aria-disabled": String(!desk.canUndo) });
    set(redo, { "aria-disabled": String(!desk.canRedo) });
    const message = desk.mistake?.name === "all" ? desk.mistake.message : "";
    wrong.hidden = !message;
    write(wrong, message);
    dialogs.forEach((one) => one.show?.());
  }
  return { element, show };
}

const mark = () =>
  h(
    "svg",
    { viewBox: "0 0 32 32" },
    h("rect", { width: 32, height: 32, rx: 7 }),
    h("path", { d: "M5 26 9 7C19 7 18 25 27 25" }),
  );
