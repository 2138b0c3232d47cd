// Reading all curves at an update.

import { LETTERS } from "./marks.js";
import { count, exact } from "./numbers.js";
import { planned, sound } from "./request.js";

/** Reads there; `aloud` when a key asked for it. */
export function read(desk, jobs, step, aloud = false) {
  desk.wanted = Math.max(0, Math.round(step));
  desk.point();
  look(desk, jobs, aloud);
}

/** Asks for the rates at the update that is read, and for the units at the end of the run, which give the axis its scale. */
export function look(desk, jobs, aloud = false) {
  jobs.put("read", async () => {
    const { asked, placed } = sound(desk);
    if (!asked.length) return;
    const { at: step } = desk;
    const scale = desk.scale();
    const steps = [step, Math.max(1, desk.drawn.total)];
    const reply = await desk.ask({ ask: "at", schedules: asked, steps, plan: planned(desk.state) });
    desk.reading = { step, rates: placed(reply.rates).map((rates) => rates?.[0] ?? null), units: reply.units ?? null };
    desk.point();
    if (scale !== desk.scale()) desk.show();
    if (aloud) desk.say(spoken(desk));
  });
}

/** The reading as a sentence. */
export function spoken({ reading, state, at }) {
  if (reading?.step !== at) return `update ${count(at)}`;
  const several = state.texts.length > 1;
  const rates = reading.rates.map((rate, i) => `${several ? LETTERS[i] : "rate"} ${exact(rate)}`);
  return `update ${count(at)}: ${rates.join(", ")}`;
}
