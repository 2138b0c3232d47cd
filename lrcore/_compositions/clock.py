"""A schedule on another clock: repeated, started later, or written in epochs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY
from functools import cached_property

from lrcore._arguments import COUNT, WHOLE, check, check_bool, check_length, check_schedule, is_array, owner
from lrcore._numeric.blend import phase
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Repeat(Schedule):
    """A schedule run several times. Made by `Schedule.repeat`.

        lr(t) = schedule(t mod L)    0 <= t < times·L
        lr(t) = schedule(L)          t >= times·L

    with t the step and L the schedule's length.

    Raises:
        ValueError: the schedule never ends, or `times` is below 1.

    >>> from lrcore import Linear
    >>> lr = Repeat(Linear(1.0, end=0.0, steps=2), times=2)
    >>> [lr(t) for t in range(6)]
    [1.0, 0.5, 1.0, 0.5, 0.0, 0.0]
    """

    schedule: Schedule
    _: KW_ONLY
    times: int

    _method = "repeat"

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, times=COUNT)
        length = self.schedule.length
        if length is None or not (is_array(length) or length):
            raise ValueError(f"{owner(self)} needs a schedule that ends: {self.schedule!r} never does.")
        check_length(self)

    @property
    def _period(self) -> int:
        length = self.schedule.length
        assert length is not None  # held at construction
        return length

    @property
    def length(self) -> int:
        return self.times * self._period

    def _value(self, t: Array, xp: Namespace) -> Array:
        _, elapsed = phase(t, self._period, self.times, xp)
        return self.schedule._value(elapsed, xp)

    def _edges(self) -> Iterator[Edge]:
        for begin in range(0, self.length, self._period):
            if begin:
                yield Edge(begin, "restart", "repeat")
            for edge in self.schedule._edges():
                if edge.step >= self._period:
                    break
                yield edge._replace(step=begin + edge.step)
        yield Edge(self.length, "end", "end")


@value_class
class Shift(Schedule):
    """A schedule that starts some steps in. Made by `Schedule.shift`.

        lr(t) = schedule(t + steps)    0 <= t

    with t the step.

    Raises:
        ValueError: `steps` is negative.

    >>> from lrcore import Linear
    >>> Shift(Linear(1.0, end=0.0, steps=4), steps=3)(0)
    0.25
    """

    schedule: Schedule
    steps: int

    _method = "shift"
    _clock = ("steps",)

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, steps=WHOLE)

    @property
    def length(self) -> int | None:
        length = self.schedule.length
        return None if length is None else max(length - self.steps, 0)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.schedule._value(t + self.steps, xp)

    def _edges(self) -> Iterator[Edge]:
        return (edge._replace(step=edge.step - self.steps) for edge in self.schedule._edges() if edge.step > self.steps)

    def _reach(self) -> int:
        return self.schedule._reach() if self.length is None else self.length

    def _after_warmup(self, steps: int) -> Schedule:
        if self.schedule.length is None:
            return self
        raise ValueError(
            "A warmup after .shift() is not supported where the schedule ends: call .warmup() first, then .shift()."
        )


@value_class
class PerEpoch(Schedule):
    """A schedule written in epochs, read in updates. Made by `Schedule.per_epoch`.

        lr(t) = schedule(floor(t/steps_per_epoch))                             0 <= t
        lr(t) = the schedule with every length times steps_per_epoch, at t     0 <= t, with smooth

    with t the step.

    Raises:
        ValueError: `steps_per_epoch` is below 1.
        TypeError: `smooth` is not a bool.

    >>> from lrcore import StepDecay
    >>> lr = PerEpoch(StepDecay(1.0, every=30, factor=0.5), steps_per_epoch=100)
    >>> lr(2999), lr(3000)
    (1.0, 0.5)
    """

    schedule: Schedule
    steps_per_epoch: int
    _: KW_ONLY
    smooth: bool = False

    _method = "per_epoch"

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, steps_per_epoch=COUNT)
        check_bool(self, "smooth")
        check_length(self)
        if self.smooth:
            _ = self._in_updates  # refuses a schedule without lengths here rather than at the first step

    @property
    def length(self) -> int | None:
        length = self.schedule.length
        return None if length is None else length * self.steps_per_epoch

    @cached_property
    def _in_updates(self) -> Schedule:
        return self.schedule._scaled(self.steps_per_epoch, 1)

    def _value(self, t: Array, xp: Namespace) -> Array:
        if self.smooth:
            return self._in_updates._value(t, xp)
        return self.schedule._value(xp.floor_divide(t, self.steps_per_epoch), xp)

    def _edges(self) -> Iterator[Edge]:
        if self.smooth:
            return self._in_updates._edges()
        return (edge._replace(step=edge.step * self.steps_per_epoch) for edge in self.schedule._edges())

    def _reach(self) -> int:
        return self.schedule._reach() * self.steps_per_epoch

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError("A warmup after .per_epoch() is not supported: call .warmup(epochs) first, then .per_epoch().")
