"""One small training run, written out in NumPy, and how far from it rounding takes a run in float32.

A network of two layers learns three functions of eight numbers by SGD with one cycle of the rate and the inverse one of the
momentum, as PyTorch and Optax define momentum: v = momentum·v + gradient, w = w - rate·v. The numbers are the core's.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from lrcore import OneCycle

UPDATES, BATCH, HIDDEN = 500, 32, 16
LR = OneCycle(0.2, steps=UPDATES)
MOMENTUM = LR.momentum()
RATES, MOMENTA = (np.array([schedule(u) for u in range(UPDATES)], np.float32) for schedule in (LR, MOMENTUM))

_random = np.random.default_rng(0)
INPUTS = _random.normal(size=(UPDATES, BATCH, 8)).astype(np.float32)
TARGETS = np.sin(INPUTS @ _random.normal(0, 0.5, (8, 3))).astype(np.float32)
"""A batch for each update."""
WEIGHTS: list[Any] = [
    _random.normal(0, 8**-0.5, (8, HIDDEN)).astype(np.float32),
    np.zeros(HIDDEN, np.float32),
    _random.normal(0, HIDDEN**-0.5, (HIDDEN, 3)).astype(np.float32),
    np.zeros(3, np.float32),
]
"""At first: of each layer what multiplies, of shape (in, out), and what is added."""

PROBE = np.array([0, 1], np.float32)
"""The gradient of two weights more, which belong to the same optimizer and show what it applies.

Before each update they are (0, 0) and their buffers (1, 0). The first has no gradient, so that its buffer becomes the
momentum; the second, without a past and with a gradient of 1, becomes minus the rate: both exactly.
"""


def flat(weights: Any) -> Any:
    """Weights as one array of float64."""
    return np.concatenate([np.asarray(weight, np.float64).ravel() for weight in weights])


def gradients(weights: Any, x: Any, y: Any) -> list[Any]:
    """Of the mean squared error."""
    w1, b1, w2, b2 = weights
    hidden = np.tanh(x @ w1 + b1)
    slope = (hidden @ w2 + b2 - y) * (2 / y.size)
    back = slope @ w2.T * (1 - hidden * hidden)
    return [x.T @ back, back.sum(0), hidden.T @ slope, slope.sum(0)]


def trajectory(dtype: Any, rates: Any = RATES, momenta: Any = MOMENTA, shuffled: int | None = None) -> Any:
    """The weights after each update. `shuffled` is a seed of the order in which sums over batch and network are taken."""
    random = np.random.default_rng(shuffled)
    weights = [weight.astype(dtype) for weight in WEIGHTS]
    buffers = [np.zeros_like(weight) for weight in weights]
    rows, units = np.arange(BATCH), np.arange(HIDDEN)
    seen = []
    for x, y, rate, momentum in zip(INPUTS.astype(dtype), TARGETS.astype(dtype), rates, momenta, strict=True):
        if shuffled is not None:
            rows, units = random.permutation(BATCH), random.permutation(HIDDEN)
        w1, b1, w2, b2 = weights
        g1, h1, g2, h2 = gradients([w1[:, units], b1[units], w2[units], b2], x[rows], y[rows])
        back = np.argsort(units)
        for weight, buffer, gradient in zip(weights, buffers, (g1[:, back], h1[back], g2[back], h2), strict=True):
            buffer *= momentum
            buffer += gradient
            weight -= rate * buffer
        seen.append(flat(weights))
    return np.array(seen)


@cache
def reference() -> Any:
    """The trajectory in float64."""
    return trajectory(np.float64)


@cache
def rounding() -> Any:
    """How far from the reference float32 takes a weight, up to each update: of eight runs that add up in random orders."""
    runs = [np.abs(trajectory(np.float32, shuffled=seed) - reference()).max(1) for seed in range(8)]
    return np.maximum.accumulate(np.max(runs, 0))


def assert_follows(seen: Any) -> None:
    """Hold a trajectory to the reference, within twice `rounding`.

    A framework is one more order of the sums, with choices of its own: a product and a sum rounded as one, the last bits of
    tanh. They were up to 1.3 times as far as the runs of `rounding`; a schedule one update late is 28,000 times as far.
    """
    far = np.abs(np.asarray(seen) - reference()).max(1)
    np.testing.assert_array_less(far, 2 * rounding())
