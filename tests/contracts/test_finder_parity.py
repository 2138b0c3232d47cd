"""The same data and weights: PyTorch and JAX sweep the same losses, and suggest the same. `on_keras` has Keras's part."""

from __future__ import annotations

import jax.numpy as jnp
import optax
import pytest
import torch

import lrcore_optax
import lrcore_torch
from sweeping import BATCHES, OPTIONS, REFERENCE, assert_same
from training import WEIGHTS


def test_pytorch_finds_the_same() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    with torch.no_grad():
        for parameter, weight in zip(model.parameters(), WEIGHTS, strict=True):
            parameter.copy_(torch.tensor(weight.T if weight.ndim == 2 else weight))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batches = [(torch.tensor(x), torch.tensor(y)) for x, y in BATCHES]
    assert_same(lrcore_torch.find_lr(model, optimizer, torch.nn.functional.mse_loss, batches, show=False, **OPTIONS))


def test_jax_finds_the_same() -> None:
    def loss(weights: list[jnp.ndarray], batch: tuple[jnp.ndarray, jnp.ndarray]) -> jnp.ndarray:
        w1, b1, w2, b2 = weights
        x, y = batch
        return jnp.mean((jnp.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2)

    weights = [jnp.asarray(weight) for weight in WEIGHTS]
    assert_same(lrcore_optax.find_lr(loss, weights, BATCHES, optimizer=optax.sgd, **OPTIONS))


def test_another_loss_would_be_seen() -> None:
    changed = [loss * (1 + 1e-4) for loss in REFERENCE.losses]
    with pytest.raises(AssertionError):
        assert_same(type(REFERENCE)(REFERENCE.rates, changed, REFERENCE.ended))
