// What is drawn into the drawing beside the curves: boundaries with their names, the curves' letters, and texts.

/** Dashes beside the colours, in CSS pixels: curves are told apart in grey as well. */
export const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 5], [5, 2], [1, 5], [12, 3, 2, 3, 2, 3]];
export const LETTERS = "ABCDEFGH";
export const MARKED = 40; // boundaries that are drawn: more of them mark nothing
const NAMED = 12; // boundaries that have their names beside them

/** Upright lines at the boundaries in view. */
export function boundaries(u, edges, colours, named) {
  const { min, max } = u.scales.x;
  const seen = edges.filter((edge) => edge.step >= min && edge.step <= max);
  if (!seen.length || seen.length > MARKED) return;
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
  if (named && seen.length <= NAMED) names(u, seen, colours);
  ctx.restore();
}

/** The names of boundaries beside their lines, as far as there is room. */
function names(u, seen, colours) {
  const { ctx, bbox } = u;
  ctx.setLineDash([]);
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "bottom";
  const places = [...seen.map((edge) => u.valToPos(edge.step, "x", true)), bbox.left + bbox.width];
  seen.forEach((edge, i) => {
    const room = places[i + 1] - places[i] - 10 * devicePixelRatio;
    if (ctx.measureText(edge.says).width > room) return;
    inscribe(ctx, edge.says, places[i] + 5 * devicePixelRatio, bbox.top + bbox.height - 5 * devicePixelRatio, colours);
  });
}

/** A text in the upper left corner. */
export function caption(u, words, colours) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  inscribe(ctx, words, bbox.left + 8 * devicePixelRatio, bbox.top + 3 * devicePixelRatio, colours);
  ctx.restore();
}

/** A text that is kept apart from the lines that it crosses. */
function inscribe(ctx, words, x, y, colours) {
  ctx.textAlign = "left";
  ctx.fillStyle = colours.soft;
  ctx.strokeStyle = colours.panel;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.strokeText(words, x, y);
  ctx.fillText(words, x, y);
}

/** The curve's letter in a disc on it; each of several curves has a place of its own across the drawing. */
export function badge(u, line, i, number, colours) {
  const { ctx, bbox } = u;
  const step = u.posToVal(((i + 0.6) / (number + 0.2)) * (bbox.width / devicePixelRatio), "x");
  const at = nearest(line.steps, step);
  const x = u.valToPos(line.steps[at], "x", true);
  const y = u.valToPos(line.rates[at], "y", true);
  if (!(y >= bbox.top && y <= bbox.top + bbox.height)) return;
  ctx.save();
  ctx.beginPath();
  ctx.arc(x, y, 8 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fillStyle = colours.panel;
  ctx.fill();
  ctx.strokeStyle = ctx.fillStyle = colours.curves[i];
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.stroke();
  ctx.font = `600 ${10.5 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(LETTERS[i], x, y + 0.5 * devicePixelRatio);
  ctx.restore();
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
