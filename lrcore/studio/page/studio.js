// The studio: a state, a request made from it, and a reply that is drawn. lrcore computes all of it; the page never does.

import { bring } from "./bring.js";
import { compare } from "./compare.js";
import { desks } from "./desk.js";
import { h, set, write } from "./h.js";
import { header } from "./header.js";
import { loading } from "./loading.js";
import { mini } from "./mini.js";
import { parts } from "./parts.js";
import { plan } from "./plan.js";
import { plot } from "./plot.js";
import { readings } from "./readings.js";
import { take } from "./take.js";
import { text } from "./text.js";
import { toolbar } from "./toolbar.js";
import { zooming } from "./zoom.js";

const NARROW = 860; // pixels below which all stands in one column, as in the style sheet

/**
 * Builds the studio in an element. `ask` takes a request to lrcore and promises the reply; `home.address: false` leaves the
 * address of the page alone. Returns `progress(part, sentence)`, for a home that takes long to load, and `ready`, a promise.
 */
export function start(element, ask, home = {}) {
  element.classList.add("lrcore-studio");
  set(element, { "aria-busy": "true" });
  const picture = loading(element);
  const ready = ask({ ask: "offer" }).then(
    (offer) => open(element, ask, home, offer, picture.element),
    (error) => picture.failed(error.message),
  );
  return { progress: picture.show, ready };
}

async function open(element, ask, home, offer, picture) {
  const desk = desks(ask, home, offer, element);
  const drawing = plot(desk);
  const zoom = zooming(desk);
  const views = [text(desk), parts(desk), compare(desk), readings(desk), plan(desk)];
  const [expression, chain, curves, reading, run] = views;
  const bar = header(desk, [bring(desk), take(desk, drawing)]);
  const axes = toolbar(desk, zoom);
  const small = mini(desk, drawing.element, () => desk.linked && element.clientWidth < NARROW);
  const status = h("p", { class: "unseen", role: "status" });

  element.classList.add("coming"); // it takes its places unseen, and nothing moves when it appears
  element.append(
    bar.element,
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "column middle" },
        expression.element,
        h("section", { class: "card graph", "aria-label": "Drawing" }, axes.element, drawing.element, reading.element),
        curves.element,
      ),
      h("section", { class: "column compose", "aria-label": "Compose" }, chain.element),
      h("section", { class: "column run", "aria-label": "Run and findings" }, run.element),
    ),
    small.element,
    status,
  );

  const shown = [bar, axes, small, ...views];
  desk.show = (since = null, live = false) => {
    for (const view of shown) view.show(live);
    drawing.show(since);
  };
  desk.point = () => {
    drawing.point(desk.at);
    reading.show();
    curves.show();
  };
  desk.pixels = drawing.pixels;
  desk.heights = drawing.heights;
  let saying = 0;
  desk.say = (sentence) => {
    clearTimeout(saying);
    saying = setTimeout(() => write(status, sentence), 400);
  };
  keyboard(element, desk);
  desk.draw();
  await Promise.race([new Promise((done) => (desk.arrived = done)), desk.rest()]); // the latter where it failed
  picture.remove();
  element.classList.remove("coming");
  set(element, { "aria-busy": "false", "data-ready": "" });
}

function keyboard(element, desk) {
  element.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) desk.undo();
    else if ((key === "z" && event.shiftKey) || key === "y") desk.redo();
    else return;
    event.preventDefault();
  });
  // A key pressed with nothing in focus is meant for the page as a whole, where the studio is the page
  if (!desk.linked) return;
  document.addEventListener(
    "keydown",
    (event) => event.target === document.body && element.dispatchEvent(new KeyboardEvent("keydown", event)),
  );
}
