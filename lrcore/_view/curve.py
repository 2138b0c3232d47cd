"""What a drawing or a table needs of a schedule: how far to look, the points of its curve, where two curves part."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lrcore._numeric.compiled import compiled
from lrcore._schedule import Edge, Schedule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DRAWN = 1_000_000
"""Up to so many updates a drawing looks at each one; beyond, at as many in even distances."""

SUMMED = 10_000_000
"""Likewise a summary, which need not be as fast."""

GOLDEN = (math.sqrt(5) - 1) / 2
"""The fractions of its multiples are spread evenly, and no period is in step with them."""

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


def along(schedule: Schedule, steps: Sequence[float]) -> list[float]:
    """The values at steps from 0 on, by NumPy; one by one where there are few or it is missing, with the same bits."""
    if len(steps) >= _MANY:
        try:
            import numpy as np
        except ImportError:
            pass
        else:
            with np.errstate(all="ignore"):  # as Python's floats are
                found: list[float] = values(schedule, np.array(steps, np.float64)).tolist()
            return found
    value = evaluator(schedule)
    return [value(float(step)) for step in steps]


_MANY = 200
"""The steps from which on NumPy takes less time."""


def evaluator(schedule: Schedule) -> Callable[[float], float]:
    """The values at float steps from 0 on, compiled where the formula is ours."""
    return compiled(schedule._value) if schedule._ours else schedule


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


def drawn(schedule: Schedule, first: int, last: int, pixels: int, *, log: bool = False) -> tuple[list[float], list[float]]:
    """Steps and values of a curve from `first` to `last` that looks as if every step were in it, without NumPy.

    Every pixel has a point, and so have both sides of every edge, and the quarters between two that are near each other:
    between two edges a schedule of ours is smooth, so that no extreme that can be seen is lost. Where there are more edges
    than pixels, each pixel has its least and its largest value, as `_envelope` finds them. With `log` the pixels are even
    on a logarithmic axis of steps.
    """
    grid = _grid(first, last, pixels, log)
    span = last - first
    if span <= 2 * pixels:
        # Between the steps too, where they are few: a jump is then drawn upright, and a curve round
        steps = sorted({*range(first, last + 1), *grid})
        return steps, along(schedule, steps)
    ahead = itertools.takewhile(lambda edge: edge.step <= last + 1, schedule._edges())
    edges: list[Edge] = []
    inside = 0
    for edge in itertools.islice(ahead, _FOLLOWED):
        edges.append(edge)
        inside += edge.step >= first
        if inside > 2 * pixels or len(edges) == _FOLLOWED:
            return _envelope(schedule, sorted({math.floor(step) for step in grid}), edges)
    both = (step for edge in edges for step in (edge.step - 1, edge.step))
    pieces = itertools.pairwise([0, *(edge.step for edge in edges)])
    near = ((begin, end) for begin, end in pieces if end - begin <= _NEAR * span / pixels)
    quarters = (begin + (end - begin) * i // 4 for begin, end in near for i in (1, 2, 3))
    steps = sorted({*grid, *(step for step in (*both, *quarters) if first <= step <= last)})
    return steps, along(schedule, steps)


def _grid(first: int, last: int, pixels: int, log: bool) -> list[float]:
    """The ends of pixels: whole steps, if a pixel has several, and two to a pixel otherwise."""
    halves = range(2 * pixels + 1)
    if not log:
        span = last - first
        return (
            [first + span * i // pixels for i in halves[: pixels + 1]]
            if span > 2 * pixels
            else [first + span * i / (2 * pixels) for i in halves]
        )
    begin = max(first, 1)
    wide = math.log(max(last, 2) / begin) / (2 * pixels)
    steps = (min(begin * math.exp(wide * i), float(last)) for i in halves)
    return [first, *(math.floor(step) if step * wide > 1 else step for step in steps), last]


_NEAR = 4
"""The pixels in which a smooth curve may have a top between their ends that is seen."""

_FOLLOWED = 20_000
"""The edges that are looked for."""

_LOOKED = 8
"""The steps of a pixel that are looked at where its edges are too many, and come in no period."""


def _envelope(schedule: Schedule, begins: Sequence[int], edges: Sequence[Edge]) -> tuple[list[float], list[float]]:
    """The least and the largest value of each pixel.

    Both sides of `edges`, the first ones, are looked at. Where they come in a period, so are those of one period in each
    pixel. Where they do not, some steps at uneven distances are, with which no period is in step.
    """
    known = sorted({step for edge in edges for step in (edge.step - 1, edge.step)})  # a warmup is in no period
    period, kinds = _period(edges)
    looked: list[list[int]] = []
    for i, (begin, end) in enumerate(itertools.pairwise(begins)):
        if period:
            near = (edge - (edge - begin - 1) // period * period for edge in kinds)  # the first one after `begin`
            inside = {step for edge in near if edge < end for step in (edge - 1, edge)}
        else:
            inside = {begin + int((end - begin) * (GOLDEN * (i * _LOOKED + j) % 1)) for j in range(1, _LOOKED)}
        inside |= set(known[bisect_left(known, begin) : bisect_left(known, end)])
        looked.append(sorted({begin, *inside}))
    every = iter(along(schedule, [step for seen in looked for step in seen]))
    steps: list[float] = []
    rates: list[float] = []
    for seen in looked:
        found = list(itertools.islice(every, len(seen)))
        for i in sorted({0, found.index(min(found)), found.index(max(found))}):
            steps.append(seen[i])
            rates.append(found[i])
    return [*steps, begins[-1]], [*rates, schedule(begins[-1])]


_KINDS = 16
"""The edges of one period that are looked at in each pixel."""


def _period(edges: Sequence[Edge]) -> tuple[int, Sequence[int]]:
    """How many steps lie between an edge and the next of its kind, and one of each kind; 0 where there is no period."""
    tail = edges[-64 * _KINDS :]
    steps = [(b.step - a.step, b.text) for a, b in itertools.pairwise(tail)]
    for count in range(1, min(_KINDS, len(steps) // 2) + 1):
        if steps[count:] == steps[:-count]:
            return tail[count].step - tail[0].step, [edge.step for edge in tail[:count]]
    return 0, ()


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
