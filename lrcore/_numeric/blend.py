"""Between two values, from the nearer one: how every smooth family turns a fraction into a value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from lrcore._arguments import is_array
from lrcore._numeric.elementary import split
from lrcore.arrays import Array, Namespace

_HALF_PI_LOW = 6.123233995736766e-17
"""What π/2 is above its float."""


def blend(start: Any, end: Any, early: Array, part: Array, xp: Namespace) -> Array:
    """`start - (start - end)·part` where `early`, else `end + (start - end)·part`: part, at most 1/2, from the nearer end.

    The usual `start·w + end·(1 - w)` leaves [start, end] by an ulp, and is not monotone where start and end are close.
    This keeps both, is exact at both ends, and loses no digits at either, since nothing is subtracted from 1.
    """
    way = (start - end) * part
    return xp.where(early, start - way, end + way)


def share(whole: Any, top: float = 1.0, low: float = 0.0) -> tuple[Any, Any]:
    """`(top + low)/whole` as the difference of two floats, the first of 26 bits: times n below 2**27 it is exact.

    `n·high - n·low` is then rounded once and the same everywhere, where `n/whole` becomes a product with the reciprocal in
    a compiler's hands, and `π/2·(n/whole)` is rounded three times. A difference, because TensorFlow's graphs take n out of
    a sum.
    """
    if not is_array(whole) and not 1e-290 < whole < 1e290:
        return top / whole, 0.0  # beyond what can be split
    high, _ = split(top / whole)
    first, second = split(whole)
    return high, (high * first - top + high * second - low) / whole


def fraction(n: Array, whole: Any) -> Array:
    """n/whole, for 0 <= n <= whole."""
    high, low = share(whole)
    return n * high - n * low


def half_cosine(n: Array, high: Any, low: Any, xp: Namespace) -> Array:
    """sin²(π/2·n/steps) = (1 - cos(π·n/steps))/2, for n up to half the steps; 1 - cos would lose the digits near 0."""
    return xp.sin_squared(n * high, n * low)


class Shape(NamedTuple):
    """A curve that looks the same from both ends: its value at n of so many steps, from the nearer end."""

    per: Callable[[Any], tuple[Any, ...]]
    """What of the number of steps the value is computed from."""
    part: Callable[..., Array]
    """The value, at most 1/2, at (n, *per(steps), xp)."""


# A straight line needs no more than its quotient: to compilers a product with the reciprocal, an ulp off at most
LINEAR = Shape(lambda steps: (steps,), lambda n, steps, xp: n / steps)
COSINE = Shape(lambda steps: share(steps, math.pi / 2, _HALF_PI_LOW), half_cosine)
SHAPES = {"linear": LINEAR, "cosine": COSINE}


def symmetric(
    start: Any, end: Any, elapsed: Array, left: Array, shape: Shape, per: tuple[Any, ...], xp: Namespace
) -> Array:
    """From `start` to `end` with `elapsed` steps behind and `left` ahead, and `per` what the shape makes of their sum."""
    early = elapsed <= left
    return blend(start, end, early, shape.part(xp.where(early, elapsed, left), *per, xp), xp)


def one_minus_power(base: Array, off: Array, power: Any, raised: Array, xp: Namespace) -> Array:
    """1 - base**power for 0 <= base <= 1, to the last digits of a small result too; `raised` is base**power.

    It is power·off·ratio(base)/ratio(raised) with ratio(u) = log(u)/(u - 1), which changes so slowly near 1 that
    their rounding does not matter; `off` is 1 - base, known better than base can tell. log1p and expm1 would do as
    well, but compiled array programs have them with errors of up to 128 ulp.

    Reference: Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1.
    """
    return power * off * _ratio(base, xp) / _ratio(raised, xp)


def _ratio(u: Array, xp: Namespace) -> Array:
    """log(u)/(u - 1), 1 at 1; finite at 0, which no caller uses."""
    at_one = u == 1.0
    v = xp.where(at_one, 0.5, xp.maximum(u, 1e-300))
    return xp.where(at_one, 1.0, xp.log(v) / (v - 1.0))
