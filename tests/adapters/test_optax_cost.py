"""JAX: a train step has no more HLO instructions than with Optax's own schedule of the same curve."""

from __future__ import annotations

import re
from typing import Any

import jax
import jax.numpy as jnp
import optax
import pytest

from lrcore import Constant, Cosine, Linear, MultiStep, StepDecay, WarmRestarts

RESTART = {"init_value": 0.1, "peak_value": 0.1, "decay_steps": 100, "warmup_steps": 0, "end_value": 0.0}
CURVES = {
    "constant": (Constant(0.1), optax.constant_schedule(0.1)),
    "linear": (Linear(0.1, end=0.01, steps=1000), optax.linear_schedule(0.1, 0.01, 1000)),
    "cosine": (Cosine(0.1, steps=1000), optax.cosine_decay_schedule(0.1, 1000)),
    "warmup + cosine": (Cosine(0.1, steps=1000).warmup(100), optax.warmup_cosine_decay_schedule(0.0, 0.1, 100, 1000)),
    "stairs": (StepDecay(0.1, every=10, factor=0.9), optax.exponential_decay(0.1, 10, 0.9, staircase=True)),
    "milestones": (MultiStep(0.1, milestones=[3, 6]), optax.piecewise_constant_schedule(0.1, {3: 0.1, 6: 0.1})),
    "restarts": (WarmRestarts(0.1, steps=100, cycles=3), optax.sgdr_schedule([RESTART] * 3)),
}


def instructions(schedule: Any) -> int:
    """Of the optimised program of a train step of two layers, those inside its fusions too."""
    optimizer = optax.adamw(schedule)
    params = [{"w": jnp.ones((8, 8)), "b": jnp.ones(8)} for _ in range(2)]

    def loss(params: Any) -> Any:
        x = jnp.ones((4, 8))
        for layer in params:
            x = jnp.tanh(x @ layer["w"] + layer["b"])
        return jnp.mean(x**2)

    def step(params: Any, state: Any) -> Any:
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        return optax.apply_updates(params, updates), state

    text = jax.jit(step).lower(params, optimizer.init(params)).compile().as_text()
    return len(re.findall(r"^\s+(?:ROOT )?%?[\w.\-]+ = ", text, re.MULTILINE))


@pytest.mark.parametrize("name", CURVES)
def test_a_train_step_has_no_more_instructions_than_with_optax_own_schedule(name: str) -> None:
    mine, theirs = CURVES[name]
    assert 0 < instructions(mine) <= instructions(theirs)
