"""The rate, momentum and weight decay of every update in History, TensorBoard and Weights & Biases, from Keras.

One line: the callback `LogSchedules`, which puts what each update used into the logs that every later callback gets. Here
these are Keras's own TensorBoard and one that hands them on as Weights & Biases wants them.

    python examples/log_keras.py        (`make demo` installs what it needs)
    tensorboard --logdir out/log_keras
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow tells of its kernels on every start
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import keras
    import tensorboard  # noqa: F401 (a clear message where it is missing)
    import tensorflow  # noqa: F401 (Keras's TensorBoard writes with it, on every backend)
    from sklearn.datasets import load_digits
except ModuleNotFoundError as missing:
    needed = "'lrcore[keras]' tensorflow scikit-learn tensorboard"
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install {needed}") from None

from lrcore import Linear, OneCycle
from lrcore_keras import KerasSchedule, LogSchedules, hyperparameters

EPOCHS, BATCH = 4, 64
STEPS = EPOCHS * 25
CYCLE, DECAY = OneCycle(0.5, steps=STEPS), Linear(1e-4, end=1e-3, steps=STEPS)


class Run:
    """Stands for `run = wandb.init(project=...)`, whose `log` is called in the same way."""

    def log(self, values: dict[str, float], step: int) -> None:
        if step % 20 == 0 or step == STEPS - 1:
            print(step, values)


def main() -> None:
    keras.utils.set_random_seed(0)
    images, labels = load_digits(return_X_y=True)
    x, y = (images / 16).astype("float32")[: 25 * BATCH], labels[: 25 * BATCH]
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
    optimizer: Any = keras.optimizers.SGD(KerasSchedule(CYCLE), weight_decay=1e-4)
    optimizer = hyperparameters(optimizer, momentum=CYCLE.momentum(), weight_decay=DECAY)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    run = Run()
    callbacks = [
        LogSchedules(per="update"),  # the one line; first, so that the others get what it adds
        keras.callbacks.TensorBoard("out/log_keras", update_freq=1, write_graph=False),  # counts updates from 1
        keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: run.log(logs, step=int(optimizer.iterations) - 1)
        ),
    ]
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=callbacks).history
    print("History, an epoch each:")
    for name, values in history.items():
        print(f"  {name} {values}")
    print("TensorBoard's file is in out/log_keras")


if __name__ == "__main__":
    main()
