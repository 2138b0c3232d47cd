"""The run of `tests/shared/training.py`, as `tests/contracts/test_training_parity.py` has it for the other frameworks.

Keras's buffer adds up steps, not gradients; with `torch_momentum` it holds minus what PyTorch's holds.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from lrcore_keras import KerasSchedule, hyperparameters
from training import HIDDEN, INPUTS, LR, MOMENTA, MOMENTUM, PROBE, RATES, TARGETS, WEIGHTS, assert_follows, flat

BACKEND = keras.backend.backend()


def mean_of_prediction(_: Any, prediction: Any) -> Any:
    """A loss whose gradient is the input."""
    return keras.ops.mean(prediction)


def run(*, torch_momentum: bool) -> tuple[list[Any], list[float], list[float]]:
    """The weights after each update, and the rates and momenta that were applied."""
    numbers, ones = keras.Input((8,)), keras.Input((2,))
    first, second = keras.layers.Dense(HIDDEN, activation="tanh"), keras.layers.Dense(3)
    probed = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Model([numbers, ones], [second(first(numbers)), probed(ones)])
    weights, probe = [*first.weights, *second.weights], probed.weights[0]
    for weight, value in zip(weights, WEIGHTS, strict=True):
        weight.assign(value)
    optimizer = keras.optimizers.SGD(KerasSchedule(LR), momentum=0.5)
    hyperparameters(optimizer, momentum=MOMENTUM, torch_momentum=torch_momentum)
    model.compile(optimizer, ["mse", mean_of_prediction], jit_compile=BACKEND != "torch")
    optimizer.build(model.trainable_variables)
    (buffer,) = (m for v, m in zip(model.trainable_variables, optimizer.momentums, strict=True) if v is probe)
    seen, rates, momenta = [], [], []
    for x, y in zip(INPUTS, TARGETS, strict=True):
        probe.assign(np.zeros((2, 1)))
        buffer.assign(1 - PROBE[:, None])
        model.train_on_batch([x, np.tile(PROBE, (len(x), 1))], [y, np.zeros((len(x), 1))])
        seen.append(flat([keras.ops.convert_to_numpy(weight) for weight in weights]))
        rates.append(-float(keras.ops.convert_to_numpy(probe)[1, 0]))
        momenta.append(float(keras.ops.convert_to_numpy(buffer)[0, 0]))
    return seen, rates, momenta


def test_training_follows_the_core_with_torch_s_momentum() -> None:
    seen, rates, momenta = run(torch_momentum=True)
    np.testing.assert_array_equal(np.array(rates, np.float32), RATES)
    np.testing.assert_array_equal(np.array(momenta, np.float32), MOMENTA)
    assert_follows(seen)


def test_keras_s_own_momentum_is_the_core_s_and_goes_elsewhere() -> None:
    seen, rates, momenta = run(torch_momentum=False)
    np.testing.assert_array_equal(np.array(rates, np.float32), RATES)
    np.testing.assert_array_equal(np.array(momenta, np.float32), MOMENTA)
    with pytest.raises(AssertionError):
        assert_follows(seen)
