"""One training run in every framework: it applies the core's rates and momenta, and the weights go where they should.

The run is that of `tests/shared/training.py`. Keras has the same test on each of its backends: see
`tests/adapters/on_keras/test_training.py`.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from lrcore import Constant, Schedule
from lrcore_optax import hyperparameters
from lrcore_torch import ScheduleLR
from training import INPUTS, LR, MOMENTA, MOMENTUM, PROBE, RATES, TARGETS, WEIGHTS, assert_follows, flat, trajectory

Run = tuple[list[Any], list[float], list[float]]
"""The weights after each update, and the rates and momenta that were applied."""


def assert_run(run: Run) -> None:
    seen, rates, momenta = run
    np.testing.assert_array_equal(np.array(rates, np.float32), RATES)
    np.testing.assert_array_equal(np.array(momenta, np.float32), MOMENTA)
    assert_follows(seen)


def torch_run(lr: Schedule = LR, momentum: Schedule = MOMENTUM) -> Run:
    weights = [torch.tensor(weight, requires_grad=True) for weight in WEIGHTS]
    probe = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.SGD([*weights, probe], lr=1.0, momentum=0.5)
    scheduler = ScheduleLR(optimizer, lr, momentum=momentum)
    optimizer.state[probe]["momentum_buffer"] = torch.zeros(2)
    w1, b1, w2, b2 = weights
    seen, rates, momenta = [], [], []
    for x, y in zip(torch.tensor(INPUTS), torch.tensor(TARGETS), strict=True):
        loss = torch.nn.functional.mse_loss(torch.tanh(x @ w1 + b1) @ w2 + b2, y) + probe @ torch.tensor(PROBE)
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():
            probe.zero_()
            optimizer.state[probe]["momentum_buffer"].copy_(torch.tensor([1.0, 0.0]))
        optimizer.step()
        scheduler.step()
        seen.append(flat([weight.detach() for weight in weights]))
        rates.append(-probe[1].item())
        momenta.append(optimizer.state[probe]["momentum_buffer"][0].item())
    return seen, rates, momenta


def optax_run() -> Run:
    optimizer = hyperparameters(optax.sgd, learning_rate=LR, momentum=MOMENTUM)

    def loss(weights: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        w1, b1, w2, b2, probe = weights
        return jnp.mean((jnp.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2) + probe @ PROBE

    def update(carry: Any, batch: Any) -> Any:
        (*weights, probe), state = carry
        weights = [*weights, jnp.zeros_like(probe)]
        state = optax.tree_utils.tree_set(state, trace=[*optax.tree_utils.tree_get(state, "trace")[:4], 1 - PROBE])
        changes, state = optimizer.update(jax.grad(loss)(weights, *batch), state)
        weights = optax.apply_updates(weights, changes)
        buffer = optax.tree_utils.tree_get(state, "trace")[4]
        return (weights, state), (weights[:4], -weights[4][1], buffer[0])

    weights = [jnp.asarray(weight) for weight in (*WEIGHTS, 0 * PROBE)]
    _, (seen, rates, momenta) = jax.jit(jax.lax.scan, static_argnums=0)(
        update, (weights, optimizer.init(weights)), (INPUTS, TARGETS)
    )
    return [flat(weights) for weights in zip(*seen, strict=True)], rates, momenta


@pytest.mark.parametrize("run", [torch_run, optax_run])
def test_training_follows_the_core(run: Any) -> None:
    assert_run(run())


def test_a_hand_written_numpy_loop_does_too() -> None:
    assert_follows(trajectory(np.float32))


def test_one_update_late_would_be_seen_in_the_weights() -> None:
    late = lambda values: np.concatenate([values[:1], values[:-1]])  # noqa: E731
    for values in ({"rates": late(RATES)}, {"momenta": late(MOMENTA)}):
        with pytest.raises(AssertionError):
            assert_follows(trajectory(np.float32, **values))


def test_one_update_late_would_be_seen_in_what_torch_applies() -> None:
    for lr, momentum in ((Constant(LR(0)).then(LR, at=1), MOMENTUM), (LR, Constant(MOMENTUM(0)).then(MOMENTUM, at=1))):
        seen, rates, momenta = torch_run(lr, momentum)
        assert np.array_equal(np.array(rates, np.float32), RATES) == (lr == LR)
        assert np.array_equal(np.array(momenta, np.float32), MOMENTA) == (momentum == MOMENTUM)
        with pytest.raises(AssertionError):
            assert_follows(seen)
