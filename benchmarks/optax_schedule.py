"""lrcore's schedules in JAX against Optax's own of the same curve: in one run, as ratios.

    python benchmarks/optax_schedule.py

For each curve: optimised HLO instructions of a whole AdamW step of a small network, fused computations included (lrcore's
and Optax's); time of that step (lrcore's over Optax's); and time of one call outside jit (Optax's over lrcore's), for a
count that is a JAX array and for a Python int. Every time is the least of several rounds, the two taking turns.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lrcore import Constant, Cosine, Exponential, Interpolate, Linear, MultiStep, Polynomial, StepDecay, WarmRestarts

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


def least(functions: list[Callable[[], Any]], calls: int, rounds: int) -> list[float]:
    """The least time of each, in seconds a call; they take turns, so that a busy machine is busy for all."""
    best = [float("inf")] * len(functions)
    for _ in range(rounds):
        for i, function in enumerate(functions):
            begin = time.perf_counter()
            for _ in range(calls):
                function()
            best[i] = min(best[i], (time.perf_counter() - begin) / calls)
    return best


def one_count_after_another(schedule: Any, counts: list[Any]) -> Callable[[], Any]:
    """A call at a count that no call has seen: reading a JAX array a second time is cheaper."""
    it = iter(counts)
    return lambda: schedule(next(it))


def main() -> None:
    print(f"{'curve':16}{'HLO':>10}{'step time':>11}{'no jit, array':>15}{'no jit, int':>13}")
    for name, (mine, theirs) in CURVES.items():
        (step, arguments), (other, others) = train_step(mine), train_step(theirs)
        run = [
            lambda: jax.block_until_ready(step(*arguments)),  # noqa: B023 (run before the loop goes on)
            lambda: jax.block_until_ready(other(*others)),  # noqa: B023
        ]
        mine_s, theirs_s = least(run, 50, 30)
        counts = [[jnp.asarray(np.int32(i)) for i in range(2000)] for _ in range(2)]
        array = least([one_count_after_another(s, c) for s, c in zip((mine, theirs), counts, strict=True)], 100, 15)
        whole = least([lambda: mine(37), lambda: theirs(37)], 100, 10)  # noqa: B023
        hlo = f"{instructions(step)}/{instructions(other)}"
        print(f"{name:16}{hlo:>10}{mine_s / theirs_s:>11.3f}{array[1] / array[0]:>15.1f}{whole[1] / whole[0]:>13.1f}")


if __name__ == "__main__":
    main()
