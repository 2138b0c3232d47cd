"""Curves between knots: the shape of a segment, and many segments one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from lrcore._numeric.blend import blend
from lrcore.arrays import Array, Namespace


class Shape(NamedTuple):
    """A curve that looks the same from both ends: the fraction of the way at n steps from the nearer end."""

    constants: Callable[[Any], tuple[Any, ...]]
    """What the fraction is computed from, of a segment's number of steps: looked up where there are many segments."""
    fraction: Callable[..., Array]
    """The fraction, at most 1/2, at (n, *constants(steps), xp)."""


def segment(
    start: Any, end: Any, elapsed: Array, left: Array, shape: Shape, constants: tuple[Any, ...], xp: Namespace
) -> Array:
    """From `start` to `end`, with `elapsed` steps behind and `left` ahead, and the shape's constants of their sum."""
    near_start = elapsed <= left
    return blend(start, end, near_start, shape.fraction(xp.minimum(elapsed, left), *constants, xp), xp)


class Segments:
    """The segments between knots, the first of which is 0. The tables are made once, since there may be many knots."""

    def __init__(self, knots: Sequence[Any], shape: Shape) -> None:
        self.shape = shape
        self._begins, self._ends, self._inner = tuple(knots[:-1]), tuple(knots[1:]), tuple(knots[1:-1])
        self._constants = tuple(zip(*(shape.constants(end - begin) for begin, end in pairwise(knots)), strict=True))

    def at(self, t: Array, xp: Namespace) -> tuple[Array, Array, Array, tuple[Array, ...]]:
        """Which segment a step is on, the steps behind and ahead of it there, and the shape's constants."""
        t = xp.minimum(t, self._ends[-1])
        i = xp.searchsorted(self._inner, t)
        constants = tuple(xp.take(table, i) for table in self._constants)
        return i, t - xp.take(self._begins, i), xp.take(self._ends, i) - t, constants


class PiecewiseCurve(Segments):
    """From `values[i]` at `knots[i]` to `values[i + 1]` at `knots[i + 1]`; flat after the last knot."""

    def __init__(self, knots: Sequence[Any], values: Sequence[Any], shape: Shape) -> None:
        super().__init__(knots, shape)
        self._starts, self._finishes = tuple(values[:-1]), tuple(values[1:])

    def value(self, t: Array, xp: Namespace) -> Array:
        """The value at a step."""
        i, elapsed, left, constants = self.at(t, xp)
        return segment(xp.take(self._starts, i), xp.take(self._finishes, i), elapsed, left, self.shape, constants, xp)
