"""What is done with the losses of a sweep: smoothing them without a lag, and noticing that they blow up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lrcore._arguments import FINITE, POSITIVE, as_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_REACH = 5
"""How many spans the weights of a neighbour reach: beyond, they are below 4e-6."""


def smooth(losses: Iterable[float], span: float) -> Floats:
    """Losses smoothed without a lag: at each point, a straight line is fitted to its neighbours.

        s(k) = the value at k of the line that minimizes the sum over i of exp(-((i - k)/span)²/2)·(line(i) - losses[i])²

    A moving average of the past, which other finders use, lags by as many updates as it averages: with a factor of 0.95
    or 0.98, its steepest point is at a rate some 4 times too high. This is exact on straight lines, up to both ends.

    Args:
        losses: the losses, in their order.
        span: the standard deviation of the weights. In updates.

    Raises:
        ValueError: `span` is not above 0, or a loss is not finite.

    Reference: Cleveland (1979), Robust locally weighted regression and smoothing scatterplots, of degree 1.

    >>> smooth([0.0, 1.0, 2.0, 3.0], span=2.0).round(12).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    import numpy as np

    span = as_number("smooth", "span", span, POSITIVE)
    values = np.array([as_number("smooth", f"losses[{i}]", loss, FINITE) for i, loss in enumerate(losses)], np.float64)
    if values.size < 2:
        return values
    # Around the first loss, so that a constant added to all of them is taken off before anything is rounded
    shifted = values - values[0]
    reach = min(values.size - 1, math.ceil(_REACH * span))
    apart = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (apart / span) ** 2)

    def total(of: Any, power: int) -> Floats:
        """At each k the sum over i of weight·(i - k)**power·of[i]."""
        return np.correlate(np.pad(of, reach), weights * apart**power, mode="valid")

    ones = np.ones_like(shifted)
    s0, s1, s2 = (total(ones, power) for power in range(3))
    t0, t1 = (total(shifted, power) for power in range(2))
    return np.asarray(values[0] + (s2 * t0 - s1 * t1) / (s0 * s2 - s1 * s1), np.float64)


class Watch:
    """Whether a sweep should go on, loss by loss.

    A sweep is over at a loss that is not finite, and where the average of the last losses is far above the best one:

        average > best + 4·max(first - best, 2·jump)

    with the average an exponential one of factor 0.9, corrected for its start, `first` its first value, `best` its least,
    and `jump` the mean change from one loss to the next before this one: the descent and the noise so far are the measure.
    Other finders stop at 4 times the best loss, which ends a sweep of negative losses at its first update.

    >>> watch = Watch()
    >>> [watch.sees(loss) for loss in (-1.0, -1.1, -1.0, -1.2, -1.3, -1.2, -1.1, 9.0)]
    ['', '', '', '', '', '', '', 'rise']
    >>> Watch().sees(float("nan"))
    'not finite'
    """

    _RATIO, _FACTOR, _SETTLE = 4.0, 0.9, 5

    def __init__(self) -> None:
        self._seen = 0
        self._mean = self._jumps = 0.0
        self._first = self._best = self._last = math.inf

    def sees(self, loss: float) -> str:
        """Why the sweep is over after this loss: "rise" or "not finite"; "" if it goes on."""
        if not math.isfinite(loss):
            return "not finite"
        jump = self._jumps / max(1, self._seen - 1)  # without this loss's own, which hides a rise that is sudden
        self._jumps += abs(loss - self._last) if self._seen else 0.0
        self._last = loss
        self._mean = self._FACTOR * self._mean + (1 - self._FACTOR) * loss
        self._seen += 1
        average = self._mean / (1 - self._FACTOR**self._seen)
        if self._seen == 1:
            self._first = average
        self._best = min(self._best, average)
        scale = max(self._first - self._best, 2 * jump)
        rises = self._seen > self._SETTLE and average > self._best + self._RATIO * scale
        return "rise" if rises else ""


def stopped(losses: Iterable[float]) -> tuple[int, str]:
    """How many losses a sweep takes before it is over, and why: "rise", "not finite", or "end" where it never is.

    A loss that is not finite is not counted among them. `Watch` has the rule.

    >>> stopped([2.0, 1.9, 1.5, float("nan"), 1.0])
    (3, 'not finite')
    """
    watch, count = Watch(), 0
    for loss in losses:
        why = watch.sees(loss)
        count += why != "not finite"
        if why:
            return count, why
    return count, "end"
