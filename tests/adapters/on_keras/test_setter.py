"""A rate that is assigned is used, or refused, or told to come too late; `used` says what was used."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Constant, Cosine
from lrcore_keras import KerasSchedule, LogSchedules, hyperparameters, used

BACKEND = keras.backend.backend()
COMPILES = BACKEND != "torch"
ONES = np.ones((1, 1))
LR, OTHER = Cosine(0.1, steps=20), Constant(0.5)
MAKERS: dict[str, Callable[[Any], Any]] = {
    "bare": keras.optimizers.SGD,
    "hyperparameters": lambda rate: hyperparameters(keras.optimizers.SGD(rate)),
}


def applied_rate(model: Any) -> float:
    """What one update takes off a weight whose gradient is 1."""
    model.set_weights([np.zeros((1, 1))])
    model.train_on_batch(ONES, ONES)
    return -float(model.get_weights()[0][0, 0])


@pytest.mark.parametrize("maker", MAKERS)
def test_a_schedule_that_comes_too_late_is_told_and_never_said_to_be_used(linear: Callable[..., Any], maker: str) -> None:
    model = linear(MAKERS[maker](KerasSchedule(LR)), [0.0])
    optimizer = model.optimizer
    assert applied_rate(model) == np.float32(LR(0))
    if COMPILES:
        told = (
            f"{type(optimizer).__name__}.learning_rate: a train step that is compiled goes on with the rate that it was "
            "compiled with. Call model.compile(model.optimizer, ...) for KerasSchedule(Constant(0.5)) to take effect."
        )
        with pytest.warns(UserWarning, match=f"^{re.escape(told)}$"):
            optimizer.learning_rate = KerasSchedule(OTHER)
        assert applied_rate(model) == np.float32(LR(1))
    else:
        optimizer.learning_rate = KerasSchedule(OTHER)
        assert used(optimizer) == {"lr": float(np.float32(LR(0)))}
        assert applied_rate(model) == 0.5
    assert used(optimizer) == {"lr": float(np.float32(LR(1) if COMPILES else 0.5))}
    model.compile(optimizer, loss=lambda _, prediction: keras.ops.mean(prediction))
    assert applied_rate(model) == 0.5
    assert used(optimizer) == {"lr": 0.5}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_schedule_that_comes_before_the_first_step_is_used(linear: Callable[..., Any], maker: str) -> None:
    optimizer = MAKERS[maker](KerasSchedule(LR))
    optimizer.learning_rate = KerasSchedule(OTHER)
    model = linear(optimizer, [0.0])
    assert (applied_rate(model), used(optimizer)) == (0.5, {"lr": 0.5})


@pytest.mark.parametrize("maker", MAKERS)
def test_a_step_that_is_not_compiled_takes_a_new_schedule_at_once(linear: Callable[..., Any], maker: str) -> None:
    model = linear(MAKERS[maker](KerasSchedule(LR)), [0.0], run_eagerly=True)
    assert applied_rate(model) == np.float32(LR(0))
    model.optimizer.learning_rate = KerasSchedule(OTHER)
    assert used(model.optimizer) == {"lr": float(np.float32(LR(0)))}
    assert (applied_rate(model), used(model.optimizer)) == (0.5, {"lr": 0.5})


@pytest.mark.parametrize("step", [7, 8])
def test_a_schedule_that_replaces_another_is_told_of_a_count_only_where_its_step_is_another(
    linear: Callable[..., Any], step: int
) -> None:
    model = linear(keras.optimizers.SGD(KerasSchedule(LR, step=7)), [0.0], run_eagerly=True)
    assert applied_rate(model) == np.float32(LR(7))
    model.optimizer.learning_rate = KerasSchedule(Cosine(0.5, steps=20), step=step)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert applied_rate(model) == np.float32(Cosine(0.5, steps=20)(step + 1))
    told = [str(each.message) for each in caught if "the optimizer has made 1 updates already" in str(each.message)]
    assert len(told) == (step != 7)


@pytest.mark.parametrize(
    ("rate", "step", "message"),
    [
        (KerasSchedule(LR), 5, "the rate before it, 0, got 5; the 2 updates that are made would be counted twice."),
        (0.25, 5, "the rate before it, 0, got 5; the 2 updates that are made would be counted twice."),
        (KerasSchedule(LR, step=7), 0, "the rate before it, 7, got 0; write KerasSchedule(..., step=7)."),
        (KerasSchedule(LR, step=7), 7, ""),
    ],
)
def test_an_optimizer_with_hyperparameters_never_counts_its_updates_twice(rate: Any, step: int, message: str) -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(rate, gradient_accumulation_steps=2))
    weight = keras.Variable(np.zeros(1, np.float32))
    if not isinstance(rate, float):
        optimizer.learning_rate = KerasSchedule(OTHER, step=9)  # no update is made yet
        optimizer.learning_rate = rate
    optimizer.build([weight])
    for _ in range(4):
        optimizer.apply([keras.ops.ones((1,))], [weight])
    other = KerasSchedule(Cosine(0.5, steps=20), step=step)
    if message:
        with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
            optimizer.learning_rate = other
        assert str(error.value) == f"KerasSchedule.step must be that of {message}"
    else:
        optimizer.learning_rate = other
        assert float(optimizer.learning_rate) == np.float32(Cosine(0.5, steps=20)(9))


def test_a_number_cannot_become_a_schedule_without_compiling_again(linear: Callable[..., Any]) -> None:
    model = linear(keras.optimizers.SGD(0.25), [0.0])
    assert applied_rate(model) == 0.25
    with pytest.warns(UserWarning, match="a train step that is compiled goes on with the rate"):
        model.optimizer.learning_rate = KerasSchedule(OTHER)


KINDS = [
    (keras.optimizers.SGD, 0.1),
    (keras.optimizers.SGD, KerasSchedule(LR)),
    (lambda rate: hyperparameters(keras.optimizers.SGD(rate)), 0.1),
    (lambda rate: hyperparameters(keras.optimizers.SGD(rate)), KerasSchedule(LR)),
    (lambda rate: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate)), 0.1),
]


@pytest.mark.parametrize(("kind", "rate"), KINDS)
def test_a_bare_schedule_is_refused_as_a_rate(kind: Any, rate: Any) -> None:
    optimizer = kind(rate)
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    before = float(optimizer.learning_rate)
    with pytest.raises(TypeError) as error:
        optimizer.learning_rate = LR
    assert str(error.value) == (
        f"{type(inner).__name__}.learning_rate must be a number or a KerasSchedule, got {LR!r}; write KerasSchedule(...)."
    )
    assert float(optimizer.learning_rate) == before


def test_a_number_for_a_bare_schedule_is_refused_with_the_way_out() -> None:
    optimizer = keras.optimizers.Adam(KerasSchedule(LR))
    with pytest.raises(TypeError) as error:
        optimizer.learning_rate = 0.5
    assert str(error.value) == (
        "Adam.learning_rate must be a KerasSchedule while it follows one, got 0.5; an optimizer made by "
        "hyperparameters(optimizer) takes numbers and has a scale."
    )


def test_what_is_nothing_of_lrcore_s_is_handed_to_keras(linear: Callable[..., Any]) -> None:
    model = linear(keras.optimizers.SGD(0.25), [0.0])
    assert applied_rate(model) == 0.25
    model.optimizer.learning_rate = 0.5
    assert applied_rate(model) == 0.5
    model.optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(0.25, 10)
    with pytest.raises(TypeError, match="This optimizer was created with a `LearningRateSchedule`"):
        model.optimizer.learning_rate = 0.5


def test_the_log_shows_the_schedule_that_was_compiled(linear: Callable[..., Any]) -> None:
    if not COMPILES:
        return
    model = linear(keras.optimizers.SGD(KerasSchedule(LR)), [0.0])
    model.fit(ONES, ONES, verbose=0)
    with pytest.warns(UserWarning, match="goes on with the rate that it was compiled with"):
        model.optimizer.learning_rate = KerasSchedule(OTHER)
    history = model.fit(ONES, ONES, epochs=2, verbose=0, callbacks=[LogSchedules()]).history
    assert history["lr"] == [float(np.float32(LR(1))), float(np.float32(LR(2)))]
