"""The numbers that sum a schedule up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice, takewhile
from typing import NamedTuple

from lrcore._compositions.clock import PerEpoch, Repeat
from lrcore._schedule import Kind, Schedule
from lrcore._view.curve import GOLDEN, along, blocks, drawn, evaluator, marks, values
from lrcore._view.sums import summed

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


_EVERY = 2_000
"""The updates of a run that is summed one by one."""

PIECES, _LOOKED = 10_000, 100_000
"""The edges of a longer one that is summed piece by piece, and the values that may take."""

_TOPS = 8
"""The places at which the peak is looked for, of those that are higher than the steps around them."""

_RUNGS = 64
"""The edges after which a curve is summed in pieces that begin short."""

_PARTS = 16
"""Those of an interval in which a top is looked for, until each is one step."""

_SAMPLE = 2**18
"""The updates that are looked at of one with more."""

_PIXELS = 2_000
"""The steps in even distances among which the peak is looked for, beside the edges."""


def summary(schedule: Schedule, total: int) -> Summary:
    """What there is to know of `total` updates. Of very many, the mean, area and peak are of a sample."""
    peak, idle, mean = _of_ours(schedule, total) if schedule._ours else _of_every_update(schedule, total)

    def point(step: int) -> Point:
        return Point(step, schedule(step))

    return Summary(
        total=total,
        first=point(0),
        peak=peak,
        edges=tuple(EdgePoint(step, schedule(step), kind, text) for step, kind, text in marks(schedule, total - 1, _EDGES)),
        last=point(total - 1),
        after_end=None if schedule.length is None else point(max(total, schedule.length)),
        mean=mean,
        area=mean * total,
        idle=idle,
    )


def _of_every_update(schedule: Schedule, total: int) -> tuple[Point, int, float]:
    """The peak, the idle updates at the beginning and the mean of a formula of the user's, of which nothing is known."""
    peak, idle, area, count = Point(0, -math.inf), total, 0.0, 0
    for steps in blocks(total):
        rates = values(schedule, steps)
        top = int(rates.argmax())
        if rates[top] > peak.value:
            peak = Point(int(steps[top]), float(rates[top]))
        if idle == total and rates.any():
            idle = int(steps[(rates != 0).argmax()])
        area += float(rates.sum())
        count += len(steps)
    return peak, idle, area / count


def _of_ours(schedule: Schedule, total: int) -> tuple[Point, int, float]:
    """The same of a formula of ours, which is smooth between its edges."""
    if total <= 2 * _PIXELS + 1:  # of these, `drawn` has points between the steps too
        steps: list[int] = list(range(total))
        rates = along(schedule, steps)
    else:
        drawn_steps, rates = drawn(schedule, 0, total - 1, _PIXELS)
        steps = list(map(int, drawn_steps))
    value = evaluator(schedule)
    highest = top(value, steps, rates)
    at = first_where(value, steps, rates, lambda rate: rate >= highest.value)
    idle = first_where(value, steps, rates, bool)
    return (
        Point(highest.step if at is None else at, highest.value),
        total if idle is None else idle,
        _sum(schedule, total) / total,
    )


def _sum(schedule: Schedule, total: int) -> float:
    """The sum of the values of a formula of ours."""
    return added_up(schedule, total, float, _sum_of_pieces)


def added_up(
    schedule: Schedule, total: int, of: Callable[[float], float], pieces: Callable[[Schedule, int], float]
) -> float:
    """The sum of `of(value)` over the updates of a run, where `pieces` sums a schedule that is no repetition of another."""
    if isinstance(schedule, PerEpoch) and not schedule.smooth:
        epochs, rest = divmod(total, schedule.steps_per_epoch)
        inside = schedule.steps_per_epoch * added_up(schedule.schedule, epochs, of, pieces)
        return inside + rest * of(schedule(total))
    if isinstance(schedule, Repeat):
        cycles, rest = divmod(min(total, schedule.length), schedule._period)
        whole, begun = (added_up(schedule.schedule, steps, of, pieces) for steps in (schedule._period, rest))
        return cycles * whole + begun + max(0, total - schedule.length) * of(schedule(total))
    return pieces(schedule, total)


def edges_before(schedule: Schedule, total: int) -> list[int] | None:
    """The steps of the edges before `total`; None where they are more than `PIECES`."""
    edges = list(islice(takewhile(lambda step: step < total, (edge.step for edge in schedule._edges())), PIECES + 1))
    return edges if len(edges) <= PIECES else None


def sample(total: int) -> Sequence[int]:
    """The updates of a run, or so many of them that every period is seen as it is."""
    if total <= _SAMPLE:
        return range(total)
    return [int(total * (i + GOLDEN * i % 1) / _SAMPLE) for i in range(_SAMPLE)]


def _sum_of_pieces(schedule: Schedule, total: int) -> float:
    edges = edges_before(schedule, total) if total > _EVERY and not _has_stairs(schedule) else None
    if edges is not None:
        # An edge may stand for a knot a part of a step later: the step at the edge is a piece of its own
        begins = sorted({0, *edges, *(edge + 1 for edge in edges), total} | _soon_after([0, *edges[:_RUNGS]], total))
        found = summed(evaluator(schedule), begins, _LOOKED)
        if found is not None:
            return found
    steps = sample(total)
    return math.fsum(along(schedule, steps)) / max(1, len(steps)) * total


def _soon_after(edges: Sequence[int], total: int) -> set[int]:
    """Steps at distances that grow from an edge on: a decay of few steps would fall between even ones."""
    return {step for edge in edges for k in range(5, 48, 3) if (step := edge + 2**k) < total}


def _has_stairs(schedule: Schedule) -> bool:
    """Whether there are jumps that are no edges: the epochs of a schedule that is held for each."""
    held = isinstance(schedule, PerEpoch) and not schedule.smooth
    return held or any(map(_has_stairs, schedule._inner()))


def top(value: Callable[[float], float], steps: Sequence[int], rates: Sequence[float]) -> Point:
    """The highest point, looked for between the steps around each of the highest few: there a curve has at most one top."""
    padded = [-math.inf, *rates, -math.inf]
    peaks = (i for i, rate in enumerate(rates) if padded[i] < rate >= padded[i + 2])
    highest = nlargest(_TOPS, peaks, key=rates.__getitem__)
    return max((_top_near(value, steps, rates, i) for i in highest), key=lambda point: point.value)


def _top_near(value: Callable[[float], float], steps: Sequence[int], rates: Sequence[float], i: int) -> Point:
    """By parts, and from one lower step to the next: thirds are misled where the steps of an epoch have the same value."""
    low, high = steps[max(i - 1, 0)], next((steps[j] for j in range(i, len(steps)) if rates[j] < rates[i]), steps[-1])
    highest, stride = Point(steps[i], rates[i]), high - low
    while stride > 1:
        stride = max(1, (high - low) // _PARTS)
        near = (Point(step, value(float(step))) for step in (*range(low, high, stride), high))
        highest = max(*near, highest, key=lambda point: point.value)
        low, high = max(low, highest.step - stride), min(high, highest.step + stride)
    return highest


def first_where(
    value: Callable[[float], float], steps: Sequence[int], rates: Sequence[float], holds: Callable[[float], bool]
) -> int | None:
    """The first step whose value is such, found between the steps that are known; None if there is none."""
    i = next((i for i, rate in enumerate(rates) if holds(rate)), None)
    if i is None:
        return None
    low, high = steps[i - 1] if i else -1, steps[i]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(value(float(middle))) else (middle, high)
    return high
