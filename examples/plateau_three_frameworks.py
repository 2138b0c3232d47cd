"""One rule for a metric that stalls, and one noisy validation curve: the same cuts in three frameworks.

A classifier of scikit-learn's handwritten digits is trained at too high a rate, so that its validation loss falls, stalls
and jumps about. That curve is shown, epoch by epoch, to the same rule in PyTorch, in Keras and in JAX with Optax. Each
runs a warmup, a cosine and the rule together:

    rate = lr(step) * scale

Prints the rates of each epoch's last update, and asks the rule afterwards what it would have done with more patience.

    python examples/plateau_three_frameworks.py
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow tells of its kernels on every start
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import log_loss
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[all]' tensorflow scikit-learn"
    ) from None

from lrcore import Cosine
from lrcore.plateau import Plateau, warmup_end

EPOCHS, PER_EPOCH = 24, 5
UPDATES = EPOCHS * PER_EPOCH

lr = Cosine(0.1, steps=UPDATES, end=0.01).warmup(2 * PER_EPOCH)
rule = Plateau(factor=0.5, patience=2)


def noisy_curve() -> list[float]:
    """The validation loss after each of some small batches."""
    images, labels = load_digits(return_X_y=True)
    images = images / 16
    random = np.random.default_rng(0)
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.3, random_state=0)
    losses = []
    for _ in range(EPOCHS):
        batch = random.choice(1_400, 64)
        model.partial_fit(images[batch], labels[batch], classes=np.arange(10))
        losses.append(float(np.float32(log_loss(labels[1_400:], model.predict_proba(images[1_400:])))))
    return losses


def with_torch(curve: list[float]) -> list[float]:
    import torch

    from lrcore_torch import ScheduleLR

    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    scheduler = ScheduleLR(optimizer, lr, plateau=rule)
    rates = []
    for loss in curve:
        for _ in range(PER_EPOCH):
            weight.grad = torch.ones(1)
            optimizer.step()
            rates.append(scheduler.used()["lr"])
        scheduler.report(loss)
    return rates


def with_keras(curve: list[float]) -> list[float]:
    import keras

    from lrcore_keras import KerasSchedule, LogSchedules, ScaleOnPlateau, hyperparameters

    class Curve(keras.callbacks.Callback):
        """Stands in for validation data."""

        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            logs["val_loss"] = curve[epoch]

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(hyperparameters(keras.optimizers.SGD(KerasSchedule(lr))), loss="mse")
    log = LogSchedules(per="update")
    data = np.ones((PER_EPOCH, 1), np.float32)
    callbacks = [Curve(), ScaleOnPlateau(rule, monitor="val_loss"), log]
    model.fit(data, data, batch_size=1, epochs=EPOCHS, verbose=0, callbacks=callbacks)
    return log.values["lr"]


def with_optax(curve: list[float]) -> list[float]:
    import jax
    import jax.numpy as jnp
    import optax

    from lrcore_optax import report, scale_on_plateau, used

    optimizer = optax.chain(optax.sgd(lr), scale_on_plateau(rule, after=warmup_end(lr), every_update=False))
    state = optimizer.init(jnp.zeros(1))
    update = jax.jit(optimizer.update)
    rates = []
    for loss in curve:
        for _ in range(PER_EPOCH):
            _, state = update(jnp.ones(1), state)
            rates.append(float(used(state, lr=lr)["lr"]))
        state = report(state, rule, loss)
    return rates


def main() -> None:
    print(f"lr = {lr!r}\nrule = {rule!r}\n")
    curve = noisy_curve()
    replay = rule.replay(curve, lr=lr, steps=PER_EPOCH)
    core = replay.schedule(np.arange(UPDATES)).astype(np.float32)

    runs = {"PyTorch": with_torch(curve), "Keras": with_keras(curve), "JAX and Optax": with_optax(curve)}
    print("epoch  validation loss" + "".join(name.rjust(16) for name in runs))
    cuts = [cut.report for cut in replay.cuts]
    for epoch, loss in enumerate(curve, 1):
        rates = "".join(f"{np.float32(run[epoch * PER_EPOCH - 1]):16.8g}" for run in runs.values())
        print(f"{epoch:5}  {loss:15.4f}{rates}{'  cut' if epoch in cuts else ''}")
    equal = all(np.array_equal(np.array(run, np.float32), core) for run in runs.values())
    verdict = "bit-equal" if equal else "NOT bit-equal"
    print(f"\nThe {UPDATES} rates of each framework are {verdict} to lr(step) * scale, rounded once to float32.")

    patient = Plateau(factor=0.5, patience=5).replay(curve, lr=lr, steps=PER_EPOCH)
    print(f"It cut after epochs {cuts}; with patience=5 it would have after {[cut.report for cut in patient.cuts]}.")


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as missing:
        raise SystemExit(
            f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[all]' tensorflow scikit-learn"
        ) from None
