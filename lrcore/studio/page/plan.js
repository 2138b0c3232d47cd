// What is known of the run, what `check` finds in it, and the loss that a law forecasts for it.

import { expression, fresh, h, set, write } from "./h.js";
import { LETTERS } from "./marks.js";
import { count, exact, short } from "./numbers.js";
import { sound } from "./request.js";

const FIRST = [
  ["steps_per_epoch", "Updates of an epoch"],
  ["batch", "Samples of an update"],
  ["tokens_per_sample", "Tokens of a sample"],
  ["optimizer", "Optimizer", (offer) => offer.optimizers],
  ["model", "Model", (offer) => offer.models],
];
const MORE = [
  ["dataset_size", "Samples of an epoch"],
  ["accumulation", "Accumulated batches"],
  ["processes", "Processes"],
  ["reference_batch", "Batch of the peak"],
  ["weight_decay", "Weight decay"],
  ["momentum", "Momentum or first beta"],
  ["beta2", "Second beta"],
  ["dtype", "Parameters kept in", (offer) => offer.dtypes],
  ["pretrained", "Pretrained", () => ["true", "false"]],
  ["stepped", "The scheduler moves by", () => ["update", "epoch"]],
];
const SEVERITY = { error: "Error", warning: "Warning", info: "Note" };
const MENDED = "The schedule is checked when the mistake is mended.";
const PLACES = 4; // updates that a finding points at
const PATIENCE = 600; // milliseconds after the last key before a forecast is asked

export function plan(desk) {
  const boxes = new Map();
  const wrong = h("p", { class: "wrong-line", role: "alert", hidden: true });
  const list = h("ul", { class: "findings" });
  const none = h("p", { class: "hint" });
  const forecast = forecasts(desk);
  const element = h(
    "div",
    {},
    h(
      "section",
      { class: "card", "aria-label": "Run" },
      h("h2", {}, "Run"),
      h("p", { class: "hint" }, "What you give here is checked together with the schedule."),
      h("div", { class: "plan" }, FIRST.map(made)),
      h("details", { class: "more" }, h("summary", {}, "More of the run"), h("div", { class: "plan" }, MORE.map(made))),
      forecast.element,
      wrong,
    ),
    // Last, because its height is not known beforehand
    h("section", { class: "card", "aria-label": "Findings" }, h("h2", {}, "Findings"), none, list),
  );
  let listed = "";

  function made([name, label, choices]) {
    const id = fresh("plan");
    const put = (event) =>
      desk.change({ plan: { ...desk.state.plan, [name]: event.target.value.trim() } }, `plan ${name}`);
    const box = choices
      ? h(
          "select",
          { id, onchange: put },
          h("option", { value: "" }, "not given"),
          choices(desk.offer).map((one) => h("option", { value: one }, one)),
        )
      : h("input", {
          id,
          type: "text",
          inputmode: "decimal",
          class: "number",
          autocomplete: "off",
          placeholder: "not given",
          oninput: put,
        });
    boxes.set(name, box);
    return h("div", { class: "plan-row" }, h("label", { for: id }, label), box);
  }

  function show(live) {
    const { state, drawn } = desk;
    for (const [name, box] of boxes)
      if (box.value.trim() !== (state.plan[name] ?? "")) box.value = state.plan[name] ?? "";
    if (live) return;
    const curve = drawn.curves[state.active];
    const message = curve?.plan_error?.message ?? "";
    wrong.hidden = !message;
    write(wrong, message);
    for (const [name, box] of boxes) set(box, { "aria-invalid": message.includes(`Plan.${name} `) ? "true" : null });
    const findings = curve?.findings ?? [];
    write(none, message || desk.errors[state.active] ? MENDED : verdict(curve));
    const now = JSON.stringify(findings);
    if (now !== listed) list.replaceChildren(...findings.map(finding));
    listed = now;
    forecast.show();
  }

  const place = placed(desk);

  function finding(one) {
    const severity = SEVERITY[one.severity];
    return h(
      "li",
      { class: `finding ${one.severity}` },
      h("p", { class: "finding-head" }, h("b", { class: "badge" }, severity), " ", h("code", {}, one.rule)),
      h("p", {}, capital(one.message)),
      one.steps.length ? h("p", {}, "See ", one.steps.slice(0, PLACES).flatMap(place)) : null,
      one.fix
        ? h(
            "div",
            { class: "fix" },
            expression(one.fix),
            h(
              "button",
              {
                type: "button",
                class: "primary small",
                "aria-label": `Take over: ${one.fix}`,
                onclick: () => desk.replace(one.fix),
              },
              "Take over",
            ),
          )
        : null,
      h(
        "details",
        {},
        h("summary", {}, "Why"),
        h("p", {}, one.why),
        one.source ? h("p", { class: "hint" }, `Source: ${one.source}`) : null,
      ),
    );
  }

  return { element, show };
}

/** A button that reads the curve at an update, with a comma before all but the first. */
const placed = (desk) => (step, i) => [
  i ? ", " : "",
  h("button", { type: "button", class: "link", onclick: () => desk.read(step, true) }, `update ${count(step)}`),
];

/** What there is to say beside the findings, if anything. */
function verdict(curve) {
  if (!curve?.findings) return "The schedule is being checked.";
  return [curve.findings.length ? "" : "Nothing found that is wrong with this schedule.", ...(curve.says ?? [])]
    .join(" ")
    .trim();
}

const capital = (sentence) => sentence.charAt(0).toUpperCase() + sentence.slice(1);

/** The loss that a fitted law forecasts at the end of the run, and on its way. */
function forecasts(desk) {
  const id = fresh("law");
  const told = fresh("told");
  const law = h("textarea", {
    id,
    rows: "2",
    class: "words",
    spellcheck: "false",
    placeholder: "LossLaw(…, peaks=(…, …))",
    "aria-describedby": told,
    oninput: () => desk.change({ law: law.value.trim() }, "law"),
  });
  const says = h("p", { class: "hint", id: told });
  const picture = h("div", { class: "forecast-picture" });
  const element = h(
    "details",
    { class: "more", open: desk.state.law !== "" },
    h("summary", {}, "Forecast of the loss"),
    h("label", { class: "hint", for: id }, "Law of the loss"),
    law,
    says,
    picture,
  );
  let asked = "";
  let timer = 0;

  function show() {
    const { state, drawn } = desk;
    if (law.value.trim() !== state.law) law.value = state.law;
    if (!state.law) {
      asked = "";
      set(law, { "aria-invalid": null });
      write(says, "Paste a law that was fitted to finished runs, and the loss of this schedule is forecast.");
      picture.replaceChildren();
      return;
    }
    const { texts } = sound(desk);
    const now = JSON.stringify([state.law, texts, drawn.total]);
    if (now === asked) return;
    asked = now;
    clearTimeout(timer);
    timer = setTimeout(() => ask(now, texts), PATIENCE);
  }

  async function ask(now, texts) {
    const { state, drawn } = desk;
    const replies = [];
    for (const text of texts)
      replies.push(
        text === null ? null : await desk.ask({ ask: "forecast", text, law: state.law, total: drawn.total }),
      );
    if (now !== asked) return;
    const mine = replies[state.active] ?? replies.find((one) => one);
    set(law, { "aria-invalid": mine?.error ? "true" : null });
    if (mine?.error) {
      write(says, mine.error.message);
      picture.replaceChildren();
      return;
    }
    const losses = replies
      .map((one, i) =>
        one?.loss === undefined ? null : `${replies.length > 1 ? `${LETTERS[i]}: ` : ""}${short(one.loss)}`,
      )
      .filter(Boolean);
    write(says, `Loss after ${count(drawn.total)} updates: ${losses.join(", ")}.`);
    set(says, { title: replies.map((one) => exact(one?.loss)).join(", ") });
    picture.replaceChildren(lines(replies));
  }

  return { element, show };
}

function lines(replies) {
  const good = replies.map((one) => (one?.losses ? one : null));
  const all = good.flatMap((one) => one?.losses ?? []).filter((one) => one !== null);
  const most = quantile(all, 0.97);
  const least = Math.min(...all);
  const path = ({ steps, losses }) =>
    losses
      .map(
        (loss, i) =>
          `${(300 * steps[i]) / steps.at(-1)} ${4 + 82 * (1 - (Math.min(loss, most) - least) / (most - least || 1))}`,
      )
      .join("L");
  return h(
    "svg",
    {
      viewBox: "0 0 300 90",
      class: "losses",
      role: "img",
      "aria-label": `Forecast losses, from ${short(most)} down to ${short(least)}`,
    },
    good.map((one, i) => one && h("path", { d: `M${path(one)}`, class: `curve-${i + 1}` })),
  );
}

const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 1;
