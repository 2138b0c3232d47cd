"""A ramp before a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lrcore._arguments import COUNT, NON_NEGATIVE, check, check_choice, check_schedule
from lrcore._schedule import Schedule
from lrcore.arrays import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Warmup(Schedule):
    """A ramp up to a schedule's first value, then the schedule. Made by `Schedule.warmup`, which says all about it.

        lr(t) = first + (start - first)·shape(1 - t/W)    0 <= t < W
        lr(t) = rest(t - W)                               t >= W

    with t the step, W = `over`, `rest` the schedule (shortened so that the total stays, where it is a single decay),
    first = rest(0), and shape the fraction left by a cooldown of that name: the ramp is that cooldown run backwards.

    >>> from lrcore import Cosine
    >>> Cosine(0.1, steps=10).warmup(4) == Warmup(Cosine(0.1, steps=10), over=4)
    True
    """

    schedule: Schedule
    over: int
    start: float = 0.0
    shape: str = "linear"

    _clock = ("over",)

    def __post_init__(self) -> None:
        from lrcore._cooldown import cooldowns

        check_schedule(self, "schedule")
        check(self, over=COUNT, start=NON_NEGATIVE)
        check_choice(self, "shape", cooldowns)
        _ = self._rest  # refuses a schedule that cannot be warmed up, here rather than at the first step

    @cached_property
    def _rest(self) -> Schedule:
        return self.schedule._after_warmup(self.over)

    @property
    def length(self) -> int | None:
        rest = self._rest.length
        return None if rest is None else self.over + rest

    def _value(self, t: Array, xp: Namespace) -> Array:
        return xp.piecewise(t, (self.over,), (lambda t: self._ramp(t, xp), lambda t: self._rest._value(t - self.over, xp)))

    def _edges(self) -> Iterator[tuple[int, str]]:
        yield self.over, "warmup ends"
        for step, what in self._rest._edges():
            yield self.over + step, what

    def _ramp(self, t: Array, xp: Namespace) -> Array:
        down = self._down(self._rest._value(xp.float64(0.0), xp)) if self._array is not None else self._known_down
        return down._value(self.over - t, xp)

    def _down(self, first: Array) -> Schedule:
        from lrcore._cooldown import cooldowns

        return cooldowns[self.shape](first, steps=self.over, end=self.start)

    @cached_property
    def _known_down(self) -> Schedule:
        return self._down(self._rest(0))

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError(f"{self!r} has a warmup already, and can have only one.")
