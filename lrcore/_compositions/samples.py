"""A schedule on the clock of the data: written in samples or tokens, read in updates whose batch may grow."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import KW_ONLY
from functools import cached_property
from itertools import accumulate, groupby, islice, pairwise
from operator import itemgetter
from typing import Any

from lrcore._arguments import COUNT, WHOLE, as_number, check, check_schedule, is_array, owner, refuse
from lrcore._compositions.product import Pointwise
from lrcore._compositions.sequence import Sequence
from lrcore._families.constant import Constant
from lrcore._families.step_decay import MultiStep, PiecewiseConstant
from lrcore._schedule import Edge, Schedule
from lrcore._value import value_class
from lrcore.arrays import Array, Namespace

_MOST = 10_000_000
"""The updates over which a batch may grow, where each has to be looked at."""


class SampleClock:
    """How many samples are seen before each update, and back, in whole numbers.

    Args:
        sizes: the batches, each a positive integer.
        begins: the first update of each batch, of which the first is 0.

    >>> clock = SampleClock((2, 5), begins=(0, 3))
    >>> [clock.samples(t) for t in range(6)], [clock.step(n) for n in (0, 1, 6, 7, 11, 12)]
    ([0, 2, 4, 6, 11, 16], [0, 1, 3, 4, 4, 5])
    """

    def __init__(self, sizes: tuple[int, ...], begins: tuple[int, ...] = (0,)) -> None:
        self.sizes, self.begins = sizes, begins
        grown = (size * (b - a) for size, (a, b) in zip(sizes, pairwise(begins), strict=False))
        self.seen = tuple(accumulate(grown, initial=0))

    def samples(self, step: int) -> int:
        """The samples that are seen before update `step`."""
        i = bisect_right(self.begins, step) - 1
        return self.seen[i] + (step - self.begins[i]) * self.sizes[i]

    def step(self, samples: int) -> int:
        """The first update before which at least so many samples are seen."""
        i = max(bisect_left(self.seen, samples) - 1, 0)
        return self.begins[i] - (self.seen[i] - samples) // self.sizes[i]

    def value(self, t: Array, xp: Namespace) -> Array:
        """`samples` over the steps of any array library: whole numbers, which are exact up to 2**53."""
        if len(self.sizes) == 1:
            return t * self.sizes[0]
        i = xp.searchsorted(self.begins[1:], t)
        return xp.take(self.seen, i) + (t - xp.take(self.begins, i)) * xp.take(self.sizes, i)


@value_class
class PerSample(Schedule):
    """A schedule written in samples or tokens, read in updates. Made by `Schedule.per_sample`.

        lr(t) = schedule(n(t)),  n(t) = batch(0) + batch(1) + ... + batch(t - 1)    0 <= t

    with t the step and n(t) the samples that were seen before it, a whole number.

    Raises:
        ValueError: a batch is below 1, or `batch` is a schedule that neither ends nor goes in stairs.
        TypeError: `batch` is neither an integer nor a schedule.

    >>> from lrcore import Linear, PiecewiseConstant
    >>> lr = PerSample(Linear(1.0, end=0.0, steps=16), PiecewiseConstant([2, 5], boundaries=[3]))
    >>> [lr.samples_at(t) for t in range(6)]
    [0, 2, 4, 6, 11, 16]
    >>> [lr(t) for t in range(6)]
    [1.0, 0.875, 0.75, 0.625, 0.3125, 0.0]
    """

    schedule: Schedule
    batch: int | Schedule
    _: KW_ONLY
    multiple: int = 1

    _method = "per_sample"

    def __post_init__(self) -> None:
        check_schedule(self, "schedule", Schedule)
        check(self, multiple=COUNT)
        if not isinstance(self.batch, Schedule):
            check(self, batch=COUNT)
        for field, value in (("batch", self.batch), ("multiple", self.multiple)):
            if is_array(value) or (isinstance(value, Schedule) and value._array is not None):
                refuse(owner(self), field, "known, not an array of a framework", value, kind=True)
        _ = self._counted  # refuses a batch that is no batch, here rather than at the first step

    @cached_property
    def _counted(self) -> SampleClock:
        return sample_clock(owner(self), self.batch, self.multiple)

    def samples_at(self, step: int) -> int:
        """The samples that are seen before update `step`: exact, and never falling."""
        return self._counted.samples(as_number(self._name, "step", step, WHOLE))

    def step_at(self, samples: int) -> int:
        """The first update before which at least so many samples are seen: the inverse of `samples_at`."""
        return self._counted.step(as_number(self._name, "samples", samples, WHOLE))

    @property
    def length(self) -> int | None:
        length = self.schedule.length
        return None if length is None else self._step(length)

    def _step(self, samples: Any) -> Any:
        if is_array(samples) and len(self._counted.sizes) > 1:
            raise TypeError(f"{owner(self)} with a batch that grows needs lengths that are plain numbers, got an array.")
        return -(-samples // next(iter(self._counted.sizes))) if is_array(samples) else self._counted.step(samples)

    def _value(self, t: Array, xp: Namespace) -> Array:
        return self.schedule._value(self._counted.value(t, xp), xp)

    def _edges(self) -> Iterator[Edge]:
        return (edge._replace(step=self._step(edge.step)) for edge in self.schedule._edges())

    def _reach(self) -> int:
        reach: int = self._step(self.schedule._reach())
        return reach

    def _after_warmup(self, steps: int) -> Schedule:
        raise ValueError("A warmup after .per_sample() is not supported: call .warmup(samples) first, then .per_sample().")


def sample_clock(owner: str, batch: int | Schedule, multiple: int = 1) -> SampleClock:
    """The clock of a batch: a number, or a schedule of it whose values are rounded to whole multiples."""
    if not isinstance(batch, Schedule):
        batch = Constant(batch)
    if _in_stairs(batch):
        begins = [0, *(edge.step for edge in islice(batch._edges(), _MOST))]
        values = [batch(step) for step in begins]
    elif batch.length is not None and batch.length <= _MOST:
        begins, values = _every_change(batch, batch.length)
    else:
        rule = f"a positive integer, or a schedule of one that goes in stairs or ends within {_MOST:,} updates"
        refuse(owner, "batch", rule, batch)
    sizes = [math.floor(value / multiple + 0.5) * multiple for value in values]
    if min(sizes) < 1:
        refuse(owner, "batch", "1 or more at every update", batch)
    first = [i for i, size in enumerate(sizes) if not i or size != sizes[i - 1]]
    return SampleClock(tuple(sizes[i] for i in first), tuple(begins[i] for i in first))


def _every_change(batch: Schedule, length: int) -> tuple[list[int], list[float]]:
    """The steps at which a batch changes, and its values there."""
    try:
        import numpy as np
    except ImportError:
        runs = (next(run) for _, run in groupby(enumerate(map(batch, range(length + 1))), key=itemgetter(1)))
        begins, values = zip(*runs, strict=True)
        return list(begins), list(values)
    every = np.asarray(batch(np.arange(length + 1)))
    changed = np.flatnonzero(np.diff(every, prepend=every[0] - 1))
    return changed.tolist(), every[changed].tolist()


def _in_stairs(schedule: Schedule) -> bool:
    """Whether all that changes the value is an edge, of which there are so many and no more."""
    if isinstance(schedule, Pointwise):
        return _in_stairs(schedule.schedule)
    if isinstance(schedule, Sequence):
        return all(map(_in_stairs, schedule.schedules))
    return isinstance(schedule, (Constant, MultiStep, PiecewiseConstant))
