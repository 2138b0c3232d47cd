"""Inverse decays: with the step, and with its square root."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import KW_ONLY

from lrcore._arguments import FINITE, NON_NEGATIVE, POSITIVE, check, check_bool
from lrcore._families.step_decay import stairs
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class InverseTime(Schedule):
    """Hyperbolic decay: `start` divided by a linear function of the step.

        lr(t) = start/(1 + rate·t/every)           0 <= t
        lr(t) = start/(1 + rate·floor(t/every))    0 <= t, with staircase

    with t the step.

    Args:
        start: the value at step 0.
        rate: how much the divisor grows over `every` steps.
        every: the steps that takes. In optimizer updates; need not be whole.
        staircase: change only every `every` steps.

    Raises:
        ValueError: `every` is not above 0, `rate` is negative, or a number is not finite.
        TypeError: `staircase` is not a bool.

    Same curve: `keras.optimizers.schedules.InverseTimeDecay(start, every, rate, staircase)`.

    >>> lr = InverseTime(1.0, rate=1.0)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 3, 9)]
    [1.0, 0.5, 0.3333, 0.25, 0.1]
    """

    start: float
    _: KW_ONLY
    rate: float
    every: float = 1
    staircase: bool = False

    _clock = ("every",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, rate=NON_NEGATIVE, every=POSITIVE)
        check_bool(self, "staircase")

    def _value(self, t: Array, xp: Namespace) -> Array:
        passed = xp.floor_divide(t, self.every) if self.staircase else t / self.every
        return self.start / (1.0 + self.rate * passed)

    def _edges(self) -> Iterator[Edge]:
        return stairs(self.every) if self.staircase else iter(())

    def _reach(self) -> int:
        return math.ceil(min(5 * self.every / (self.rate or 1), 2**53))


@value_class
class InverseSqrt(Schedule):
    """Inverse-square-root decay: `start` divided by the square root of a linear function of the step.

        lr(t) = start·sqrt(timescale/(t + timescale))    0 <= t

    with t the step. With `timescale=W` and `.warmup(W)` it is start·sqrt(W/t) from step W on: the schedule of T5,
    fairseq and the Transformer, which need the warmup since theirs is infinite at step 0.

    Args:
        start: the value at step 0. With warmup before it, the peak.
        timescale: the step at which the value has fallen to start/sqrt(2). In optimizer updates; need not be whole.

    Raises:
        ValueError: `timescale` is not above 0, or `start` is not finite.

    Reference: Vaswani et al., Attention Is All You Need (arXiv:1706.03762), equation 3, its second branch.
    Same curve: `InverseSqrt(lr, timescale=W).warmup(W)` is `transformers.get_inverse_sqrt_schedule(optimizer, W)`.

    >>> lr = InverseSqrt(1.0, timescale=100).warmup(100)
    >>> [lr(t) for t in (0, 50, 100, 400, 10_000)]
    [0.0, 0.5, 1.0, 0.5, 0.1]
    """

    start: float
    _: KW_ONLY
    timescale: float

    _clock = ("timescale",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, timescale=POSITIVE)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.start * xp.sqrt(self.timescale / (t + self.timescale))

    def _reach(self) -> int:
        return math.ceil(5 * self.timescale)
