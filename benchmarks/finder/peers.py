"""What other finders suggest: their smoothing, stopping and formula, as functions of rates and raw losses.

Each takes the losses of a whole sweep, NaN from where they are not finite, and gives a rate, or None where the original
gives none or raises an error. The versions: torch_lr_finder 0.2.2, fastai 2.8.12, Lightning 2.6.6, ignite 0.5.5.
`tests/benchmarks` compares them with what the originals suggest.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Losses = Any
"""An array of float64."""


class Recorded(NamedTuple):
    """What a finder has recorded when it stops."""

    rates: Any
    losses: Any


def _stopped(rates: Any, smoothed: list[float], ratio: float, first: int = 0) -> Recorded:
    """Up to the first loss that is above so many times the best."""
    best = np.inf
    for i, loss in enumerate(smoothed):
        best = min(best, loss) if i != first else loss
        if i > first and loss > ratio * best:
            return Recorded(rates[: i + 1], np.array(smoothed[: i + 1]))
    return Recorded(rates[: len(smoothed)], np.array(smoothed))


def torch_lr_finder(low: float, high: float, losses: Losses) -> float | None:
    rates = low * (high / low) ** (np.arange(len(losses)) / (len(losses) - 1))
    smoothed = _average(losses)
    recorded = _stopped(rates, smoothed, 5)
    shown = recorded.losses[10:-5]
    return float(recorded.rates[10:-5][np.gradient(shown).argmin()]) if len(shown) >= 2 else None


def _average(losses: Losses) -> list[float]:
    """An exponential average of factor 0.95 that begins with the first loss."""
    smoothed = [float(losses[0])]
    for loss in losses[1:]:
        smoothed.append(0.05 * loss + 0.95 * smoothed[-1])
    return smoothed


def _fastai(low: float, high: float, losses: Losses) -> Recorded:
    n = len(losses)
    rates = low * (high / low) ** (np.arange(n) / n)
    mean, smoothed = 0.0, []
    for i, loss in enumerate(losses):
        mean = 0.98 * mean + 0.02 * loss
        smoothed.append(mean / (1 - 0.98 ** (i + 1)))
    recorded = _stopped(rates, smoothed, 4)
    shown = Recorded(recorded.rates[n // 10 : -5], recorded.losses[n // 10 : -5])
    cut = np.flatnonzero(np.isnan(shown.losses))
    return Recorded(*(part[: cut[0]] if len(cut) else part for part in shown))


def fastai_valley(low: float, high: float, losses: Losses) -> float | None:
    recorded = _fastai(low, high, losses)
    n = len(recorded.losses)
    if n == 0:
        return None
    longest, end = [1] * n, 0
    start = 0
    for i in range(1, n):
        for j in range(i):
            if recorded.losses[i] < recorded.losses[j] and longest[i] < longest[j] + 1:
                longest[i] = longest[j] + 1
            if longest[end] < longest[i]:
                end = i
                start = end - longest[end]
    third = (end - start) / 3
    return float(recorded.rates[start + int(third) + int(third / 2)])


def fastai_slide(low: float, high: float, losses: Losses) -> float | None:
    recorded = _fastai(low, high, losses)
    n = len(recorded.losses)
    if n < 16:
        return None
    slopes = np.gradient(recorded.losses)
    right, left = -1, -16
    rate = recorded.rates[left]
    while left >= -n and abs(slopes[right] - slopes[left]) > 0.005:
        rate = recorded.rates[left]
        right, left = right - 1, left - 1
    return float(rate)


def fastai_minimum(low: float, high: float, losses: Losses) -> float | None:
    recorded = _fastai(low, high, losses)
    return float(recorded.rates[recorded.losses.argmin()] / 10) if len(recorded.losses) else None


def fastai_steep(low: float, high: float, losses: Losses) -> float | None:
    recorded = _fastai(low, high, losses)
    slopes = np.diff(recorded.losses) / np.diff(np.log(recorded.rates))
    return float(recorded.rates[slopes.argmin()]) if len(slopes) else None


def lightning(low: float, high: float, losses: Losses) -> float | None:
    n = len(losses)
    rates = low * (high / low) ** (np.r_[0, np.arange(2, n + 1)] / n)
    mean, smoothed = 0.0, []
    for i, loss in enumerate(losses):
        mean = 0.98 * mean + 0.02 * loss
        smoothed.append(mean / (1 - 0.98 ** (i + 2)))  # one power too many, as there
    recorded = _stopped(rates, smoothed, 4, first=1)
    shown = Recorded(recorded.rates[10:-1], recorded.losses[10:-1])
    finite = np.isfinite(shown.losses)
    if finite.sum() < 2:
        return None
    return float(shown.rates[finite][np.gradient(shown.losses[finite], shown.rates[finite]).argmin()])


def ignite(low: float, high: float, losses: Losses) -> float | None:
    n = len(losses)
    rates = low * (high / low) ** ((np.arange(n) + 1) / n)
    recorded = _stopped(rates, _average(losses), 5)
    falling = recorded.losses[: int(recorded.losses.argmin()) + 1]
    if len(falling) < 3:
        return None
    return float(recorded.rates[1 + (0.5 * (falling[2:] - falling[:-2])).argmin()])


PEERS: dict[str, tuple[str, Callable[[float, float, Losses], float | None]]] = {
    "fastai, valley": ("sweeps", fastai_valley),
    "fastai, slide": ("sweeps", fastai_slide),
    "fastai, minimum": ("sweeps", fastai_minimum),
    "fastai, steep": ("sweeps", fastai_steep),
    "torch_lr_finder, steepest": ("sweeps", torch_lr_finder),
    "Lightning": ("lightning", lightning),
    "ignite": ("sweeps", ignite),
}
"""Each finder, and the sweep that it is given: of its own range."""


def suggested(peer: str, low: float, high: float, losses: Losses) -> float | None:
    """A finder's suggestion, without the warnings of NumPy about what is not finite."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return PEERS[peer][1](low, high, np.asarray(losses, np.float64))
