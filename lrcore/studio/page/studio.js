// The studio: a state, a request made from it, and a reply that is drawn. lrcore computes all of it; the page never does.

import { bring } from "./bring.js";
import { compare } from "./compare.js";
import { h, icon, set, tool, write, choice, fresh } from "./h.js";
import { loading } from "./loading.js";
import { mini } from "./mini.js";
import { parts } from "./parts.js";
import { plan } from "./plan.js";
import { plot } from "./plot.js";
import { queue } from "./queue.js";
import { readings } from "./readings.js";
import { MOST, UNITS, first, fromAddress, history, toAddress } from "./state.js";
import { take } from "./take.js";
import { text } from "./text.js";
import { theme } from "./theme.js";
import { count, exact } from "./numbers.js";
import { zooming } from "./zoom.js";

const NARROW = 860; // pixels below which all stands in one column, as in the style sheet

/**
 * Builds the studio in an element. `ask` takes a request to lrcore and promises the reply; `home.address: false` leaves the
 * address of the page alone. Returns `progress(part, sentence)`, for a home that takes long to load, and `ready`, a promise.
 */
export function start(element, ask, home = {}) {
  element.classList.add("lrcore-studio");
  set(element, { "aria-busy": "true" });
  const picture = loading(element);
  const ready = ask({ ask: "offer" }).then(
    (offer) => open(element, ask, home, offer),
    (error) => picture.failed(error.message),
  );
  return { progress: picture.show, ready };
}

async function open(element, ask, home, offer) {
  const desk = desks(ask, home, offer, element);
  const drawing = plot(desk);
  const zoom = zooming(desk);
  const views = [text(desk), parts(desk), compare(desk), readings(desk), plan(desk)];
  const [expression, chain, curves, reading, run] = views;
  const bar = header(desk, [bring(desk), take(desk, drawing)]);
  const axes = toolbar(desk, zoom);
  const small = mini(desk, drawing.element, () => element.clientWidth < NARROW);
  const status = h("p", { class: "unseen", role: "status" });

  element.replaceChildren(
    bar.element,
    h(
      "div",
      { class: "columns" },
      h("section", { class: "column compose", "aria-label": "Compose" }, chain.element),
      h("div", { class: "column middle" }, expression.element, h("section", { class: "card graph", "aria-label": "Drawing" }, axes.element, drawing.element, reading.element), curves.element),
      h("section", { class: "column run", "aria-label": "Run and findings" }, run.element),
    ),
    small.element,
    status,
  );

  const shown = [bar, axes, small, ...views];
  desk.show = (since = { begun: performance.now() }, live = false) => {
    for (const view of shown) view.show(live);
    drawing.show(since);
  };
  desk.point = () => {
    drawing.point(desk.at);
    reading.show();
    curves.show();
  };
  desk.pixels = drawing.pixels;
  desk.heights = drawing.heights;
  let saying = 0;
  desk.say = (sentence) => {
    clearTimeout(saying);
    saying = setTimeout(() => write(status, sentence), 400);
  };
  keyboard(element, desk);
  desk.draw();
  await desk.rest();
  set(element, { "aria-busy": "false", "data-ready": "" });
}

/** What the views share: the state, the newest replies, and the few ways to change them. */
function desks(ask, home, offer, element) {
  const past = history(home.address === false ? first() : fromAddress(location.hash));
  const jobs = queue(failed);
  const reads = queue(failed);
  const themed = theme(element);
  let gestures = 0;
  let wide = 0;
  let written = location.hash;

  const desk = {
    ask,
    offer,
    key: fresh("plots"),
    theme: themed,
    onTheme: themed.listen,
    drawn: { total: 1, first: 0, last: 1, curves: [], apart: null, above: null },
    errors: [], // of each curve's text, or null
    mistake: null, // of a field: { name, message }
    wanted: past.now.at, // the update to read, which may be beyond a run that has become shorter
    get at() {
      return Math.min(desk.wanted ?? Math.round(desk.drawn.total / 2), desk.drawn.total);
    },
    reading: null,
    gesture: null, // while something is dragged: { name, base, total, from, to, ys, id }
    show: () => {},
    point: () => {},
    say: () => {},
    pixels: () => 1000,
    heights: () => null,
    rest: async () => {
      await jobs.rest();
      await reads.rest();
    },
    get state() {
      return past.now;
    },
    get canUndo() {
      return past.canUndo;
    },
    get canRedo() {
      return past.canRedo;
    },
    mistaken: () => desk.state.texts.map((_, i) => Boolean(desk.errors[i])),
    /** The updates in view. */
    shown: () => {
      const { from, to } = desk.gesture ?? desk.state;
      return from === null || from === undefined ? { from: 0, to: Math.max(1, desk.drawn.total) } : { from, to };
    },
    /** The update that is read if it is in view, or the middle of what is. */
    middle: () => {
      const { from, to } = desk.shown();
      return desk.at > from && desk.at < to ? desk.at : (from + to) / 2;
    },
    /** The text of a curve that can be drawn: as it is, or, while it has a mistake, as it was before. */
    /** The text that a change is made to: as it is if its parts can be told, though one may be wrong. */
    base: (i) => (desk.errors[i]?.parts ? desk.state.texts[i] : desk.sound(i)),
    parts: (i) => desk.errors[i]?.parts ?? desk.drawn.curves[i]?.parts ?? [],
    sound: (i) => (desk.errors[i] ? (desk.drawn.curves[i]?.text ?? null) : desk.state.texts[i]),
    unit: () => (desk.reading?.units?.at(-1)?.[desk.state.unit] ? desk.state.unit : "updates"),
    /** So much of the unit of the axis is one update. */
    scale: () => {
      const far = desk.reading?.units?.at(-1);
      return desk.unit() === "updates" ? 1 : far[desk.unit()] / far.updates;
    },
    spoken,
    change,
    edit,
    type,
    draw,
    read,
    zoom,
    replace,
    add,
    remove,
    undo: () => past.undo() && back(),
    redo: () => past.redo() && back(),
    widened,
    address: () => `${location.href.split("#")[0]}#${toAddress(desk.state, desk.at)}`,
  };
  if (home.address !== false)
    addEventListener("hashchange", () => {
      if (location.hash.slice(1) === written) return;
      past.put(fromAddress(location.hash));
      desk.wanted = desk.state.at ?? desk.wanted;
      back();
    });
  return desk;

  function remember() {
    written = toAddress(desk.state, desk.at);
    if (home.address !== false && !desk.gesture) window.history.replaceState(null, "", `#${written}`);
    written = location.hash.slice(1);
  }

  function back() {
    desk.mistake = null;
    desk.gesture = null;
    draw(true);
  }

  /** A change of the state that no schedule's text depends on. */
  function change(patch, name = null) {
    past.put({ ...desk.state, ...patch }, name);
    draw();
  }

  /** A text as it is typed. */
  function type(words) {
    desk.mistake = null;
    past.put(with_(desk.state.active, words), "type");
    draw();
  }

  /**
   * A change to the active curve, which lrcore makes in its text. While `live`, only that curve is asked, on axes that stay;
   * all changes of one gesture are made to the text as it was before.
   */
  function edit(changed, { name, live = false, i = desk.state.active }) {
    if (live && desk.gesture?.name !== name) {
      const { from, to } = desk.shown();
      desk.gesture = { name, base: null, total: desk.drawn.total, from, to, ys: desk.heights(), id: ++gestures };
    }
    const gesture = desk.gesture?.name === name ? desk.gesture : null;
    const since = { begun: performance.now() };
    jobs.put(name, async () => {
      const base = gesture?.base ?? desk.base(i);
      if (gesture) gesture.base = base;
      if (base === null || i >= desk.state.texts.length) return;
      const schedule = { text: base, change: changed };
      const asked = live
        ? { ...request(), schedules: [schedule], total: gesture.total, first: gesture.from, last: gesture.to, want: ["points", "handles"] }
        : { ...request(), schedules: desk.state.texts.map((one, j) => (j === i ? schedule : one)) };
      const reply = await ask(asked);
      since.asked = performance.now();
      const curve = reply.curves[live ? 0 : i];
      if (!live && desk.gesture === gesture) desk.gesture = null;
      if (curve.error) {
        desk.mistake = { name, message: curve.error.message };
        desk.say(curve.error.message);
        if (curve.parts && curve.text !== desk.state.texts[i]) past.put(with_(i, curve.text), name, gesture?.id ?? null);
        if (live && curve.parts) desk.errors[i] = { ...curve.error, parts: curve.parts };
        if (live) desk.show(since, true);
        else draw();
        return;
      }
      desk.mistake = null;
      if (curve.text !== desk.state.texts[i]) past.put(with_(i, curve.text), name, gesture?.id ?? null);
      if (live) {
        desk.errors[i] = null;
        desk.drawn.curves[i] = { ...desk.drawn.curves[i], ...curve };
        desk.show(since, true);
        return;
      }
      await took(reply, since);
    });
    if (!live && gesture) gesture.name = Symbol("ended");
  }

  function with_(i, words) {
    const texts = desk.state.texts.slice();
    texts[i] = words;
    return { ...desk.state, texts };
  }

  function request() {
    const { total, from, to, x } = desk.state;
    const zoomed = from === null ? {} : { first: from, last: to };
    return { ask: "draw", ...(total ? { total } : {}), ...zoomed, pixels: Math.max(10, Math.min(4000, desk.pixels())), plan: planned(), ...(x === "log" ? { spread: "log" } : {}) };
  }

  /** The plan's fields: numbers and truths as such, and words, which may be a schedule of batches, as words. */
  function planned() {
    const given = Object.entries(desk.state.plan).filter(([, words]) => words !== "");
    return Object.fromEntries(given.map(([name, words]) => [name, value(words)]));
  }

  function draw() {
    const since = { begun: performance.now() };
    jobs.put("draw", async () => {
      const reply = await ask({ ...request(), schedules: desk.state.texts });
      since.asked = performance.now();
      await took(reply, since);
    });
  }

  /** A whole reply: what is drawn, what is said of it, and the numbers that are asked beside it. */
  async function took(reply, since) {
    const { state } = desk;
    const before = desk.drawn.curves;
    desk.errors = reply.curves.map((curve) => (curve.error ? { ...curve.error, parts: curve.parts } : null));
    desk.drawn = {
      ...desk.drawn,
      total: reply.total,
      first: reply.first,
      last: reply.last,
      curves: reply.curves.map((curve, i) => (curve.error ? (before[i] ?? null) : curve)),
    };
    desk.gesture = null;
    await beside();
    desk.show(since);
    remember();
    look();
    const curve = desk.drawn.curves[state.active];
    if (desk.errors[state.active]) desk.say(desk.errors[state.active].message);
    else if (curve?.summary) desk.say(`${curve.text}. Peak ${exact(curve.summary.peak.value)} at update ${count(curve.summary.peak.step)}, at the end ${exact(curve.summary.last.value)}. ${found(curve.findings.length)}`);
  }

  /** The difference of two, and the updates above a rate, where they are asked for. */
  async function beside() {
    const { state, drawn } = desk;
    const { from, to } = desk.shown();
    const pair = state.minus?.map(desk.sound);
    drawn.apart = null;
    drawn.above = null;
    drawn.aboveError = null;
    if (pair && pair.every((one) => one !== null && one !== undefined) && pair.length === 2)
      drawn.apart = await ask({ ask: "difference", schedules: pair.toReversed(), total: drawn.total, first: from, last: to, pixels: Math.max(10, Math.min(4000, desk.pixels())) });
    if (drawn.apart?.error) drawn.apart = null;
    if (state.above === "") return;
    const rate = Number(state.above);
    if (!Number.isFinite(rate)) {
      drawn.aboveError = `A rate is a number, as 0.0001 or 1e-4, and not ${state.above}.`;
      return;
    }
    const sound = state.texts.map((_, i) => desk.sound(i));
    const asked = sound.filter((one) => one !== null);
    if (!asked.length) return;
    const reply = await ask({ ask: "above", schedules: asked, rate, total: drawn.total });
    let next = 0;
    drawn.above = sound.map((one) => (one === null ? null : reply.above[next++]));
  }

  /** Reads all curves at an update; `aloud` when a key asked for it. */
  function read(step, aloud = false) {
    desk.wanted = Math.max(0, Math.round(step));
    desk.point();
    look(aloud);
  }

  function look(aloud = false) {
    reads.put("read", async () => {
      const sound = desk.state.texts.map((_, i) => desk.sound(i));
      const asked = sound.filter((one) => one !== null);
      if (!asked.length) return;
      const at = desk.at;
      const scale = desk.scale();
      const reply = await ask({ ask: "at", schedules: asked, steps: [at, Math.max(1, desk.drawn.total)], plan: planned() });
      let next = 0;
      desk.reading = { step: at, rates: sound.map((one) => (one === null ? null : (reply.rates[next++]?.[0] ?? null))), units: reply.units ?? null };
      desk.point();
      if (scale !== desk.scale()) desk.show();
      if (aloud) desk.say(spoken());
    });
  }

  function spoken() {
    const { reading, state } = desk;
    if (!reading || reading.step !== desk.at) return `update ${count(desk.at)}`;
    const read = reading.rates.map((rate, i) => (state.texts.length > 1 ? `${"ABCDEFGH"[i]} ${exact(rate)}` : `rate ${exact(rate)}`));
    return `update ${count(desk.at)}: ${read.join(", ")}`;
  }

  /** Shows these updates; null, all. The drawing follows at once, and its points when they have come. */
  function zoom(from, to, name = "zoom") {
    const total = Math.max(1, desk.drawn.total);
    if (from !== null) {
      const width = Math.min(total, Math.max(1, Math.round(to - from)));
      from = Math.max(0, Math.min(Math.round(from), total - width));
      to = from + width;
      if (from === 0 && to === total) from = to = null;
    }
    if (from === desk.state.from && to === desk.state.to) return;
    past.put({ ...desk.state, from, to }, name);
    desk.show();
    draw();
  }

  /** Another expression for the active curve. */
  function replace(words) {
    past.put({ ...with_(desk.state.active, words), from: null, to: null });
    draw();
  }

  function add(words) {
    if (desk.state.texts.length >= MOST) return;
    past.put({ ...desk.state, texts: [...desk.state.texts, words], active: desk.state.texts.length });
    draw();
  }

  function remove(i) {
    const { state } = desk;
    const texts = state.texts.filter((_, j) => j !== i);
    const active = Math.max(0, Math.min(texts.length - 1, state.active > i ? state.active - 1 : state.active));
    const minus = state.minus?.includes(i) ? null : (state.minus?.map((j) => (j > i ? j - 1 : j)) ?? null);
    past.put({ ...state, texts, active, minus });
    desk.drawn.curves.splice(i, 1);
    desk.errors.splice(i, 1);
    draw();
  }

  function widened(pixels) {
    if (Math.abs(pixels - wide) < 8) return;
    const before = wide;
    wide = pixels;
    if (before) draw();
  }

  function failed(error) {
    console.warn(error);
    desk.gesture = null;
    desk.mistake = { name: "all", message: error.message };
    desk.say(error.message);
    desk.show();
  }
}

function header(desk, dialogs) {
  const undo = tool("Undo", "M8 4 3.5 8.5 8 13M4 8.5h8a4.5 4.5 0 0 1 0 9h-2", desk.undo, { "aria-keyshortcuts": "Control+Z" });
  const redo = tool("Redo", "m12 4 4.5 4.5L12 13m4-4.5H8a4.5 4.5 0 0 0 0 9h2", desk.redo, { "aria-keyshortcuts": "Control+Shift+Z" });
  const copied = h("span", {}, "Copy link");
  const link = h("button", { type: "button", class: "quiet", "aria-live": "polite", onclick: copy }, icon("M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1m1 3.2a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1"), copied);
  const wrong = h("p", { class: "alarm", role: "alert", hidden: true });
  const element = h(
    "header",
    { class: "bar" },
    h("h1", {}, h("span", { class: "brand", "aria-hidden": "true" }, mark()), "lrcore ", h("span", { class: "thin" }, "studio")),
    h("div", { class: "bar-tools" }, dialogs.map((one) => one.element), link, h("span", { class: "pair" }, undo, redo), desk.theme.element),
    wrong,
  );
  async function copy() {
    try {
      await navigator.clipboard.writeText(desk.address());
      write(copied, "Copied");
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

const mark = () => h("svg", { viewBox: "0 0 32 32" }, h("rect", { width: 32, height: 32, rx: 7 }), h("path", { d: "M5 26 9 7C19 7 18 25 27 25" }));

function toolbar(desk, zoom) {
  const units = h(
    "select",
    { "aria-label": "Unit of the axis of steps", onchange: (event) => desk.change({ unit: event.target.value }) },
    UNITS.map((unit) => h("option", { value: unit }, unit)),
  );
  const x = choice("Axis of steps", { linear: "linear", log: "log" }, (value) => desk.change({ x: value }));
  const y = choice("Axis of rates", { linear: "linear", log: "log" }, (value) => desk.change({ y: value }));
  const total = h("input", { type: "text", inputmode: "numeric", class: "number", "aria-label": "Total updates of the run", placeholder: "all", size: 9, onchange: () => desk.change({ total: whole(total.value) }, "total") });
  const tools = [
    tool("Zoom in", "M10 4v12M4 10h12", zoom.closer),
    tool("Zoom out", "M4 10h12", zoom.further),
    tool("Earlier", "m12 5-5 5 5 5", zoom.left),
    tool("Later", "m8 5 5 5-5 5", zoom.right),
    tool("Zoom to the update that is read", "M10 3v4m0 6v4M3 10h4m6 0h4M10 9.5v1", zoom.one),
    tool("Show the whole run", "M3 7V3h4m6 0h4v4m0 6v4h-4m-6 0H3v-4", zoom.all),
  ];
  const element = h(
    "div",
    { class: "toolbar" },
    h("label", { class: "inline" }, h("span", {}, "Steps"), units),
    x.element,
    h("span", { class: "inline" }, h("span", { "aria-hidden": "true" }, "Rates"), y.element),
    h("span", { class: "inline" }, h("span", { "aria-hidden": "true" }, "Total"), total),
    h("span", { class: "inline zooms", role: "group", "aria-label": "Zoom" }, tools),
  );
  function show() {
    const { state } = desk;
    x.show(state.x);
    y.show(state.y);
    set(units, { value: state.unit });
    if (document.activeElement !== total) set(total, { value: state.total ? String(state.total) : "", placeholder: String(desk.drawn.total) });
    const { from, to } = desk.shown();
    set(tools[0], { "aria-disabled": String(to - from <= 1) });
    for (const one of [tools[1], tools[5]]) set(one, { "aria-disabled": String(from <= 0 && to >= desk.drawn.total) });
    set(tools[2], { "aria-disabled": String(from <= 0) });
    set(tools[3], { "aria-disabled": String(to >= desk.drawn.total) });
  }
  return { element, show };
}

const found = (number) => (number === 0 ? "Nothing is found wrong." : number === 1 ? "1 finding." : `${number} findings.`);

/** A count as people type it: 100_000, 100,000 and 1e5 are one number. */
function whole(words) {
  const value = Number(words.replace(/[_, ]/g, ""));
  return words.trim() !== "" && Number.isInteger(value) && value >= 1 && value <= 2 ** 53 ? value : null;
}

/** What a field of the run means. */
function value(words) {
  const number = Number(words.replaceAll("_", ""));
  return Number.isFinite(number) ? number : words === "true" || words === "false" ? words === "true" : words;
}

function keyboard(element, desk) {
  element.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) desk.undo();
    else if ((key === "z" && event.shiftKey) || key === "y") desk.redo();
    else return;
    event.preventDefault();
  });
  // A key pressed with nothing in focus is meant for the page as a whole
  document.addEventListener("keydown", (event) => event.target === document.body && element.dispatchEvent(new KeyboardEvent("keydown", event)));
}
