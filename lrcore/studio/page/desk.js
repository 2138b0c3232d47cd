// What the views share: the state, the newest replies, and the few ways to change them.

import { fresh } from "./h.js";
import { queue } from "./queue.js";
import { look, read, spoken } from "./read.js";
import { planned, whole } from "./request.js";
import { MOST, fromAddress, history, toAddress } from "./state.js";
import { theme } from "./theme.js";
import { beside, tell } from "./told.js";

export function desks(ask, home, offer, element) {
  const past = history(fromAddress(home.address === false ? (home.state ?? "") : location.hash));
  let busy = 0;
  const working = (more) => {
    busy += more ? 1 : -1;
    if (busy) element.dataset.working = "";
    else delete element.dataset.working;
  };
  const jobs = queue(failed, working);
  const reads = queue(failed, working);
  const themed = theme(element);
  let turns = 0; // how often the texts were set otherwise than by an edit, whose reply is then of no use
  let gestures = 0;
  let wide = 0;
  let written = location.hash.slice(1);

  const desk = {
    ask,
    offer,
    key: fresh("plots"),
    theme: themed,
    onTheme: themed.listen,
    drawn: { total: 0, curves: [], apart: null, above: null, aboveError: null },
    errors: [], // of each curve's text, or null
    mistake: null, // of a field: { name, message }
    wanted: past.now.at, // the update to read, which may be beyond a run that has become shorter
    get at() {
      return Math.min(desk.wanted ?? Math.round(desk.drawn.total / 2), desk.drawn.total);
    },
    reading: null,
    anew: false, // whether the state went back or forth since the last drawing
    gesture: null, // while something is dragged: { name, base, total, from, to, ys, id }
    arrived: () => {}, // told when curves are drawn
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
    /** What is zoomed to, unless the run has become so short that it is not in it. */
    zoomed: () => {
      const { from, to } = desk.state;
      return from === null || (desk.drawn.total && from >= desk.drawn.total) ? null : { from, to };
    },
    /** The updates in view. */
    shown: () => desk.gesture ?? desk.zoomed() ?? { from: 0, to: Math.max(1, desk.drawn.total) },
    /** The update that is read if it is in view, or the middle of what is. */
    middle: () => {
      const { from, to } = desk.shown();
      return desk.at > from && desk.at < to ? desk.at : (from + to) / 2;
    },
    /** The text of a curve that can be drawn: as it is, or, while it has a mistake, as it was before. */
    sound: (i) => (desk.errors[i] ? (desk.drawn.curves[i]?.text ?? null) : desk.state.texts[i]),
    /** The text that a change is made to: as it is if its parts can be told, though one may be wrong. */
    base: (i) => (desk.errors[i]?.parts ? desk.state.texts[i] : desk.sound(i)),
    parts: (i) => desk.errors[i]?.parts ?? desk.drawn.curves[i]?.parts ?? [],
    /** The unit of the axis: as it is chosen, if so many of it are one update, always. */
    unit: () => {
      const even = !(desk.state.plan.batch ?? "").includes("(");
      return even && desk.reading?.units?.at(-1)?.[desk.state.unit] ? desk.state.unit : "updates";
    },
    /** So much of the unit of the axis is one update. */
    scale: () => {
      const far = desk.reading?.units?.at(-1);
      return desk.unit() === "updates" ? 1 : far[desk.unit()] / far.updates;
    },
    spoken: () => spoken(desk),
    change,
    edit,
    type,
    draw,
    read: (step, aloud) => read(desk, reads, step, aloud),
    zoom,
    replace,
    add,
    remove,
    undo: () => past.undo() && back(),
    redo: () => past.redo() && back(),
    widened,
    linked: home.address !== false,
    address: () => `${location.href.split("#")[0]}#${toAddress(desk.state, desk.at)}`,
  };
  if (desk.linked)
    addEventListener("hashchange", () => {
      if (location.hash.slice(1) === written) return;
      written = location.hash.slice(1);
      past.put(fromAddress(location.hash));
      desk.wanted = desk.state.at ?? desk.wanted;
      back();
    });
  return desk;

  /** Writes the address, unless it has just been changed by hand and is still to be read. */
  function remember() {
    home.changed?.(desk.state.texts);
    if (!desk.linked || location.hash.slice(1) !== written) return;
    window.history.replaceState(null, "", `#${toAddress(desk.state, desk.at)}`);
    written = location.hash.slice(1);
  }

  function back() {
    turns += 1;
    desk.mistake = null;
    desk.gesture = null;
    desk.anew = true;
    draw();
  }

  /** A change of the state that no schedule's text depends on. */
  function change(patch, name = null) {
    past.put({ ...desk.state, ...patch }, name);
    draw();
  }

  /** A text as it is typed. */
  function type(words) {
    turns += 1;
    desk.mistake = null;
    past.put(withText(desk.state.active, words), "type");
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
      const turn = turns;
      const schedule = { text: base, change: changed };
      const asked = live
        ? { ...whole(desk), schedules: [schedule], total: gesture.total, first: gesture.from, last: gesture.to }
        : { ...whole(desk), schedules: desk.state.texts.with(i, schedule) };
      const reply = await ask(asked);
      since.asked = performance.now();
      if (turn !== turns) return;
      const curve = reply.curves[live ? 0 : i];
      if (!live && desk.gesture === gesture) desk.gesture = null;
      if (curve.error) {
        desk.mistake = { name, message: curve.error.message };
        desk.say(curve.error.message);
        if (curve.parts && curve.text !== desk.state.texts[i])
          past.put(withText(i, curve.text), name, gesture?.id ?? null);
        if (live && curve.parts) desk.errors[i] = { ...curve.error, parts: curve.parts };
        if (live) desk.show(since, true);
        else draw();
        return;
      }
      desk.mistake = null;
      if (curve.text !== desk.state.texts[i]) past.put(withText(i, curve.text), name, gesture?.id ?? null);
      if (live) {
        desk.errors[i] = null;
        desk.drawn.curves[i] = { ...desk.drawn.curves[i], ...curve };
        desk.show(since, true);
        beside(desk, jobs);
        return;
      }
      await took(reply, since);
    });
    if (!live && gesture) gesture.name = Symbol("ended");
  }

  function withText(i, words) {
    return { ...desk.state, texts: desk.state.texts.with(i, words) };
  }

  function draw() {
    const since = { begun: performance.now() };
    jobs.put("draw", async () => {
      const reply = await ask(whole(desk));
      since.asked = performance.now();
      await took(reply, since);
    });
  }

  /** A whole reply. It is drawn at once; what is told of each curve, and asked beside it, follows. */
  async function took(reply, since) {
    const { state } = desk;
    const before = desk.drawn.curves;
    const plan = JSON.stringify(planned(desk.state));
    desk.errors = reply.curves.map((curve) => (curve.error ? { ...curve.error, parts: curve.parts } : null));
    const curves = reply.curves.map((curve, i) => {
      if (curve.error) return before[i] ?? null;
      const key = JSON.stringify([curve.text, reply.total, plan]);
      const old = before.find((one) => one?.key === key) ?? before[i];
      return { ...old, ...curve, key, told: old?.key === key ? old.told : null };
    });
    const view = desk.zoomed();
    desk.drawn = { ...desk.drawn, total: reply.total, curves };
    if (!state.minus) desk.drawn.apart = null;
    if (state.above === "") desk.drawn.above = desk.drawn.aboveError = null;
    desk.gesture = null;
    if (desk.mistake?.name === "all") desk.mistake = null;
    desk.show(since);
    desk.anew = false;
    desk.arrived();
    remember();
    look(desk, reads);
    if (view && !desk.zoomed()) draw(); // the run has become shorter than what was zoomed to
    beside(desk, jobs);
    if (desk.errors[state.active]) desk.say(desk.errors[state.active].message);
    tell(desk, jobs);
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
    turns += 1;
    past.put({ ...withText(desk.state.active, words), from: null, to: null });
    draw();
  }

  function add(words) {
    if (desk.state.texts.length >= MOST) return;
    past.put({ ...desk.state, texts: [...desk.state.texts, words], active: desk.state.texts.length });
    draw();
  }

  function remove(i) {
    turns += 1;
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
