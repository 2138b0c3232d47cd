// One job at a time. A job that waits gives way to a newer one of the same name: while a handle is dragged, the newest
// place counts, and those that were passed meanwhile are never asked.

/** `working` is told when there is something to do, and when there is nothing left. */
export function queue(failed, working) {
  const waiting = [];
  let busy = false;
  let idle = [];
  async function work() {
    busy = true;
    working(true);
    while (waiting.length) {
      try {
        await waiting.shift().run();
      } catch (error) {
        failed(error);
      }
    }
    busy = false;
    working(false);
    idle.forEach((tell) => tell());
    idle = [];
  }
  return {
    put(name, run) {
      if (waiting.length && waiting.at(-1).name === name) waiting.pop();
      waiting.push({ name, run });
      if (!busy) work();
    },
    /** Resolves when nothing is left to do. */
    rest: () => (busy ? new Promise((tell) => idle.push(tell)) : Promise.resolve()),
  };
}
