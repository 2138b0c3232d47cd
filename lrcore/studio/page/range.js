// How much of the values a panel shows.

const DECADES = 4; // shown of a curve that reaches 0 on a logarithmic axis, which would need all of them
const MARGIN = 1.12; // of a logarithmic axis
const HEADROOM = 0.06; // above the highest value of a linear one, for the handles
const FAR = 0.75; // a linear axis begins at 0 unless the lowest value is above this part of the highest

/** From 0, or round values far from it; while something is dragged the axis only grows. */
export function range(lines, [from, to], log, kept) {
  let low = Infinity;
  let high = -Infinity;
  let positive = Infinity;
  for (const line of lines)
    line?.rates.forEach((rate, i) => {
      if (rate === null || line.steps[i] < from || line.steps[i] > to) return;
      if (rate < low) low = rate;
      if (rate > high) high = rate;
      if (rate > 0 && rate < positive) positive = rate;
    });
  if (!(low <= high)) return kept ?? (log ? [0.1, 1] : [0, 1]);
  const found = log ? logarithmic(low, high, positive) : linear(low, high);
  return kept ? [Math.min(kept[0], found[0]), Math.max(kept[1], found[1])] : found;
}

function logarithmic(low, high, positive) {
  const top = high > 0 ? high : 1;
  const bottom = low > 0 ? low : Math.max(positive, top / 10 ** DECADES);
  return bottom < top ? [bottom / MARGIN, top * MARGIN] : [top / 10, top * 2];
}

function linear(low, high) {
  const far = low > FAR * high && low !== high && low > 0;
  const bottom = far ? low - (high - low) * HEADROOM : Math.min(0, low);
  const top = high === low ? (high === 0 ? 1 : Math.max(high * 1.2, 0)) : Math.max(high, far ? high : 0);
  const room = (top - bottom) * HEADROOM;
  return [low < 0 ? bottom - room : bottom, top + room];
}
