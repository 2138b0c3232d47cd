// A schedule as a chain of parts: a family, and what is done to it. Each part is a card of fields.

import { h, plain, roving, set, tool, write } from "./h.js";
import { field } from "./field.js";

const UP = "m5 12 5-5 5 5";
const DOWN = "m5 8 5 5 5-5";
const REMOVE = "M5 5l10 10M15 5 5 15";

export function parts(desk) {
  const gallery = families(desk);
  const steps = chain(desk, {
    change: (changed, name, live) => desk.edit(changed, { name, live }),
    path: "",
    level: 3,
  });
  const element = h(
    "div",
    { class: "card" },
    h("h2", {}, "Family"),
    gallery.element,
    h("h2", {}, "Parts"),
    steps.element,
  );
  return {
    element,
    show() {
      const { active } = desk.state;
      const shown = desk.parts(active);
      gallery.show(shown[0]?.name);
      steps.show(shown, desk.mistake ?? placed(desk.errors[active]), desk.anew);
    },
  };
}

/** A mistake in the expression marks its field too; it is told where the expression is. */
const placed = (error) => (error?.field ? { name: `field ${error.part} ${error.field}`, message: "" } : null);

/** The families by their drawings. */
function families(desk) {
  const buttons = desk.offer.families.map((family) =>
    h(
      "button",
      {
        type: "button",
        class: "family",
        "aria-pressed": "false",
        title: plain(family.says),
        "data-key": `family.${family.name}`,
        onclick: () => desk.edit({ add: family.name, at: 0 }, { name: "family" }),
      },
      sketch(family.drawing),
      h(
        "span",
        {},
        family.name.split(/(?<=[a-z])(?=[A-Z])/).flatMap((word, i) => (i ? [h("wbr"), word] : [word])),
      ),
    ),
  );
  const element = roving(h("div", { class: "families", role: "group", "aria-label": "Family" }, buttons));
  return {
    element,
    show: (name) =>
      buttons.forEach((button, i) => set(button, { "aria-pressed": String(desk.offer.families[i].name === name) })),
  };
}

export function sketch({ steps, rates }, width = 64, height = 28, stretched = false) {
  const most = Math.max(...rates, Number.MIN_VALUE);
  const least = Math.min(0, ...rates);
  const [from, to] = [steps[0], steps.at(-1)];
  const points = steps.map(
    (step, i) =>
      `${(3 + ((width - 6) * (step - from)) / (to - from || 1)).toFixed(1)} ${(height - 4 - ((height - 8) * (rates[i] - least)) / (most - least)).toFixed(1)}`,
  );
  return h(
    "svg",
    {
      class: "sketch",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: stretched ? "none" : null,
      "aria-hidden": "true",
    },
    h("path", { d: `M${points.join("L")}` }),
  );
}

/** Cards for a chain of parts; `change(CHANGE, name, live)` asks for another chain. */
function chain(desk, { change, path, level }) {
  const list = h("ol", { class: "chain" });
  let chips = [];
  const add = h(
    "div",
    { class: "add", role: "group", "aria-label": "Add a part" },
    (chips = desk.offer.methods.map((method) =>
      h(
        "button",
        {
          type: "button",
          class: "chip",
          title: plain(method.says),
          "aria-label": `Add ${said(method.name)}`,
          onclick: () => grow(method),
        },
        h("span", { "aria-hidden": "true" }, "+ "),
        said(method.name),
      ),
    )),
  );
  roving(add);
  const element = h("div", {}, list, add);
  let cards = [];
  let signature = "";
  let next = null; // what gets the focus when the chain is made anew
  let number = 0;
  let family = null;

  /** Whether a method that only these families have can be added; any family will do for most. */
  const suits = (families) => !families.length || families.includes(family);

  function grow({ name, families }) {
    if (!suits(families)) return;
    next = `${path}${number}.first`;
    change({ add: name, at: number }, `${path}add`, false);
  }

  function move(i, to, key) {
    if (to < 1 || to >= number) return;
    next = `${path}${to}.${key}`;
    change({ move: i, to }, `${path}move`, false);
  }

  function remove(i) {
    next = `${path}${Math.min(i, number - 2)}.remove`;
    change({ remove: i }, `${path}remove`, false);
  }

  function card(part, i) {
    const name = said(part.name);
    const key = `${path}${i}`;
    const title = h(`h${level}`, {}, i ? name : part.name);
    const fields = part.fields.map((one, j) => {
      const called = `${key}.${one.name}`;
      const ask = (words, live) =>
        change({ part: i, field: one.name, to: words }, `${path}field ${i} ${one.name}`, live);
      const made =
        one.kind === "schedule"
          ? nested(desk, one, called, ask, level)
          : one.kind === "schedules"
            ? several(desk, one, called, ask, level)
            : field(one, called, ask);
      if (j === 0) made.box.dataset.first = `${key}.first`;
      return { name: one.name, made };
    });
    const tools = i
      ? [
          tool(`Move ${name} up`, UP, () => move(i, i - 1, "up"), {
            "data-key": `${key}.up`,
            "aria-disabled": String(i === 1),
          }),
          tool(`Move ${name} down`, DOWN, () => move(i, i + 1, "down"), {
            "data-key": `${key}.down`,
            "aria-disabled": String(i === number - 1),
          }),
          tool(`Remove ${name}`, REMOVE, () => remove(i), { "data-key": `${key}.remove` }),
        ]
      : [];
    const element = h(
      "li",
      {
        class: "part",
        role: "listitem",
        onkeydown: (event) => {
          const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : 0;
          if (!by || !i) return;
          event.preventDefault();
          event.stopPropagation();
          move(i, i + by, (document.activeElement.dataset.key ?? `${key}.up`).slice(key.length + 1));
        },
      },
      h(
        "div",
        { class: "part-body", role: "group", "aria-label": `Part ${i + 1}: ${name}` },
        h("div", { class: "part-head" }, title, h("span", { class: "pair" }, tools)),
        fields.map((one) => one.made.element),
      ),
    );
    return { element, fields };
  }

  function show(shown, mistake, anew = false) {
    family = shown[0]?.name ?? null;
    desk.offer.methods.forEach(({ families, says }, i) => {
      const title = suits(families) ? plain(says) : `Only ${families.join(" and ")} have one.`;
      set(chips[i], { "aria-disabled": suits(families) ? null : "true", title });
    });
    const now = JSON.stringify(shown.map((part) => [part.name, part.fields.map((one) => [one.name, one.kind])]));
    if (now !== signature) {
      const focused = next ?? (element.contains(document.activeElement) ? document.activeElement.dataset.key : null);
      signature = now;
      number = shown.length;
      cards = shown.map(card);
      list.replaceChildren(...cards.map((one) => one.element));
      if (focused) find(focused)?.focus({ preventScroll: next === null });
      next = null;
    } else if (mistake) next = null;
    else if (next && find(next)) {
      find(next).focus({ preventScroll: true });
      next = null;
    }
    shown.forEach((part, i) =>
      part.fields.forEach((one, j) => {
        const name = `${path}field ${i} ${one.name}`;
        cards[i].fields[j].made.show(one, mistake?.name === name ? mistake.message : null, anew);
      }),
    );
  }

  const find = (key) =>
    [...list.querySelectorAll("[data-key], [data-first]")].find(
      (node) => node.dataset.key === key || node.dataset.first === key,
    );

  return { element, show };
}

/** A field that is a schedule itself: its text, and its own chain when it is opened. */
function nested(desk, spec, key, change, level) {
  const inner = field({ ...spec, kind: "text" }, key, change);
  const wrong = h("p", { class: "wrong-line", role: "alert", hidden: true });
  const holder = h("div", { class: "nested" }, wrong);
  const details = h(
    "details",
    { class: "open-schedule", ontoggle: () => details.open && ask() },
    h("summary", {}, `Parts of ${said(spec.name)}`),
    holder,
  );
  const element = h("div", {}, inner.element, details);
  const inside = chain(desk, {
    path: `${key}/`,
    level: Math.min(6, level + 1),
    change: (changed, name, live) => ask({ changed, name, live }),
  });
  holder.append(inside.element);
  let now = spec.text;
  let shown = { text: null, parts: [] };
  let turn = 0;

  /** The chain of the text, or of the text with a change in it, which then is a change of this field. */
  async function ask({ changed = null, name = null, live = false, anew = false } = {}) {
    const mine = ++turn;
    const schedule = changed ? { text: now, change: changed } : now;
    const reply = await desk.ask({ ask: "draw", schedules: [schedule], want: [] });
    if (mine !== turn && (live || !changed)) return; // a newer one is on its way
    const [curve] = reply.curves;
    const placed = curve.error && changed?.field !== undefined;
    set(wrong, { hidden: !curve.error || placed });
    write(wrong, curve.error && !placed ? curve.error.message : "");
    if (!curve.error) shown = curve;
    inside.show(shown.parts ?? [], placed ? { name, message: curve.error.message } : null, anew);
    if (!changed || curve.error) return;
    now = curve.text;
    change(curve.text, live);
  }

  return {
    element,
    box: inner.box,
    show(next, mistake, anew) {
      now = next.text;
      inner.show({ ...next, kind: "text" }, mistake, anew);
      if (details.open && shown.text !== now) ask({ anew });
    },
  };
}

/** A field that is a list of schedules: its text, and each of them. */
function several(desk, spec, key, change, level) {
  const whole = field({ ...spec, kind: "text" }, key, change);
  const holder = h("div", {});
  const element = h("div", {}, whole.element, holder);
  let items = [];
  let rows = [];
  return {
    element,
    box: whole.box,
    show(next, mistake, anew) {
      whole.show({ ...next, kind: "text" }, mistake, anew);
      items = next.items ?? [];
      const one = (i) => ({ ...next, kind: "schedule", name: `schedule ${i + 1}`, text: items[i] });
      if (rows.length !== items.length) {
        rows = items.map((_, i) =>
          nested(
            desk,
            one(i),
            `${key}.${i}`,
            (words, live) => change(`[${items.with(i, words).join(", ")}]`, live),
            level,
          ),
        );
        holder.replaceChildren(...rows.map((row) => row.element));
      }
      rows.forEach((row, i) => row.show(one(i), null, anew));
    },
  };
}

const said = (name) => name.replaceAll("_", " ");
