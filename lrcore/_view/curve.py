"""What a drawing or a table needs of a schedule: how far to look, the points of its curve, the numbers that sum it up."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrcore._schedule import Schedule

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


def marks(schedule: Schedule, total: int, most: int) -> dict[int, str]:
    """The edges up to `total`, or none where there are more than `most`: marks so dense mark nothing."""
    first = list(itertools.islice((edge.step for edge in schedule._edges()), most + 1))
    found: dict[int, str] = {}
    if len(first) <= most or first[most] > total:
        for step, _, text in schedule.edges(total):
            found[step] = f"{found[step]}, {text}" if step in found else text
    return found


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


@dataclass(frozen=True)
class Row:
    """One number of a summary: what it is, the step it belongs to where it has one, and the number."""

    what: str
    step: int | None
    value: float


def summary(schedule: Schedule, total: int, most: int = 32) -> list[Row]:
    """What there is to know of `total` updates: first, peak, at each edge, last, after the end, mean, area.

    The mean and the area are of the rates that updates 0 to total - 1 use, one each.
    """
    import numpy as np

    peak, at, area, count = -math.inf, 0, 0.0, 0
    for steps in blocks(total):
        rates = values(schedule, steps)
        top = int(rates.argmax())
        if rates[top] > peak:
            peak, at = float(rates[top]), int(steps[top])
        area += float(np.sum(rates))
        count += len(steps)
    rows = [Row("first", 0, schedule(0)), Row("peak", at, peak)]
    rows += [Row(what, step, schedule(step)) for step, what in marks(schedule, total - 1, most).items()]
    rows.append(Row("last update", total - 1, schedule(total - 1)))
    if schedule.length is not None:
        end = max(total, schedule.length)
        rows.append(Row("after the end", end, schedule(end)))
    return [*rows, Row("mean", None, area / count), Row("area", None, area / count * total)]


def parting(a: Schedule, b: Schedule, total: int) -> tuple[int, int] | None:
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
