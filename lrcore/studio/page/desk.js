// What the views share: the state, the newest replies, and the few ways to change them.

import { fresh } from "./h.js";
import { count, exact } from "./numbers.js";
import { queue } from "./queue.js";
import { MOST, first, fromAddress, history, toAddress } from "./state.js";
import { theme } from "./theme.js";

const LEAST_PIXELS = 10; // that may be asked for
const MOST_PIXELS = 4000;

export function desks(ask, home, offer, element) {
  const past = history(home.address === false ? first() : fromAddress(location.hash));
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
    shown: () => desk.gesture ?? zoomed() ?? { from: 0, to: Math.max(1, desk.drawn.total) },
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
      const turn = turns;
      const schedule = { text: base, change: changed };
      const asked = live
        ? { ...request(), schedules: [schedule], total: gesture.total, first: gesture.from, last: gesture.to }
        : { ...request(), schedules: desk.state.texts.map((one, j) => (j === i ? schedule : one)) };
      const reply = await ask(asked);
      since.asked = performance.now();
      if (turn !== turns) return;
      const curve = reply.curves[live ? 0 : i];
      if (!live && desk.gesture === gesture) desk.gesture = null;
      if (curve.error) {
        desk.mistake = { name, message: curve.error.message };
        desk.say(curve.error.message);
        if (curve.parts && curve.text !== desk.state.texts[i])
          past.put(with_(i, curve.text), name, gesture?.id ?? null);
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

  /** What is asked of all curves: their points and handles. What is told of them follows, where it is not known. */
  function request() {
    const { total, x } = desk.state;
    const view = zoomed();
    const spread = x === "log" ? { spread: "log" } : {};
    return {
      ask: "draw",
      ...(total ? { total } : {}),
      ...(view ? { first: view.from, last: view.to } : {}),
      ...spread,
      pixels: pixels(),
      want: ["points", "handles"],
    };
  }

  /** What is zoomed to, unless the run has become so short that it is not in it. */
  function zoomed() {
    const { from, to } = desk.state;
    return from === null || (desk.drawn.total && from >= desk.drawn.total) ? null : { from, to };
  }

  function pixels() {
    return Math.max(LEAST_PIXELS, Math.min(MOST_PIXELS, desk.pixels()));
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

  /** A whole reply. It is drawn at once; what is told of each curve, and asked beside it, follows. */
  async function took(reply, since) {
    const { state } = desk;
    const before = desk.drawn.curves;
    const plan = JSON.stringify(planned());
    desk.errors = reply.curves.map((curve) => (curve.error ? { ...curve.error, parts: curve.parts } : null));
    const curves = reply.curves.map((curve, i) => {
      if (curve.error) return before[i] ?? null;
      const key = JSON.stringify([curve.text, reply.total, plan]);
      const old = before.find((one) => one?.key === key) ?? before[i];
      return { ...old, ...curve, key, told: old?.key === key ? old.told : null };
    });
    const view = zoomed();
    desk.drawn = { ...desk.drawn, total: reply.total, curves };
    if (!state.minus) desk.drawn.apart = null;
    if (state.above === "") desk.drawn.above = desk.drawn.aboveError = null;
    desk.gesture = null;
    desk.show(since);
    desk.anew = false;
    remember();
    look();
    if (view && !zoomed()) draw(); // the run has become shorter than what was zoomed to
    if (state.minus || state.above !== "") jobs.put("beside", beside);
    if (desk.errors[state.active]) desk.say(desk.errors[state.active].message);
    tell();
  }

  /** Asks what is to be said of a curve, the active one first; one at a time, so that nothing waits long behind them. */
  function tell() {
    jobs.put("tell", async () => {
      const { curves, total } = desk.drawn;
      const order = [desk.state.active, ...curves.keys()];
      const i = order.find((j) => curves[j] && !desk.errors[j] && curves[j].told !== curves[j].key);
      if (i === undefined) return;
      const { text, key } = curves[i];
      const { from, to } = desk.shown();
      const reply = await ask({
        ask: "draw",
        schedules: [text],
        total,
        first: from,
        last: to,
        pixels: pixels(),
        plan: planned(),
        want: ["told"],
      });
      if (desk.drawn.curves[i]?.key === key) {
        desk.drawn.curves[i] = { ...desk.drawn.curves[i], plan_error: null, ...reply.curves[0], told: key };
        desk.show();
        if (i === desk.state.active) desk.say(summed(desk.drawn.curves[i]));
      }
      tell();
    });
  }

  /** The difference of two, and the updates above a rate. */
  async function beside() {
    const { state, drawn } = desk;
    const sound = state.texts.map((_, i) => desk.sound(i));
    const pair = state.minus?.map((i) => sound[i]);
    const { from, to } = desk.shown();
    if (pair?.every(Boolean)) {
      const apart = await ask({
        ask: "difference",
        schedules: pair.toReversed(),
        total: drawn.total,
        first: from,
        last: to,
        pixels: pixels(),
      });
      drawn.apart = apart.error ? null : apart;
    }
    const rate = Number(state.above);
    drawn.aboveError = Number.isFinite(rate) ? null : `A rate is a number, as 0.0001 or 1e-4, and not ${state.above}.`;
    drawn.above = null;
    const asked = sound.filter((one) => one !== null);
    if (state.above !== "" && !drawn.aboveError && asked.length) {
      const { above } = await ask({ ask: "above", schedules: asked, rate, total: drawn.total });
      drawn.above = spreadOver(sound, above);
    }
    if (drawn === desk.drawn) desk.show();
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
      const reply = await ask({
        ask: "at",
        schedules: asked,
        steps: [at, Math.max(1, desk.drawn.total)],
        plan: planned(),
      });
      desk.reading = {
        step: at,
        rates: spreadOver(sound, reply.rates).map((one) => one?.[0] ?? null),
        units: reply.units ?? null,
      };
      desk.point();
      if (scale !== desk.scale()) desk.show();
      if (aloud) desk.say(spoken());
    });
  }

  function spoken() {
    const { reading, state } = desk;
    if (!reading || reading.step !== desk.at) return `update ${count(desk.at)}`;
    const read = reading.rates.map((rate, i) =>
      state.texts.length > 1 ? `${"ABCDEFGH"[i]} ${exact(rate)}` : `rate ${exact(rate)}`,
    );
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
    turns += 1;
    past.put({ ...with_(desk.state.active, words), from: null, to: null });
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

/** The answers at the places of the texts that were asked; null where there was none to ask. */
function spreadOver(texts, answers) {
  let next = 0;
  return texts.map((one) => (one === null ? null : answers[next++]));
}

const summed = ({ text, summary, findings }) =>
  `${text}. Peak ${exact(summary.peak.value)} at update ${count(summary.peak.step)}, at the end ${exact(summary.last.value)}. ${found(findings.length)}`;

const found = (number) =>
  number === 0 ? "Nothing is found wrong." : number === 1 ? "1 finding." : `${number} findings.`;

/** What a field of the run means. */
function value(words) {
  const number = Number(words.replaceAll("_", ""));
  return Number.isFinite(number) ? number : words === "true" || words === "false" ? words === "true" : words;
}
