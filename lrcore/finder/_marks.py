"""What a sweep's losses say: where they fall, how surely, and which rate to train with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrcore._arguments import refuse
from lrcore.finder._losses import smooth

if TYPE_CHECKING:
    from lrcore.finder._losses import Floats

FEWEST = 8
"""Losses below which nothing is said."""

_SPAN = 0.35
"""The width of the smoothing: the standard deviation of its weights, in powers of ten of the rate."""

_SURE = 4.5
"""Standard errors that the loss must fall by. Of white noise, one sweep in some 5,000 falls as far by chance."""

_BELOW = 3.0
"""How far below the rate of the least loss a peak is recommended."""


class Marks(NamedTuple):
    """What `marks` finds. The rates are None where there are none to give."""

    smoothed: tuple[float, ...]
    noise: float
    flags: tuple[str, ...]
    steepest: float | None = None
    minimum: float | None = None
    low: float | None = None
    high: float | None = None
    suggestion: float | None = None


def marks(rates: Sequence[float], losses: Sequence[float], ended: str = "end") -> Marks:
    """Everything that a sweep's losses say.

    Every rate in the answer but `suggestion` is one of `rates`. The answer is the same for `losses + c` and, with k above
    0, for `k * losses`; and where the rates are multiplied, so is the answer.

    Args:
        rates: the rate of each update, rising.
        losses: the loss before each of these updates, finite.
        ended: why there are no more: "end", "rise" or "not finite".

    Raises:
        ValueError: there are not as many losses as rates, or one is not finite.
    """
    import numpy as np

    n = len(rates)
    if len(losses) != n:
        refuse("marks", "losses", f"as many as the rates, {n}", len(losses))
    if n < FEWEST:
        why = "too few points" if ended == "end" else "began too high" if n or ended == "rise" else "not finite at once"
        return Marks(tuple(losses), 0.0, (why,))
    x, y = np.log(rates), np.asarray(losses, np.float64)
    span = max(2.0, _SPAN * math.log(10) * (n - 1) / (x[-1] - x[0]))
    noise = _noise(y)
    level = float(np.median(y[: max(5, n // 3)]))
    # What blows up is not averaged with its neighbours: one loss of 1e9 would hide the descent before it
    y = np.minimum(y, level + max(3 * noise, level - float(y.min())))
    s = smooth(y, span)
    top = int(np.argmin(s))
    base = float(np.median(y[: max(5, top // 3)]))
    flags = _flags(y, span, noise, top, ended)
    found = Marks(tuple(s.tolist()), noise, flags)
    if "no descent" in flags or "began too high" in flags:
        return found
    drop = base - float(s[top])

    def last_above(part: float) -> int:
        """The last point before the minimum at which less than a part of the descent is behind."""
        above = np.flatnonzero(s[: top + 1] > base - part * drop)
        return int(above[-1]) if above.size else 0

    low, high = last_above(0.1), last_above(0.9)
    steepest = low + int(np.argmin(np.gradient(s, x)[low : high + 1]))  # between them: noise has its steep places too
    return found._replace(
        steepest=float(rates[steepest]),
        minimum=float(rates[top]),
        low=float(rates[low]),
        high=float(rates[high]),
        suggestion=None if "not diverged" in flags else float(rates[top]) / _BELOW,
    )


def _noise(y: Floats) -> float:
    """The standard deviation of a loss around its curve, from the changes that there are.

    An error rate mostly stays as it is: by the median of all changes it would have no noise, and its first change would be
    a descent.
    """
    import numpy as np

    changes = np.abs(np.diff(y))
    changes = changes[changes > 0.0]
    return 1.4826 * float(np.median(changes)) / math.sqrt(2) if changes.size else 0.0


def _flags(y: Floats, span: float, noise: float, top: int, ended: str) -> tuple[str, ...]:
    if top < max(3, span) and ended in ("rise", "not finite"):
        return ("began too high",)
    if not _falls(y, span, noise):
        return ("no descent",)
    if top >= len(y) - 3:
        return ("not diverged",) if ended == "end" else ("diverged at once",)
    return ()


def _falls(y: Floats, span: float, noise: float) -> bool:
    """Whether the loss falls further than its noise explains.

    Somewhere the average of the neighbours, with Gaussian weights, must lie `_SURE` standard errors below the average of
    the first third of what comes before. To compare the smoothed minimum with the noise itself would miss real descents:
    those of a regression with batches of 32, say, where the loss falls by twice its noise.
    """
    import numpy as np

    n = len(y)
    apart = np.arange(1 - n, n)
    weights = np.exp(-0.5 * (apart / span) ** 2)
    from_first = y - y[0]
    padded = np.pad(from_first, n - 1)
    total, squares = (np.correlate(np.pad(np.ones(n), n - 1), w, mode="valid") for w in (weights, weights**2))
    mean = np.correlate(padded, weights, mode="valid") / total
    count = np.maximum(5, np.arange(n) // 3)
    before = np.cumsum(from_first)[np.minimum(count, n) - 1] / count
    error = noise * np.sqrt(squares / total**2 + 1 / count)
    return bool(np.any((before - mean)[5:] > _SURE * error[5:]))
