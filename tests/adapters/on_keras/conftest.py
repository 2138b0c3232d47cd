"""How the tests of one backend read what an optimizer did: from the weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()
assert os.environ["KERAS_BACKEND"] == BACKEND

collect_ignore = [] if BACKEND == "tensorflow" else ["test_distributed.py"]

if BACKEND == "tensorflow":
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
elif BACKEND == "torch":
    import torch

    torch.set_num_threads(1)  # models this small are slower on several


def mean_of_prediction(_: Any, prediction: Any) -> Any:
    """A loss whose gradient is the input."""
    return keras.ops.mean(prediction)


def linear_model(optimizer: Any, weights: Any, dtype: Any = None, **compile_arguments: Any) -> Any:
    """A model whose gradient is, exactly and whatever its weights are, the input it is shown."""
    weights = np.reshape(weights, (-1, 1))
    dense = keras.layers.Dense(1, use_bias=False, dtype=dtype)
    model = keras.Sequential([keras.Input((len(weights),)), dense])
    model.set_weights([weights])
    model.compile(optimizer, loss=mean_of_prediction, **compile_arguments)
    return model


def applied_rates(optimizer: Any, batches: int, dtype: Any = None, **compile_arguments: Any) -> list[Any]:
    """What each batch took off a weight whose gradient is 1: the learning rate of plain SGD."""
    model = linear_model(optimizer, [0.0], dtype, **compile_arguments)
    rates = []
    for _ in range(batches):
        model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
        rates.append(-np.asarray(keras.ops.convert_to_numpy(model.weights[0]))[0, 0])
        model.set_weights([np.zeros((1, 1))])
    return rates


@pytest.fixture
def applied() -> Callable[..., list[Any]]:
    return applied_rates


@pytest.fixture
def linear() -> Callable[..., Any]:
    return linear_model


@pytest.fixture
def floatx() -> Iterator[Callable[[str], None]]:
    """Sets Keras's default dtype for one test."""
    before, policy = keras.config.floatx(), keras.config.dtype_policy()

    def set_floatx(name: str) -> None:
        keras.config.set_floatx(name)
        keras.config.set_dtype_policy(name)

    yield set_floatx
    keras.config.set_floatx(before)
    keras.config.set_dtype_policy(policy)
