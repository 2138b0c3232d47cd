// What is asked once the curves are drawn: what there is to say of each, their difference, and the updates above a rate.

import { count, exact } from "./numbers.js";
import { planned, sound, window } from "./request.js";

/** Asks for one curve at a time, the active one first, so that a change need not wait long behind them. */
export function tell(desk, jobs) {
  jobs.put("tell", async () => {
    const { curves } = desk.drawn;
    const order = [desk.state.active, ...curves.keys()];
    const i = order.find((j) => curves[j] && !desk.errors[j] && curves[j].told !== curves[j].key);
    if (i === undefined) return;
    const { text, key } = curves[i];
    const reply = await desk.ask({
      ask: "draw",
      schedules: [text],
      ...window(desk),
      plan: planned(desk.state),
      want: ["told"],
    });
    if (desk.drawn.curves[i]?.key === key) {
      desk.drawn.curves[i] = { ...desk.drawn.curves[i], plan_error: null, says: [], ...reply.curves[0], told: key };
      desk.show();
      if (i === desk.state.active) desk.say(summed(desk.drawn.curves[i]));
    }
    tell(desk, jobs);
  });
}

const summed = ({ text, summary, findings }) =>
  `${text}. Peak ${exact(summary.peak.value)} at update ${count(summary.peak.step)}, at the end ${exact(summary.last.value)}. ${found(findings.length)}`;

const found = (number) =>
  number === 0 ? "Nothing is found wrong." : number === 1 ? "1 finding." : `${number} findings.`;

export function beside(desk, jobs) {
  if (!desk.state.minus && desk.state.above === "") return;
  jobs.put("beside", async () => {
    const { drawn } = desk;
    drawn.apart = await difference(desk);
    Object.assign(drawn, await above(desk));
    if (drawn === desk.drawn) desk.show();
  });
}

async function difference(desk) {
  const pair = desk.state.minus?.map((i) => desk.sound(i)) ?? [];
  if (pair.length < 2 || pair.includes(null)) return null;
  // lrcore tells by how much the second is above the first
  const reply = await desk.ask({ ask: "difference", schedules: pair.toReversed(), ...window(desk) });
  return reply.error ? null : reply;
}

async function above(desk) {
  const words = desk.state.above;
  const { asked, placed } = sound(desk);
  if (words === "" || !asked.length) return { above: null, aboveError: null };
  const rate = Number(words);
  if (!Number.isFinite(rate))
    return { above: null, aboveError: `A rate is a number, as 0.0001 or 1e-4, and not ${words}.` };
  const reply = await desk.ask({ ask: "above", schedules: asked, rate, total: desk.drawn.total });
  return { above: placed(reply.above), aboveError: null };
}
