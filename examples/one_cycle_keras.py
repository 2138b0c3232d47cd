"""One cycle in Keras: the rate goes up and comes down, the momentum goes the other way.

Trains a small network to tell benign tumours from malignant ones (scikit-learn's breast cancer data) in 120 updates. The
cycle and its inverse momentum are two schedules; `hyperparameters` puts the second into the compiled train step.
Runs on whichever backend KERAS_BACKEND names: tensorflow, jax or torch.

    python examples/one_cycle_keras.py        (`make demo` installs what it needs)
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow tells of its kernels on every start
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import keras
    import numpy as np
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split
except ModuleNotFoundError as missing:
    needed = "'lrcore[keras]' tensorflow scikit-learn"
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install {needed}") from None

from lrcore import OneCycle
from lrcore_keras import KerasSchedule, LogSchedules, hyperparameters

EPOCHS, BATCH = 8, 32


def main() -> None:
    features, classes = load_breast_cancer(return_X_y=True)
    features = ((features - features.mean(0)) / features.std(0)).astype("float32")
    x, test_x, y, test_y = train_test_split(features, classes, train_size=15 * BATCH, random_state=0, stratify=classes)
    updates = EPOCHS * len(x) // BATCH

    cycle = OneCycle(0.5, steps=updates)
    optimizer = keras.optimizers.SGD(KerasSchedule(cycle))
    optimizer = hyperparameters(optimizer, momentum=cycle.momentum())

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((30,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True))
    log = LogSchedules(per="update")
    losses = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[log]).history["loss"]

    print(f"Keras on {keras.backend.backend()}, {updates} updates of {BATCH}")
    print(f"lr = {cycle!r}\nmomentum = {cycle.momentum()!r}\n\nupdate  lr used                 momentum used")
    rates, momenta = log.values["lr"], log.values["momentum"]
    for step in (0, 10, 20, 35, 36, 60, 90, updates - 1):
        print(f"{step:6d}  {rates[step]!r:24}{momenta[step]!r}")
    print(f"\nloss of each epoch: {'  '.join(f'{loss:.4f}' for loss in losses)}")
    correct = (model.predict(test_x, verbose=0)[:, 0] > 0) == test_y
    print(f"accuracy on {len(test_y)} others: {np.mean(correct):.1%}")


if __name__ == "__main__":
    main()
