// The state of the page: one plain object, which the address holds, with its past and its future.

export const MOST = 8; // curves
const MOST_STEPS = 2 ** 53;
export const UNITS = ["updates", "epochs", "samples", "tokens"];

export const first = () => ({
  texts: ["Cosine(0.0003, steps=100000, end=3e-05).warmup(2000)"],
  active: 0,
  total: null, // the updates of the run; null: as far as the schedules go
  from: null, // what is shown of it; null: all
  to: null,
  x: "linear",
  y: "linear",
  unit: "updates",
  above: "",
  minus: null, // the two curves whose difference is shown
  plan: {},
  law: "",
  at: null, // the update that is read first
});

const PLAN = "run.";

/** The state as the part of an address after its #. What is as at first is left out. */
export function toAddress(state, at = null) {
  const plain = first();
  const words = new URLSearchParams();
  state.texts.forEach((text) => words.append("lr", text));
  for (const name of ["active", "total", "from", "to", "x", "y", "unit", "above", "law"])
    if (state[name] !== plain[name] && state[name] !== null) words.set(name, state[name]);
  if (state.minus) words.set("minus", state.minus.join("-"));
  for (const [name, text] of Object.entries(state.plan)) if (text !== "") words.set(PLAN + name, text);
  if (at !== null) words.set("at", at);
  return words.toString().replace(/%(28|29|2C|5B|5D|3D)/g, (sign) => decodeURIComponent(sign));
}

/** The state that an address holds; what is missing or makes no sense is as at first. */
export function fromAddress(address) {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  const state = first();
  const texts = words.getAll("lr").slice(0, MOST);
  if (texts.length) state.texts = texts;
  const last = state.texts.length - 1;
  const whole = (name) => {
    const value = words.get(name);
    return value !== null && /^\d{1,16}$/.test(value) && Number(value) <= MOST_STEPS ? Number(value) : null;
  };
  state.active = Math.min(whole("active") ?? 0, last);
  state.total = whole("total") || null;
  state.from = whole("from");
  state.to = whole("to");
  state.at = whole("at");
  if (state.from === null || state.to === null || state.to <= state.from) state.from = state.to = null;
  for (const name of ["x", "y"]) if (words.get(name) === "log") state[name] = "log";
  if (UNITS.includes(words.get("unit"))) state.unit = words.get("unit");
  state.above = words.get("above") ?? "";
  state.law = words.get("law") ?? "";
  const pair = (words.get("minus") ?? "").split("-").map(Number);
  if (pair.length === 2 && pair.every((one) => Number.isInteger(one) && one >= 0 && one <= last)) state.minus = pair;
  for (const [name, text] of words) if (name.startsWith(PLAN)) state.plan[name.slice(PLAN.length)] = text;
  return state;
}

const SAME = 1000; // milliseconds within which changes of one control are one step back

/** The states that were, and those that were taken back. */
export function history(now) {
  const past = [];
  const future = [];
  let latest = { name: null, gesture: null, time: 0 };
  const go = (from, to) => {
    if (!from.length) return false;
    to.push(now);
    now = from.pop();
    latest = { name: null, gesture: null, time: 0 };
    return true;
  };
  return {
    get now() {
      return now;
    },
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
    /** Changes with one name that follow each other closely, or are of one gesture, are undone together. */
    put(next, name = null, gesture = null) {
      const time = performance.now();
      const goesOn =
        name !== null &&
        name === latest.name &&
        (time - latest.time < SAME || (gesture !== null && gesture === latest.gesture));
      if (!goesOn) past.push(now);
      if (past.length > 500) past.shift();
      now = next;
      future.length = 0;
      latest = { name, gesture, time };
    },
    undo: () => go(past, future),
    redo: () => go(future, past),
  };
}
