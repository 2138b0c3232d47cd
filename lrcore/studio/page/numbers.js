// How numbers are written. The numbers themselves come from lrcore.

/** All digits that tell this number from every other, as Python writes them. */
export function exact(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-4 && size < 1e16)
    ? String(value)
    : value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
}

/** Four digits, for where an exact number would not fit. */
export const short = (value) => (value === null || value === undefined ? "–" : written(Number(value.toPrecision(4))));

/** The number that is typed: 100_000, 100,000 and 1e5 are one; NaN for what is none. */
export const typed = (words) => Number(words.replace(/[_, ]/g, ""));

/** A count, with its thousands apart. */
export const count = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en"));

const written = (value) => {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential() : String(value);
};

const DIGITS = 5; // of a tick; where more are needed to tell ticks apart, they are written from a base on

/** The ticks of an axis of rates, all in one way of writing, and the base that they are written from, or null. */
export function rates(ticks) {
  const known = ticks.filter((tick) => tick !== null);
  const most = Math.max(...known.map(Math.abs), 0);
  const apart = known.length > 1 ? Math.abs(known[1] - known[0]) : most;
  const base = most > 0 && apart / most < 10 ** -DIGITS ? known[0] : null;
  const small = base !== null || most < 1e-2 || most >= 1e5;
  const words = ticks.map((tick) => {
    if (tick === null) return null;
    const value = base === null ? Number(tick.toPrecision(6)) : Number((tick - base).toPrecision(3));
    return `${base === null ? "" : "+"}${small && value !== 0 ? value.toExponential() : value}`;
  });
  return { words, base };
}

/** The ticks of an axis of counts: 20K where all are thousands, and each digit where they stand closer. */
export function counts(ticks) {
  const real = ticks.filter((tick) => tick !== null);
  const apart = real.length > 1 ? Math.abs(real[1] - real[0]) : 1;
  const compact = apart >= 1000 && real.every((tick) => Math.abs(tick) < 1e15);
  const form = compact
    ? { notation: "compact", maximumFractionDigits: 2 }
    : { maximumFractionDigits: apart >= 1 ? 0 : Math.min(20, Math.ceil(-Math.log10(apart)) + 1) };
  return ticks.map((tick) => (tick === null ? null : tick.toLocaleString("en", form)));
}

/** Round distances between ticks, such that some eight of them fill the axis; whole ones where asked. */
export function ticks(low, high, most, whole) {
  const rough = (high - low) / Math.max(1, most);
  const ten = 10 ** Math.floor(Math.log10(rough));
  let apart = [1, 2, 2.5, 5, 10].map((one) => one * ten).find((one) => one >= rough * 0.999) ?? 10 * ten;
  if (whole) apart = apart < 1 ? 1 : apart === 2.5 ? 5 : apart;
  const from = Math.ceil(low / apart - 1e-9);
  const to = Math.floor(high / apart + 1e-9);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => Number(((from + i) * apart).toPrecision(12)));
}

/** A step or a rate as a hand would choose it: a drawing has no more digits than its pixels. */
export function rounded(value, pixel) {
  const ten = 10 ** Math.floor(Math.log10(Math.max(pixel, Number.MIN_VALUE)));
  const grid = [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= pixel * 0.999) ?? ten;
  return Number((Math.round(value / grid) * grid).toPrecision(12));
}
