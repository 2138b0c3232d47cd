"""What a drawing or a table needs of a schedule: how far to look, the points of its curve, where two curves part."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lrcore._compositions.clock import PerEpoch, Shift
from lrcore._compositions.product import Clip, Product, Scaled
from lrcore._compositions.sequence import Sequence as SequenceOf
from lrcore._compositions.warmup import Warmup
from lrcore._families.cyclic import CyclicMomentum
from lrcore._families.exponential import Exponential
from lrcore._families.inverse import InverseTime
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


class Edge(NamedTuple):
    """Interim: core's."""

    step: int
    kind: str
    text: str


def horizon(schedules: Sequence[Schedule]) -> int:
    """How many updates to draw where nobody says: up to the last end, or, where nothing ends, some lengths of each."""
    ends = [schedule.length for schedule in schedules if schedule.length is not None]
    return int(max(1, *ends)) if ends else max(1, *(_reach(schedule) for schedule in schedules))


def _reach(schedule: Schedule) -> int:
    """The length, or for a schedule that never ends five times the longest one that it is written with."""
    if schedule.length is not None:
        return schedule.length
    match schedule:
        case Warmup(over=over):
            return over + _reach(schedule._rest)
        case SequenceOf(schedules=[*_, last], boundaries=[*_, begin]):
            return begin + _reach(last)
        case Product(left=left, right=right):
            return max(_reach(left), _reach(right))
        case Scaled(schedule=inner) | Clip(schedule=inner) | Shift(schedule=inner) | CyclicMomentum(cycle=inner):
            return _reach(inner)
        case PerEpoch(schedule=inner, steps_per_epoch=steps_per_epoch):
            return steps_per_epoch * _reach(inner)
        case Exponential(factor=factor, every=every) if factor < 1:
            return math.ceil(min(5 * every / -math.log(factor), 2**53))
        case InverseTime(rate=rate, every=every) if rate > 0:
            return math.ceil(min(5 * every / rate, 2**53))
    lengths = [getattr(schedule, name) for name in schedule._clock]
    numbers = [max(length) if isinstance(length, tuple) else length for length in lengths if length is not None]
    return math.ceil(5 * max(numbers)) if numbers else 1_000


def marks(schedule: Schedule, total: int, most: int) -> tuple[Edge, ...]:
    """The edges up to `total`, or none where there are more than `most`: marks so dense mark nothing."""
    first = list(itertools.islice((step for step, _ in schedule._edges()), most + 1))
    if len(first) > most and first[most] <= total:
        return ()

    def kind(text: str) -> str:  # interim
        return "warmup" if text.startswith("warmup ends") else "peak" if text == "peak" else "change"

    return tuple(Edge(step, kind(text), text) for step, text in schedule.edges(total).items())


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
