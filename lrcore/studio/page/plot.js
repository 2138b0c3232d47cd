// The drawing: the rates, below them momentum and a difference, all over one axis of steps.

import uPlot from "./vendor/uPlot-1.6.32.esm.js";
import { h, write } from "./h.js";
import { handles } from "./handles.js";
import { counts, exact, rates as ratesWritten, ticks } from "./numbers.js";
import { zoomable } from "./zoom.js";

/** Dashes beside the colours, in CSS pixels: curves are told apart in grey as well. */
export const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 5], [5, 2], [1, 5], [12, 3, 2, 3, 2, 3]];
export const LETTERS = "ABCDEFGH";

const DECADES = 4; // shown of a curve that reaches 0 on a logarithmic axis, which would need all of them
const HEADROOM = 0.06; // above the highest value, for the handles
export const MARKED = 40; // boundaries that are drawn: more of them mark nothing
const NAMED = 12; // boundaries that have their names beside them
const KEPT = 2000; // measures of redraws, which a browser would keep for ever
const DOTTED = 60; // updates in view for which each has a dot

export function plot(desk) {
  const stage = h("div", { class: "stage" });
  const empty = h("p", { class: "hint stage-hint", hidden: true });
  const element = h("figure", { class: "drawing", "aria-label": "Drawing of the rates over the steps" }, stage, empty);
  const panels = {};
  const grips = handles(desk, () => panels.rate);
  let colours = {};
  let redraw = null; // that is being measured: when it was asked for, and when the reply came

  zoomable(element, desk, () => panels.rate?.u);
  new ResizeObserver(() => resize()).observe(stage);
  desk.onTheme(() => show(null, true));

  /** What each panel shows: its name, what it says beside its axis, and a pair of steps and values for each curve. */
  function wanted() {
    const { curves, apart } = desk.drawn;
    const list = [{ kind: "rate", label: "rate", lines: curves }];
    if (curves.some((curve) => curve?.momentum)) list.push({ kind: "momentum", label: "momentum", lines: curves.map((curve) => curve?.momentum) });
    if (desk.state.minus && apart) list.push({ kind: "apart", label: `${desk.state.minus.map((i) => LETTERS[i]).join(" − ")}`, lines: [apart] });
    return list;
  }

  function show(since = null, anew = false) {
    redraw = since;
    const list = wanted();
    const { state } = desk;
    const signature = JSON.stringify([list.map((one) => [one.kind, one.label, one.lines.length]), state.x, state.y, desk.unit(), state.active, desk.mistaken()]);
    if (anew || element.dataset.signature !== signature) {
      element.dataset.signature = signature;
      build(list);
    }
    for (const { kind, lines } of list) fill(panels[kind], lines);
    if (desk.at !== null) point(desk.at);
    const nothing = state.y === "log" && !desk.drawn.curves.some((curve) => curve?.rates.some((rate) => rate > 0));
    empty.hidden = !nothing;
    write(empty, nothing ? "A logarithmic axis shows values above 0, and there is none." : "");
  }

  function build(list) {
    for (const kind of Object.keys(panels)) {
      panels[kind].u.destroy();
      delete panels[kind];
    }
    colours = palette(element);
    stage.replaceChildren();
    stage.dataset.panels = list.length;
    const hosts = list.map(({ kind }) => h("div", { class: `panel panel-${kind}`, "aria-hidden": kind === "rate" ? null : "true" }));
    stage.append(...hosts); // all of them before the first is measured
    list.forEach(({ kind, label, lines }, i) => (panels[kind] = panel(kind, label, lines.length, hosts[i], i === list.length - 1)));
    grips.mount(panels.rate);
  }

  function panel(kind, label, number, host, lowest) {
    const mine = { kind, host, ys: [0, 1], lines: [] };
    const axis = { stroke: colours.soft, font: "12px system-ui, sans-serif", ticks: { stroke: colours.line, size: 4, width: 1 }, grid: { stroke: colours.grid, width: 1 } };
    const log = kind === "rate" && desk.state.y === "log";
    mine.u = new uPlot(
      {
        width: Math.max(60, host.clientWidth),
        height: Math.max(40, host.clientHeight),
        padding: [10, 20, lowest ? 0 : 6, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false, dist: 4 },
          points: { size: 7, width: 2, fill: () => colours.panel, stroke: (u, i) => stroke(kind, i - 1) },
          sync: { key: desk.key },
        },
        select: { show: true },
        scales: {
          x: { time: false, distr: desk.state.x === "log" ? 3 : 1, range: () => [...view()] },
          y: { distr: log ? 3 : 1, range: () => [...mine.ys] },
        },
        axes: [
          {
            ...axis,
            size: lowest ? 34 : 8,
            ...(desk.state.x === "log" ? { values: (u, splits) => (lowest ? logCounts(splits) : splits.map(() => "")) } : { splits: stepTicks, values: (u, splits) => (lowest ? counts(splits.map((one) => one * desk.scale())) : splits.map(() => "")) }),
          },
          {
            ...axis,
            size: 64,
            ...(log
              ? { values: (u, splits) => splits.map((one) => (one === null ? null : one.toExponential(0))) }
              : { splits: (u, i, low, high) => ticks(low, high, Math.max(2, u.bbox.height / devicePixelRatio / 44), false), values: (u, splits) => ratesWritten(splits).words }),
          },
        ],
        series: [{}, ...Array.from({ length: number }, (_, i) => series(kind, i))],
        hooks: {
          setSelect: [(u) => selected(u)],
          drawAxes: [(u) => boundaries(u, kind)],
          draw: [(u) => drawn(u, mine, label)],
        },
      },
      [[0, 1], ...Array.from({ length: number }, () => [null, null])],
      host,
    );
    mine.u.ctx.canvas.setAttribute("aria-hidden", "true");
    mine.u.over.addEventListener("pointermove", (event) => hovered(mine.u, event));
    return mine;
  }

  const series = (kind, i) => {
    const mistaken = kind === "rate" && desk.mistaken()[i];
    return {
      stroke: stroke(kind, i),
      alpha: mistaken ? 0.35 : 1,
      width: kind === "rate" && (i === desk.state.active || desk.state.texts.length === 1) ? 2.5 : 1.75,
      dash: DASHES[kind === "apart" ? 0 : i],
      spanGaps: true,
      points: {
        show: true,
        size: 5,
        fill: stroke(kind, i),
        filter: (u) => (desk.shown().to - desk.shown().from <= DOTTED ? whole(u, i + 1) : []),
      },
    };
  };

  const stroke = (kind, i) => (kind === "apart" ? colours.ink : colours.curves[i]);

  function whole(u, i) {
    const found = [];
    u.data[0].forEach((step, at) => {
      if (Number.isInteger(step) && u.data[i][at] !== null && u.data[i][at] !== undefined) found.push(at);
    });
    return found;
  }

  function fill(mine, lines) {
    mine.lines = lines;
    const tables = lines.map((line) => (line ? [line.steps, line.rates] : [[], []]));
    const data = tables.length === 1 ? tables[0] : uPlot.join(tables);
    mine.ys = range(lines, mine.kind === "rate" && desk.state.y === "log", mine.kind === "rate" ? desk.gesture?.ys : null);
    const [min, max] = view();
    mine.u.batch(() => {
      mine.u.setData(data, false);
      mine.u.setScale("x", { min, max });
      mine.u.setScale("y", { min: mine.ys[0], max: mine.ys[1] });
    });
  }

  function view() {
    const { from, to } = desk.shown();
    return desk.state.x === "log" ? [Math.max(1, from), Math.max(to, 2)] : [from, to];
  }

  /** From 0, or round values far from it; while something is dragged the axis only grows. */
  function range(lines, log, kept) {
    let low = Infinity;
    let high = -Infinity;
    let positive = Infinity;
    const [from, to] = view();
    for (const line of lines)
      line?.rates.forEach((rate, i) => {
        if (rate === null || line.steps[i] < from || line.steps[i] > to) return;
        if (rate < low) low = rate;
        if (rate > high) high = rate;
        if (rate > 0 && rate < positive) positive = rate;
      });
    if (!(low <= high)) return kept ?? (log ? [0.1, 1] : [0, 1]);
    if (log) {
      const top = high > 0 ? high : 1;
      const bottom = low > 0 ? low : Math.max(positive, top / 10 ** DECADES);
      const found = bottom < top ? [bottom / 1.12, top * 1.12] : [top / 10, top * 2];
      return kept ? [Math.min(kept[0], found[0]), Math.max(kept[1], found[1])] : found;
    }
    const far = low > 0.75 * high && low !== high && low > 0;
    const bottom = far ? low - (high - low) * HEADROOM : Math.min(0, low);
    const top = high === low ? (high === 0 ? 1 : Math.max(high * 1.2, 0)) : Math.max(high, far ? high : 0);
    const room = (top - bottom) * HEADROOM;
    const found = [low < 0 ? bottom - room : bottom, top + room];
    return kept ? [Math.min(kept[0], found[0]), Math.max(kept[1], found[1])] : found;
  }

  function stepTicks(u, i, low, high) {
    const scale = desk.scale();
    const most = Math.max(2, u.bbox.width / devicePixelRatio / 84);
    return ticks(low * scale, high * scale, most, desk.unit() !== "epochs").map((one) => one / scale);
  }

  const logCounts = (splits) => splits.map((one) => (one !== null && Number.isInteger(Math.log10(one)) ? (one * desk.scale()).toLocaleString("en", { notation: "compact", maximumSignificantDigits: 4 }) : null));

  function hovered(u, event) {
    if (event.pointerType === "touch" || event.target.closest("[role=slider]")) return;
    desk.read(Math.round(u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x")));
  }

  function selected(u) {
    const { left, width } = u.select;
    if (width > 3) desk.zoom(Math.floor(u.posToVal(left, "x")), Math.ceil(u.posToVal(left + width, "x")));
    if (width > 0) u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  function boundaries(u, kind) {
    const edges = desk.drawn.curves[desk.state.active]?.edges ?? [];
    const [from, to] = view();
    const seen = edges.filter((edge) => edge.step >= from && edge.step <= to);
    if (!seen.length || seen.length > MARKED || kind === "apart") return;
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = colours.mark;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const edge of seen) {
      const x = Math.round(u.valToPos(edge.step, "x", true)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    if (kind === "rate" && seen.length <= NAMED) name(u, seen);
    ctx.restore();
  }

  /** The names of boundaries beside their lines, as far as there is room. */
  function name(u, seen) {
    const { ctx, bbox } = u;
    ctx.setLineDash([]);
    ctx.fillStyle = colours.soft;
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = "bottom";
    const places = [...seen.map((edge) => u.valToPos(edge.step, "x", true)), bbox.left + bbox.width];
    seen.forEach((edge, i) => {
      const room = places[i + 1] - places[i] - 10 * devicePixelRatio;
      if (ctx.measureText(edge.says).width > room) return;
      ctx.textAlign = "left";
      inscribe(ctx, edge.says, places[i] + 5 * devicePixelRatio, bbox.top + bbox.height - 5 * devicePixelRatio);
    });
  }

  function drawn(u, mine, label) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.fillStyle = colours.soft;
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    const base = u.scales.y.distr === 3 ? null : ratesWritten(u.axes[1]._splits ?? []).base;
    const words = [mine.kind === "rate" ? "" : label, base === null ? "" : `rates from ${exact(base)} on`].filter(Boolean).join(", ");
    if (words) inscribe(ctx, words, bbox.left + 8 * devicePixelRatio, bbox.top + 3 * devicePixelRatio);
    if (mine.kind === "rate" && mine.lines.length > 1) mine.lines.forEach((line, i) => line && badge(u, line, i, mine.lines.length));
    ctx.restore();
    if (mine.kind === "rate") {
      grips.place(mine.u ? mine : { ...mine, u });
      measured(u.data[0].length);
    }
  }

  /** A text in the drawing, kept apart from the lines that it crosses. */
  function inscribe(ctx, words, x, y) {
    ctx.strokeStyle = colours.panel;
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.lineJoin = "round";
    ctx.strokeText(words, x, y);
    ctx.fillText(words, x, y);
  }

  /** Each redraw is a measure of the browser's: from the change until the curve is on the canvas. */
  function measured(points) {
    if (!redraw) return;
    const { begun, asked = begun } = redraw;
    const end = performance.now();
    performance.measure("redraw", { start: begun, end, detail: { live: Boolean(desk.gesture), points, asked: asked - begun, drawn: end - asked } });
    if (performance.getEntriesByName("redraw").length > KEPT) performance.clearMeasures("redraw");
    redraw = null;
  }

  /** The curve's letter in a disc on it, each at a place of its own. */
  function badge(u, line, i, number) {
    const { ctx, bbox } = u;
    const step = u.posToVal(((i + 0.6) / (number + 0.2)) * (bbox.width / devicePixelRatio), "x");
    const at = Math.min(line.steps.length - 1, nearest(line.steps, step));
    const y = u.valToPos(line.rates[at], "y", true);
    if (at < 0 || !Number.isFinite(y) || y < bbox.top || y > bbox.top + bbox.height) return;
    const x = u.valToPos(line.steps[at], "x", true);
    ctx.beginPath();
    ctx.arc(x, y, 8 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fillStyle = colours.panel;
    ctx.fill();
    ctx.strokeStyle = colours.curves[i];
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.stroke();
    ctx.fillStyle = colours.curves[i];
    ctx.font = `600 ${10.5 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(LETTERS[i], x, y + 0.5 * devicePixelRatio);
  }

  function resize() {
    for (const mine of Object.values(panels)) {
      const { clientWidth: width, clientHeight: height } = mine.host;
      if (width && height && (mine.u.width !== width || mine.u.height !== height)) mine.u.setSize({ width, height });
    }
    desk.widened(pixels());
  }

  const pixels = () => Math.round((panels.rate?.u.bbox.width ?? 1000 * devicePixelRatio) / devicePixelRatio) || 1000;

  /** The cursor at a step, in all panels. */
  function point(step) {
    for (const { u } of Object.values(panels)) {
      const left = u.valToPos(step, "x");
      const seen = left >= 0 && left <= u.over.clientWidth;
      u.setCursor(seen ? { left, top: 10 } : { left: -10, top: -10 }, false);
    }
    grips.cursor(step);
  }

  const heights = () => (panels.rate ? [...panels.rate.ys] : null);

  return { element, show, point, pixels, heights, panels: () => Object.values(panels), colours: () => colours };
}

function nearest(steps, step) {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The colours that the style sheet has for this theme. */
function palette(element) {
  const probe = h("i", { hidden: true });
  element.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { curves: [...LETTERS].map((_, i) => colour(`curve-${i + 1}`)) };
  for (const name of ["ink", "soft", "line", "grid", "panel", "mark"]) found[name] = colour(name);
  probe.remove();
  return found;
}
