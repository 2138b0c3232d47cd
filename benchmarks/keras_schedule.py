"""`KerasSchedule` against Keras's own `CosineDecay`, in one run: a call by hand, and a compiled train step, as ratios.

KERAS_BACKEND=tensorflow python benchmarks/keras_schedule.py    (or jax, or torch)
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lrcore import Cosine
from lrcore_keras import KerasSchedule

JIT = keras.backend.backend() != "torch"
STEPS = 10_000


def seconds(function: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def ratio(ours: Callable[[], Any], theirs: Callable[[], Any], calls: int, rounds: int = 15) -> float:
    """Ours over theirs: the median of rounds that take turns, so that a busy machine slows both."""
    ours(), theirs()
    return statistics.median(seconds(ours, calls) / seconds(theirs, calls) for _ in range(rounds))


def train_step(schedule: Any) -> Callable[[], Any]:
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64), keras.layers.Dense(64)])
    model.compile(keras.optimizers.Adam(schedule), loss="mse", jit_compile=JIT)
    x = np.ones((32, 64), np.float32)
    return lambda: model.train_on_batch(x, x)


def main() -> None:
    ours, theirs = KerasSchedule(Cosine(0.1, steps=STEPS)), keras.optimizers.schedules.CosineDecay(0.1, STEPS)
    variable = keras.Variable(7, dtype="int", trainable=False)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}")
    print(f"lr(7): {1 / ratio(lambda: ours(7), lambda: theirs(7), 200):.0f} times as fast as CosineDecay")
    print(f"lr(iterations): {1 / ratio(lambda: ours(variable), lambda: theirs(variable), 200):.0f} times as fast")
    print(f"train step: {ratio(train_step(ours), train_step(theirs), 20, 101):.3f} of the time with CosineDecay")


if __name__ == "__main__":
    main()
