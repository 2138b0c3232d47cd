// The real lrcore, in Python, in a thread beside the page's. Everything comes from the folder of this file.

import { loadPyodide } from "./pyodide/pyodide.js";

const indexURL = new URL("pyodide/", import.meta.url).href;
const BYTES = 13_500_000; // of Pyodide's two large files, about: a server that compresses does not tell
const ANSWER = `
import json
from lrcore.studio import answer
lambda request: json.dumps(answer(json.loads(request)), allow_nan=False)
`;

const get = self.fetch;
let come = 0;
let told = 0;

async function count(reply) {
  for await (const piece of reply.body) {
    come += piece.length;
    const part = 0.9 * Math.min(1, come / BYTES); // the rest is starting it
    if (part - told < 0.02) continue;
    told = part;
    self.postMessage({ come: part });
  }
}

// Pyodide's own requests, counted, and WebAssembly named as what it is where the server does not know it
self.fetch = async (address, options) => {
  const reply = await get(address, options);
  if (!reply.ok) throw new Error(`${address} is missing: ${reply.status}`);
  count(reply.clone());
  const named = !String(address).endsWith(".wasm") || reply.headers.get("Content-Type") === "application/wasm";
  return named ? reply : new Response(reply.body, { headers: { "Content-Type": "application/wasm" } });
};

async function load() {
  const sources = get(new URL("lrcore.zip", import.meta.url)).then((reply) => reply.arrayBuffer());
  const createPyodideModule = async (settings) => (await import("./pyodide/pyodide.asm.js")).default(settings);
  const python = await loadPyodide({ indexURL, createPyodideModule });
  python.unpackArchive(await sources, "zip");
  return python.runPython(ANSWER);
}

const loaded = load();
loaded.then(
  () => self.postMessage({ come: 1 }),
  (error) => self.postMessage({ failure: String(error.message) }),
);

self.onmessage = async ({ data: { id, request } }) => {
  const answer = await loaded;
  try {
    self.postMessage({ id, reply: answer(request) });
  } catch (error) {
    self.postMessage({ id, error: error.message.trim().split("\n").at(-1) });
  }
};
