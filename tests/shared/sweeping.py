"""A sweep of the network of `training.py` by plain SGD, written out in NumPy, which every runner is held to."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrcore.finder import Sweep, stopped, sweep_schedule
from training import INPUTS, TARGETS, WEIGHTS, gradients

UPDATES = 100
BATCHES = [(x, y) for x, y in zip(INPUTS[:UPDATES], TARGETS[:UPDATES], strict=True)]


def loss_of(weights: Any, x: Any, y: Any) -> float:
    w1, b1, w2, b2 = weights
    return float(np.mean((np.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2))


def reference() -> Sweep:
    """The sweep in float64."""
    weights = [weight.astype(np.float64) for weight in WEIGHTS]
    rates = sweep_schedule(1e-4, 1e3, UPDATES)(np.arange(UPDATES))
    losses = []
    for rate, (x, y) in zip(rates, BATCHES, strict=True):
        losses.append(loss_of(weights, x, y))
        weights = [weight - rate * slope for weight, slope in zip(weights, gradients(weights, x, y), strict=True)]
    count, ended = stopped(losses)
    return Sweep(rates[:count].tolist(), losses[:count], ended)


REFERENCE = reference()
OPTIONS: dict[str, Any] = {"low": 1e-4, "high": 1e3, "updates": UPDATES}


def assert_same(found: Sweep) -> None:
    """The rates bit for bit, the losses to float32's rounding up to the minimum, and the same suggestion."""
    assert REFERENCE.flags == found.flags == ()
    calm = sum(rate <= REFERENCE.minimum for rate in REFERENCE.rates)
    assert calm > 50
    assert found.rates[:calm] == REFERENCE.rates[:calm]
    np.testing.assert_allclose(found.losses[:calm], REFERENCE.losses[:calm], rtol=3e-6)
    for mark in ("suggestion", "steepest", "minimum", "low", "high"):
        assert getattr(found, mark) == getattr(REFERENCE, mark), mark
