// The studio's home in the manual: Python answers, in a worker.

import { start } from "./studio.js";

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let count = 0;

function ask(request) {
  return new Promise((resolve, reject) => {
    waiting.set(++count, { resolve, reject });
    worker.postMessage({ id: count, request: JSON.stringify(request) });
  });
}

function failed(message) {
  for (const { reject } of waiting.values()) reject(new Error(`Python did not load: ${message}`));
  waiting.clear();
}

const { progress } = start(document.getElementById("studio"), ask);

worker.onerror = ({ message }) => failed(message || "this browser runs no module workers.");
worker.onmessage = ({ data: { come, failure, id, reply, error } }) => {
  if (come !== undefined) progress(come, "Python is loading. It runs in this page: nothing that you type leaves it.");
  else if (failure !== undefined) failed(failure);
  else {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(JSON.parse(reply));
    else reject(new Error(error));
  }
};
