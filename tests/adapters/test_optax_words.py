"""Optax: what is given wrongly is told where it is given, by the words of who gave it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
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
        lambda: hyperparameters(optax.sgd, learning_rate=Custom(sinking)),
        ValueError,
        "hyperparameters.learning_rate must be a schedule that is never below 0, got Custom(sinking); "
        "it is -0.01 at step 2600.",
    ),
}


def sinking(t: Any, xp: Any) -> Any:
    return 0.25 - t * 1e-4


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
