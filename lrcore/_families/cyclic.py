"""A triangle wave, and the momentum that goes the other way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import KW_ONLY, replace
from typing import Self

from lrcore._arguments import COUNT, FACTOR, FINITE, check, check_choice, explained, is_array, refuse
from lrcore._families.one_cycle import check_momentum
from lrcore._numeric.blend import blend, phase
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Cyclic(Schedule):
    """A triangle wave between `low` and `high`, whose height may shrink.

        lr(t) = low + (high - low)·wave(t)·height(t)    0 <= t

        wave(t) = p/up                    0 <= p <= up,         p = t mod (up + down)
        wave(t) = (up + down - p)/down    up < p < up + down
        height(t) = 1                     mode "triangular"
        height(t) = 2**-n                 mode "triangular2",   n = floor(t/(up + down))
        height(t) = factor**t             mode "exp_range"

    with t the step.

    Args:
        low: the value at step 0, and wherever a cycle begins.
        high: the value `up` steps into the first cycle.
        up: the steps of each rise. In optimizer updates.
        down: the steps of each fall; as many as `up` if not given.
        mode: how the height changes.
        factor: of "exp_range", per step since step 0.

    Raises:
        ValueError: `high` is below `low`, a length is below 1, `factor` is not above 0 and at most 1, `factor` is given
            without "exp_range", or a value is not finite.

    Reference: Smith, Cyclical Learning Rates (arXiv:1506.01186), section 3.1.
    Same curve: `torch.optim.lr_scheduler.CyclicLR(optimizer, low, high, up, down, mode, factor)`.

    >>> lr = Cyclic(0.0, high=1.0, up=2, mode="triangular2")
    >>> [lr(t) for t in range(9)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.25, 0.5, 0.25, 0.0]
    """

    low: float
    _: KW_ONLY
    high: float
    up: int
    down: int | None = None
    mode: str = "triangular"
    factor: float = 1.0

    _clock = ("up", "down")

    def __post_init__(self) -> None:
        check(self, low=FINITE, high=FINITE, up=COUNT, factor=FACTOR)
        if self.down is not None:
            check(self, down=COUNT)
        check_choice(self, "mode", ("triangular", "triangular2", "exp_range"))
        if self.mode != "exp_range" and not is_array(self.factor) and self.factor != 1:
            refuse("Cyclic", "factor", "1 in this mode", self.factor, hint="it belongs to mode='exp_range'")
        if not is_array(self.low) and not is_array(self.high) and self.high < self.low:
            refuse("Cyclic", "high", f"at least low, which is {self.low!r}", self.high)

    def _scaled(self, total: int, length: int) -> Self:
        """With a factor that keeps the height of each cycle, since it is one a step."""
        slower = super()._scaled(total, length)
        return replace(slower, factor=self.factor ** (self._period / slower._period))

    @property
    def _fall(self) -> int:
        return self.up if self.down is None else self.down

    @property
    def _period(self) -> int:
        return self.up + self._fall

    def _value(self, t: Array, xp: Namespace) -> Array:
        up, off = self._wave(t, xp)
        return blend(self.low, self.high, up <= 0.5, xp.where(up <= 0.5, up, off), xp)

    def _wave(self, t: Array, xp: Namespace) -> tuple[Array, Array]:
        """wave·height and, not by subtraction, what it lacks to 1."""
        down, period = self._fall, self._period
        cycle, p = phase(t, period, None, xp)
        rising = p <= self.up
        wave = xp.where(rising, p / self.up, (period - p) / down)
        off = xp.where(rising, self.up - p, p - self.up) / xp.where(rising, self.up, down)
        if self.mode == "triangular":
            return wave, off
        if self.mode == "triangular2":
            height = xp.power(xp.float64(0.5), cycle)
            return wave * height, off + wave * (1.0 - height)
        height = xp.power(xp.float64(self.factor), t)
        return wave * height, off + wave * xp.one_minus_power(xp.float64(self.factor), 1.0 - self.factor, t, lambda: height)

    def _edges(self) -> Iterator[Edge]:
        for begin in itertools.count(0, self._period):
            if begin:
                yield Edge(begin, "low", "low")
            yield Edge(begin + self.up, "peak", "high")

    def _reach(self) -> int:
        return 5 * max(self.up, self.down or 0)

    @explained
    def momentum(self, *, high: float = 0.9, low: float = 0.8) -> CyclicMomentum:
        """The inverse curve, for momentum or Adam's beta1: `high` at step 0, `low` where the rate is highest.

        Args:
            high: the value at step 0.
            low: the value where the rate is highest.

        Raises:
            ValueError: one of the two is not at least 0 and below 1, or `low` is above `high`.
        """
        return CyclicMomentum(self, high=high, low=low)


@value_class
class CyclicMomentum(Schedule):
    """The momentum that goes with a `Cyclic`: low where the rate is high. Made by `Cyclic.momentum`.

        m(t) = high - (high - low)·wave(t)·height(t)    0 <= t

    with t the step, and wave and height those of the cycle.

    Args:
        cycle: the `Cyclic` whose wave this follows.
        high: the value at step 0.
        low: the value where the rate is highest, in the first cycle.

    Raises:
        ValueError: one of the two is not at least 0 and below 1, or `low` is above `high`.

    Same curve: the momentum of `torch.optim.lr_scheduler.CyclicLR`.

    >>> momentum = Cyclic(0.0, high=1.0, up=2).momentum()
    >>> [round(momentum(t), 4) for t in range(5)]
    [0.9, 0.85, 0.8, 0.85, 0.9]
    """

    cycle: Cyclic
    _: KW_ONLY
    high: float = 0.9
    low: float = 0.8

    _method = "momentum"

    def __post_init__(self) -> None:
        check_momentum(self)

    def _value(self, t: Array, xp: Namespace) -> Array:
        up, off = self.cycle._wave(t, xp)
        return blend(self.high, self.low, up <= 0.5, xp.where(up <= 0.5, up, off), xp)

    def _edges(self) -> Iterator[Edge]:
        for step, kind, _ in self.cycle._edges():
            yield Edge(step, "low", "low") if kind == "peak" else Edge(step, "peak", "high")

    def _reach(self) -> int:
        return self.cycle._reach()
