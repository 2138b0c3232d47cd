// Elements: h("button", { class: "quiet", onclick }, "Undo").

const DRAWN = new Set(["svg", "path", "line", "g", "circle", "rect"]);
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "open", "selected", "indeterminate", "readOnly"]);

export function h(tag, given = {}, ...inside) {
  const node = DRAWN.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  set(node, given);
  node.append(...inside.flat(2).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

/** Listeners by "on...", properties that have no attribute, and attributes; null takes an attribute away. */
export function set(node, given) {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name) && node.localName !== "option") {
      if (node[name] !== value) node[name] = value;
    } else if (value === null || value === undefined || (value === false && !name.startsWith("aria-")))
      node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value))
      node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
  }
  return node;
}

/** The text of an element, written only when it differs: a screen reader hears a live region at each writing. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A sentence of a docstring, without its marks of code. */
export const plain = (sentence) => sentence.replaceAll("`", "");

/** The same as pieces of a line, with its names as code. */
export const marked = (sentence) => sentence.split("`").map((piece, i) => (i % 2 ? h("code", {}, piece) : piece));

/** An expression, whose lines break between arguments and not in a number. */
export const expression = (words) =>
  h(
    "code",
    {},
    words.split(/(?<=, )|(?=\.[a-z_]+\()/).map((piece) => h("span", { class: "piece" }, piece)),
  );

let made = 0;

/** A name for `id` that no other element of the page has, also where two studios stand on one page. */
export const fresh = (what) => `lrcore-${what}-${++made}`;

/** What a screen reader says and nobody sees. */
export const hidden = (...inside) => h("span", { class: "unseen" }, ...inside);

/** An icon of one path on a field of 20 by 20. */
export const icon = (path) =>
  h("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, h("path", { d: path }));

/** A button that shows an icon, and has its name for screen readers and as a tooltip. */
export const tool = (name, path, onclick, more = {}) =>
  h("button", { type: "button", class: "tool", "aria-label": name, title: name, onclick, ...more }, icon(path));

/** One of a few: a group of radio buttons that look like one switch. */
export function choice(name, options, pick) {
  const group = fresh("choice");
  const radios = Object.entries(options).map(([value, label]) =>
    h("input", {
      type: "radio",
      name: group,
      value,
      class: "unseen",
      onchange: () => pick(value),
      "aria-label": label,
    }),
  );
  const element = h(
    "div",
    { class: "choice", role: "radiogroup", "aria-label": name },
    radios.map((radio) => h("label", {}, radio, h("span", {}, radio.getAttribute("aria-label")))),
  );
  const show = (value) => radios.forEach((radio) => (radio.checked = radio.value === value));
  return { element, show };
}

/** A group of many buttons is one stop of the tab key; the arrow keys go from one to the next. */
export function roving(group) {
  const buttons = () => [...group.querySelectorAll("button")];
  const hold = (held) => buttons().forEach((button) => (button.tabIndex = button === held ? 0 : -1));
  group.addEventListener("focusin", (event) => hold(event.target));
  group.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[
      event.key
    ];
    if (to === undefined || at < 0 || event.altKey) return;
    event.preventDefault();
    all.at(to % all.length).focus();
  });
  hold(buttons()[0]);
  return group;
}
