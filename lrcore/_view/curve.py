"""What a drawing or a table needs of a schedule: how far to look, the points of its curve, where two curves part."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lrcore._schedule import Edge, Schedule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DRAWN = 1_000_000
"""Up to so many updates a drawing looks at each one; beyond, at as many in even distances."""

SUMMED = 10_000_000
"""Likewise a summary, which need not be as fast."""

_BINS = 1_000
"""More than the pixels that a curve has across."""


def horizon(schedules: Sequence[Schedule]) -> int:
    """How many updates to draw by default: up to the last end, or, where nothing ends, some periods of each."""
    ends = [schedule.length for schedule in schedules if schedule.length is not None]
    return int(max(1, *ends)) if ends else max(1, *(schedule._reach() for schedule in schedules))


def marks(schedule: Schedule, total: int, most: int) -> tuple[Edge, ...]:
    """The edges up to `total`, or none where there are more than `most`: marks so dense mark nothing."""
    first = list(itertools.islice((edge.step for edge in schedule._edges()), most + 1))
    return () if len(first) > most and first[most] <= total else schedule.edges(total)


def values(schedule: Callable[[Any], Any], steps: Any) -> Floats:
    """The values at a NumPy array of steps, one by one where a function of the user's takes numbers only."""
    import numpy as np

    try:
        return np.asarray(schedule(steps), np.float64)
    except TypeError:
        return np.array([schedule(step) for step in steps.tolist()])


def points(schedule: Callable[[Any], Any], total: int, bins: int = _BINS) -> tuple[Floats, Floats]:
    """Steps and values of a curve from 0 to `total` that looks as if every step were in it, in about 4 points a bin.

    Of each bin, a pixel or so wide, it has the first, last, least and largest value: even distances would miss a spike.
    """
    import numpy as np

    if total <= 2 * bins:
        # Between the steps too, where they are few: a jump is then drawn upright, and a curve round
        steps = np.union1d(np.linspace(0, total, 2 * bins + 1), np.arange(total + 1))
        return steps, values(schedule, steps)
    steps = np.arange(total + 1.0) if total <= _DRAWN else np.linspace(0, total, _DRAWN).round()
    rates = values(schedule, steps)
    size = len(steps) // bins
    begin = np.arange(bins) * size
    inside = rates[: bins * size].reshape(bins, size)
    ends = (begin, begin + size - 1, np.arange(bins * size, len(steps)))
    index = np.unique(np.concatenate([*ends, begin + inside.argmin(1), begin + inside.argmax(1)]))
    return steps[index], rates[index]


def first_and_largest_difference(a: Schedule, b: Schedule, total: int) -> tuple[int, int] | None:
    """The first step up to `total` at which two schedules differ and the one where they do most, or None."""
    import numpy as np

    first, most, widest = None, 0, 0.0
    for steps in blocks(total + 1):
        apart = np.abs(values(a, steps) - values(b, steps))
        if first is None and apart.any():
            first = int(steps[(apart > 0).argmax()])
        if apart.max() > widest:
            widest, most = float(apart.max()), int(steps[apart.argmax()])
    return None if first is None else (first, most)


def blocks(total: int, most: int = SUMMED) -> Iterator[Any]:
    """The steps of `total` updates, a million at a time; of more than `most`, so many in even distances."""
    import numpy as np

    size = 1_000_000
    if total > most:
        yield from np.array_split(np.linspace(0, total - 1, most).round(), most // size)
        return
    for begin in range(0, total, size):
        yield np.arange(begin, min(begin + size, total))
