"""A curve through given points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from functools import cached_property
from itertools import pairwise

from lrcore._arguments import FINITE, WHOLE, as_number, check_choice, is_array, refuse, set_field
from lrcore._families.shapes import SEGMENTS
from lrcore._numeric.segments import PiecewiseCurve
from lrcore._schedule import Edge, Schedule, scaled
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Interpolate(Schedule):
    """Linear or cosine interpolation between given points; flat after the last.

        lr(t) = v + (w - v)·shape((t - a)/(b - a))    a <= t < b, for neighbouring points (a, v) and (b, w)
        lr(t) = the last point's value                from its step on

    with t the step, and shape(x) = x or (1 - cos πx)/2.

    Args:
        points: (step, value) pairs in order of their steps, the first at step 0. In optimizer updates.
        shape: "linear" or "cosine" between them.

    Raises:
        ValueError: fewer than two points, the first is not at step 0, steps do not increase, a value is not
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
            step = as_number("Interpolate", f"points[{i}][0]", point[0], WHOLE)
            points.append((step, as_number("Interpolate", f"points[{i}][1]", point[1], FINITE)))
        if len(points) < 2:
            refuse("Interpolate", "points", "have at least 2 points", self.points)
        if is_array(points[0][0]) or points[0][0] != 0:
            refuse("Interpolate", "points[0][0]", "0, the first step", points[0][0])
        for i, ((before, _), (step, _)) in enumerate(pairwise(points), 1):
            if not is_array(before) and not is_array(step) and step <= before:
                refuse("Interpolate", f"points[{i}][0]", f"above the step before, {before}", step)
        set_field(self, "points", tuple(points))
        check_choice(self, "shape", SEGMENTS)

    @property
    def length(self) -> int:
        return self.points[-1][0]

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self._curve.value(t, xp)

    @cached_property
    def _curve(self) -> PiecewiseCurve:
        steps, values = zip(*self.points, strict=True)
        return PiecewiseCurve(steps, values, SEGMENTS[self.shape])

    def _edges(self) -> Iterator[Edge]:
        for step, _ in self.points[1:-1]:
            yield Edge(step, "point", "point")
        yield Edge(self.length, "end", "end")

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError(f"Interpolate.warmup is not supported: begin with the points (0, start), ({steps}, ...) instead.")

    def _scaled(self, total: int, length: int) -> Interpolate:
        points = [(scaled(step, total, length, least=i), value) for i, (step, value) in enumerate(self.points)]
        return Interpolate(points, shape=self.shape)
