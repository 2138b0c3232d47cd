"""Optax: what is given wrongly is told where it is given, by the words of who gave it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrcore import Constant, Cosine, Custom, Linear, Schedule
from lrcore_optax import current, hyperparameters, used

LR = Cosine(0.1, steps=10)
STATE = optax.adamw(LR).init(jnp.ones(2))


class KerasLike(SimpleNamespace):
    """What `lrcore_keras.KerasSchedule` is to JAX: a callable that holds a schedule."""

    schedule: Schedule

    def __call__(self, step: Any) -> Any:
        raise AssertionError("never asked")


WRAPPER = KerasLike(schedule=LR)

MISTAKES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "an optimizer, not what makes it": (
        lambda: hyperparameters(optax.adamw(LR)),  # type: ignore[arg-type]
        TypeError,
        "hyperparameters.optimizer must be a function that makes an optimizer, got 'GradientTransformationExtraArgs'; "
        "write hyperparameters(optax.adamw, learning_rate=lr).",
    ),
    "the word of other libraries": (
        lambda: hyperparameters(optax.adamw, lr=LR),
        TypeError,
        "hyperparameters: adamw has no parameter 'lr'; did you mean 'learning_rate'?",
    ),
    "momentum, which is b1 here": (
        lambda: hyperparameters(optax.adamw, learning_rate=LR, momentum=LR),
        TypeError,
        "hyperparameters: adamw has no parameter 'momentum'; did you mean 'b1'?",
    ),
    "a word misspelled": (
        lambda: hyperparameters(optax.adamw, learning_rat=LR),
        TypeError,
        "hyperparameters: adamw has no parameter 'learning_rat'; did you mean 'learning_rate'?",
    ),
    "a word from nowhere": (
        lambda: hyperparameters(optax.adamw, learning_rate=LR, whatever=1),
        TypeError,
        "hyperparameters: adamw has no parameter 'whatever'.",
    ),
    "nothing that is needed": (
        lambda: hyperparameters(optax.adamw, b1=LR),
        TypeError,
        "hyperparameters: adamw: missing a required argument: 'learning_rate'.",
    ),
    "by place": (
        lambda: hyperparameters(optax.adamw, LR),
        TypeError,
        "hyperparameters takes the arguments of adamw by name, got Cosine(0.1, steps=10); write learning_rate=.",
    ),
    "another framework's form": (
        lambda: hyperparameters(optax.adamw, learning_rate=WRAPPER),
        TypeError,
        f"hyperparameters.learning_rate must be the schedule itself, got {WRAPPER!r}; write Cosine(0.1, steps=10).",
    ),
    "another framework's form, for a log": (
        lambda: current(STATE, lr=WRAPPER),
        TypeError,
        f"current.lr must be the schedule itself, got {WRAPPER!r}; write Cosine(0.1, steps=10).",
    ),
    "a number for a log": (
        lambda: used(STATE, lr=0.1),  # type: ignore[arg-type]
        TypeError,
        "current.lr must be a schedule, got 0.1.",
    ),
    "a negative number": (
        lambda: hyperparameters(optax.sgd, learning_rate=-0.1),
        ValueError,
        "hyperparameters.learning_rate must be a finite number, 0 or more, got -0.1.",
    ),
    "a negative schedule": (
        lambda: hyperparameters(optax.sgd, learning_rate=Linear(0.25, end=-0.25, steps=4)),
        ValueError,
        "hyperparameters.learning_rate must be a schedule that is never below 0, got Linear(0.25, end=-0.25, steps=4); "
        "it is -0.125 at step 3.",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_where_it_is_made(name: str) -> None:
    make, kind, message = MISTAKES[name]
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message


def test_a_negative_piece_of_a_few_steps_is_found() -> None:
    dip = Custom(lambda t, xp: xp.where(t < 2, -1e-3, 0.1))
    lr = Linear(0.1, end=0.2, steps=1_000_000).then(dip, at=123_457).then(Linear(0.1, end=0.0, steps=9), at=123_459)
    with pytest.raises(ValueError, match=r"it is -0\.001 at step 123457\.$"):
        hyperparameters(optax.sgd, learning_rate=lr)


def test_what_cannot_be_known_is_not_refused() -> None:
    def train(peak: Any) -> Any:
        rate = Custom(lambda t, xp: peak * (1 - t))
        optimizer = hyperparameters(optax.sgd, learning_rate=rate, momentum=Linear(peak, end=0.0, steps=3))
        return optimizer.update(jnp.ones(()), optimizer.init(jnp.ones(())))[0]

    assert float(jax.jit(train)(0.5)) == -0.5
    assert float(jax.jit(train)(-0.5)) == 0.5


def test_a_hyperparameter_that_is_no_rate_may_be_negative() -> None:
    optimizer = hyperparameters(optax.sgd, learning_rate=LR, momentum=Custom(lambda t, xp: -0.5 + 0 * t))
    assert float(used(optimizer.init(jnp.ones(2)))["momentum"]) == -0.5


def test_a_schedule_of_optax_is_taken_as_before() -> None:
    theirs = optax.linear_schedule(0.5, 0.0, 2)
    optimizer = hyperparameters(optax.sgd, learning_rate=theirs, momentum=Constant(0.0))
    state = optimizer.init(jnp.ones(()))
    updates, state = optimizer.update(jnp.ones(()), state)
    assert float(updates) == -0.5
    assert float(current(state, lr=theirs).next["lr"]) == 0.25


# Schedules in places where Optax computes with them, and the places where it calls them

ELSEWHERE = (
    "{} is a function of the step and cannot be combined with {}: compute with its value, lr(step). "
    "In Optax, a schedule of anything but the learning rate goes through lrcore_optax.hyperparameters."
)
ARRAY = "an array of shape (2,)"


@pytest.mark.parametrize(
    ("make", "met"),
    [
        (lambda: optax.scale(LR), ARRAY),
        (lambda: optax.sgd(0.1, momentum=LR), ARRAY),
        (lambda: optax.rmsprop(0.1, eps=LR), ARRAY),
        (lambda: optax.rmsprop(0.1, decay=LR), "1"),
        (lambda: optax.adam(0.1, b1=LR), "1"),
        (lambda: optax.adam(0.1, b2=LR), "1"),
        (lambda: optax.adam(0.1, eps=LR), ARRAY),
    ],
)
def test_a_bare_schedule_of_another_hyperparameter_is_told_where_it_goes(make: Any, met: str) -> None:
    optimizer, params = make(), jnp.ones(2)
    for update in (optimizer.update, jax.jit(optimizer.update)):
        with pytest.raises(TypeError) as error:
            update(params, optimizer.init(params), params)
        beginning = "1 - Cosine is not a schedule: " if met == "1" else ELSEWHERE.format("Cosine", met)
        assert str(error.value).startswith(beginning)


@pytest.mark.parametrize("array", [np.ones(2), np.ones(2, np.int8), np.ones((1, 1)), jnp.ones(2), np.array([LR, LR])])
def test_an_array_cannot_be_combined_with_a_schedule(array: Any) -> None:
    operations: list[Callable[[Any, Any], Any]] = [
        operator.mul,
        operator.add,
        operator.sub,
        operator.pow,
        lambda a, b: operator.mul(b, a),
    ]
    for combine in operations:
        with pytest.raises(TypeError) as error:
            combine(array, LR)
        assert str(error.value) == ELSEWHERE.format("Cosine", f"an array of shape {array.shape}")


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2), np.float64(2), np.int64(2), np.uint8(2), np.array(2.0)])
def test_one_number_of_any_library_scales_a_schedule(number: Any) -> None:
    assert number * LR == LR * number == 2 * LR
    assert type((number * LR).factor) in (int, float)  # type: ignore[attr-defined]


def test_join_schedules_at_known_steps_names_the_way_to_join() -> None:
    joined = optax.join_schedules([LR, LR], [5])
    for steps in (2, np.arange(9)):
        with pytest.raises(ValueError, match=r"^step must be a finite number, 0 or more, got -\d; ") as error:
            joined(steps)
        asked = "optax.join_schedules asks its pieces for such steps: write first.then(second, at=boundary) instead."
        assert str(error.value).endswith(asked)
    here = LR.then(LR, at=5)
    np.testing.assert_array_equal(joined(jnp.arange(9)), here(np.arange(9)).astype(np.float32))
    np.testing.assert_array_equal(jax.jit(joined)(np.arange(9)), here(np.arange(9)).astype(np.float32))
