"""The numbers that sum a schedule up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from lrcore._schedule import Kind, Schedule
from lrcore._view.curve import blocks, marks, values

_EDGES = 32
"""The edges that a table can have and still be read."""


class Point(NamedTuple):
    """A step and the value there."""

    step: int
    value: float


class EdgePoint(NamedTuple):
    """An edge and the value there."""

    step: int
    value: float
    kind: Kind
    text: str


@dataclass(frozen=True)
class Summary:
    """What there is to know of `total` updates.

    Args:
        total: how many updates were looked at.
        first: the value of the first update.
        peak: the highest value, where it is met first.
        edges: where something changes, and to what value; none where there are too many for a table.
        last: the value of the last update, total - 1.
        after_end: the value once the schedule has ended, or None if it never does.
        mean: the mean of the values that updates 0 to total - 1 use.
        area: their sum.
        idle: how many updates at the beginning have the value 0, and so train nothing.
    """

    total: int
    first: Point
    peak: Point
    edges: tuple[EdgePoint, ...]
    last: Point
    after_end: Point | None
    mean: float
    area: float
    idle: int


def summary(schedule: Schedule, total: int) -> Summary:
    """What there is to know of `total` updates. Of very many, the mean, area and peak are of an even sample."""
    import numpy as np

    peak, at, area, count = -math.inf, 0, 0.0, 0
    idle = None
    for steps in blocks(total):
        rates = values(schedule, steps)
        top = int(rates.argmax())
        if rates[top] > peak:
            peak, at = float(rates[top]), int(steps[top])
        if idle is None and rates.any():
            idle = int(steps[(rates != 0).argmax()])
        area += float(np.sum(rates))
        count += len(steps)

    def point(step: int) -> Point:
        return Point(step, schedule(step))

    return Summary(
        total=total,
        first=point(0),
        peak=Point(at, peak),
        edges=tuple(EdgePoint(step, schedule(step), kind, text) for step, kind, text in marks(schedule, total - 1, _EDGES)),
        last=point(total - 1),
        after_end=None if schedule.length is None else point(max(total, schedule.length)),
        mean=area / count,
        area=area / count * total,
        idle=total if idle is None else idle,
    )
