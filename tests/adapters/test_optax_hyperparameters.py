"""Optax: `hyperparameters` and `current`, and hyperparameters that are JAX values."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest

from lrcore import Constant, Cosine, Exponential, Linear, OneCycle, Polynomial
from lrcore_optax import current, hyperparameters, used

DTYPES = pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16, jnp.float16], ids=["float32", "bfloat16", "float16"])
LR = Cosine(0.1, steps=8).warmup(2, start=0.05)
DECAY = Linear(0.01, end=0.1, steps=8)
CYCLE = OneCycle(0.5, steps=10)


def train(optimizer: Any, dtype: Any = jnp.float32, updates: int = 5) -> tuple[list[Any], list[Any]]:
    """Parameters and states, the first before any update."""
    params = {"w": jnp.linspace(-1, 1, 6, dtype=dtype), "b": jnp.asarray(0.5, dtype)}
    state = optimizer.init(params)

    @jax.jit
    def update(params: Any, state: Any) -> Any:
        grads = jax.grad(lambda p: jnp.sum((jnp.tanh(p["w"] + p["b"]) - 0.3) ** 2))(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    all_params, states = [params], [state]
    for _ in range(updates):
        params, state = update(params, state)
        all_params.append(params)
        states.append(state)
    return all_params, states


def assert_same(got: Any, want: Any) -> None:
    for mine, theirs in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(np.asarray(mine, np.float64), np.asarray(theirs, np.float64))


@DTYPES
def test_trajectories_are_those_of_the_plain_optimizer_with_the_same_constants(dtype: Any) -> None:
    constants = {"learning_rate": 0.003, "b1": 0.85, "b2": 0.97, "weight_decay": 0.05}
    assert_same(train(hyperparameters(optax.adamw, **constants), dtype)[0], train(optax.adamw(**constants), dtype)[0])
    scheduled = {"learning_rate": Constant(0.003), "weight_decay": Constant(0.05), "b1": 0.85, "b2": 0.97}
    assert_same(train(hyperparameters(optax.adamw, **scheduled), dtype)[0], train(optax.adamw(**constants), dtype)[0])
    momentum = hyperparameters(optax.sgd, learning_rate=Constant(0.1), momentum=Constant(0.9), nesterov=True)
    assert_same(train(momentum, dtype)[0], train(optax.sgd(0.1, momentum=0.9, nesterov=True), dtype)[0])


@DTYPES
def test_trajectories_are_those_of_the_plain_optimizer_with_the_same_schedules(dtype: Any) -> None:
    got = train(hyperparameters(optax.adamw, learning_rate=LR), dtype)[0]
    assert_same(got, train(optax.adamw(LR), dtype)[0])
    assert len({float(params["b"]) for params in got}) > 4


@DTYPES
@pytest.mark.parametrize(
    ("optimizer", "momentum"),
    [(optax.sgd, "momentum"), (optax.adam, "b1"), (optax.adamw, "b1")],
    ids=["sgd", "adam", "adamw"],
)
def test_one_cycle_goes_with_its_momentum(optimizer: Any, momentum: str, dtype: Any) -> None:
    given = {"learning_rate": CYCLE, momentum: CYCLE.momentum()}
    params, states = train(hyperparameters(optimizer, **given), dtype)
    for update, (before, after) in enumerate(itertools.pairwise(states)):
        assert {name: value.dtype for name, value in after.hyperparams.items()} == dict.fromkeys(given, jnp.float32)
        for name, schedule in given.items():
            assert float(after.hyperparams[name]) == np.float32(schedule(update))
        assert jax.tree.structure(before) == jax.tree.structure(after)
        assert jax.tree.map(jnp.result_type, before) == jax.tree.map(jnp.result_type, after)
    plain = train(optimizer(CYCLE, **{momentum: 0.95}), dtype)[0]
    assert float(jnp.sum(jnp.abs(plain[-1]["w"] - params[-1]["w"]))) > 0
    assert params[-1]["w"].dtype == dtype


def test_each_update_equals_the_plain_optimizer_with_that_updates_numbers() -> None:
    cycle = hyperparameters(optax.sgd, learning_rate=CYCLE, momentum=CYCLE.momentum())
    state, params = cycle.init(jnp.ones(3)), jnp.ones(3)
    trace = state.inner_state
    for update in range(10):
        plain = optax.sgd(CYCLE(update), momentum=CYCLE.momentum()(update))
        want, trace = plain.update(params * 0.3, trace, params)
        got, state = cycle.update(params * 0.3, state, params)
        np.testing.assert_array_equal(got, want)
        params = params + got


def test_a_mask_is_not_taken_for_a_schedule() -> None:
    mask = lambda params: jax.tree.map(lambda p: p.ndim > 0, params)  # noqa: E731 (as Optax users write it)
    got = train(hyperparameters(optax.adamw, learning_rate=LR, weight_decay=DECAY, mask=mask))[0]
    assert_same(got, train(optax.adamw(LR, weight_decay=DECAY, mask=mask))[0])


def test_takes_a_function_of_ones_own() -> None:
    def mine(rate: Any, clip: float) -> Any:
        return optax.chain(optax.clip(clip), optax.sgd(rate))

    assert_same(train(hyperparameters(mine, rate=LR, clip=0.5))[0], train(mine(LR, 0.5))[0])


# current

WRAPPED: dict[str, Callable[[], Any]] = {
    "plain": lambda: optax.sgd(LR),
    "chain": lambda: optax.chain(optax.clip(1.0), optax.adamw(LR)),
    "apply_if_finite": lambda: optax.apply_if_finite(optax.adamw(LR), 3),
    "multi_transform": lambda: optax.multi_transform({"a": optax.adam(LR), "b": optax.set_to_zero()}, {"w": "a", "b": "b"}),
    "inject_hyperparams": lambda: optax.inject_hyperparams(optax.adam)(learning_rate=LR),
    "hyperparameters": lambda: hyperparameters(optax.adam, learning_rate=LR, b1=DECAY),
    "scale_by_schedule": lambda: optax.chain(optax.scale_by_adam(), optax.scale_by_schedule(LR), optax.scale(-1)),
    "schedule_free": lambda: optax.contrib.schedule_free(optax.sgd(LR), learning_rate=LR),
    "schedule_free of a constant": lambda: optax.contrib.schedule_free(optax.sgd(0.1), learning_rate=LR),
    "join_schedules": lambda: optax.sgd(optax.join_schedules([LR, LR], [50])),
    "adam with a constant": lambda: optax.adam(0.1),
    "apply_every": lambda: optax.chain(optax.scale_by_schedule(LR), optax.apply_every(3)),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_current_finds_the_last_and_the_next_update_through_every_wrapper(name: str) -> None:
    _, states = train(WRAPPED[name]())
    for look in (lambda state: current(state, lr=LR), jax.jit(lambda state: current(state, lr=LR))):
        for updates, state in enumerate(states):
            now = look(state)
            assert int(now.step) == updates
            assert float(now.next["lr"]) == np.float32(LR(updates))
            assert float(now.used["lr"]) == np.float32(LR(max(updates - 1, 0)))


def test_current_counts_updates_and_not_micro_steps() -> None:
    for inner in (optax.sgd(LR), optax.sgd(0.1)):
        _, states = train(optax.MultiSteps(inner, every_k_schedule=2))
        assert [int(current(state).step) for state in states] == [0, 0, 1, 1, 2, 2]


def test_current_has_what_the_state_keeps() -> None:
    _, states = train(hyperparameters(optax.adamw, learning_rate=LR, weight_decay=DECAY))
    now = current(states[3], lr=LR)
    assert {name: float(value) for name, value in now.used.items()} == {
        "lr": np.float32(LR(2)),
        "weight_decay": np.float32(DECAY(2)),
    }
    assert list(now.next) == ["lr"]


def test_current_names_the_groups_of_multi_transform() -> None:
    head, body = hyperparameters(optax.sgd, learning_rate=LR), hyperparameters(optax.sgd, learning_rate=DECAY)
    _, states = train(optax.multi_transform({"head": head, "body": body}, {"w": "body", "b": "head"}))
    assert {name: float(value) for name, value in used(states[2]).items()} == {
        "lr/head": np.float32(LR(1)),
        "lr/body": np.float32(DECAY(1)),
    }


def test_current_says_where_a_state_holds_no_count() -> None:
    with pytest.raises(ValueError, match="current found no count") as error:
        current(optax.sgd(0.1, momentum=0.9).init(jnp.ones(2)), lr=LR)
    assert str(error.value) == (
        "current found no count of updates in this optimizer state (TraceState); "
        "with a schedule for its learning rate, lrcore.Constant at least, the optimizer keeps one."
    )


def test_current_says_where_counts_differ() -> None:
    state = optax.chain(optax.scale_by_schedule(LR), optax.scale_by_schedule(LR)).init(jnp.ones(2))
    state = (state[0]._replace(count=jnp.asarray(3)), state[1])
    with pytest.raises(ValueError, match="counts that differ") as error:
        current(state)
    assert str(error.value) == "current found counts that differ (3, 0): give it the part of the state that you mean."


# Hyperparameters that are JAX values


def test_a_population_trains_in_one_compiled_call() -> None:
    traces = []

    def train(peak: Any, warmup: Any) -> Any:
        traces.append(1)
        optimizer = optax.adam(Cosine(peak, steps=20).warmup(warmup))

        def update(carry: Any, _: None) -> Any:
            params, state = carry
            updates, state = optimizer.update(jax.grad(lambda p: jnp.sum(p**2))(params), state)
            return (optax.apply_updates(params, updates), state), params

        params = jnp.ones(3)
        return jax.lax.scan(update, (params, optimizer.init(params)), length=20)[0][0]

    peaks, warmups = jnp.asarray([0.01, 0.1, 0.3]), jnp.asarray([2, 5, 9])
    together = jax.jit(jax.vmap(train))(peaks, warmups)
    assert len(traces) == 1
    for peak, warmup, params in zip(peaks, warmups, together, strict=True):
        np.testing.assert_array_equal(params, jax.jit(lambda p=peak, w=warmup: train(float(p), int(w)))())


FIELDS: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "cosine": (lambda start, end, steps: Cosine(start, end=end, steps=steps), (0.3, 0.01, 50)),
    "polynomial": (lambda start, end, power: Polynomial(start, end=end, power=power, steps=50), (0.3, 0.01, 1.7)),
    "exponential": (lambda start, factor, every: Exponential(start, factor=factor, every=every), (0.3, 0.9, 7.0)),
    "warmup": (lambda peak, over, start: Cosine(peak, steps=50).warmup(over, start=start), (0.3, 8, 0.01)),
    "one cycle": (lambda peak, div, end: OneCycle(peak, steps=50, div_factor=div, final_div_factor=end), (0.3, 20.0, 99.0)),
}


@pytest.mark.parametrize("name", FIELDS)
def test_vmap_over_every_field_equals_the_core(name: str) -> None:
    make, values = FIELDS[name]
    whole = [isinstance(value, int) for value in values]
    rows = [
        [value + k if is_int else value * (1 + k / 8) for value, is_int in zip(values, whole, strict=True)]
        for k in range(3)
    ]
    if name == "exponential":
        rows = [[row[0], 0.9 - k / 8, row[2]] for k, row in enumerate(rows)]
    columns = [jnp.asarray(column) for column in zip(*rows, strict=True)]
    steps = jnp.arange(60)
    got = jax.jit(jax.vmap(lambda *fields: make(*fields)(steps)))(*columns)
    for i, rates in enumerate(got):
        fields = [int(c[i]) if is_int else float(c[i]) for c, is_int in zip(columns, whole, strict=True)]
        want = [make(*fields)(step) for step in range(60)]
        np.testing.assert_array_equal(rates, np.array(want).astype(np.float32))


@pytest.mark.parametrize("name", FIELDS)
def test_gradients_with_respect_to_fields_are_right_and_finite(name: str) -> None:
    make, values = FIELDS[name]
    steps = np.array([0, 1, 3, 7, 8, 9, 24, 26, 49, 50, 51, 2**31 - 1])
    inner = steps[(steps > 0) & (steps < 49) & (steps != 8)]
    for i, value in enumerate(values):
        if isinstance(value, int):
            continue

        def rate(x: Any, step: Any, i: int = i) -> Any:
            return make(*[x if j == i else other for j, other in enumerate(values)])(step)

        gradients = jax.vmap(jax.grad(rate), (None, 0))(jnp.asarray(value), jnp.asarray(steps, jnp.int32))
        assert np.all(np.isfinite(gradients))
        outside = [jax.grad(rate)(value, jnp.asarray(int(step))) for step in inner[:3]]
        h = 1e-6 * value
        want = np.array([(rate(value + h, int(step)) - rate(value - h, int(step))) / (2 * h) for step in inner])
        got = np.array([gradients[list(steps).index(step)] for step in inner])
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(np.array(outside), want[:3], rtol=1e-5, atol=1e-7)


def test_a_learning_rate_is_learned_by_its_gradient() -> None:
    def final_loss(fields: Any) -> Any:
        optimizer = optax.sgd(Linear(fields["start"], end=fields["end"], steps=5))
        params = jnp.asarray(1.0)
        state = optimizer.init(params)
        for _ in range(5):
            updates, state = optimizer.update(2 * params, state)
            params = optax.apply_updates(params, updates)
        return params**2

    fields = {"start": jnp.asarray(0.1), "end": jnp.asarray(0.01)}
    gradient = jax.grad(final_loss)(fields)
    for name in fields:
        h = 1e-2
        up, down = final_loss({**fields, name: fields[name] + h}), final_loss({**fields, name: fields[name] - h})
        np.testing.assert_allclose(gradient[name], (up - down) / (2 * h), rtol=2e-2)
        assert abs(float(gradient[name])) > 0.1


def test_parameters_of_dtypes_that_promote_to_neither_have_scheduled_hyperparameters() -> None:
    params = {"a": jnp.zeros((), jnp.bfloat16), "b": jnp.zeros((), jnp.float16)}
    optimizer = hyperparameters(optax.sgd, learning_rate=Constant(0.5))
    updates, state = optimizer.update(jax.tree.map(jnp.ones_like, params), optimizer.init(params), params)
    assert {name: (float(value), value.dtype) for name, value in updates.items()} == {
        "a": (-0.5, jnp.bfloat16),
        "b": (-0.5, jnp.float16),
    }
    assert state.hyperparams["learning_rate"].dtype == jnp.float32
