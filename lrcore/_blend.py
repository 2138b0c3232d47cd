"""Between two values, from the nearer one: how every smooth family turns a fraction into a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrcore.arrays import Array, Namespace


def blend(start: Any, end: Any, early: Array, part: Array, xp: Namespace) -> Array:
    """`start + (end - start)·part` where `early`, else `end - (end - start)·part`: part, at most 1/2, from the nearer end.

    The usual `start·w + end·(1 - w)` leaves [start, end] by an ulp, and is not monotone where start and end are close.
    This keeps both, is exact at both ends, and loses no digits at either, since nothing is subtracted from 1.
    """
    way = (end - start) * part
    return xp.where(early, start + way, end - way)


def half_cosine(x: Array, xp: Namespace) -> Array:
    """sin²(π/2·x) = (1 - cos πx)/2, from 0 at 0 to 1/2 at 1/2; the sine keeps the digits that 1 - cos loses near 0."""
    s = xp.sin(0.5 * xp.pi * x)
    return s * s


def straight(x: Array, xp: Namespace) -> Array:
    """X itself."""
    return x


SHAPES: dict[str, Callable[[Array, Namespace], Array]] = {"linear": straight, "cosine": half_cosine}
"""The shapes that look the same from both ends, as functions of the fraction of the way from the nearer end."""


def symmetric(start: Any, end: Any, elapsed: Array, left: Array, shape: str, xp: Namespace) -> Array:
    """From `start` to `end` with `elapsed` steps behind and `left` ahead, along one of `SHAPES`."""
    early = elapsed <= left
    nearer = xp.where(early, elapsed, left) / (elapsed + left)
    return blend(start, end, early, SHAPES[shape](nearer, xp), xp)


def one_minus_power(base: Array, off: Array, power: Any, xp: Namespace) -> Array:
    """1 - base**power for 0 <= base <= 1, to the last digits of a small result too.

    It is power·off·ratio(base)/ratio(base**power) with ratio(u) = log(u)/(u - 1), which changes so slowly near 1 that
    the rounding of base does not matter; `off` is 1 - base, known better than base can tell. log1p and expm1 would do as
    well, but compiled array programs have them with errors of up to 128 ulp.

    Reference: Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1.
    """
    return power * off * _ratio(base, xp) / _ratio(xp.power(base, power), xp)


def _ratio(u: Array, xp: Namespace) -> Array:
    """log(u)/(u - 1), 1 at 1; finite at 0, which no caller uses."""
    at_one = u == 1.0
    v = xp.where(at_one, 0.5, xp.maximum(u, 1e-300))
    return xp.where(at_one, 1.0, xp.log(v) / (v - 1.0))
