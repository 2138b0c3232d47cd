"""Exponentials: by a factor every so many steps, or from one value to another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import KW_ONLY

from lrcore._arguments import COUNT, FACTOR, FINITE, FRACTION, POSITIVE, check, check_bool, is_array, refuse
from lrcore._families.decay import Decay
from lrcore._families.step_decay import stairs
from lrcore._numeric.blend import blend, quotient
from lrcore._numeric.elementary import LN2, log_below_1
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Exponential(Schedule):
    """Multiplied by `factor` every `every` steps, smoothly.

        lr(t) = start·factor**(t/every)           0 <= t
        lr(t) = start·factor**floor(t/every)      0 <= t, with staircase

    with t the step.

    Args:
        start: the value at step 0.
        factor: what the value is multiplied by over `every` steps.
        every: the steps that takes. In optimizer updates; need not be whole.
        staircase: change only every `every` steps.

    Raises:
        ValueError: `factor` is not above 0 and at most 1, `every` is not above 0, or `start` is not finite.
        TypeError: `staircase` is not a bool.

    Same curve: `optax.exponential_decay(start, every, factor, staircase=staircase)`,
        `keras.optimizers.schedules.ExponentialDecay(start, every, factor, staircase)`,
        `torch.optim.lr_scheduler.ExponentialLR(optimizer, factor)` with `every=1`.
    Not the same: a growing exponential, which has no bound, is a `Geometric` to the value where it stops.

    >>> lr = Exponential(1.0, factor=0.25, every=2)
    >>> [lr(t) for t in (0, 1, 2, 3, 4)]
    [1.0, 0.5, 0.25, 0.125, 0.0625]
    """

    start: float
    _: KW_ONLY
    factor: float
    every: float = 1
    staircase: bool = False

    _clock = ("every",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, factor=FACTOR, every=POSITIVE)
        check_bool(self, "staircase")

    def _value(self, t: Array, xp: Namespace) -> Array:
        factor = xp.float64(self.factor)
        whole = xp.floor_divide(t, self.every)
        stepped = self.start * xp.power(factor, whole)
        if self.staircase:
            return stepped
        # The whole part of the exponent apart: rounding a large exponent would cost as many digits as it is large.
        rest = t - whole * self.every
        # Beyond 2**53, rounding may leave less than nothing. Not `maximum`: JAX halves its gradient where rest is 0
        rest = xp.where(rest < 0.0, 0.0, rest)
        return stepped * xp.power(factor, quotient(rest, self.every))

    def _edges(self) -> Iterator[Edge]:
        return stairs(self.every) if self.staircase else iter(())

    def _reach(self) -> int:
        periods = 5 * self.every / (-math.log(self.factor) if self.factor < 1 else 1)
        return math.ceil(min(periods, 2**53))


@value_class
class Geometric(Decay):
    """Equal ratios from `start` at step 0 to `end` at step `steps`; flat afterwards. The learning-rate range test's sweep.

        lr(t) = start·(end/start)**(t/T)    0 <= t < T
        lr(t) = end                         t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        end: the value from step T on; above `start` for a sweep up.
        steps: T, the first step whose value is `end`. In optimizer updates.

    Raises:
        ValueError: `steps` is below 1, a value is not above 0, or their ratio is beyond the range of a float.

    Reference: Smith, Cyclical Learning Rates (arXiv:1506.01186), section 3.3: the range test, here in equal ratios.
    Same curve: `optax.exponential_decay(start, steps, end / start, end_value=end)`; fastai's `SchedExp(start, end)`.

    >>> lr = Geometric(1e-4, end=1.0, steps=4)
    >>> [round(lr(t), 6) for t in (0, 1, 2, 3, 4, 9)]
    [0.0001, 0.001, 0.01, 0.1, 1.0, 1.0]
    """

    start: float
    _: KW_ONLY
    end: float
    steps: int

    def __post_init__(self) -> None:
        check(self, start=POSITIVE, end=POSITIVE, steps=COUNT)
        if not is_array(self.start) and not is_array(self.end) and not 1e-300 < self.end / self.start < 1e300:
            refuse("Geometric", "end", f"within 300 powers of ten of start, which is {self.start!r}", self.end)

    def _value(self, t: Array, xp: Namespace) -> Array:
        t = xp.minimum(t, self.steps)
        value = self.start * xp.power(xp.float64(self.end / self.start), quotient(t, self.steps))
        low, high = xp.minimum(self.start, self.end), xp.maximum(self.start, self.end)
        # Rounding may carry the last values past the end
        return xp.where(t < self.steps, xp.minimum(xp.maximum(value, low), high), self.end)


@value_class
class ShiftedExponential(Decay):
    """An exponential, shifted down and rescaled so that it reaches `end`: from `start` at step 0 to `end` at step `steps`.

        lr(t) = end + (start - end)·(base**(t/T) - base)/(1 - base)    0 <= t < T
        lr(t) = end                                                    t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        steps: T, the first step whose value is `end`. In optimizer updates.
        end: the value from step T on.
        base: how far the exponential falls over T steps; the smaller, the faster it falls at first.

    Raises:
        ValueError: `steps` is below 1, `base` is not above 0 and below 1, or a value is not finite.

    Same curve: Megatron-LM's "exponential" WSD decay has base 0.5 (its 2·0.5**r - 1), timm's 0.1.
    Not the same: `Exponential` and `Geometric` never reach 0.

    >>> lr = ShiftedExponential(1.0, steps=4)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 3, 4, 9)]
    [1.0, 0.6818, 0.4142, 0.1892, 0.0, 0.0]
    """

    start: float
    _: KW_ONLY
    steps: int
    end: float = 0.0
    base: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, base=FRACTION)

    def _value(self, t: Array, xp: Namespace) -> Array:
        t = xp.minimum(t, self.steps)
        base, off = xp.float64(self.base), 1.0 - self.base
        log = log_below_1(base, off, xp)
        passed, left = quotient(t, self.steps), quotient(self.steps - t, self.steps)
        early = passed * log >= log_below_1(0.5 * (1.0 + base), 0.5 * off, xp)

        def late() -> Array:
            # base**r - base as base·(base**(r - 1) - 1) near the end, where the difference would lose its digits
            x = left * -log
            return xp.either(
                x <= LN2, lambda: base * xp.expm1_near_0(xp.minimum(x, LN2)), lambda: xp.power(base, passed) - base
            )

        part = xp.either(early, lambda: xp.one_minus_power(base, off, passed, lambda: xp.power(base, passed)), late)
        return blend(self.start, self.end, early, part / off, xp)
