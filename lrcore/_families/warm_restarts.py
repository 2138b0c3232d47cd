"""Cosine decays that restart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import KW_ONLY
from functools import cached_property
from typing import Any

from lrcore._arguments import COUNT, FACTOR, FINITE, POSITIVE, check, is_array, refuse
from lrcore._families.cosine import COSINE
from lrcore._numeric.blend import phase
from lrcore._numeric.segments import Segments, segment
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace

_LAST_STEP = 2**53
"""The largest step that a float64 tells from its neighbours: boundaries beyond it are not needed."""


@value_class
class WarmRestarts(Schedule):
    """Repeated cosine decays (SGDR): each cycle restarts at a peak and falls to `end`.

        lr(t) = end + (start - end)·decay**n·(1 + cos(π·i/T_n))/2    in cycle n, i steps after its beginning

        T_n = steps·growth**n, rounded to whole steps, at least 1
        lr(t) = end, once `cycles` cycles have passed

    with t the step. The step of a restart has the new peak.

    Args:
        start: the first peak.
        steps: T_0, the length of the first cycle; `length` is that of them all. In optimizer updates.
        end: the value that each cycle falls towards.
        growth: the ratio of each cycle's length to the one before: 1, or from 1.001 up.
        decay: the ratio of each peak to the one before, both measured from `end`.
        cycles: how many cycles; without end if not given.

    Raises:
        ValueError: `steps` or `cycles` is below 1, `growth` is neither 1 nor from 1.001 to 2**53, `decay` is not above 0
            and at most 1, or a value is not finite.

    Reference: Loshchilov and Hutter, SGDR (arXiv:1608.03983), equation 5.
    Same curve: `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, steps, growth, end)` with whole growth,
        stepped without an epoch.
    Not the same: `keras.optimizers.schedules.CosineDecayRestarts` doubles its cycles unless told not to, and takes some
        exact restarts for the end of the cycle before.

    >>> lr = WarmRestarts(1.0, steps=2, growth=2, decay=0.5, cycles=2)
    >>> [round(lr(t), 4) for t in range(8)]
    [1.0, 0.5, 0.5, 0.4268, 0.25, 0.0732, 0.0, 0.0]
    """

    start: float
    _: KW_ONLY
    steps: int
    end: float = 0.0
    growth: float = 1
    decay: float = 1
    cycles: int | None = None

    _clock = ("steps",)

    def __post_init__(self) -> None:
        check(self, start=FINITE, steps=COUNT, end=FINITE, growth=POSITIVE, decay=FACTOR)
        if self.cycles is not None:
            check(self, cycles=COUNT)
        for name in ("growth", "cycles"):
            if is_array(getattr(self, name)):
                refuse("WarmRestarts", name, "a plain number: it fixes how many cycles there are", "an array", kind=True)
        if self.growth != 1 and not 1.001 <= self.growth <= _LAST_STEP:
            refuse("WarmRestarts", "growth", "1, or from 1.001 to 2**53", self.growth)
        if is_array(self.steps) and self.growth != int(self.growth):
            refuse("WarmRestarts", "growth", "a whole number where steps is an array", self.growth)

    @property
    def length(self) -> int | None:
        if self.cycles is None:
            return None
        if self.growth == 1:
            return self.steps * self.cycles
        begins = self._begins
        return None if len(begins) <= self.cycles else begins[self.cycles]

    @cached_property
    def _begins(self) -> tuple[Any, ...]:
        """The first step of each cycle that begins by `_LAST_STEP`, and of the next: exact, as no logarithm is."""
        begins, length, n = [0], 0, 0
        steps = 1 if is_array(self.steps) else self.steps
        whole = int(self.growth) if self.growth == int(self.growth) else None
        while begins[-1] <= _LAST_STEP and (self.cycles is None or n < self.cycles):
            length = steps * whole**n if whole is not None else max(1, round(steps * self.growth**n))
            begins.append(begins[-1] + length)
            n += 1
        return tuple(begins) if steps is self.steps else tuple(begin * self.steps for begin in begins)

    def _value(self, t: Array, xp: Namespace) -> Array:
        if self.growth == 1:
            n, elapsed = phase(t, self.steps, self.cycles, xp)
            left, constants = self.steps - elapsed, COSINE.constants(self.steps)
        else:
            cycle, elapsed, left, constants = self._segments.at(t, xp)
            n = xp.float64(cycle)
        height = xp.power(xp.float64(self.decay), n)
        peak = xp.where(height == 1.0, self.start, self.end + (self.start - self.end) * height)
        return segment(peak, self.end, elapsed, left, COSINE, constants, xp)

    def _edges(self) -> Iterator[Edge]:
        begins = itertools.count(self.steps, self.steps) if self.growth == 1 else iter(self._begins[1:])
        for n, begin in enumerate(begins, 1):
            if n == self.cycles:
                yield Edge(begin, "end", "end")
                break
            yield Edge(begin, "restart", "restart")

    def _reach(self) -> int:
        return self.length or 5 * self.steps

    @cached_property
    def _segments(self) -> Segments:
        return Segments(self._begins, COSINE)
