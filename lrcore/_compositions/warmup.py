"""A ramp before a schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from lrcore._arguments import (
    COUNT,
    FINITE,
    WHOLE,
    as_number,
    check,
    check_choice,
    check_length,
    check_schedule,
    chosen,
    is_number,
    refuse,
)
from lrcore._families.decay import Decay
from lrcore._families.shapes import meant, shapes
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Warmup(Schedule):
    """A ramp up to a schedule's first value, then the schedule. Made by `Schedule.warmup`, which says all about it.

        lr(t) = first + (start - first)·shape(1 - t/W)    0 <= t < W
        lr(t) = rest(t - W)                               t >= W

    with t the step, W = `steps`, `rest` the schedule (shortened so that the total stays, where it is a single decay),
    first = rest(0), and shape the fraction left by a cooldown of that name: the ramp is that cooldown run backwards.

    >>> from lrcore import Cosine
    >>> Cosine(0.1, steps=10).warmup(4) == Warmup(Cosine(0.1, steps=10), steps=4)
    True
    """

    schedule: Schedule
    steps: int
    start: float = 0.0
    shape: str = "linear"

    _method = "warmup"
    _clock = ("steps",)

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, steps=COUNT, start=FINITE)
        check_choice(self, "shape", shapes, meant(self.shape))
        _ = self._rest  # refuses a schedule that cannot be warmed up, here rather than at the first step
        check_length(self)

    @cached_property
    def _rest(self) -> Schedule:
        return self.schedule._after_warmup(self.steps)

    @property
    def length(self) -> int | None:
        rest = self._rest.length
        return None if rest is None else self.steps + rest

    def _value(self, t: Array, xp: Namespace) -> Array:
        return xp.piecewise(t, (self.steps,), self._pieces(xp))

    def _pieces(self, xp: Namespace) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
        """The ramp and the rest, as functions that do not hold this schedule, which may hold what is compiled from them."""
        steps, rest = self.steps, self._rest
        down = self._down(rest._value(xp.float64(0.0), xp)) if self._array is not None else self._known_down
        return lambda t: down._value(steps - t, xp), lambda t: rest._value(t - steps, xp)

    def _down(self, first: Any) -> Schedule:
        """The ramp as a decay that is run backwards."""
        return shapes[self.shape](first, steps=self.steps, end=self.start)

    @cached_property
    def _known_down(self) -> Schedule:
        return self._down(self._rest(0))

    def _edges(self) -> Iterator[Edge]:
        yield Edge(self.steps, "warmup", "warmup ends")
        for edge in self._rest._edges():
            yield edge._replace(step=self.steps + edge.step)

    def _reach(self) -> int:
        return self.steps + self._rest._reach()

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError(f"{self!r} has a warmup already, and can have only one.")

    def _extended(self, total: int, at: int) -> Schedule:
        if at < self.steps and isinstance(self.schedule, Decay):
            return replace(self, schedule=self.schedule._with(steps=total))
        return super()._extended(total, at)

    def _continued(self, total: int, at: int) -> Schedule:
        if at < self.steps:
            refuse(f"{self._name}.extend", "at", f"after the warmup, which ends at step {self.steps}", at)
        return self._rest._continued(total - self.steps, at - self.steps)


def warmup(schedule: Schedule, steps: int, start: float, shape: str) -> Schedule:
    """What `Schedule.warmup` does."""
    name = f"{schedule._name}.warmup"
    if is_number(steps) and 0 < steps < 1:
        refuse(name, "steps", WHOLE.text, steps, kind=True, hint=f"write warmup(round({float(steps)} * steps))")
    if is_number(steps) and as_number(name, "steps", steps, WHOLE) == 0:
        # What is wrong does not wait for a longer warmup
        as_number(name, "start", start, FINITE)
        chosen(name, "shape", shape, shapes, meant(shape))
        return schedule
    return Warmup(schedule, steps, start, shape)
