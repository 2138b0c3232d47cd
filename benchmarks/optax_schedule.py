"""lrcore's schedules in JAX against Optax's own of the same curves: outside jit and inside, in a train step, as a whole.

Optax computes in float32, lrcore in float64 with one rounding. Instructions are those of the optimised HLO of a whole AdamW
step of a small network, those inside its fusions too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lrcore import Constant, Cosine, Exponential, Interpolate, Linear, MultiStep, Polynomial, StepDecay, WarmRestarts
from lrcore._numeric.elementary import sin_squared
from measure import MILLION, QUICK, compare, count, same

CURVES: dict[str, tuple[Any, Any]] = {
    "constant": (Constant(0.1), optax.constant_schedule(0.1)),
    "linear": (Linear(0.1, end=0.01, steps=1000), optax.linear_schedule(0.1, 0.01, 1000)),
    "polynomial": (Polynomial(0.1, steps=1000, power=0.9), optax.polynomial_schedule(0.1, 0.0, 0.9, 1000)),
    "cosine": (Cosine(0.1, steps=1000), optax.cosine_decay_schedule(0.1, 1000)),
    "warmup + cosine": (Cosine(0.1, steps=1000).warmup(100), optax.warmup_cosine_decay_schedule(0.0, 0.1, 100, 1000)),
    "exponential": (Exponential(0.1, factor=0.9, every=10), optax.exponential_decay(0.1, 10, 0.9)),
    "stairs": (StepDecay(0.1, every=10, factor=0.9), optax.exponential_decay(0.1, 10, 0.9, staircase=True)),
    "milestones": (
        MultiStep(0.1, milestones=[300, 600, 800]),
        optax.piecewise_constant_schedule(0.1, {300: 0.1, 600: 0.1, 800: 0.1}),
    ),
    "interpolated": (
        Interpolate([(0, 1.0), (10, 1.0), (30, 0.5)]),
        optax.piecewise_interpolate_schedule("linear", 1.0, {10: 1.0, 30: 0.5}),
    ),
    "restarts": (
        WarmRestarts(0.1, steps=100, cycles=3),
        optax.sgdr_schedule(
            [{"init_value": 0.1, "peak_value": 0.1, "decay_steps": 100, "warmup_steps": 0, "end_value": 0.0}] * 3
        ),
    ),
}


SOME = ("cosine",) if QUICK else ("cosine", "warmup + cosine", "stairs", "restarts")
"""Those that are compiled and timed; the others take as long."""


def train_step(schedule: Any, layers: int = 3, width: int = 128) -> tuple[Any, tuple[Any, Any]]:
    """A compiled AdamW step of a network of `layers` layers, and what to call it with."""
    optimizer = optax.adamw(schedule)
    params = [{"w": jnp.full((width, width), 0.01), "b": jnp.zeros(width)} for _ in range(layers)]
    inputs = jnp.ones((32, width))

    def loss(params: Any) -> Any:
        x = inputs
        for layer in params:
            x = jnp.tanh(x @ layer["w"] + layer["b"])
        return jnp.mean((x - 1.0) ** 2)

    def step(params: Any, state: Any) -> Any:
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        return optax.apply_updates(params, updates), state

    arguments = params, optimizer.init(params)
    return jax.jit(step).lower(*arguments).compile(), arguments


def instructions(compiled: Any) -> int:
    """Instructions of the optimised program, those inside its fusions too."""
    return len(re.findall(r"^\s+(?:ROOT )?%?[\w.\-]+ = ", compiled.as_text(), re.MULTILINE))


def one_step() -> None:
    calls, rounds = 100, 15
    for name, (mine, theirs) in CURVES.items():
        for step in (7, 150, 999, 2000):
            same(mine(step), theirs(step))
        compare("one step, lr(7)", name, "Optax, no jit", partial(mine, 7), partial(theirs, 7))
    for name, (mine, theirs) in CURVES.items():
        # A count that no call has seen, each time: reading a JAX array a second time is cheaper
        fresh = [iter([jnp.asarray(np.int32(i)) for i in range(rounds * calls + 1)]) for _ in range(2)]
        ours, peers = (lambda lr=lr, it=it: lr(next(it)) for lr, it in zip((mine, theirs), fresh, strict=True))
        compare("one step, lr(array)", name, "Optax, no jit", ours, peers, calls=calls, rounds=rounds)
    array, (_, theirs) = jnp.asarray(7.0), CURVES["constant"]
    subject = "floor of lr(array): an array times 1"
    compare(subject, "constant", "Optax, no jit", lambda: array * 1.0, partial(theirs, jnp.asarray(7)))


def compiled_call() -> None:
    step = jnp.asarray(7)
    for name in SOME:
        ours, theirs = (partial(ready, jax.jit(lr), step) for lr in CURVES[name])
        compare("one step, compiled", name, "Optax, jit", ours, theirs, rounds=101)  # differences of a hundredth


def first_calls() -> None:
    """Tracing and compiling, in a process that has compiled before: each time a function that JAX has not seen."""
    for name in SOME:
        ours, theirs = (lambda lr=lr: jax.jit(lambda step: lr(step)).lower(7).compile() for lr in CURVES[name])
        compare("first call, compiled", name, "Optax, jit", ours, theirs, calls=1, rounds=31)


def a_million() -> None:
    counts = jnp.arange(MILLION) % 1200
    for name in SOME:
        mine, theirs = CURVES[name]
        compare(
            "a million steps", name, "Optax, vmap", partial(ready, mine, counts), partial(ready, jax.vmap(theirs), counts)
        )
        peers = partial(ready, jax.jit(jax.vmap(theirs)), counts)
        against = "Optax, jit of vmap"
        compare("a million steps", name, against, partial(ready, jax.jit(mine), counts), peers)
        double = jax.jit(lambda steps, lr=mine: lr(steps, "float64"))
        compare("a million steps, float64", name, against, partial(ready, double, counts), peers)
        compare("a million steps, NumPy", name, against, partial(mine, np.asarray(counts)), peers)
        if name == "cosine":
            compare("floor of a million steps, NumPy: its sine", name, against, partial(squared_sines, *angles()), peers)


def angles(block: int = 1 << 14) -> tuple[Any, Any]:
    """A block of angles of a cosine, and what corrects their rounding."""
    return np.linspace(0.0, 0.78, block), np.full(block, 1e-12)


def squared_sines(angles: Any, corrections: Any) -> None:
    for _ in range(MILLION // len(angles)):
        sin_squared(angles, corrections)


def ready(function: Callable[..., Any], *arguments: Any) -> Any:
    return jax.block_until_ready(function(*arguments))


def train_steps() -> None:
    for name in SOME if QUICK else CURVES:
        mine, theirs = CURVES[name]
        (ours, arguments), (peers, others) = train_step(mine), train_step(theirs)
        count("HLO, an AdamW step", name, "Optax's schedule", instructions(ours), instructions(peers), "instructions")
        if name in SOME:
            run, other = partial(ready, ours, *arguments), partial(ready, peers, *others)
            compare("a train step", name, "Optax's schedule", run, other, rounds=31)
    (ours, arguments), (peers, others) = train_step(CURVES["cosine"][0]), train_step(0.1)
    run, other = partial(ready, ours, *arguments), partial(ready, peers, *others)
    compare("a train step", "cosine, Optax", "no schedule", run, other, rounds=31)


def main() -> None:
    one_step()
    compiled_call()
    first_calls()
    a_million()
    train_steps()


if __name__ == "__main__":
    main()
