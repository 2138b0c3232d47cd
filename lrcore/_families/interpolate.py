"""Through points: from one value to the next, and the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from lrcore._arguments import NON_NEGATIVE, WHOLE, check_choice, plain, put, refuse
from lrcore._numeric.blend import SHAPES, Shape, symmetric
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


class Legs:
    """The ways from each knot to the next; knots[0] is 0. Its tables are made once: there may be many knots."""

    def __init__(self, knots: Sequence[Any], shape: Shape) -> None:
        self.shape = shape
        self._begins, self._ends, self._inner = tuple(knots[:-1]), tuple(knots[1:]), tuple(knots[1:-1])
        self._per = tuple(zip(*(shape.per(end - begin) for begin, end in pairwise(knots)), strict=True))

    def at(self, t: Array, xp: Namespace) -> tuple[Array, Array, Array, tuple[Array, ...]]:
        """Which leg a step is on, how far into it, how far from its end, and what the shape makes of its length."""
        t = xp.minimum(t, self._ends[-1])
        leg = xp.searchsorted(self._inner, t)
        per = tuple(xp.take(table, leg) for table in self._per)
        return leg, t - xp.take(self._begins, leg), xp.take(self._ends, leg) - t, per


class Through(Legs):
    """From `values[i]` at `knots[i]` to `values[i + 1]` at `knots[i + 1]`; flat after the last knot."""

    def __init__(self, knots: Sequence[Any], values: Sequence[Any], shape: Shape) -> None:
        super().__init__(knots, shape)
        self._first, self._last = tuple(values[:-1]), tuple(values[1:])

    def value(self, t: Array, xp: Namespace) -> Array:
        """The value at a step."""
        leg, elapsed, left, per = self.at(t, xp)
        return symmetric(xp.take(self._first, leg), xp.take(self._last, leg), elapsed, left, self.shape, per, xp)


@dataclass(frozen=True, eq=False, repr=False)
class Interpolate(Schedule):
    """Through given points; flat after the last.

        lr(t) = v + (w - v)·shape((t - a)/(b - a))    a <= t < b, for neighbouring points (a, v) and (b, w)
        lr(t) = the last point's value                from its step on

    with t the step, and shape(x) = x or (1 - cos πx)/2.

    Args:
        points: (step, value) pairs in order of their steps, the first at step 0. In optimizer updates.
        shape: "linear" or "cosine" between them.

    Raises:
        ValueError: fewer than two points, the first is not at step 0, steps do not increase, a value is negative or not
            finite, or the shape is unknown.

    Same curve: `numpy.interp(t, steps, values)`; `optax.piecewise_interpolate_schedule` with the ratios of values.

    >>> lr = Interpolate([(0, 0.0), (10, 1.0), (30, 0.5)])
    >>> [lr(t) for t in (0, 5, 10, 20, 30, 99)]
    [0.0, 0.5, 1.0, 0.75, 0.5, 0.5]
    """

    points: Sequence[tuple[int, float]]
    _: KW_ONLY
    shape: str = "linear"

    def __post_init__(self) -> None:
        if isinstance(self.points, str) or not hasattr(self.points, "__iter__"):
            refuse("Interpolate", "points", "a sequence of (step, value) pairs", self.points, kind=True)
        points = []
        for i, point in enumerate(self.points):
            if not isinstance(point, (tuple, list)) or len(point) != 2:
                refuse("Interpolate", f"points[{i}]", "a (step, value) pair", point, kind=True)
            step = plain("Interpolate", f"points[{i}][0]", point[0], WHOLE)
            points.append((step, plain("Interpolate", f"points[{i}][1]", point[1], NON_NEGATIVE)))
        if len(points) < 2:
            refuse("Interpolate", "points", "at least 2 points", self.points)
        if points[0][0] != 0:
            refuse("Interpolate", "points[0][0]", "0, the first step", points[0][0])
        for i in range(1, len(points)):
            if points[i][0] <= points[i - 1][0]:
                refuse("Interpolate", f"points[{i}][0]", f"above the step before, {points[i - 1][0]}", points[i][0])
        put(self, "points", tuple(points))
        check_choice(self, "shape", SHAPES)

    @property
    def length(self) -> int:
        return self.points[-1][0]

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self._curve.value(t, xp)

    @cached_property
    def _curve(self) -> Through:
        steps, values = zip(*self.points, strict=True)
        return Through(steps, values, SHAPES[self.shape])

    def _edges(self) -> Iterator[tuple[int, str]]:
        for step, _ in self.points[1:-1]:
            yield step, "point"
        yield self.length, "end"

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError(f"Interpolate.warmup is one point more: begin with (0, start), ({steps}, ...).")

    def _scaled(self, total: int, length: int) -> Interpolate:
        points = [(max(i, (2 * step * total + length) // (2 * length)), v) for i, (step, v) in enumerate(self.points)]
        return Interpolate(points, shape=self.shape)
