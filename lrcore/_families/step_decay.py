"""Staircases: the value is constant between jumps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY

from lrcore._arguments import COUNT, FACTOR, FINITE, check, check_many, refuse
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace


@value_class
class StepDecay(Schedule):
    """Multiplied by `factor` every `every` steps.

        lr(t) = start·factor**floor(t/every)    0 <= t

    with t the step. The step `every` already has the second value.

    Args:
        start: the value of the first `every` steps.
        every: the length of a stair. In optimizer updates.
        factor: the ratio of each stair to the one before.

    Raises:
        ValueError: `every` is below 1, `factor` is not above 0 and at most 1, or `start` is not finite.

    Reference: He et al., Deep Residual Learning (arXiv:1512.03385), section 3.4.
    Same curve: `torch.optim.lr_scheduler.StepLR(optimizer, every, factor)`,
        `optax.exponential_decay(start, every, factor, staircase=True)`.

    >>> lr = StepDecay(1.0, every=30, factor=0.5)
    >>> [lr(t) for t in (0, 29, 30, 59, 60, 90)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.125]
    """

    start: float
    _: KW_ONLY
    every: int
    factor: float = 0.1

    _clock = ("every",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, every=COUNT, factor=FACTOR)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.start * xp.power(xp.float64(self.factor), xp.floor_divide(t, self.every))

    def _edges(self) -> Iterator[Edge]:
        return stairs(self.every)

    def _reach(self) -> int:
        return 5 * self.every


def stairs(every: float) -> Iterator[Edge]:
    """The first step of each stair but the first, for stairs of `every` steps, whole or not."""
    if every <= 1:
        return (Edge(step, "change", "stair") for step in itertools.count(1))
    return (Edge(math.ceil(n * every), "change", "stair") for n in itertools.count(1))


@value_class
class MultiStep(Schedule):
    """Multiplied by `factor` at each milestone.

        lr(t) = start·factor**n, n the number of milestones <= t    0 <= t

    with t the step: a milestone is the first step of its new value.

    Args:
        start: the value before the first milestone.
        milestones: increasing steps. In optimizer updates.
        factor: the number that the value is multiplied by at each milestone.

    Raises:
        ValueError: milestones are not positive and increasing, `factor` is not above 0 and at most 1, or `start` is
            not finite.

    Reference: He et al., Deep Residual Learning (arXiv:1512.03385), section 4.2.
    Same curve: `torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, factor)`,
        `optax.piecewise_constant_schedule(start, {m: factor for m in milestones})`.
    Not the same: timm's `MultiStepLRScheduler` changes one step earlier.

    >>> lr = MultiStep(1.0, milestones=[3, 5], factor=0.5)
    >>> [lr(t) for t in (0, 2, 3, 4, 5, 9)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    start: float
    _: KW_ONLY
    milestones: Sequence[int]
    factor: float = 0.1

    _clock = ("milestones",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, factor=FACTOR)
        check_many(self, "milestones", COUNT, increasing=True)

    def _value(self, t: Array, xp: Namespace) -> Array:
        passed = xp.float64(xp.searchsorted(self.milestones, t))
        return self.start * xp.power(xp.float64(self.factor), passed)

    def _edges(self) -> Iterator[Edge]:
        return (Edge(step, "change", "milestone") for step in self.milestones)

    def _reach(self) -> int:
        return math.ceil(1.25 * self.milestones[-1])


@value_class
class PiecewiseConstant(Schedule):
    """A given value in each interval between boundaries.

        lr(t) = values[0]       0 <= t < boundaries[0]
        lr(t) = values[i]       boundaries[i - 1] <= t < boundaries[i]
        lr(t) = values[-1]      t >= boundaries[-1]

    with t the step: a boundary is the first step of its new value.

    Args:
        values: the values, one more than there are boundaries.
        boundaries: increasing steps. In optimizer updates.

    Raises:
        ValueError: boundaries are not positive and increasing, there is not one value more, or a value is not finite.

    Same curve: `optax.piecewise_constant_schedule` with the ratios of neighbouring values.
    Not the same: `keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)` changes one step later.

    >>> lr = PiecewiseConstant([1.0, 0.5, 0.1], boundaries=[3, 5])
    >>> [lr(t) for t in (0, 2, 3, 4, 5, 9)]
    [1.0, 1.0, 0.5, 0.5, 0.1, 0.1]
    """

    values: Sequence[float]
    _: KW_ONLY
    boundaries: Sequence[int]

    _clock = ("boundaries",)

    def __post_init__(self) -> None:
        check_many(self, "values", FINITE, at_least=2)
        check_many(self, "boundaries", COUNT, increasing=True)
        if len(self.values) != len(self.boundaries) + 1:
            refuse(
                "PiecewiseConstant", "values", f"{len(self.boundaries) + 1} numbers, one more than boundaries", self.values
            )

    def _value(self, t: Array, xp: Namespace) -> Array:
        return xp.take(self.values, xp.searchsorted(self.boundaries, t))

    def _edges(self) -> Iterator[Edge]:
        return (Edge(step, "change", "boundary") for step in self.boundaries)

    def _reach(self) -> int:
        return math.ceil(1.25 * self.boundaries[-1])
