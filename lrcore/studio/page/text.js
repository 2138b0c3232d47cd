// The expression, coloured as it is typed, and the mistake at its place in it.

import { LETTERS } from "./marks.js";
import { fresh, h, marked, set, write } from "./h.js";

export function text(desk) {
  const id = fresh("expression");
  const told = fresh("told");
  const behind = h("pre", { class: "behind", "aria-hidden": "true" });
  const area = h("textarea", {
    id,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    rows: "2",
    "aria-describedby": told,
    oninput: () => {
      paint(area.value, null);
      desk.type(area.value.replaceAll("\n", " "));
    },
    onblur: () => show(),
    onscroll: () => (behind.scrollTop = area.scrollTop),
    onkeydown: (event) => event.key === "Enter" && event.preventDefault(),
  });
  const name = h("span", {}, "Schedule");
  const says = h("p", { class: "says", id: told });
  const goTo = h("button", { type: "button", class: "link", hidden: true, onclick: select }, "Show the place");
  const element = h(
    "section",
    { class: "card expression", "aria-label": "Expression" },
    h("h2", { class: "line" }, h("label", { for: id }, name)),
    h("div", { class: "editor" }, behind, area),
    h("div", { class: "says-line" }, says, goTo),
  );

  let said = null;

  function show() {
    const { state } = desk;
    const words = state.texts[state.active];
    const error = desk.errors[state.active] ?? unplaced(desk.mistake);
    if (area.value !== words && !(document.activeElement === area && area.value.replaceAll("\n", " ") === words)) {
      const end = area.selectionStart;
      area.value = words;
      if (document.activeElement === area) area.setSelectionRange(end, end);
    }
    write(name, state.texts.length > 1 ? `Schedule ${LETTERS[state.active]}` : "Schedule");
    set(area, { "aria-invalid": error ? "true" : null });
    element.classList.toggle("mistaken", Boolean(error));
    paint(words, error);
    const family = desk.offer.families.find((one) => one.name === desk.drawn.curves[state.active]?.parts?.[0]?.name);
    const sentence = error ? error.message : (family?.says ?? "");
    if (sentence !== said) says.replaceChildren(...(error ? [sentence] : marked(sentence)));
    said = sentence;
    goTo.hidden = !(error && Number.isInteger(error.start));
  }

  /** The place counts characters as Python does; a text area counts halves of those beyond 2**16. */
  function select() {
    const { start, end } = desk.errors[desk.state.active] ?? {};
    if (!Number.isInteger(start)) return;
    const signs = [...area.value];
    const before = signs.slice(0, start).join("").length;
    area.focus();
    area.setSelectionRange(before, before + signs.slice(start, end ?? start + 1).join("").length);
  }

  function paint(words, error) {
    const signs = [...words];
    const from = error && Number.isInteger(error.start) ? Math.min(error.start, signs.length) : -1;
    const to = from < 0 ? -1 : Math.max(from + 1, Math.min(error.end ?? from + 1, signs.length));
    const kinds = [];
    for (const token of words.matchAll(
      /([A-Za-z_]\w*)(?=\s*\()|([A-Za-z_]\w*)(?=\s*=)|([A-Za-z_]\w*)|((?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?)|(["'][^"']*["']?)|([^])/gu,
    )) {
      const kind = ["call", "argument", "word", "figure", "string", ""][
        token.slice(1).findIndex((one) => one !== undefined)
      ];
      for (const _ of token[0]) kinds.push(kind);
    }
    const pieces = [];
    signs.forEach((sign, i) => {
      const kind = `${kinds[i]}${i >= from && i < to ? " wrong" : ""}`;
      if (pieces.at(-1)?.kind === kind) pieces.at(-1).words += sign;
      else pieces.push({ kind, words: sign });
    });
    if (from >= signs.length && from >= 0) pieces.push({ kind: "wrong", words: " " });
    behind.replaceChildren(...pieces.map(({ kind, words: piece }) => h("span", { class: kind }, piece)), "\n");
    behind.scrollTop = area.scrollTop;
  }

  return { element, show };
}

/** A change that could not be made, and belongs to no field: it is told where those of the expression are. */
const unplaced = (mistake) => (mistake && mistake.name !== "all" && !mistake.name.includes("field") ? mistake : null);
