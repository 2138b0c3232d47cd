"""Optax: a schedule is its own learning rate in every optimizer that takes one, and through every wrapper.

The reference is a table of the core's values, rounded once, looked up by count: the trajectories are equal bit for bit.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest

from lrcore import Cosine, Linear, OneCycle, Schedule

LR = Cosine(0.05, steps=9, end=0.001).warmup(2, start=0.01)
UPDATES = 5


def table(schedule: Schedule) -> Callable[[Any], Any]:
    """The schedule as Optax could have it without us: a lookup of the core's values."""
    values = np.array([schedule(step) for step in range(32)]).astype(np.float32)
    return lambda count: jnp.asarray(values)[jnp.clip(count, 0, 31)]


EXTRA: dict[str, dict[str, Any]] = {
    "noisy_sgd": {"eta": 0.0, "key": 0},
    "lbfgs": {"linesearch": None},
    "dpsgd": {"l2_norm_clip": 1.0, "noise_multiplier": 0.0, "seed": 0},
}


def takes_a_schedule(f: Any) -> bool:
    if not inspect.isfunction(f):
        return False
    parameter = inspect.signature(f).parameters.get("learning_rate")
    return parameter is not None and "Callable" in str(parameter.annotation)


OPTIMIZERS = {
    name: getattr(module, name)
    for module in (optax, optax.contrib)
    for name in dir(module)
    if not name.startswith("_") and takes_a_schedule(getattr(module, name)) and name not in ("schedule_free",)
}


def train(optimizer: Any, dtype: Any = jnp.float32, *, compiled: bool = True, per_example: bool = False) -> Any:
    """Parameters after each update, of a loss without noise."""
    params = {"w": jnp.linspace(-1, 1, 6, dtype=dtype).reshape(2, 3), "b": jnp.full((3,), 0.5, dtype)}
    state = optimizer.init(params)

    def loss(params: Any) -> Any:
        return jnp.sum((jnp.tanh(jnp.ones((2,), dtype) @ params["w"] + params["b"]) - 0.3) ** 2)

    def update(params: Any, state: Any) -> Any:
        value, grads = jax.value_and_grad(loss)(params)
        if per_example:
            grads = jax.tree.map(lambda g: g[None], grads)
        takes = isinstance(optimizer, optax.GradientTransformationExtraArgs)
        more = {"value": value, "grad": grads, "value_fn": loss, "obj_fn": loss} if takes else {}
        updates, state = optimizer.update(grads, state, params, **more)
        return optax.apply_updates(params, updates), state

    seen = []
    step = jax.jit(update) if compiled else update
    for _ in range(UPDATES):
        params, state = step(params, state)
        seen.append(params)
    return seen


def assert_same(got: Any, want: Any) -> None:
    for mine, theirs in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(np.asarray(mine, np.float64), np.asarray(theirs, np.float64))


def test_there_are_as_many_optimizers_as_optax_has() -> None:
    assert len(OPTIMIZERS) >= 30
    assert {"sgd", "adam", "adamw", "lion", "adafactor", "lamb", "muon"} <= set(OPTIMIZERS)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:optax")  # of Optax, about some of its own optimizers
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_is_the_learning_rate_of_every_optimizer_that_takes_a_schedule(name: str) -> None:
    make = OPTIMIZERS[name]
    more = EXTRA.get(name, {})
    per_example = name == "dpsgd"
    got = train(make(learning_rate=LR, **more), per_example=per_example)
    assert_same(got, train(make(learning_rate=table(LR), **more), per_example=per_example))
    # Of another shape too: a parameter-free optimizer divides by the scale
    another = 2 * LR * Linear(1.0, end=2.0, steps=UPDATES)
    other = train(make(learning_rate=another, **more), per_example=per_example)
    moved = [not np.array_equal(a, b) for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(other), strict=True)]
    assert any(moved), "the schedule makes no difference"


def groups(rate: Any) -> Any:
    slow = optax.sgd(lambda count: 0.1 * rate(count))
    return optax.multi_transform({"w": optax.adam(rate), "b": slow}, {"w": "w", "b": "b"})


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "chain": lambda rate: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate)),
    "MultiSteps": lambda rate: optax.MultiSteps(optax.sgd(rate, momentum=0.9), every_k_schedule=2),
    "apply_if_finite": lambda rate: optax.apply_if_finite(optax.adam(rate), max_consecutive_errors=3),
    "multi_transform": groups,
    "inject_hyperparams": lambda rate: optax.inject_hyperparams(optax.adam)(learning_rate=rate),
    "scale_by_schedule": lambda rate: optax.chain(optax.scale_by_adam(), optax.scale_by_schedule(rate), optax.scale(-1.0)),
    "scale_by_learning_rate": lambda rate: optax.chain(optax.scale_by_lion(), optax.scale_by_learning_rate(rate)),
    "schedule_free": lambda rate: optax.contrib.schedule_free(optax.sgd(rate), learning_rate=rate),
    "join_schedules": lambda rate: optax.sgd(optax.join_schedules([rate, rate], [3])),
    "weight_decay": lambda rate: optax.adamw(rate, weight_decay=rate),
}


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16, jnp.float16], ids=["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("name", WRAPPERS)
def test_goes_through_every_wrapper_with_parameters_of_every_dtype(name: str, dtype: Any) -> None:
    got = train(WRAPPERS[name](LR), dtype)
    assert_same(got, train(WRAPPERS[name](table(LR)), dtype))
    assert {leaf.dtype for leaf in jax.tree.leaves(got)} == {jnp.dtype(dtype)}


@pytest.mark.parametrize("name", ["chain", "join_schedules", "schedule_free", "inject_hyperparams"])
def test_goes_through_wrappers_outside_jit(name: str) -> None:
    assert_same(train(WRAPPERS[name](LR), compiled=False), train(WRAPPERS[name](table(LR)), compiled=False))


def test_a_skipped_update_does_not_count() -> None:
    optimizer = optax.apply_if_finite(optax.sgd(Linear(1.0, end=0.0, steps=4)), max_consecutive_errors=9)
    state = optimizer.init(jnp.zeros(()))
    update = jax.jit(optimizer.update)
    made = []
    for grad in (1.0, np.nan, 1.0, np.inf, 1.0):
        updates, state = update(jnp.asarray(grad), state, jnp.zeros(()))
        made.append(float(updates))
    assert made == [-1.0, 0.0, -0.75, 0.0, -0.5]


def test_micro_steps_do_not_count() -> None:
    optimizer = optax.MultiSteps(optax.sgd(Linear(1.0, end=0.0, steps=4)), every_k_schedule=2)
    state = optimizer.init(jnp.zeros(()))
    update = jax.jit(optimizer.update)
    made = []
    for _ in range(6):
        updates, state = update(jnp.ones(()), state, jnp.zeros(()))
        made.append(float(updates))
    assert made == [0.0, -1.0, 0.0, -0.75, 0.0, -0.5]


def test_one_cycle_goes_beyond_its_end_in_optax() -> None:
    cycle = OneCycle(0.5, steps=3, pct_start=0.5)
    assert_same(train(optax.sgd(cycle)), train(optax.sgd(table(cycle))))
