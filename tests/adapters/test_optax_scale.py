"""Optax: `scale`, a factor on the rate in the optimizer's state, is applied, shown, saved and restored, wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrcore import Constant, Cosine, Linear, OneCycle
from lrcore_optax import current, hyperparameters, used

LR = Cosine(0.5, steps=12).warmup(2, start=0.25)
SCALES = (1.0, 0.5, 0.5, 2.0, 0.25, 0.0, 1.0)
"""The scale of each update, as it might be set by hand."""


def scaled(**more: Any) -> Any:
    return hyperparameters(optax.sgd, learning_rate=LR, **more)


WRAPPED: dict[str, Callable[[], Any]] = {
    "alone": scaled,
    "chain": lambda: optax.chain(optax.clip(10.0), scaled(), optax.identity()),
    "with a momentum": lambda: scaled(momentum=Constant(0.0)),
    "MultiSteps": lambda: optax.MultiSteps(scaled(), every_k_schedule=1),
    "apply_if_finite": lambda: optax.apply_if_finite(scaled(), 3),
    "masked": lambda: optax.masked(scaled(), {"w": True}),
    "partition": lambda: optax.partition({"all": scaled()}, {"w": "all"}),
    "inject_hyperparams": lambda: optax.chain(optax.inject_hyperparams(optax.clip)(max_delta=10.0), scaled()),
    "lookahead of updates": lambda: optax.chain(scaled(), optax.add_noise(0.0, 0.55, 0)),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_scale_set_in_the_state_is_applied_from_the_next_update_on(name: str) -> None:
    optimizer = WRAPPED[name]()
    params = {"w": jnp.zeros(3)}
    state = optimizer.init(params)
    update = jax.jit(optimizer.update)
    for step, scale in enumerate(SCALES):
        before = {key: float(value) for key, value in used(state).items()}
        state = optax.tree_utils.tree_set(state, scale=scale)
        if step:  # what was used stays what was used, whatever is set afterwards
            assert {key: float(value) for key, value in used(state).items()} == before
        due = np.float32(LR(step)) * np.float32(scale)
        label = "lr/all" if name == "partition" else "lr"
        assert float(current(state, **{label: LR}).next[label]) == due
        updates, state = update({"w": jnp.ones(3)}, state, params)
        np.testing.assert_array_equal(updates["w"], np.full(3, -due))
        assert float(used(state)[label]) == due
        assert int(current(state).step) == step + 1
    # Set as a Python float, which is traced once more than an array, and not again
    assert update._cache_size() <= 2  # type: ignore[attr-defined]


def test_before_the_first_update_a_scale_shows_in_what_it_will_use() -> None:
    state = optax.tree_utils.tree_set(scaled().init(jnp.zeros(())), scale=0.5)
    assert float(used(state)["lr"]) == np.float32(0.125)


def test_a_scale_can_be_set_inside_a_compiled_loop_and_mapped_over() -> None:
    optimizer = scaled()

    def run(scale: Any) -> Any:
        def update(carry: Any, _: None) -> Any:
            params, state = carry
            state = optax.tree_utils.tree_set(state, scale=scale)
            updates, state = optimizer.update(jnp.ones(()), state, params)
            return (params + updates, state), used(state)["lr"]

        return jax.lax.scan(update, (jnp.zeros(()), optimizer.init(jnp.zeros(()))), length=4)[1]

    scales = np.float32([1.0, 0.5, 3.0])
    rates = jax.jit(jax.vmap(run))(scales)
    np.testing.assert_array_equal(rates, scales[:, None] * LR(np.arange(4)).astype(np.float32))


def test_each_group_of_a_partition_has_a_scale_of_its_own() -> None:
    optimizer = optax.partition({"head": scaled(), "body": scaled()}, {"h": "head", "b": "body"})
    params = {"h": jnp.zeros(()), "b": jnp.zeros(())}
    state = optax.tree_utils.tree_set(optimizer.init(params), lambda path, _: "head" in str(path), scale=0.5)
    updates, state = optimizer.update(jax.tree.map(jnp.ones_like, params), state, params)
    assert {name: float(value) for name, value in updates.items()} == {"h": -0.125, "b": -0.25}
    assert {name: float(value) for name, value in used(state).items()} == {"lr/head": 0.125, "lr/body": 0.25}


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32], ids=["bfloat16", "float16", "float32"])
def test_a_scale_leaves_the_dtypes_of_parameters_and_state_as_they_are(dtype: Any) -> None:
    optimizer = scaled()
    params = jnp.ones(2, dtype)
    state = optimizer.init(params)
    kinds = jax.tree.map(lambda leaf: (leaf.dtype, leaf.weak_type), state)
    for scale in (0.5, jnp.float32(0.25), np.float64(0.75), 1):
        updates, state = optimizer.update(params, optax.tree_utils.tree_set(state, scale=scale), params)
        assert updates.dtype == dtype
        assert jax.tree.map(lambda leaf: (leaf.dtype, leaf.weak_type), state) == kinds


def test_a_scale_is_saved_and_restored_with_the_state(tmp_path: Path) -> None:
    import orbax.checkpoint as ocp

    optimizer = hyperparameters(optax.adamw, learning_rate=LR, weight_decay=Linear(0.1, end=0.2, steps=9))
    params = jnp.ones(3)
    _, state = optimizer.update(params, optimizer.init(params), params)
    state = optax.tree_utils.tree_set(state, scale=jnp.asarray(0.5))
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "at", state)
        checkpointer.wait_until_finished()
        again = checkpointer.restore(tmp_path / "at", optimizer.init(params))
    for _ in range(2):
        updates, state = optimizer.update(params, state, params)
        again_updates, again = optimizer.update(params, again, params)
        np.testing.assert_array_equal(again_updates, updates)
    assert float(used(again)["lr"]) == np.float32(LR(2)) * np.float32(0.5)


def test_the_rate_of_a_function_of_ones_own_has_a_scale_under_either_name() -> None:
    for name in ("learning_rate", "lr"):
        source = {"learning_rate": lambda learning_rate: optax.sgd(learning_rate), "lr": lambda lr: optax.sgd(lr)}[name]
        optimizer = hyperparameters(source, **{name: LR})
        state = optax.tree_utils.tree_set(optimizer.init(jnp.zeros(())), scale=0.5)
        updates, state = optimizer.update(jnp.ones(()), state)
        assert float(updates) == -0.125
        assert float(used(state)["lr"]) == 0.125


def test_keys_are_those_of_the_other_adapters() -> None:
    cycle = OneCycle(0.5, steps=10)
    makers = {
        optax.sgd: {"learning_rate": cycle, "momentum": cycle.momentum()},
        optax.adamw: {"learning_rate": cycle, "b1": cycle.momentum(), "weight_decay": Constant(0.1), "b2": Constant(0.9)},
    }
    for maker, given in makers.items():
        state = hyperparameters(maker, **given).init(jnp.ones(2))
        keys = ["b2", "lr", "momentum", "weight_decay"] if maker is optax.adamw else ["lr", "momentum"]
        assert sorted(used(state)) == keys
        assert sorted(current(state, **given).next) == keys
