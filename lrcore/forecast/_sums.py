"""The multi-power law as a formula, and the sums over a schedule that it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NAMES = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
"""The parameters of the law, in the order in which arrays of them stand."""

_LEAST = 1e-60  # a rate of 0 counts as this one, whose powers are finite

_EACH, _GROWTH = 64, 1.05


class Sums(NamedTuple):
    """What the law needs of a run, a row for each of n numbers of updates, with m changes of the rate or blocks of them.

    Args:
        total: the sum of all rates so far, of shape (n,).
        change: by how much the rate rose, of shape (n, m) as all below; 0 where a row has fewer changes.
        rate: the logarithm of the rate after the change.
        since: the sum of the rates since the change.
    """

    total: Floats
    change: Floats
    rate: Floats
    since: Floats


def exact(rates: Floats, steps: Whole) -> Iterator[Sums]:
    """Every change for itself, some rows at a time, so that millions of pairs fit into memory."""
    sums = np.concatenate([[0.0], np.cumsum(rates)])
    changes = np.diff(rates, prepend=rates[:1])
    at = np.flatnonzero(changes)
    logs = np.log(np.maximum(rates[at], _LEAST))
    for rows in np.array_split(steps, max(1, len(steps) * max(1, len(at)) // 2**21)):
        before = at[: np.searchsorted(at, rows.max())] if len(rows) else at[:0]
        count = len(before)
        past = before < rows[:, None]
        since = np.where(past, sums[rows][:, None] - sums[before], 0.0)
        yield Sums(sums[rows], np.where(past, changes[before], 0.0), np.broadcast_to(logs[:count], past.shape), since)


def in_blocks(rates: Floats, steps: Whole) -> Sums:
    """The changes in blocks that grow with their distance from the row's step, each at its weighted mean.

    A fit needs thousands of evaluations. Near the step each change stands for itself; a block further away is a twentieth
    as wide as it is far, and the law is smooth there: it moves by some 1e-5.
    """
    edges = [*range(_EACH + 1)]
    while edges[-1] < len(rates):
        edges.append(int(edges[-1] * _GROWTH) + 1)
    high, low = (np.maximum(steps[:, None] - np.array(some), 0) for some in (edges[:-1], edges[1:]))
    sums = np.concatenate([[0.0], np.cumsum(rates)])
    changes = np.diff(rates, prepend=rates[:1])
    logs = np.log(np.maximum(rates, _LEAST))

    def between(values: Floats) -> Floats:
        running = np.concatenate([[0.0], np.cumsum(values)])
        block: Floats = running[high] - running[low]
        return block

    weight = between(np.abs(changes))
    used = weight > 0
    share = np.where(used, weight, 1.0)
    rate = np.clip(between(np.abs(changes) * logs) / share, logs.min(), logs.max())
    since = np.maximum(sums[steps][:, None] - between(np.abs(changes) * sums[:-1]) / share, 0.0)
    kept = used.any(axis=0)
    return Sums(sums[steps], *(np.where(used, part, 0.0)[:, kept] for part in (between(changes), rate, since)))


def losses(law: Floats, sums: Sums) -> Floats:
    """The law at the rows of `sums`.

    L(t) = L0 + A·S_1(t)^-α + B·Σ_{k<=t} (η_k - η_{k-1})·(1 - (1 + C·η_k^-γ·S_k(t))^-β)
    """
    level, a, alpha, b, c, beta, gamma = law
    grown = np.log1p(c * np.exp(-gamma * sums.rate) * sums.since)
    found: Floats = level + a * sums.total**-alpha + b * (sums.change * -np.expm1(-beta * grown)).sum(axis=1)
    return found


def losses_and_slopes(law: Floats, sums: Sums) -> tuple[Floats, Floats]:
    """The same, and its derivatives by the logarithms of the seven parameters, of shape (n, 7)."""
    level, a, alpha, b, c, beta, gamma = law
    reach = c * np.exp(-gamma * sums.rate) * sums.since
    grown = np.log1p(reach)
    power = a * sums.total**-alpha
    left = sums.change * np.exp(-beta * grown)
    drop = b * (sums.change.sum(axis=1) - left.sum(axis=1))
    moved = b * beta * left * reach / (1 + reach)
    slopes = (
        np.full_like(power, level),
        power,
        -alpha * power * np.log(sums.total),
        drop,
        moved.sum(axis=1),
        b * beta * (left * grown).sum(axis=1),
        -gamma * (moved * sums.rate).sum(axis=1),
    )
    return level + power + drop, np.stack(slopes, axis=1)
