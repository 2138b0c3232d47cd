// Where a value is on a slider, and which value a place is: even in the value, or in its logarithm. Values are texts, as
// Python writes numbers.

import { exact } from "./numbers.js";

const FINE = 1000; // places of a slider whose whole numbers are too many to have one each
const DECADES = 1e6; // below its most, where the logarithm begins if the range begins at 0
const DIGITS = [3, 4, 5, 6];

/** The value of a field, or null. */
export function valueOf({ text }) {
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) && text.trim() !== "" ? value : null;
}

/** The range of a slider; it holds the value, and 0 where that is the default. */
export function rangeOf(spec) {
  const value = valueOf(spec);
  const known = value === null ? [] : [value];
  const zero = spec.default && Number(spec.default) === 0;
  const least = Math.min(zero ? 0 : (spec.least ?? 0), ...known);
  const most = Math.max(spec.most ?? Math.max(1, 2 * (value ?? 0)), ...known);
  const whole = spec.kind === "whole";
  const log = Boolean(spec.log) && most > 0;
  const places = whole && !log && most - least <= FINE ? most - least : FINE;
  return { least, most, log, whole, places, floor: least > 0 ? least : most / DECADES };
}

export function placeOf(value, { least, most, log, floor, places }) {
  if (value === null || most === least) return 0;
  if (!log) return Math.round(((value - least) / (most - least)) * places);
  if (value < floor) return 0;
  const lowest = least > 0 ? 0 : 1; // the first place is that of 0
  return Math.max(lowest, Math.round((Math.log(value / floor) / Math.log(most / floor)) * places));
}

/** The text of the value at a place, coming from another value; with as few digits as a person would choose. */
export function textAt(place, from, range) {
  const { least, most, log, floor, places, whole } = range;
  if (place === 0) return written(least, whole);
  if (place === places) return written(most, whole);
  const value = log ? floor * (most / floor) ** (place / places) : least + ((most - least) * place) / places;
  if (whole) {
    const near = Math.round(value >= 1000 ? Number(value.toPrecision(DIGITS[0])) : value);
    return written(near === from ? near + Math.sign(place - placeOf(from, range)) : near, true);
  }
  return written(DIGITS.map((digits) => Number(value.toPrecision(digits))).find((one) => one !== from) ?? value, false);
}

/** The text so many steps up: for whole numbers a unit of their third digit, for others one of the second. */
export function stepped(spec, up) {
  const value = valueOf(spec);
  const { least, most, whole } = rangeOf(spec);
  if (value === null) return written(least, whole);
  const digit = Math.floor(Math.log10(Math.abs(value)));
  if (whole) return written(value + up * Math.max(1, 10 ** (digit - 2)), true);
  const unit = value === 0 ? most / 100 : 10 ** (digit - 1);
  return written(Number((value + up * unit).toPrecision(12)), false);
}

const written = (value, whole) => (whole ? String(Math.round(value)) : exact(value));
