// Where a schedule comes from: the recipes of published models, or another library's code or configuration.

import { dialog } from "./dialog.js";
import { expression, fresh, h, set, write } from "./h.js";
import { count, typed } from "./numbers.js";

export function bring(desk) {
  const zoo = recipes(desk, () => opened.close());
  const code = pasted(desk, () => opened.close());
  const opened = dialog(
    "Start from…",
    "Start from",
    tabs({ "Published recipes": zoo.element, "Your code": code }),
    zoo.fresh,
  );
  return { element: opened.element };
}

/** Tabs, by the pattern that screen readers know: arrow keys go from one to the next. */
function tabs(panels) {
  const names = Object.keys(panels);
  const ids = names.map(() => fresh("tab"));
  const buttons = names.map((name, i) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: ids[i],
        "aria-controls": `${ids[i]}-panel`,
        onclick: () => pick(i),
        onkeydown: (event) => key(event, i),
      },
      name,
    ),
  );
  const bodies = names.map((name, i) =>
    h("div", { role: "tabpanel", id: `${ids[i]}-panel`, "aria-labelledby": ids[i], tabindex: "-1" }, panels[name]),
  );
  function pick(now) {
    buttons.forEach((button, i) =>
      set(button, { "aria-selected": String(i === now), tabindex: i === now ? "0" : "-1" }),
    );
    bodies.forEach((body, i) => (body.hidden = i !== now));
  }
  function key(event, i) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (i + by + names.length) % names.length;
    pick(next);
    buttons[next].focus();
  }
  pick(0);
  return h("div", { class: "tabs" }, h("div", { role: "tablist", "aria-label": "Where from" }, buttons), bodies);
}

function recipes(desk, done) {
  const search = h("input", {
    type: "search",
    class: "words",
    placeholder: "Search: llama, vision, AdamW",
    "aria-label": "Search the recipes",
    oninput: show,
  });
  const list = h("div", { class: "recipes" });
  const found = h("p", { class: "hint", role: "status" });
  const items = desk.offer.zoo.map((recipe) => ({
    recipe,
    words: `${recipe.name} ${recipe.title} ${recipe.says} ${recipe.text} ${recipe.group}`.toLowerCase(),
    element: h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "recipe", onclick: () => use(recipe.text) },
        h("b", {}, recipe.title),
        h("span", { class: "hint" }, recipe.says),
        expression(recipe.text),
      ),
    ),
  }));
  const groups = [...new Set(items.map((item) => item.recipe.group))].map((group) => {
    const mine = items.filter((item) => item.recipe.group === group);
    return {
      mine,
      element: h(
        "section",
        {},
        h("h3", {}, group),
        h(
          "ul",
          {},
          mine.map((item) => item.element),
        ),
      ),
    };
  });
  list.append(...groups.map((group) => group.element));
  const beside = h("input", { type: "checkbox" });

  function use(words) {
    done();
    if (beside.checked) desk.add(words);
    else desk.replace(words);
  }

  function show() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const group of groups) {
      let any = false;
      for (const item of group.mine) {
        const fits = asked.every((word) => item.words.includes(word));
        item.element.hidden = !fits;
        any ||= fits;
        number += fits;
      }
      group.element.hidden = !any;
    }
    write(found, number === 1 ? "1 recipe" : `${count(number)} recipes`);
  }

  show();
  return {
    element: h(
      "div",
      {},
      h("div", { class: "search" }, search, h("label", { class: "inline" }, beside, "compare with what is drawn")),
      found,
      list,
    ),
    fresh: show,
  };
}

function pasted(desk, done) {
  const id = fresh("code");
  const told = fresh("told");
  const area = h("textarea", {
    id,
    rows: "9",
    class: "words",
    spellcheck: "false",
    "aria-describedby": told,
    placeholder: "CosineAnnealingLR(optimizer, T_max=100)",
  });
  const rate = h("input", { type: "text", inputmode: "decimal", class: "number", size: 8 });
  const updates = h("input", { type: "text", inputmode: "numeric", class: "number", size: 8 });
  const epoch = h("input", { type: "text", inputmode: "numeric", class: "number", size: 8 });
  const says = h("p", { class: "wrong-line", id: told, role: "alert" });
  const found = h("div", { class: "read-schedules", role: "status" });

  async function read() {
    const options = {};
    for (const [name, box] of [
      ["lr", rate],
      ["updates", updates],
      ["steps_per_epoch", epoch],
    ]) {
      const value = typed(box.value);
      if (box.value.trim() !== "" && Number.isFinite(value)) options[name] = value;
    }
    write(says, "");
    const reply = await desk.ask({ ask: "read", text: area.value, ...options }).catch((error) => ({ error }));
    set(area, { "aria-invalid": reply.error ? "true" : null });
    write(says, reply.error?.message ?? "");
    found.replaceChildren();
    if (reply.error) return;
    found.append(
      ...Object.entries(reply.schedules).map(([name, words]) =>
        h(
          "div",
          { class: "recipe" },
          h("b", {}, name),
          expression(words),
          h(
            "span",
            { class: "pair" },
            h(
              "button",
              {
                type: "button",
                class: "primary small",
                "aria-label": `Use ${name}`,
                onclick: () => (done(), desk.replace(words)),
              },
              "Use",
            ),
            h(
              "button",
              {
                type: "button",
                class: "quiet small",
                "aria-label": `Compare ${name}`,
                onclick: () => (done(), desk.add(words)),
              },
              "Compare",
            ),
          ),
        ),
      ),
      h(
        "ul",
        { class: "report" },
        reply.says.filter((line) => line.trim()).map((line) => h("li", {}, line)),
      ),
    );
  }

  return h(
    "div",
    { class: "paste" },
    h("label", { for: id }, "Paste the code or the configuration of another library"),
    area,
    h(
      "p",
      { class: "hint" },
      `It is read, and never run. Besides the schedulers of PyTorch, Keras, Optax and Hugging Face, it may be ${desk.offer.read.join(", ")}.`,
    ),
    h(
      "div",
      { class: "row" },
      h("label", { class: "inline" }, "Rate of the optimizer", rate),
      h("label", { class: "inline" }, "Updates of the run", updates),
      h("label", { class: "inline" }, "Updates of an epoch", epoch),
      h("button", { type: "button", class: "primary", onclick: read }, "Read"),
    ),
    says,
    found,
  );
}
