// The home of `lrcore studio`: the installed package answers, on this machine.

import { start } from "./studio.js";

const token = document.querySelector("meta[name=lrcore-token]").content;

async function ask(request) {
  const reply = await fetch("answer", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Lrcore-Token": token },
    body: JSON.stringify(request),
  }).catch(() => {
    throw new Error("lrcore studio does not answer any more. Start it again in the terminal, and reload this page.");
  });
  const told = await reply.json().catch(() => null);
  if (!reply.ok || !told)
    throw new Error(told?.error?.message ?? `lrcore studio answered with status ${reply.status}.`);
  return told;
}

start(document.getElementById("studio"), ask);
