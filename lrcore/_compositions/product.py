"""Products of schedules, multiples of one, and bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, replace
from typing import Any

from lrcore._arguments import FINITE, check, check_schedule, is_array, owner, refuse
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
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
        check_schedule(self, "left", Schedule)
        check_schedule(self, "right", Schedule)

    @property
    def length(self) -> int | None:
        left, right = self.left.length, self.right.length
        return None if left is None or right is None else max(left, right)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.left._value(t, xp) * self.right._value(t, xp)

    def _edges(self) -> Iterator[Edge]:
        import heapq  # not with the module: few ask for edges

        for edge in heapq.merge(self.left._edges(), self.right._edges(), key=lambda edge: edge.step):
            inside = edge.kind == "end" and edge.step != self.length
            yield Edge(edge.step, "piece", "factor ends") if inside else edge

    def _reach(self) -> int:
        return max(self.left._reach(), self.right._reach())

    def _after_warmup(self, steps: int) -> Schedule:
        return Product(self.left._after_warmup(steps), self.right._after_warmup(steps))


class Pointwise(Schedule):
    """What a schedule has that changes the values of another one, and not its clock."""

    schedule: Schedule

    @property
    def length(self) -> int | None:
        return self.schedule.length

    def _edges(self) -> Iterator[Edge]:
        return self.schedule._edges()

    def _reach(self) -> int:
        return self.schedule._reach()

    def _continued(self, total: int, at: int) -> Schedule:
        return self._around(self.schedule._continued(total, at))

    def _after_warmup(self, steps: int) -> Schedule:
        return self._around(self.schedule._after_warmup(steps))

    def _around(self, schedule: Schedule) -> Schedule:
        """The same change of another schedule's values."""
        changes: dict[str, Any] = {"schedule": schedule}
        return replace(self, **changes)


@value_class
class Scaled(Pointwise):
    """A schedule times a number. Made by `2 * a`.

        lr(t) = factor·schedule(t)    0 <= t

    with t the step.

    Raises:
        ValueError: `factor` is not finite.

    >>> from lrcore import Linear
    >>> (2 * Linear(1.0, end=0.0, steps=4))(1)
    1.5
    """

    schedule: Schedule
    _: KW_ONLY
    factor: float

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, factor=FINITE)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.factor * self.schedule._value(t, xp)


@value_class
class Clip(Pointwise):
    """A schedule kept within bounds. Made by `Schedule.clip`; a bound that is None is not there.

        lr(t) = min(max(schedule(t), low), high)    0 <= t

    with t the step.

    Raises:
        ValueError: a bound is not finite, or `high` is below `low`.

    Same curve: the `end_value` of `optax.exponential_decay`, which stops there.

    >>> from lrcore import Linear
    >>> lr = Clip(Linear(1.0, end=0.0, steps=4), low=0.25, high=0.5)
    >>> [lr(t) for t in range(5)]
    [0.5, 0.5, 0.5, 0.25, 0.25]
    """

    schedule: Schedule
    low: float | None = None
    high: float | None = None

    _method = "clip"

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, **{name: FINITE for name in ("low", "high") if getattr(self, name) is not None})
        if self.low is None or self.high is None or is_array(self.low) or is_array(self.high):
            return
        if self.high < self.low:
            refuse(owner(self), "high", f"at least low, which is {self.low!r}", self.high)

    def _value(self, t: Array, xp: Namespace) -> Array:
        value = self.schedule._value(t, xp)
        value = value if self.low is None else xp.maximum(value, self.low)
        return value if self.high is None else xp.minimum(value, self.high)
