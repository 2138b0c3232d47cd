"""What rules look at: a plan, and the curve of its schedule over the run, sampled once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, pairwise
from typing import TypeVar

from lrcore._families.cyclic import Cyclic
from lrcore._families.warm_restarts import WarmRestarts
from lrcore._schedule import Edge, Schedule
from lrcore._value import Value
from lrcore._view.curve import along
from lrcore.advice._plan import ADAM, Plan

S = TypeVar("S")

_SAMPLES, _SAMPLES_OF_OURS = 40_001, 4_001
"""The steps that are looked at beside those around edges; between those a formula of ours has no surprise."""

_EDGES = 2_000
"""The edges that are looked at: stairs at every update go on for ever."""


class Seen:
    """A plan and its curve. Steps are the schedule's own: updates, or epochs where it is stepped once an epoch."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.schedule = plan.schedule

    @property
    def total(self) -> int | None:
        """The steps of the run, if they are known."""
        return self.plan.calls

    @cached_property
    def horizon(self) -> int:
        """How many steps are looked at: the run's, or where that is not known what there is to see of the schedule."""
        return max(1, self.total or self.length or self.schedule._reach())

    @property
    def length(self) -> int | None:
        """The step at which the schedule ends; None where it never does."""
        return self.schedule.length

    @property
    def epoch(self) -> int | None:
        """The schedule's steps of an epoch."""
        return self.plan.epoch if self.plan.stepped == "update" else 1

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The first edges, also of those beyond the run."""
        return tuple(islice(self.schedule._edges(), _EDGES))

    @cached_property
    def inside(self) -> tuple[Edge, ...]:
        """The edges between two steps of the run."""
        return tuple(edge for edge in self.edges if 0 < edge.step < self.horizon)

    @cached_property
    def steps(self) -> list[int]:
        """The steps that are looked at: even distances, and both sides of every edge."""
        count = min(self.horizon, _SAMPLES_OF_OURS if self.schedule._ours else _SAMPLES)
        even = (round(i * ((self.horizon - 1) / max(1, count - 1))) for i in range(count))
        near = (edge.step + i for edge in self.inside for i in (-2, -1, 0, 1))
        return sorted(step for step in {*even, *near} if 0 <= step < self.horizon)

    @cached_property
    def rates(self) -> list[float]:
        """The values there."""
        return along(self.schedule, self.steps)

    @cached_property
    def pairs(self) -> list[tuple[int, float]]:
        """The steps, each with its value."""
        return list(zip(self.steps, self.rates, strict=True))

    @cached_property
    def shares(self) -> list[float]:
        """The share of the run that each step stands for: half the way to both neighbours."""
        middles = ((a + b + 1) / 2 for a, b in pairwise(self.steps))
        return [(b - a) / self.horizon for a, b in pairwise([0, *middles, self.horizon])]

    def at(self, step: int) -> float:
        """The value at a step."""
        return float(self.schedule(step))

    @cached_property
    def peak(self) -> float:
        """The highest value."""
        return math.nan if any(map(math.isnan, self.rates)) else max(self.rates)

    @cached_property
    def top(self) -> int:
        """The first step that is within a thousandth of the peak."""
        return next((step for step, rate in self.pairs if rate >= 0.999 * self.peak), 0)

    @cached_property
    def warm(self) -> int:
        """The steps of the warmup: up to the peak, if the first value is below half of it."""
        return self.top if self.rates[0] < self.peak / 2 else 0

    @cached_property
    def last(self) -> float:
        """The value of the run's last update."""
        return self.rates[-1]

    @cached_property
    def decays(self) -> bool:
        """Whether the run ends below half the peak."""
        return self.last < self.peak / 2

    def parts(self, kind: type[S]) -> list[S]:
        """The schedules of a class in the schedule, at any depth."""
        return [part for part in _every(self.schedule) if isinstance(part, kind)]

    @cached_property
    def in_updates(self) -> Schedule | None:
        """The schedule read at every update; None where it is stepped once an epoch of unknown length."""
        if self.plan.stepped == "update":
            return self.schedule
        return None if self.plan.epoch is None else self.schedule.per_epoch(self.plan.epoch)

    @cached_property
    def cyclic(self) -> bool:
        """Whether the rate is meant to rise again: warm restarts, or cycles."""
        return bool(self.parts(WarmRestarts) or self.parts(Cyclic))

    @property
    def adam(self) -> bool:
        """Whether the optimizer divides by a running mean of squares, as Adam does."""
        return self.plan.optimizer in ADAM

    def share(self, step: float) -> str:
        """A step as a part of the run."""
        return f"{100 * step / self.horizon:.3g}%"


def _every(value: Value) -> Iterator[Value]:
    yield value
    for inner in value._inner():
        yield from _every(inner)


def whole(schedule: Schedule, total: int, length: int) -> Schedule | None:
    """The schedule with every length times total/length, or None where that is not possible."""
    try:
        return schedule._scaled(total, length)
    except (ValueError, TypeError):
        return None


def about(a: float, b: float, tolerance: float = 0.05) -> bool:
    """Whether two lengths are the same but for what rounding, a warmup or a last batch make."""
    return math.isfinite(a) and b > 0 and abs(a / b - 1) < tolerance
