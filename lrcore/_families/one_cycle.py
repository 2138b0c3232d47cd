"""One cycle up and down, and the momentum that goes the other way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY
from functools import cached_property
from typing import Any

from lrcore._arguments import (
    COUNT,
    FINITE,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    check,
    check_bool,
    check_choice,
    explained,
    is_array,
    owner,
    refuse,
)
from lrcore._families.shapes import SEGMENTS
from lrcore._numeric.segments import PiecewiseCurve
from lrcore._schedule import Edge, Kind, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class OneCycle(Schedule):
    """Up from peak/div_factor to `peak`, then down to far below where it began, by the last of `steps` updates.

        knots     0                  pct_start·T - 1    T - 1
        values    peak/div_factor    peak               peak/(div_factor·final_div_factor)

        knots     0                  pct_start·T - 1    2·pct_start·T - 2    T - 1, with three_phase
        values    peak/div_factor    peak               peak/div_factor      peak/(div_factor·final_div_factor)

        lr(t) = v + (w - v)·(1 - cos(π·(t - a)/(b - a)))/2    a <= t < b, for neighbouring knots a, b and values v, w
        lr(t) = peak/(div_factor·final_div_factor)            t >= T - 1

    with t the step and T = `steps`. The knots are not rounded: the peak is met exactly where pct_start·T is whole. Update
    T - 1, the last of T updates, has the lowest rate, and later ones keep it.

    Args:
        peak: the highest value.
        steps: T, the number of updates. In optimizer updates.
        pct_start: the fraction of the cycle that goes up, above 1/T.
        div_factor: the ratio of the peak to the first value.
        final_div_factor: the ratio of the first value to the last.
        shape: "cosine" or "linear" between the knots.
        three_phase: come down to the first value as fast as it went up, then to the last.

    Raises:
        ValueError: the knots do not increase, or a number is outside its range.

    Reference: Smith and Topin, Super-Convergence (arXiv:1708.07120), section 3.
    Same curve: `torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps)`, with the same defaults.
    Not the same: `optax.cosine_onecycle_schedule` has its knots at int(pct_start·T) and T; fastai divides the peak, not the
        first value, by its final factor.

    >>> lr = OneCycle(1.0, steps=10)
    >>> [round(lr(t), 4) for t in (0, 1, 2, 5, 9, 10, 99)]
    [0.04, 0.52, 1.0, 0.6113, 0.0, 0.0, 0.0]
    >>> momentum = lr.momentum()
    >>> [round(momentum(t), 4) for t in (0, 2, 9, 99)]
    [0.95, 0.85, 0.95, 0.95]
    """

    peak: float
    _: KW_ONLY
    steps: int
    pct_start: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    shape: str = "cosine"
    three_phase: bool = False

    _clock = ("steps",)

    def __post_init__(self) -> None:
        check(self, peak=FINITE, steps=COUNT, pct_start=FRACTION, div_factor=POSITIVE, final_div_factor=POSITIVE)
        check_choice(self, "shape", SEGMENTS)
        check_bool(self, "three_phase")
        if is_array(self.steps) or is_array(self.pct_start):
            return
        knots = self._knots
        if knots[1] <= 0:
            refuse("OneCycle", "pct_start", f"above 1/steps, which is {1 / self.steps:.6g}", self.pct_start)
        if knots[-1] <= knots[-2]:
            rule = f"such that its knots {knots} increase"
            refuse("OneCycle", "pct_start", rule, self.pct_start, hint="make it smaller, or steps larger")

    @property
    def length(self) -> int:
        return self.steps

    @property
    def _knots(self) -> tuple[Any, ...]:
        up = self.pct_start * self.steps - 1
        middle = (2 * self.pct_start * self.steps - 2,) if self.three_phase else ()
        return (0, up, *middle, self.steps - 1)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self._curve.value(t, xp)

    @cached_property
    def _curve(self) -> PiecewiseCurve:
        first = self.peak / self.div_factor
        middle = (first,) if self.three_phase else ()
        return PiecewiseCurve(self._knots, (first, self.peak, *middle, first / self.final_div_factor), SEGMENTS[self.shape])

    def _edges(self) -> Iterator[Edge]:
        return _edges(self, ("peak", "peak"), ("low", "down again"))

    @explained
    def momentum(self, *, high: float = 0.95, low: float = 0.85) -> OneCycleMomentum:
        """The inverse curve, for momentum or Adam's beta1: `high` at step 0, `low` at the peak, `high` at the end.

        Args:
            high: the value at both ends.
            low: the value at the peak of the rate.

        Raises:
            ValueError: one of the two is not at least 0 and below 1, or `low` is above `high`.
        """
        return OneCycleMomentum(self, high=high, low=low)

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError("OneCycle.warmup is not supported: a cycle begins with one, given by pct_start and div_factor.")


@value_class
class OneCycleMomentum(Schedule):
    """The momentum that goes with a `OneCycle`: low where the rate is high. Made by `OneCycle.momentum`.

        knots     0       pct_start·T - 1    T - 1
        values    high    low                high

        knots     0       pct_start·T - 1    2·pct_start·T - 2    T - 1, with three_phase
        values    high    low                high                 high

        m(t) = v + (w - v)·(1 - cos(π·(t - a)/(b - a)))/2    a <= t < b, for neighbouring knots a, b and values v, w
        m(t) = high                                          t >= T - 1

    with t the step and T the cycle's `steps`.

    Args:
        cycle: the `OneCycle`, whose knots and shape this follows.
        high: the value at both ends.
        low: the value at the peak of the rate.

    Raises:
        ValueError: one of the two is not at least 0 and below 1, or `low` is above `high`.

    Reference: Smith, A disciplined approach to neural network hyper-parameters (arXiv:1803.09820), section 4.
    Same curve: the momentum of `torch.optim.lr_scheduler.OneCycleLR`.

    >>> momentum = OneCycle(1.0, steps=10).momentum(high=0.9, low=0.8)
    >>> [round(momentum(t), 4) for t in (0, 1, 2, 9, 99)]
    [0.9, 0.85, 0.8, 0.9, 0.9]
    """

    cycle: OneCycle
    _: KW_ONLY
    high: float = 0.95
    low: float = 0.85

    _method = "momentum"

    def __post_init__(self) -> None:
        check_momentum(self)

    @property
    def length(self) -> int:
        return self.cycle.length

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self._curve.value(t, xp)

    @cached_property
    def _curve(self) -> PiecewiseCurve:
        middle = (self.high,) if self.cycle.three_phase else ()
        return PiecewiseCurve(self.cycle._knots, (self.high, self.low, *middle, self.high), SEGMENTS[self.cycle.shape])

    def _edges(self) -> Iterator[Edge]:
        return _edges(self.cycle, ("low", "low"), ("peak", "high"))

    _after_warmup = OneCycle._after_warmup


def _edges(cycle: OneCycle, *what: tuple[Kind, str]) -> Iterator[Edge]:
    """The update nearest to each knot, then the end."""
    for knot, (kind, text) in zip(cycle._knots[1:-1], what, strict=False):
        yield Edge(round(float(knot)), kind, text)
    yield Edge(cycle.steps, "end", "end")


def check_momentum(schedule: Any) -> None:
    """Hold `high` and `low` of a momentum schedule to 0 <= low <= high < 1."""
    check(schedule, high=NON_NEGATIVE, low=NON_NEGATIVE)
    if not is_array(schedule.high) and schedule.high >= 1:
        refuse(owner(schedule), "high", "below 1", schedule.high)
    if not is_array(schedule.high) and not is_array(schedule.low) and schedule.low > schedule.high:
        refuse(owner(schedule), "low", f"at most high, which is {schedule.high!r}", schedule.low)
