"""The parameters that suit measured losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from lrcore.forecast._sums import Floats, Sums, Whole, in_blocks, losses_and_slopes

ROBUST = 1e-3
"""Huber's δ, on residuals of the logarithm: the authors' value."""

USUAL = np.log([0.1, 0.5, 0.5])
"""What C·peak^(1-γ), β and γ are drawn to where losses do not determine them: near what the authors found at each size."""

_TRUST = 0.35
"""By how much, in the logarithm, those three may be off before it counts as much as a point that is off by δ."""

_PROGRESS = np.log([[1e-9, 1e-30, 0.02], [1e9, 1e30, 5.0]])
_DELAY = np.log([[1e-4, 0.02, 0.02], [10.0, 5.0, 3.0]])
"""What L0, A and α, and C·peak^(1-γ), β and γ may be: far from all that was seen, and near enough to compute with."""

_EXPONENTS = (0.15, 0.3, 0.5, 0.8, 1.2)
_SEGMENTS = 6
_B_SPREAD = 0.1

_POINTS = 400
"""All points together count as so many. Neighbours are off alike, so that more of the same run tell little more."""


class Measured(NamedTuple):
    """A run: the rate of each update, and losses after so many updates."""

    rates: Floats
    steps: Whole
    losses: Floats


class Data(NamedTuple):
    """All runs, point after point, each with a weight."""

    sums: tuple[Sums, ...]
    last: Floats
    first: Floats
    logs: Floats
    weights: Floats
    peak: float


def data_of(runs: Sequence[Measured]) -> Data:
    return Data(
        sums=tuple(in_blocks(run.rates, run.steps) for run in runs),
        last=np.concatenate([run.rates[run.steps - 1] for run in runs]),
        first=np.concatenate([np.full(len(run.steps), run.rates[0]) for run in runs]),
        logs=np.log(np.concatenate([run.losses for run in runs])),
        weights=np.full(sum(len(run.steps) for run in runs), _POINTS / sum(len(run.steps) for run in runs)),
        peak=max(float(run.rates.max()) for run in runs),
    )


def fitted(data: Data) -> Floats:
    """The law of all runs, from several starts."""
    level, a, alpha, b = _without_delay(data)
    starts = [np.log([level, a, alpha, *others]) for others in product((0.02, 0.2), (0.4, 1.0), (0.5,))]
    return min((_delayed(data, b, start) for start in starts), key=lambda found: found[0])[1]


def resampled(data: Data, law: Floats, runs: Sequence[Measured], count: int) -> tuple[tuple[float, ...], ...]:
    """Laws of resampled runs: each run is cut into segments, and as many segments of all are drawn, with replacement.

    What is assumed varies too: B by a tenth, and what the delay is drawn to.
    """
    random = np.random.default_rng(0)
    parts = [part for run in runs for part in np.array_split(np.ones(len(run.steps)), _SEGMENTS)]
    start = np.log(np.append(law[:3], [law[4] * data.peak ** (1 - law[6]), *law[5:]]))
    found = []
    for _ in range(count):
        times = random.multinomial(len(parts), np.full(len(parts), 1 / len(parts)))
        weights = np.concatenate([time * part for time, part in zip(times, parts, strict=True)])
        again = data._replace(weights=weights * (data.weights.sum() / weights.sum()))
        b = _without_delay(again, [float(law[2])])[3] * np.exp(_B_SPREAD * random.standard_normal())
        found.append(_delayed(again, float(b), start, USUAL + _TRUST * random.standard_normal(3))[1])
    return tuple(tuple(draw.tolist()) for draw in found)


def _without_delay(data: Data, exponents: Sequence[float] = _EXPONENTS) -> Floats:
    """L0, A, α and B of the law with a loss that follows the rate at once: C without bound.

    B and the delay cannot be told apart well: a fit of all seven puts B at up to 2.5 times this value, with a delay that
    goes on for ever, follows the given runs more closely and misses others by more. So B is what it is without a delay.
    """
    from scipy.optimize import nnls

    total = np.concatenate([sums.total for sums in data.sums])
    losses, root = np.exp(data.logs), np.sqrt(data.weights)

    def parts(law: Floats) -> tuple[Floats, Floats]:
        level, a, alpha, b = np.exp(law)
        power, drop = a * total**-alpha, b * (data.last - data.first)
        slopes = np.stack([np.full_like(power, level), power, -alpha * power * np.log(total), drop], axis=1)
        return level + power + drop, slopes

    def residuals(law: Floats) -> Floats:
        return np.asarray(root * (np.log(_above_0(parts(law)[0])) - data.logs))

    def jacobian(law: Floats) -> Floats:
        values, slopes = parts(law)
        return np.asarray((root / _above_0(values))[:, None] * slopes)

    ends = np.concatenate([_PROGRESS, np.log([[1e-30], [1e30]])], axis=1)

    best: Any = None
    for alpha in exponents:
        columns = np.stack([np.ones_like(total), total**-alpha, data.last - data.first], axis=1)
        (level, a, b), _ = nnls(columns / losses[:, None], np.ones_like(losses))
        start = np.log(np.maximum([level, a, alpha, b], 1e-3 * np.array([losses.min(), a or 1, alpha, 0.1 / data.peak])))
        found = _least(residuals, start, jacobian, ends)
        best = found if best is None or found.cost < best.cost else best
    return np.asarray(np.exp(best.x))


def _delayed(data: Data, b: float, start: Floats, usual: Floats = USUAL) -> tuple[float, Floats]:
    """The cost and the law with this B: the logarithms of L0, A, α, C·peak^(1-γ), β and γ are fitted."""
    root, peak = np.sqrt(data.weights), np.log(data.peak)

    def law_of(free: Floats) -> Floats:
        delay = free[3] - (1 - np.exp(free[5])) * peak
        return np.asarray(np.exp([*free[:3], np.log(b), delay, *free[4:]]))

    def residuals(free: Floats) -> Floats:
        values = np.concatenate([losses_and_slopes(law_of(free), sums)[0] for sums in data.sums])
        return np.concatenate([root * (np.log(_above_0(values)) - data.logs), ROBUST * (free[3:] - usual) / _TRUST])

    def jacobian(free: Floats) -> Floats:
        found = [losses_and_slopes(law_of(free), sums) for sums in data.sums]
        slopes = np.concatenate([slope / _above_0(values)[:, None] for values, slope in found])
        slopes[:, 6] += slopes[:, 4] * np.exp(free[5]) * peak
        drawn = np.eye(3, 6, 3) * (ROBUST / _TRUST)
        return np.concatenate([root[:, None] * slopes[:, [0, 1, 2, 4, 5, 6]], drawn])

    ends = np.concatenate([_PROGRESS, _DELAY], axis=1)
    found = _least(residuals, start, jacobian, ends)
    return float(found.cost), law_of(found.x)


def _least(residuals: Callable[[Floats], Floats], start: Floats, jacobian: Callable[[Floats], Floats], ends: Floats) -> Any:
    """Where the sum of Huber's function is least, between `ends`."""
    from scipy.optimize import least_squares

    inside = np.clip(start, ends[0] + 1e-3, ends[1] - 1e-3)
    limits: dict[str, Any] = {"jac": jacobian, "bounds": ends, "xtol": 1e-6, "ftol": 1e-6, "max_nfev": 100}
    return least_squares(residuals, inside, loss="huber", f_scale=ROBUST, x_scale="jac", **limits)


def _above_0(values: Floats) -> Floats:
    """A law on the way to a fit may go below 0, which has no logarithm: far from every loss, and so passed over."""
    return np.maximum(values, 1e-12)
