"""The finder in JAX: pure, in one scan, a grid in one vmap."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrcore import Cosine, OneCycle
from lrcore.finder import Grid, Sweeps
from lrcore_optax import find_lr

X = jax.random.normal(jax.random.key(0), (8, 32, 4))
BATCHES = list(X)
START = jnp.zeros(4)


def loss(params: Any, batch: Any) -> Any:
    return jnp.mean((batch @ params - batch @ jnp.arange(4.0)) ** 2)


def find(loss: Any = loss, params: Any = START, batches: Any = BATCHES, **options: Any) -> Any:
    return find_lr(loss, params, batches, **{"optimizer": optax.sgd, "updates": 60} | options)


EXPECTED = find()


def test_it_is_the_loop_that_one_would_write() -> None:
    params, losses = START, []
    for i, rate in enumerate(EXPECTED.rates):
        value, gradient = jax.value_and_grad(loss)(params, BATCHES[i % 8])
        losses.append(float(value))
        params = params - jnp.float32(rate) * gradient
    np.testing.assert_allclose(EXPECTED.losses, losses, rtol=2e-5)
    assert EXPECTED.ended == "rise"
    assert EXPECTED.suggestion is not None


def test_the_batches_go_round_and_that_is_said() -> None:
    assert EXPECTED.notes == ("the batches are fewer than the updates, and were begun 8 times",)


def test_a_sweep_is_compiled_once_for_all_rates() -> None:
    traced = []

    def counted(params: Any, batch: Any) -> Any:
        traced.append(1)
        return loss(params, batch)

    find(counted, repeats=3)
    assert len(traced) == 1


def test_whatever_makes_an_optimizer_of_a_rate_is_taken() -> None:
    clipped = find(optimizer=lambda lr: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(lr)))
    assert clipped.losses[0] == EXPECTED.losses[0]
    assert find(optimizer=optax.adamw).suggestion is not None


def test_a_rate_that_the_optimizer_keeps_in_its_state_is_each_updates_own() -> None:
    kept = find(optimizer=optax.inject_hyperparams(optax.sgd))
    np.testing.assert_allclose(kept.losses[:-1], EXPECTED.losses[:-1], rtol=1e-4)


def test_a_state_goes_from_update_to_update() -> None:
    def counting(params: Any, state: Any, batch: Any) -> Any:
        return loss(params, batch) + 0 * state, state + 1

    assert find(counting, state=jnp.zeros(())).losses == EXPECTED.losses
    seen = find(lambda p, s, b: (s + 0 * p.sum(), s + 1), state=jnp.zeros(()), updates=10)
    assert seen.losses == tuple(range(10))


def test_each_update_gets_another_key_and_each_repeat_others() -> None:
    def noisy(params: Any, batch: Any, key: Any) -> Any:
        return 0 * params.sum() + jax.random.uniform(key)

    found = find(noisy, key=jax.random.key(1), updates=20, repeats=2)
    assert isinstance(found, Sweeps)
    assert len({loss for sweep in found.sweeps for loss in sweep.losses}) == 40


def test_a_validation_is_what_is_recorded() -> None:
    assert find(validation=lambda params: 3.0 + 0 * params.sum(), low=1e-9, high=1e-8).losses == (3.0,) * 60


def test_a_batch_of_another_shape_is_left_out_and_that_is_said() -> None:
    found = find(batches=[*BATCHES, BATCHES[0][:5]])
    assert found.losses == EXPECTED.losses
    assert "batches of another shape than the first were left out" in found.notes


def test_the_grid_is_one_training_for_each_peak_in_one_compilation() -> None:
    traced = []

    def counted(params: Any, batch: Any) -> Any:
        traced.append(1)
        return loss(params, batch)

    found = find(counted, method="grid", updates=20, low=0.01, high=4.0)
    assert isinstance(found, Grid)
    assert len(traced) == 1
    assert found.shape == OneCycle(1.0, steps=20)
    assert found.bracket is not None
    params = START
    for i in range(20):
        params = params - 0.1 * Cosine(1.0, steps=20)(i) * jax.grad(loss)(params, BATCHES[i % 8])
    measured = find(
        method="grid", schedule=Cosine(1.0, steps=20), peaks=[0.05, 0.1, 0.2], validation=lambda p: loss(p, X[0])
    )
    assert measured.losses[1] == pytest.approx(float(loss(params, X[0])), rel=1e-3)


def test_halving_trains_fewer() -> None:
    found = find(method="grid", updates=20, low=0.01, high=1.0, halving=1)
    assert sorted(set(found.stages)) == [10, 20]


def test_a_peak_that_diverges_has_no_loss() -> None:
    found = find(method="grid", updates=60, peaks=[0.1, 0.2, 1e30])
    assert found.losses[-1] is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"optimizer": optax.adamw(1e-3)},
            "find_lr.optimizer must be a function of the learning rate, got 'GradientTransformationExtraArgs'; "
            "write optimizer=optax.adamw.",
        ),
        ({"method": "guess"}, "find_lr.method must be 'sweep' or 'grid', got 'guess'."),
        ({"updates": 0}, "find_lr.updates must be a positive integer, got 0."),
        (
            {"optimizer": lambda rate: rate},
            "find_lr.optimizer must be a function that makes an optimizer of a learning rate, got 0.0.",
        ),
        ({"loss": 3}, "find_lr.loss must be a function loss(params, batch), got 3."),
        ({"validation": [1]}, "find_lr.validation must be a function of the parameters, got 'list'."),
        ({"batches": None}, "find_lr.batches must be an iterable of batches, got None."),
        (
            {"batches": []},
            "find_lr.batches must be an iterable of batches that can be gone through again, and it is empty.",
        ),
    ],
    ids=["optimizer", "method", "updates", "made", "loss", "validation", "none", "batches"],
)
def test_a_mistake_is_one_line(options: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        find(**options)
    assert str(raised.value) == words


def test_a_loss_that_is_not_finite_at_once_suggests_nothing() -> None:
    found = find(lambda params, batch: params.sum() * math.nan)
    assert (found.flags, found.losses, found.suggestion) == (("not finite at once",), (), None)
