"""One schedule, one small classifier, three frameworks, side by side.

Trains the same network on scikit-learn's handwritten digits in PyTorch, in Keras and in JAX with Optax: the same initial
weights, the same batches, and one learning-rate schedule that is written once. Prints what each framework used and
reached, and draws the schedule and the loss curves. The optimizer is plain gradient descent, the only one that all of them
define alike (Keras, for one, multiplies the rate into its momentum). Where MLX is installed, it is the fourth.

    python examples/three_frameworks.py [--out out/three_frameworks.png]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow tells of its kernels on every start
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[all]' tensorflow scikit-learn"
    ) from None

from lrcore import Cosine

EPOCHS, BATCH, WIDTH = 20, 64, 48

images, labels = load_digits(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(
    (images / 16).astype(np.float32), labels.astype(np.int64), test_size=0.25, random_state=0, stratify=labels
)
PER_EPOCH = len(train_x) // BATCH
UPDATES = EPOCHS * PER_EPOCH

# The one schedule. Everything below only passes it on.
lr = Cosine(1.0, steps=UPDATES, end=0.01).warmup(UPDATES // 10)


@dataclass
class Run:
    """What one framework used and reached."""

    framework: str
    rates: list[float]
    losses: list[float]
    accuracy: float


def initial_weights() -> list[NDArray[np.float32]]:
    """Two layers, the same for every framework: weights of shape (in, out), and biases."""
    random = np.random.default_rng(0)
    layers = []
    for inputs, outputs in ((64, WIDTH), (WIDTH, 10)):
        layers += [random.normal(0, inputs**-0.5, (inputs, outputs)), np.zeros(outputs)]
    return [array.astype(np.float32) for array in layers]


def batches() -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Each epoch in an order of its own, the same for every framework."""
    random = np.random.default_rng(1)
    for _ in range(EPOCHS):
        order = random.permutation(len(train_x))
        for first in range(0, PER_EPOCH * BATCH, BATCH):
            chosen = order[first : first + BATCH]
            yield train_x[chosen], train_y[chosen]


def with_torch() -> Run:
    import torch

    from lrcore_torch import ScheduleLR

    torch.set_num_threads(1)
    model = torch.nn.Sequential(torch.nn.Linear(64, WIDTH), torch.nn.ReLU(), torch.nn.Linear(WIDTH, 10))
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), initial_weights(), strict=True):
            parameter.copy_(torch.from_numpy(array.T if array.ndim == 2 else array))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = ScheduleLR(optimizer, lr)

    rates, losses = [], []
    for x, y in batches():
        loss = torch.nn.functional.cross_entropy(model(torch.from_numpy(x)), torch.from_numpy(y))
        optimizer.zero_grad()
        loss.backward()
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())

    predicted = model(torch.from_numpy(test_x)).argmax(1).numpy()
    return Run("PyTorch", rates, losses, float((predicted == test_y).mean()))


def with_keras() -> Run:
    import keras

    from lrcore_keras import KerasSchedule

    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(WIDTH, activation="relu"), keras.layers.Dense(10)])
    model.set_weights(initial_weights())
    optimizer = keras.optimizers.SGD(KerasSchedule(lr))
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    rates, losses = [], []
    for x, y in batches():
        rates.append(float(optimizer.learning_rate))
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x, y)))

    predicted = model.predict(test_x, verbose=0).argmax(1)
    return Run(f"Keras on {keras.backend.backend()}", rates, losses, float((predicted == test_y).mean()))


def with_optax() -> Run:
    import jax
    import jax.numpy as jnp
    import optax

    optimizer = optax.sgd(lr)

    def logits(weights: list[jax.Array], x: jax.Array) -> jax.Array:
        w1, b1, w2, b2 = weights
        return jax.nn.relu(x @ w1 + b1) @ w2 + b2

    def mean_loss(weights: list[jax.Array], x: jax.Array, y: jax.Array) -> jax.Array:
        return optax.softmax_cross_entropy_with_integer_labels(logits(weights, x), y).mean()

    @jax.jit
    def update(weights, state, x, y):
        loss, gradient = jax.value_and_grad(mean_loss)(weights, x, y)
        rate = lr(optax.tree_utils.tree_get(state, "count"))
        changes, state = optimizer.update(gradient, state)
        return optax.apply_updates(weights, changes), state, rate, loss

    weights = [jnp.asarray(array) for array in initial_weights()]
    state = optimizer.init(weights)
    rates, losses = [], []
    for x, y in batches():
        weights, state, rate, loss = update(weights, state, x, y)
        rates.append(float(rate))
        losses.append(float(loss))

    predicted = logits(weights, test_x).argmax(1)
    return Run("JAX and Optax", rates, losses, float((predicted == test_y).mean()))


def with_mlx() -> Run:
    import mlx.core as mx
    import mlx.nn as nn
    import mlx.optimizers as optim

    model = nn.Sequential(nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))
    w1, b1, w2, b2 = (mx.array(array.T) for array in initial_weights())
    model.update({"layers": [{"weight": w1, "bias": b1}, {}, {"weight": w2, "bias": b2}]})
    optimizer = optim.SGD(lr)

    def mean_loss(model: nn.Module, x: mx.array, y: mx.array) -> mx.array:
        return nn.losses.cross_entropy(model(x), y, reduction="mean")

    rates, losses = [], []
    for x, y in batches():
        loss, gradient = nn.value_and_grad(model, mean_loss)(model, mx.array(x), mx.array(y))
        optimizer.update(model, gradient)
        mx.eval(model.state, optimizer.state)
        rates.append(optimizer.learning_rate.item())
        losses.append(loss.item())

    predicted = np.array(model(mx.array(test_x)).argmax(1))
    return Run("MLX", rates, losses, float((predicted == test_y).mean()))


def table(runs: list[Run]) -> str:
    """The rates at chosen steps, whether all are bit-equal, and what was reached."""
    width = max(len(run.framework) for run in runs) + 2
    lines = ["update".ljust(14) + "".join(run.framework.rjust(width) for run in runs)]
    for step in (0, 1, UPDATES // 20, UPDATES // 10, UPDATES // 2, UPDATES - 2, UPDATES - 1):
        rates = [np.float32(run.rates[step]) for run in runs]
        lines.append(f"lr({step})".ljust(14) + "".join(f"{rate:.8g}".rjust(width) for rate in rates))
    core = lr(np.arange(UPDATES)).astype(np.float32)
    equal = [np.array_equal(np.array(run.rates, np.float32), core) for run in runs]
    lines.append("bit-equal".ljust(14) + "".join(("all" if same else "NO").rjust(width) for same in equal))
    lines.append("last loss".ljust(14) + "".join(f"{np.mean(run.losses[-PER_EPOCH:]):.5f}".rjust(width) for run in runs))
    lines.append("test accuracy".ljust(14) + "".join(f"{run.accuracy:.2%}".rjust(width) for run in runs))
    verdict = "bit-equal" if all(equal) else "NOT bit-equal"
    lines.append(f"\nThe {UPDATES} rates of each framework are {verdict} to the core's, rounded once to float32.")
    return "\n".join(lines)


def draw(runs: list[Run], path: Path) -> None:
    """The schedule above, the loss curves below."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 5.5), sharex=True, height_ratios=(1, 2), layout="constrained")
    steps = np.arange(UPDATES + 1)
    above.plot(steps, lr(steps), color="black", linewidth=1.5)
    above.set(ylabel="learning rate", ylim=(0, None), title=f"One schedule, {len(runs)} frameworks, the same numbers")
    above.text(0.99, 0.92, repr(lr), transform=above.transAxes, ha="right", va="top", family="monospace", fontsize=8)
    window = np.ones(PER_EPOCH) / PER_EPOCH
    for run, style in zip(runs, ("-", "--", ":", "-."), strict=False):
        smooth = np.convolve(run.losses, window, mode="valid")
        label = f"{run.framework}: {run.accuracy:.1%} on the test set"
        below.plot(np.arange(len(smooth)) + PER_EPOCH - 1, smooth, style, linewidth=2, label=label)
    below.set(xlabel="update", ylabel=f"training loss, mean of {PER_EPOCH} updates", yscale="log", xlim=(0, UPDATES))
    below.legend(frameon=False)
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=Path("out/three_frameworks.png"), help="the picture to write")
    path = options.parse_args().out

    print(f"lr = {lr!r}")
    print(f"{len(train_x)} images of handwritten digits, {UPDATES} updates of {BATCH}\n")
    trainers: list[Callable[[], Run]] = [with_torch, with_keras, with_optax]
    trainers += [with_mlx] if importlib.util.find_spec("mlx") else []
    runs = []
    for train in trainers:
        print(f"training {train.__name__.replace('_', ' ')} ...", flush=True)
        runs.append(train())
    print("\n" + table(runs))
    draw(runs, path)
    print(f"The schedule and the loss curves are in {path}")


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as missing:
        raise SystemExit(
            f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[all]' tensorflow scikit-learn"
        ) from None
