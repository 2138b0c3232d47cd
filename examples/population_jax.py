"""A population of peaks in JAX and Optax: one compiled call trains a network with each, and the best is chosen.

A field of a schedule may be a JAX value, so `jax.vmap` over the peak trains all the networks at once. The whole training,
a `scan` with momentum and the scheduled rate, is traced a single time.

    python examples/population_jax.py        (`make demo` installs what it needs)
"""

from __future__ import annotations

import time
from typing import Any

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
except ModuleNotFoundError as missing:
    raise SystemExit(f"No module {missing.name!r}: run `make demo`, or pip install 'lrcore[optax]' scikit-learn") from None

from lrcore import Cosine, Schedule
from lrcore_optax import used

STEPS, BATCH = 150, 64
PEAKS = np.geomspace(0.001, 30.0, 12, dtype=np.float32)


def schedule(peak: Any) -> Schedule:
    return Cosine(peak, steps=STEPS).warmup(10)


images, labels = load_digits(return_X_y=True)
x, test_x, y, test_y = train_test_split((images / 16).astype(np.float32), labels, random_state=0, stratify=labels)
batches = np.random.default_rng(0).integers(len(x), size=(STEPS, BATCH))
traced = []


def logits(weights: Any, x: Any) -> jax.Array:
    return jax.nn.relu(x @ weights["w1"] + weights["b1"]) @ weights["w2"] + weights["b2"]


def train(peak: jax.Array) -> dict[str, jax.Array]:
    """One member of the population, from its peak to its accuracy."""
    traced.append(peak)  # Python runs when JAX traces, and not again
    lr = schedule(peak)
    optimizer = optax.sgd(lr, momentum=0.9)
    keys = jax.random.split(jax.random.key(0))
    w1, w2 = jax.random.normal(keys[0], (64, 32)) / 8, jax.random.normal(keys[1], (32, 10)) / 32**0.5
    weights = {"w1": w1, "b1": jnp.zeros(32), "w2": w2, "b2": jnp.zeros(10)}

    def mean_loss(weights: Any, chosen: Any) -> jax.Array:
        at = jnp.asarray(x)[chosen], jnp.asarray(y)[chosen]
        return optax.softmax_cross_entropy_with_integer_labels(logits(weights, at[0]), at[1]).mean()

    def update(carry: Any, chosen: Any) -> Any:
        weights, state = carry
        loss, gradient = jax.value_and_grad(mean_loss)(weights, chosen)
        changes, state = optimizer.update(gradient, state)
        return (optax.apply_updates(weights, changes), state), (loss, used(state, lr=lr)["lr"])

    (weights, _), (losses, rates) = jax.lax.scan(update, (weights, optimizer.init(weights)), batches)
    correct = (logits(weights, test_x).argmax(1) == test_y).mean()
    return {"loss": losses[-10:].mean(), "rates": rates, "accuracy": correct}


def main() -> None:
    start = time.perf_counter()
    found = jax.tree.map(np.asarray, jax.jit(jax.vmap(train))(PEAKS))
    print(
        f"{len(PEAKS)} networks, {STEPS} updates each: {time.perf_counter() - start:.1f} s, traced {len(traced)} time(s)\n"
    )
    best = int(found["accuracy"].argmax())
    print(f"{'peak':24}{'lr(100) used':24}last losses  accuracy")
    for i, peak in enumerate(PEAKS.tolist()):
        mark = "  best" if i == best else ""
        rate, loss, accuracy = found["rates"][i, 100].item(), found["loss"][i], found["accuracy"][i]
        print(f"{peak!r:24}{rate!r:24}{loss:11.4f}  {accuracy:8.1%}{mark}")
    want = [schedule(peak)(np.arange(STEPS)).astype(np.float32) for peak in PEAKS.tolist()]
    same = int((found["rates"] == np.array(want)).sum())
    print(f"\n{same} of {len(PEAKS) * STEPS} rates are bit-equal to the core's, rounded once to float32")
    print(f"best: {schedule(PEAKS[best].item())!r}")


if __name__ == "__main__":
    main()
