"""The rate, momentum and weight decay of every update in TensorBoard and Weights & Biases, from JAX and Optax.

One line in the loop, `log(jax.tree.map(float, used(state)), step)`: what the last update used, by name. Here all
three are scheduled by `hyperparameters`, which keeps them in the optimizer's state, where `current` finds them.

    python examples/log_optax.py        (`make demo` installs what it needs)
    tensorboard --logdir out/log_optax
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the writer loads TensorFlow where it is installed
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax
    from sklearn.datasets import load_digits
    from tensorboard.summary import Writer
except ModuleNotFoundError as missing:
    needed = "'lrcore[optax]' scikit-learn tensorboard"
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install {needed}") from None

from lrcore import Linear, OneCycle
from lrcore_optax import hyperparameters, used

STEPS = 100
CYCLE, DECAY = OneCycle(0.02, steps=STEPS), Linear(0.01, end=0.1, steps=STEPS)


class Run:
    """Stands for `run = wandb.init(project=...)`, whose `log` is called in the same way."""

    def log(self, values: dict[str, float], step: int) -> None:
        if step % 20 == 0 or step == STEPS - 1:
            print(step, values)


def main() -> None:
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32)
    random = np.random.default_rng(0)
    weights: Any = {"w": jnp.zeros((64, 10)), "b": jnp.zeros(10)}
    optimizer = hyperparameters(optax.adamw, learning_rate=CYCLE, b1=CYCLE.momentum(), weight_decay=DECAY)
    state = optimizer.init(weights)

    @jax.jit
    def update(weights: Any, state: Any, x: Any, y: Any) -> Any:
        def mean_loss(weights: Any) -> Any:
            return optax.softmax_cross_entropy_with_integer_labels(x @ weights["w"] + weights["b"], y).mean()

        loss, gradient = jax.value_and_grad(mean_loss)(weights)
        changes, state = optimizer.update(gradient, state, weights)
        return optax.apply_updates(weights, changes), state, loss

    run, board = Run(), Writer("out/log_optax")

    def log(values: dict[str, float], step: int) -> None:
        run.log(values, step=step)
        for name, value in values.items():  # TensorBoard takes one number at a time
            board.add_scalar(name, value, step)

    for step in range(STEPS):
        chosen = random.integers(len(images), size=64)
        weights, state, loss = update(weights, state, images[chosen], labels[chosen])
        log(jax.tree.map(float, used(state) | {"loss": loss}), step)
    board.close()
    print("TensorBoard's file is in out/log_optax")


if __name__ == "__main__":
    main()
