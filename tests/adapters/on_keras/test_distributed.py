"""TensorFlow's MirroredStrategy, over two logical CPUs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lrcore import Cosine, Linear
from lrcore_keras import KerasSchedule, LogSchedules, hyperparameters

LR = Cosine(0.1, steps=20, end=1e-3).warmup(5, start=0.02)
FALLING = Linear(0.9, end=0.0, steps=10)


@pytest.fixture(scope="module")
def strategy() -> Any:
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    assert mirrored.num_replicas_in_sync == 2
    return mirrored


def mirrored_model(optimizer: Any) -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer, loss=lambda y, p: keras.ops.mean(p), jit_compile=False)
    return model


def train(model: Any, epochs: int, *callbacks: Any) -> dict[str, list[float]]:
    # Half a gradient on each of two replicas
    x = np.full((2, 1), 0.5)
    return dict(model.fit(x, x, batch_size=2, epochs=epochs, verbose=0, callbacks=list(callbacks)).history)


def test_mirrored_weights_move_at_the_cores_rate(strategy: Any) -> None:
    with strategy.scope():
        model = mirrored_model(keras.optimizers.SGD(KerasSchedule(LR)))
    rates: list[Any] = []

    def read(epoch: int, logs: Any) -> None:
        rates.append(-model.get_weights()[0][0, 0])
        model.set_weights([np.zeros((1, 1))])

    train(model, 8, keras.callbacks.LambdaCallback(on_epoch_end=read))
    assert rates == [np.float32(LR(update)) for update in range(8)]
    assert float(model.optimizer.learning_rate) == np.float32(LR(8))


def test_mirrored_momentum_and_scale_follow(strategy: Any) -> None:
    with strategy.scope():
        optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)), momentum=FALLING)
        model = mirrored_model(optimizer)
    weights: list[Any] = []

    def read(epoch: int, logs: Any) -> None:
        weights.append(model.get_weights()[0][0, 0])
        if epoch == 3:
            optimizer.learning_rate = LR(4) / 2

    history = train(model, 8, LogSchedules(), keras.callbacks.LambdaCallback(on_epoch_end=read))
    rates = [np.float32(LR(update)) * np.float32(1 if update < 4 else 0.5) for update in range(8)]
    weight, buffer = np.float32(0), np.float32(0)
    for update, found in enumerate(weights):
        buffer = np.float32(FALLING(update)) * buffer - rates[update]
        weight = weight + buffer
        assert found == weight
    assert history["momentum"] == [float(np.float32(FALLING(update))) for update in range(8)]
    assert history["lr"] == [float(rate) for rate in rates]
