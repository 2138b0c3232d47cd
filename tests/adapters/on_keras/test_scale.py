"""A scale turns a schedule down, in compiled steps too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Cosine
from lrcore_keras import KerasSchedule, hyperparameters

BACKEND = keras.backend.backend()
Applied = Callable[..., list[Any]]
LR = Cosine(0.1, steps=20, end=1e-3).warmup(5, start=0.02)


def core(updates: int) -> list[np.float32]:
    return [np.float32(LR(update)) for update in range(updates)]


def test_a_scale_takes_effect_at_once_and_without_retracing(linear: Callable[..., Any]) -> None:
    traces = []

    def loss(_: Any, prediction: Any) -> Any:
        traces.append(1)
        return keras.ops.mean(prediction)

    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)))
    model = linear(optimizer, [0.0])
    model.compile(optimizer, loss=loss, jit_compile=BACKEND != "torch")
    found, scales = [], [1.0, 1.0, 0.5, 0.1, 0.1, 1.0]
    for scale in scales:
        optimizer.scale = scale
        model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
        found.append(-model.get_weights()[0][0, 0])
        model.set_weights([np.zeros((1, 1))])
        if len(found) == 2:
            traced = len(traces)
    want = [rate * np.float32(scale) for rate, scale in zip(core(6), scales, strict=True)]
    assert found == want
    if BACKEND != "torch":
        assert len(traces) == traced


def test_a_rate_set_by_hand_becomes_a_scale(applied: Applied) -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)))
    optimizer.learning_rate = LR(0) / 2
    assert float(optimizer.scale) == 0.5
    assert applied(optimizer, 6) == [rate * np.float32(0.5) for rate in core(6)]


def test_a_rate_cannot_be_set_where_the_schedule_is_0() -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(Cosine(0.1, steps=9).warmup(3))))
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        optimizer.learning_rate = 0.1
    assert str(error.value) == ("ScheduledSGD.learning_rate must be 0 where its schedule is 0, got 0.1; assign to scale.")


def test_a_scale_needs_a_schedule_and_a_number() -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)))
    for value, rule in ((-0.5, "ScheduledSGD.scale must be a finite number, 0 or more, got -0.5."),):
        with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
            optimizer.scale = value
        assert str(error.value) == rule
    with pytest.raises(TypeError) as wrong:
        optimizer.scale = "half"
    assert str(wrong.value) == "ScheduledSGD.scale must be a finite number, 0 or more, got 'half'."
    constant = hyperparameters(keras.optimizers.SGD(0.25))
    with pytest.raises(ValueError) as missing:  # noqa: PT011 (likewise)
        constant.scale = 0.5
    assert str(missing.value) == (
        "ScheduledSGD.scale must be used with a KerasSchedule as learning rate, got 0.25; assign to learning_rate."
    )
