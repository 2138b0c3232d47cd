"""From one value to another without losing digits, from whichever end is nearer."""

from __future__ import annotations

from typing import Any

from lrcore._arguments import is_array
from lrcore._numeric.elementary import split
from lrcore.arrays import Array, Namespace


def blend(start: Any, end: Any, near_start: Array, fraction: Array, xp: Namespace) -> Array:
    """`start - (start - end)·fraction` where `near_start`, else `end + (start - end)·fraction`, for fractions up to 1/2.

    The usual `start·w + end·(1 - w)` leaves [start, end] by an ulp, and is not monotone where start and end are close.
    This keeps both, is exact at both ends, and loses no digits at either, since nothing is subtracted from 1.
    """
    change = (start - end) * fraction
    return xp.either(near_start, lambda: start - change, lambda: end + change)


def split_quotient(n: float, n_low: float, d: Any) -> tuple[Any, Any]:
    """`(n + n_low)/d` as the difference of two floats, the first of 26 bits: times a k below 2**27 it is exact.

    `k·high - k·low` is then rounded once and the same everywhere, where `k/d` becomes a product with the reciprocal in
    a compiler's hands, and `π/2·(k/d)` is rounded three times. A difference, because TensorFlow's graphs take k out of
    a sum.
    """
    if not is_array(d) and not 1e-290 < d < 1e290:
        return n / d, 0.0  # beyond what can be split
    high, _ = split(n / d)
    first, second = split(d)
    return high, (high * first - n + high * second - n_low) / d


def quotient(n: Array, d: Any) -> Array:
    """n/d, for 0 <= n <= d."""
    high, low = split_quotient(1.0, 0.0, d)
    return n * high - n * low


def phase(t: Array, period: Any, cycles: int | None, xp: Namespace) -> tuple[Array, Array]:
    """How many whole periods have passed, and how far t is into the next; at the end of the last, once all have.

    Beyond 2**53, where steps are no longer told apart, rounding would carry the second out of the period.
    """
    n = xp.floor_divide(t, period)
    if cycles is not None:
        n = xp.minimum(n, cycles - 1)
        t = xp.minimum(t, cycles * period)
    return n, xp.minimum(xp.maximum(t - n * period, 0.0), period)
