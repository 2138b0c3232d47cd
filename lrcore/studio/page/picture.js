// The drawing as a file: an SVG made from the axes and points that are on the page, and a PNG of its canvases.

import { DASHES, LETTERS, MARKED } from "./marks.js";

const GAP = 8;
const LETTER = 7.4; // pixels across of a letter of the legend, at most

/** As much of an expression as has room in the legend. */
const fitting = (words, width) =>
  words.length * LETTER < width - 80 ? words : `${words.slice(0, Math.floor((width - 95) / LETTER))}…`;

export function svg(desk, drawing) {
  const panels = drawing.panels();
  const colours = drawing.colours();
  const width = Math.max(...panels.map(({ u }) => u.width));
  const legend = desk.state.texts.length * 18 + GAP;
  let top = legend;
  const pieces = desk.state.texts.map((words, i) => {
    const y = 12 + i * 18;
    return `<line x1="12" x2="44" y1="${y}" y2="${y}" ${stroke(colours.curves[i], 2, DASHES[i])}/><text x="54" y="${y + 4}" font-family="ui-monospace, monospace"><title>${safe(words)}</title>${LETTERS[i]} ${safe(fitting(words, width))}</text>`;
  });
  for (const mine of panels) {
    pieces.push(
      `<g transform="translate(0 ${top})">${panel(mine, colours, desk.drawn.curves[desk.state.active]?.edges ?? [])}</g>`,
    );
    top += mine.u.height;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" font-family="system-ui, sans-serif" font-size="12" fill="${colours.ink}"><rect width="100%" height="100%" fill="${colours.panel}"/>${pieces.join("")}</svg>\n`;
}

function panel({ u, kind, lines }, colours, edges) {
  const box = Object.fromEntries(Object.entries(u.bbox).map(([name, value]) => [name, value / devicePixelRatio]));
  const place = (value, axis) => u.valToPos(value, axis) + (axis === "x" ? box.left : box.top);
  const out = [];
  u.axes.forEach((axis, side) => {
    const name = side ? "y" : "x";
    (axis._splits ?? []).forEach((split, i) => {
      const at = place(split, name);
      if (split === null || !Number.isFinite(at)) return;
      out.push(
        side
          ? `<line x1="${box.left}" x2="${box.left + box.width}" y1="${at}" y2="${at}" ${stroke(colours.grid, 1, [])}/>`
          : `<line x1="${at}" x2="${at}" y1="${box.top}" y2="${box.top + box.height}" ${stroke(colours.grid, 1, [])}/>`,
      );
      const words = axis._values?.[i];
      if (words === null || words === undefined || words === "") return;
      out.push(
        side
          ? `<text x="${box.left - 9}" y="${at + 4}" text-anchor="end" fill="${colours.soft}">${safe(words)}</text>`
          : `<text x="${at}" y="${box.top + box.height + 18}" text-anchor="middle" fill="${colours.soft}">${safe(words)}</text>`,
      );
    });
  });
  const clip = `clip-${kind}`;
  out.push(
    `<clipPath id="${clip}"><rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}"/></clipPath><g clip-path="url(#${clip})" fill="none" stroke-linejoin="round">`,
  );
  if (kind !== "apart" && edges.length <= MARKED)
    for (const { step } of edges)
      if (Number.isFinite(place(step, "x")))
        out.push(
          `<line x1="${place(step, "x")}" x2="${place(step, "x")}" y1="${box.top}" y2="${box.top + box.height}" ${stroke(colours.mark, 1, [3, 3])}/>`,
        );
  lines.forEach((line, i) => {
    if (!line) return;
    const low = u.scales.y.distr === 3 ? u.scales.y.min / 10 : -Infinity;
    const points = line.steps.flatMap((step, j) =>
      line.rates[j] === null || (u.scales.x.distr === 3 && step <= 0)
        ? []
        : [`${place(step, "x").toFixed(2)} ${place(Math.max(line.rates[j], low), "y").toFixed(2)}`],
    );
    out.push(
      `<path d="M${points.join("L")}" ${stroke(kind === "apart" ? colours.ink : colours.curves[i], 2, kind === "apart" ? [] : DASHES[i])}/>`,
    );
  });
  out.push("</g>");
  const { label } = u.axes[0];
  if (label)
    out.push(
      `<text x="${box.left + box.width / 2}" y="${u.height - 4}" text-anchor="middle" fill="${colours.soft}">${safe(label)}</text>`,
    );
  if (kind !== "rate")
    out.push(
      `<text x="${box.left + 8}" y="${box.top + 14}" fill="${colours.soft}">${kind === "momentum" ? "momentum" : "difference"}</text>`,
    );
  return out.join("");
}

const stroke = (colour, width, dash) =>
  `stroke="${colour}" stroke-width="${width}"${dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""}`;

const safe = (words) => String(words).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

export function png(desk, drawing) {
  const panels = drawing.panels();
  const colours = drawing.colours();
  const scale = devicePixelRatio;
  const legend = desk.state.texts.length * 18 + GAP;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(...panels.map(({ u }) => u.ctx.canvas.width));
  canvas.height = legend * scale + panels.reduce((sum, { u }) => sum + u.ctx.canvas.height, 0);
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = colours.panel;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.font = `${12 * scale}px ui-monospace, monospace`;
  desk.state.texts.forEach((words, i) => {
    const y = (12 + i * 18) * scale;
    ctx.strokeStyle = colours.curves[i];
    ctx.lineWidth = 2 * scale;
    ctx.setLineDash(DASHES[i].map((one) => one * scale));
    ctx.beginPath();
    ctx.moveTo(12 * scale, y);
    ctx.lineTo(44 * scale, y);
    ctx.stroke();
    ctx.fillStyle = colours.ink;
    ctx.fillText(`${LETTERS[i]} ${fitting(words, canvas.width / scale)}`, 54 * scale, y + 4 * scale);
  });
  let top = legend * scale;
  for (const { u } of panels) {
    ctx.drawImage(u.ctx.canvas, 0, top);
    top += u.ctx.canvas.height;
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
