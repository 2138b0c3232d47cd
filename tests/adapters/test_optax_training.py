"""Flax, Equinox and Orbax: real training loops, and a run that goes on from a checkpoint with the rate of its step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrcore import Cosine
from lrcore_optax import current, hyperparameters

LR = Cosine(0.4, steps=30).warmup(5, start=0.05)
X = jnp.asarray(np.random.default_rng(0).normal(size=(64, 3)), jnp.float32)
Y = X @ jnp.asarray([[1.0], [-2.0], [0.5]]) + 0.3


def assert_learned(losses: list[float]) -> None:
    assert losses[-1] < 0.05 * losses[0]


def test_flax_nnx() -> None:
    from flax import nnx

    model = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.adam(LR), wrt=nnx.Param)

    @nnx.jit
    def update(model: Any, optimizer: Any) -> Any:
        loss, grads = nnx.value_and_grad(lambda model: jnp.mean((model(X) - Y) ** 2))(model)
        optimizer.update(model, grads)
        return loss

    losses = []
    for step in range(30):
        now = current(optimizer.opt_state, lr=LR)
        assert int(now.step) == step
        assert float(now.next["lr"]) == np.float32(LR(step))
        losses.append(float(update(model, optimizer)))
    assert_learned(losses)


def test_flax_linen_train_state() -> None:
    from flax import linen
    from flax.training.train_state import TrainState

    model = linen.Dense(1)
    state = TrainState.create(apply_fn=model.apply, params=model.init(jax.random.key(0), X), tx=optax.adam(LR))

    @jax.jit
    def update(state: Any) -> Any:
        loss, grads = jax.value_and_grad(lambda params: jnp.mean((state.apply_fn(params, X) - Y) ** 2))(state.params)
        return loss, state.apply_gradients(grads=grads), current(state.opt_state, lr=LR).next["lr"]

    losses = []
    for step in range(30):
        loss, state, rate = update(state)
        assert float(rate) == np.float32(LR(step))
        losses.append(float(loss))
    assert_learned(losses)


def test_equinox() -> None:
    import equinox

    model = equinox.nn.Linear(3, 1, key=jax.random.key(0))
    optimizer = hyperparameters(optax.adam, learning_rate=LR)
    state = optimizer.init(equinox.filter(model, equinox.is_array))

    @equinox.filter_jit
    def update(model: Any, state: Any) -> Any:
        loss, grads = equinox.filter_value_and_grad(lambda model: jnp.mean((jax.vmap(model)(X) - Y) ** 2))(model)
        updates, state = optimizer.update(grads, state, model)
        return loss, equinox.apply_updates(model, updates), state

    losses = []
    for step in range(30):
        loss, model, state = update(model, state)
        assert float(current(state).used["lr"]) == np.float32(LR(step))
        losses.append(float(loss))
    assert_learned(losses)


@pytest.mark.parametrize(
    "optimizer", [optax.adam(LR), hyperparameters(optax.adam, learning_rate=LR)], ids=["plain", "hyper"]
)
def test_a_checkpoint_of_orbax_goes_on_with_the_rate_of_its_step(optimizer: Any, tmp_path: Path) -> None:
    import orbax.checkpoint as ocp

    @jax.jit
    def update(params: Any, state: Any) -> Any:
        updates, state = optimizer.update(jax.grad(lambda w: jnp.mean((X @ w - Y) ** 2))(params), state, params)
        return optax.apply_updates(params, updates), state

    params = jnp.zeros((3, 1))
    state, k = optimizer.init(params), 11
    for _ in range(k):
        params, state = update(params, state)
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "at", (params, state))
        checkpointer.wait_until_finished()
        like = jax.tree.map(jnp.zeros_like, (params, state))
        again_params, again_state = checkpointer.restore(tmp_path / "at", like)
    assert float(current(again_state, lr=LR).next["lr"]) == np.float32(LR(k))
    for _ in range(5):
        params, state = update(params, state)
        again_params, again_state = update(again_params, again_state)
        np.testing.assert_array_equal(again_params, params)
