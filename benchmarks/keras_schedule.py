"""`KerasSchedule` against Keras's own schedules of the same curves, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from lrcore import Cosine, Exponential, PiecewiseConstant
from lrcore_keras import KerasSchedule
from measure import compare, same

BACKEND = keras.backend.backend()
schedules = keras.optimizers.schedules

CURVES: dict[str, tuple[Any, Any]] = {
    "cosine": (Cosine(0.1, steps=1000), schedules.CosineDecay(0.1, 1000)),
    "warmup + cosine": (
        Cosine(0.1, steps=1000).warmup(100),
        schedules.CosineDecay(0.0, 900, warmup_target=0.1, warmup_steps=100),
    ),
    "exponential": (Exponential(0.1, factor=0.9, every=10), schedules.ExponentialDecay(0.1, 10, 0.9)),
    # Keras changes one step later: an edge of 3 is its 2
    "pieces": (
        PiecewiseConstant([0.1, 0.01, 0.001], boundaries=[3, 600]),
        schedules.PiecewiseConstantDecay([2, 599], [0.1, 0.01, 0.001]),
    ),
}


def compiled(schedule: Any) -> Callable[[Any], Any]:
    if BACKEND == "tensorflow":
        import tensorflow

        return tensorflow.function(schedule, jit_compile=True)
    import jax

    return jax.jit(schedule)


def first_call(schedule: Any, step: Any) -> Any:
    """Tracing and compiling: each time a function that the backend has not seen."""
    return compiled(lambda count: schedule(count))(step)


def train_step(rate: Any) -> Callable[[], Any]:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64), keras.layers.Dense(64)])
    model.compile(keras.optimizers.Adam(rate), loss="mse", jit_compile=BACKEND != "torch")
    x = np.ones((32, 64), np.float32)
    return lambda: model.train_on_batch(x, x)


def main() -> None:
    variable = keras.Variable(7, dtype="int", trainable=False)
    own, warmed = "Keras's schedule", f"warmup + cosine, {BACKEND}"
    for name, (lr, theirs) in CURVES.items():
        ours = KerasSchedule(lr)
        for step in (7, 150, 999, 2000):
            same(ours(step), theirs(step))
        compare("one step, lr(7)", f"{name}, {BACKEND}", own, partial(ours, 7), partial(theirs, 7))
        compare("one step, lr(iterations)", f"{name}, {BACKEND}", own, partial(ours, variable), partial(theirs, variable))
    lr, theirs = CURVES["warmup + cosine"]
    if BACKEND != "torch":  # torch.compile takes longer than all of this
        step = keras.ops.convert_to_tensor(7)
        pair = (partial(compiled(schedule), step) for schedule in (KerasSchedule(lr), theirs))
        compare("one step, compiled", warmed, own, *pair)
        pair = (partial(first_call, schedule, step) for schedule in (KerasSchedule(lr), theirs))
        compare("first call, compiled", warmed, own, *pair, calls=1)
        pair = (partial(first_call, schedule, step) for schedule in (lambda count: count + 1, theirs))
        compare("floor of a first call: an addition", BACKEND, own, *pair, calls=1)
    ours = train_step(KerasSchedule(lr))
    compare("a train step", warmed, own, ours, train_step(theirs), rounds=31)
    compare("a train step", warmed, "no schedule", ours, train_step(0.1), rounds=31)


if __name__ == "__main__":
    main()
