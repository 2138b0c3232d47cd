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
  if (!reply.ok) throw new Error((await reply.text()) || `lrcore studio answered with status ${reply.status}.`);
  return reply.json();
}

start(document.getElementById("studio"), ask);
