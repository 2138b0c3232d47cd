"""Another clock for a schedule: again and again, from the middle, or in epochs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

from lrcore._arguments import COUNT, WHOLE, check, check_bool, check_schedule, refuse
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Repeat(Schedule):
    """A schedule some times over. Made by `Schedule.repeat`.

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

    def __post_init__(self) -> None:
        check_schedule(self, "schedule")
        check(self, times=COUNT)
        if not self.schedule.length:
            refuse("Repeat", "schedule", "one that ends", self.schedule)

    @property
    def _period(self) -> int:
        length = self.schedule.length
        assert length is not None  # held at construction
        return length

    @property
    def length(self) -> int:
        return self.times * self._period

    def _value(self, t: Array, xp: Namespace) -> Array:
        t = xp.minimum(t, self.length)
        cycle = xp.minimum(xp.floor_divide(t, self._period), self.times - 1)
        return self.schedule._value(t - cycle * self._period, xp)

    def _edges(self) -> Iterator[tuple[int, str]]:
        for begin in range(0, self.length, self._period):
            if begin:
                yield begin, "repeat"
            for step, what in self.schedule._edges():
                if step >= self._period:
                    break
                yield begin + step, what
        yield self.length, "end"


@dataclass(frozen=True, eq=False, repr=False)
class Shift(Schedule):
    """A schedule from some step on. Made by `Schedule.shift`.

        lr(t) = schedule(t + by)    0 <= t

    with t the step.

    Raises:
        ValueError: `by` is negative.

    >>> from lrcore import Linear
    >>> Shift(Linear(1.0, end=0.0, steps=4), by=3)(0)
    0.25
    """

    schedule: Schedule
    by: int

    _clock = ("by",)

    def __post_init__(self) -> None:
        check_schedule(self, "schedule")
        check(self, by=WHOLE)

    @property
    def length(self) -> int | None:
        length = self.schedule.length
        return None if length is None else max(length - self.by, 0)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.schedule._value(t + self.by, xp)

    def _edges(self) -> Iterator[tuple[int, str]]:
        return ((step - self.by, what) for step, what in self.schedule._edges() if step > self.by)

    def _after_warmup(self, steps: int) -> Schedule:
        if self.schedule.length is None:
            return self
        raise ValueError("Shift.warmup is not defined where the schedule ends: call .warmup() before .shift().")


@dataclass(frozen=True, eq=False, repr=False)
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

    def __post_init__(self) -> None:
        check_schedule(self, "schedule")
        check(self, steps_per_epoch=COUNT)
        check_bool(self, "smooth")

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

    def _edges(self) -> Iterator[tuple[int, str]]:
        if self.smooth:
            return self._in_updates._edges()
        return ((step * self.steps_per_epoch, what) for step, what in self.schedule._edges())

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError("PerEpoch.warmup is on the clock of epochs: call .warmup() before .per_epoch().")
