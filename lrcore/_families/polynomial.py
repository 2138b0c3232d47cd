"""Powers of what is left, and of what has passed."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY
from typing import Any

from lrcore._arguments import POSITIVE, check, is_array, refuse
from lrcore._families.decay import Decay
from lrcore._numeric.blend import blend, quotient
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class Polynomial(Decay):
    """A power of the fraction of steps left: from `start` at step 0 to `end` at step `steps`; flat afterwards.

        lr(t) = end + (start - end)·((T - t)/T)**power    0 <= t < T
        lr(t) = end                                       t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        steps: T, the first step whose value is `end`. In optimizer updates.
        end: the value from step T on.
        power: 1 is a straight line; above 1 falls fast first, below 1 falls fast last.

    Raises:
        ValueError: `steps` is below 1, a value is not finite, `power` is not above 0, or steps**power is
            beyond the range of a float.

    Reference: Chen et al., DeepLab (arXiv:1606.00915), section 4.1: the "poly" policy, power 0.9.
    Same curve: `optax.polynomial_schedule(start, end, power, steps)`,
        `keras.optimizers.schedules.PolynomialDecay(start, steps, end, power)`,
        `torch.optim.lr_scheduler.PolynomialLR(optimizer, steps, power)` with `end=0`.
    Not the same: fastai's `SchedPoly` raises the fraction passed: `OneMinusPower`.

    >>> lr = Polynomial(1.0, steps=4, power=2)
    >>> [lr(t) for t in (0, 1, 2, 3, 4, 9)]
    [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    start: float
    _: KW_ONLY
    steps: int
    end: float = 0.0
    power: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, power=POSITIVE)
        _check_power(self)

    def _value(self, t: Array, xp: Namespace) -> Array:
        left = self.steps - xp.minimum(t, self.steps)
        return power_law(self.end, self.start, left, self.steps, self.power, xp)


@value_class
class OneMinusPower(Decay):
    """One less a power of the fraction of steps passed: from `start` at step 0 to `end` at step `steps`; flat afterwards.

        lr(t) = start + (end - start)·(t/T)**power    0 <= t < T
        lr(t) = end                                   t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        steps: T, the first step whose value is `end`. In optimizer updates.
        end: the value from step T on.
        power: 0.5 is `OneMinusSqrt`, 1 a straight line, 2 the "1-square" cooldown.

    Raises:
        ValueError: `steps` is below 1, a value is not finite, `power` is not above 0, or steps**power is
            beyond the range of a float.

    Same curve: fastai's `SchedPoly(start, end, power)`, timm's "power" cooldown.
    Not the same: `Polynomial` raises the fraction that is left.

    >>> lr = OneMinusPower(1.0, steps=4, power=2)
    >>> [lr(t) for t in (0, 1, 2, 3, 4, 9)]
    [1.0, 0.9375, 0.75, 0.4375, 0.0, 0.0]
    """

    start: float
    _: KW_ONLY
    steps: int
    end: float = 0.0
    power: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, power=POSITIVE)
        _check_power(self)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return power_law(self.start, self.end, xp.minimum(t, self.steps), self.steps, self.power, xp)


@value_class
class OneMinusSqrt(Decay):
    """One less the square root of the fraction of steps passed: the cooldown that keeps most of what a longer run gains.

        lr(t) = end + (start - end)·(1 - sqrt(t/T))    0 <= t < T
        lr(t) = end                                    t >= T

    with t the step and T = `steps`.

    Args:
        start: the value at step 0.
        steps: T, the first step whose value is `end`. In optimizer updates.
        end: the value from step T on.

    Raises:
        ValueError: `steps` is below 1, or a value is not finite.

    Reference: Haegele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations
        (arXiv:2405.18392), section 3.
    Same curve: the "1-sqrt" decay of `transformers.get_wsd_schedule`.

    >>> lr = OneMinusSqrt(1.0, steps=4)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 3, 4, 9)]
    [1.0, 0.5, 0.2929, 0.134, 0.0, 0.0]
    """

    start: float
    _: KW_ONLY
    steps: int
    end: float = 0.0

    def _value(self, t: Array, xp: Namespace) -> Array:
        t = xp.minimum(t, self.steps)
        passed = xp.sqrt(quotient(t, self.steps))
        early = passed <= 0.5
        # 1 - sqrt(t/T) with the difference taken between whole numbers, before any division
        part = xp.either(early, lambda: passed, lambda: quotient(self.steps - t, self.steps) / (1.0 + passed))
        return blend(self.start, self.end, early, part, xp)


def power_law(first: Any, last: Any, n: Array, steps: Any, power: Any, xp: Namespace) -> Array:
    """From `first` at n = 0 to `last` at n = `steps`: first + (last - first)·(n/steps)**power."""

    def part() -> Array:
        # Powers of whole numbers first: rounding the quotient would cost `power` times its error
        return xp.power(n, power) / xp.power(xp.float64(steps), power)

    def rest() -> Array:
        if is_array(first) or is_array(last) or abs(last) < abs(first - last) or abs(last) < abs(first):
            # 1 - part has lost digits near `last`, which show where that is the smaller value
            return xp.one_minus_power(quotient(n, steps), quotient(steps - n, steps), power, part)
        return 1.0 - part()

    if not is_array(first) and first == 0:
        return last * part()
    last_half = n > steps * xp.power(xp.float64(0.5), 1.0 / power)
    return blend(last, first, last_half, xp.either(last_half, rest, part), xp)


def _check_power(schedule: Polynomial | OneMinusPower) -> None:
    steps, power = schedule.steps, schedule.power
    if not is_array(steps) and not is_array(power) and power * math.log(steps) > 700:
        refuse(schedule._name, "power", f"small enough that {steps}**power is a float", power)
