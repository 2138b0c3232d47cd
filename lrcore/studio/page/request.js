// Requests to lrcore, made from the state.

const LEAST_PIXELS = 10; // that may be asked for
const MOST_PIXELS = 4000;

/** What is asked of all curves: their points and handles. What is told of them is asked afterwards, where it is not known. */
export function whole(desk) {
  const { texts, total, x } = desk.state;
  const view = desk.zoomed();
  return {
    ask: "draw",
    schedules: texts,
    ...(total ? { total } : {}),
    ...(view ? { first: view.from, last: view.to } : {}),
    ...(x === "log" ? { spread: "log" } : {}),
    pixels: pixels(desk),
    want: ["points", "handles"],
  };
}

/** The updates in view, as requests name them. */
export function window(desk) {
  const { from, to } = desk.shown();
  return { total: desk.drawn.total, first: from, last: to, pixels: pixels(desk) };
}

const pixels = (desk) => Math.max(LEAST_PIXELS, Math.min(MOST_PIXELS, desk.pixels()));

/** The plan's fields as they are typed; lrcore reads them. */
export const planned = ({ plan }) => Object.fromEntries(Object.entries(plan).filter(([, words]) => words !== ""));

/** The texts that can be drawn now, with a way to put the answers at their places: null where there was none to ask. */
export function sound(desk) {
  const texts = desk.state.texts.map((_, i) => desk.sound(i));
  const placed = (answers) => {
    let next = 0;
    return texts.map((text) => (text === null ? null : answers[next++]));
  };
  return { texts, asked: texts.filter((text) => text !== null), placed };
}
