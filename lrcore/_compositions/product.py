"""Schedules times schedules, times numbers, and within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace

from lrcore._arguments import NON_NEGATIVE, check, check_schedule, is_array, refuse
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Product(Schedule):
    """Two schedules multiplied, on the same clock. Made by `a * b`.

        lr(t) = left(t)·right(t)    0 <= t

    with t the step. It ends where the later of the two does.

    Raises:
        TypeError: a factor is not a schedule.

    >>> from lrcore import Linear, StepDecay
    >>> lr = Linear(1.0, end=0.5, steps=10) * StepDecay(1.0, every=5, factor=0.5)
    >>> lr(0), lr(10)
    (1.0, 0.125)
    """

    left: Schedule
    right: Schedule

    def __post_init__(self) -> None:
        check_schedule(self, "left")
        check_schedule(self, "right")

    @property
    def length(self) -> int | None:
        left, right = self.left.length, self.right.length
        return None if left is None or right is None else max(left, right)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.left._value(t, xp) * self.right._value(t, xp)

    def _edges(self) -> Iterator[tuple[int, str]]:
        import heapq  # not with the module: few ask for edges

        for step, what in heapq.merge(self.left._edges(), self.right._edges()):
            yield step, "factor ends" if what == "end" and step != self.length else what

    def _after_warmup(self, steps: int) -> Schedule:
        return Product(self.left._after_warmup(steps), self.right._after_warmup(steps))


@dataclass(frozen=True, eq=False, repr=False)
class Scaled(Schedule):
    """A schedule times a number. Made by `2 * a`.

        lr(t) = factor·schedule(t)    0 <= t

    with t the step.

    Raises:
        ValueError: `factor` is negative or not finite.

    >>> from lrcore import Linear
    >>> (2 * Linear(1.0, end=0.0, steps=4))(1)
    1.5
    """

    schedule: Schedule
    _: KW_ONLY
    factor: float

    def __post_init__(self) -> None:
        check_schedule(self, "schedule")
        check(self, factor=NON_NEGATIVE)

    @property
    def length(self) -> int | None:
        return self.schedule.length

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.factor * self.schedule._value(t, xp)

    def _edges(self) -> Iterator[tuple[int, str]]:
        return self.schedule._edges()

    def _after_warmup(self, steps: int) -> Schedule:
        return replace(self, schedule=self.schedule._after_warmup(steps))


@dataclass(frozen=True, eq=False, repr=False)
class Clip(Schedule):
    """A schedule kept within bounds. Made by `Schedule.clip`.

        lr(t) = min(max(schedule(t), low), high)    0 <= t

    with t the step.

    Raises:
        ValueError: a bound is negative or not finite, or `high` is below `low`.

    Same curve: the `end_value` of `optax.exponential_decay`, which stops there.

    >>> from lrcore import Linear
    >>> lr = Clip(Linear(1.0, end=0.0, steps=4), low=0.25, high=0.5)
    >>> [lr(t) for t in range(5)]
    [0.5, 0.5, 0.5, 0.25, 0.25]
    """

    schedule: Schedule
    low: float = 0.0
    high: float | None = None

    def __post_init__(self) -> None:
        check_schedule(self, "schedule")
        check(self, low=NON_NEGATIVE)
        if self.high is None:
            return
        check(self, high=NON_NEGATIVE)
        if not is_array(self.low) and not is_array(self.high) and self.high < self.low:
            refuse("Clip", "high", f"at least low, which is {self.low!r}", self.high)

    @property
    def length(self) -> int | None:
        return self.schedule.length

    def _value(self, t: Array, xp: Namespace) -> Array:
        value = xp.maximum(self.schedule._value(t, xp), self.low)
        return value if self.high is None else xp.minimum(value, self.high)

    def _edges(self) -> Iterator[tuple[int, str]]:
        return self.schedule._edges()

    def _after_warmup(self, steps: int) -> Schedule:
        return replace(self, schedule=self.schedule._after_warmup(steps))
