// What is taken away: code, data, a table, or the drawing.

import { dialog } from "./dialog.js";
import { fresh, h, set, write } from "./h.js";
import { png, svg } from "./picture.js";

const NAMES = {
  "lrcore-torch": "PyTorch, with lrcore",
  "lrcore-keras": "Keras, with lrcore",
  "lrcore-optax": "JAX and Optax, with lrcore",
  torch: "PyTorch alone",
  keras: "Keras alone",
  optax: "Optax alone",
  huggingface: "Hugging Face alone",
  python: "Python alone",
  lrcore: "lrcore",
  json: "JSON",
  yaml: "YAML",
  csv: "CSV, a row an update",
  svg: "SVG drawing",
  png: "PNG drawing",
};
const SHOWN = 200; // lines of a long table that are shown; the file has all

export function take(desk, drawing) {
  const id = fresh("format");
  const known = Object.keys(NAMES).filter(
    (name) => desk.offer.write.includes(name) || name === "svg" || name === "png",
  );
  const others = desk.offer.write.filter((name) => !known.includes(name));
  const format = h(
    "select",
    { id, onchange: ask },
    [...known, ...others].map((name) => h("option", { value: name }, NAMES[name] ?? name)),
  );
  const code = h("pre", { class: "code", tabindex: "0", role: "region", "aria-label": "Export" });
  const says = h("p", { class: "hint", role: "status" });
  const copied = h("button", { type: "button", class: "quiet", onclick: copy }, "Copy");
  const save = h("button", { type: "button", class: "primary", onclick: download }, "Download");
  const opened = dialog(
    "Export…",
    "Export",
    h(
      "div",
      { class: "export" },
      h("div", { class: "row" }, h("label", { class: "inline", for: id }, "Format"), format, copied, save),
      says,
      code,
    ),
    ask,
  );
  let made = null;

  async function ask() {
    const to = format.value;
    made = null;
    set(code, { hidden: to === "png" });
    write(code, "");
    write(says, "");
    if (to === "png") {
      made = { ending: "png", blob: () => png(desk, drawing) };
      write(says, "The drawing as it is on the page, in its colours.");
    } else if (to === "svg") {
      const words = svg(desk, drawing);
      made = { ending: "svg", words, blob: () => new Blob([words], { type: "image/svg+xml" }) };
    } else {
      const text = desk.sound(desk.state.active) ?? desk.state.texts[desk.state.active];
      const reply = await desk.ask({ ask: "write", text, to, total: desk.drawn.total }).catch((error) => ({ error }));
      if (format.value !== to) return;
      if (!reply.error)
        made = {
          ending: reply.ending,
          words: reply.code,
          blob: () => new Blob([reply.code], { type: "text/plain" }),
        };
      write(says, reply.error?.message ?? "");
    }
    says.classList.toggle("wrong-line", !made);
    if (made?.words !== undefined) {
      const lines = made.words.split("\n");
      write(code, lines.length > SHOWN ? `${lines.slice(0, SHOWN).join("\n")}\n…` : made.words);
    }
    for (const button of [copied, save]) set(button, { "aria-disabled": String(!made) });
    set(copied, { hidden: to === "png" });
  }

  async function copy() {
    if (!made?.words) return;
    try {
      await navigator.clipboard.writeText(made.words);
      write(says, "Copied.");
    } catch {
      getSelection().selectAllChildren(code);
      write(says, "This browser lets no page copy: the text is selected, copy it with your keys.");
    }
  }

  async function download() {
    if (!made) return;
    const address = URL.createObjectURL(await made.blob());
    h("a", { href: address, download: `schedule.${made.ending}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  return { element: opened.element };
}
