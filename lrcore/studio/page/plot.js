// The drawing: the rates, below them momentum and a difference, all over one axis of steps.

import uPlot from "./vendor/uPlot-1.6.32.esm.js";
import { h, write } from "./h.js";
import { handles } from "./handles.js";
import { DASHES, LETTERS, badge, boundaries, caption } from "./marks.js";
import { counts, exact, rates as ratesWritten, ticks } from "./numbers.js";
import { palette } from "./palette.js";
import { range } from "./range.js";
import { zoomable } from "./zoom.js";

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
    if (curves.some((curve) => curve?.momentum))
      list.push({ kind: "momentum", label: "momentum", lines: curves.map((curve) => curve?.momentum) });
    if (desk.state.minus && apart)
      list.push({ kind: "apart", label: `${desk.state.minus.map((i) => LETTERS[i]).join(" − ")}`, lines: [apart] });
    return list;
  }

  function show(since = null, anew = false) {
    redraw = since;
    const list = wanted();
    const { state } = desk;
    const signature = JSON.stringify([
      list.map((one) => [one.kind, one.label, one.lines.length]),
      state.x,
      state.y,
      desk.unit(),
    ]);
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
    const hosts = list.map(({ kind }) =>
      h("div", { class: `panel panel-${kind}`, "aria-hidden": kind === "rate" ? null : "true" }),
    );
    stage.append(...hosts); // all of them before the first is measured
    list.forEach(
      ({ kind, label, lines }, i) => (panels[kind] = panel(kind, label, lines.length, hosts[i], i === list.length - 1)),
    );
    grips.mount(panels.rate);
  }

  function panel(kind, label, number, host, lowest) {
    const mine = { kind, host, ys: [0, 1], lines: [] };
    const axis = {
      stroke: colours.soft,
      font: "12px system-ui, sans-serif",
      ticks: { stroke: colours.line, size: 4, width: 1 },
      grid: { stroke: colours.grid, width: 1 },
    };
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
            size: lowest ? 30 : 8,
            ...(lowest
              ? { label: desk.unit(), labelSize: 18, labelGap: -2, labelFont: "12px system-ui, sans-serif" }
              : {}),
            ...(desk.state.x === "log"
              ? { values: (u, splits) => (lowest ? logCounts(splits) : splits.map(() => "")) }
              : {
                  splits: stepTicks,
                  values: (u, splits) =>
                    lowest ? counts(splits.map((one) => one * desk.scale())) : splits.map(() => ""),
                }),
          },
          {
            ...axis,
            size: 64,
            ...(log
              ? { values: (u, splits) => splits.map((one) => (one === null ? null : one.toExponential(0))) }
              : {
                  splits: (u, i, low, high) =>
                    ticks(low, high, Math.max(2, u.bbox.height / devicePixelRatio / 44), false),
                  values: (u, splits) => ratesWritten(splits).words,
                }),
          },
        ],
        series: [{}, ...Array.from({ length: number }, (_, i) => series(kind, i))],
        hooks: {
          setSelect: [(u) => selected(u)],
          drawAxes: [
            (u) =>
              kind !== "apart" &&
              boundaries(u, desk.drawn.curves[desk.state.active]?.edges ?? [], colours, kind === "rate"),
          ],
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
    return {
      stroke: stroke(kind, i),
      width: 1.75,
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

  /** The curve that is worked on is stronger; one whose text has a mistake, and that is as it was before, is pale. */
  const emphasis = (i) => ({ width: i === desk.state.active ? 2.5 : 1.75, alpha: desk.mistaken()[i] ? 0.35 : 1 });

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
    const [min, max] = view();
    const rate = mine.kind === "rate";
    mine.ys = range(lines, [min, max], rate && desk.state.y === "log", rate ? desk.gesture?.ys : null);
    if (rate) lines.forEach((_, i) => Object.assign(mine.u.series[i + 1], emphasis(i)));
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

  function stepTicks(u, i, low, high) {
    const scale = desk.scale();
    const most = Math.max(2, u.bbox.width / devicePixelRatio / 72);
    return ticks(low * scale, high * scale, most, desk.unit() !== "epochs").map((one) => one / scale);
  }

  const logCounts = (splits) =>
    splits.map((one) =>
      one !== null && Number.isInteger(Math.log10(one))
        ? (one * desk.scale()).toLocaleString("en", { notation: "compact", maximumSignificantDigits: 4 })
        : null,
    );

  function hovered(u, event) {
    if (event.pointerType === "touch" || event.target.closest("[role=slider]")) return;
    desk.read(Math.round(u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x")));
  }

  function selected(u) {
    const { left, width } = u.select;
    if (width > 3) desk.zoom(Math.floor(u.posToVal(left, "x")), Math.ceil(u.posToVal(left + width, "x")));
    if (width > 0) u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  function drawn(u, mine, label) {
    const base = u.scales.y.distr === 3 ? null : ratesWritten(u.axes[1]._splits ?? []).base;
    const words = [mine.kind === "rate" ? "" : label, base === null ? "" : `rates from ${exact(base)} on`].filter(
      Boolean,
    );
    if (words.length) caption(u, words.join(", "), colours);
    if (mine.kind !== "rate") return;
    const { lines } = mine;
    if (lines.length > 1) lines.forEach((line, i) => line && badge(u, line, i, lines.length, colours));
    grips.place({ ...mine, u });
    measured(u.data[0].length);
  }

  /** Each redraw is a measure of the browser's: from the change until the curve is on the canvas. */
  function measured(points) {
    if (!redraw) return;
    const { begun, asked = begun } = redraw;
    const end = performance.now();
    performance.measure("redraw", {
      start: begun,
      end,
      detail: { live: Boolean(desk.gesture), points, asked: asked - begun, drawn: end - asked },
    });
    if (performance.getEntriesByName("redraw").length > KEPT) performance.clearMeasures("redraw");
    redraw = null;
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
