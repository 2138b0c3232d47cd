"""Labels for `multi_transform` from one description: every weight moves by its factor's rate."""

from __future__ import annotations

import jax.numpy as jnp
import optax
import pytest

from lrcore import Linear
from lrcore.advice import GroupRates
from lrcore_optax import labels


def test_every_weight_moves_by_the_rate_of_its_group() -> None:
    rates = GroupRates([("^head", 10.0), ("bias$", 0.0)])
    params = {"layers": [{"kernel": jnp.zeros(2), "bias": jnp.zeros(2)}], "head": {"kernel": jnp.zeros(2)}}
    found = labels(params, rates)
    assert found == {"layers": [{"kernel": "x1.0", "bias": "x0.0"}], "head": {"kernel": "x10.0"}}
    lr = Linear(0.5, end=0.0, steps=2)
    transforms = {label: optax.sgd(schedule) for label, schedule in rates.schedules(lr).items()}
    optimizer = optax.multi_transform(transforms, found)
    state = optimizer.init(params)
    grads = {"layers": [{"kernel": jnp.ones(2), "bias": jnp.ones(2)}], "head": {"kernel": jnp.ones(2)}}
    for _ in range(2):
        updates, state = optimizer.update(grads, state, params)
        params = optax.apply_updates(params, updates)
    moved = lr(0) + lr(1)
    assert float(params["layers"][0]["kernel"][0]) == pytest.approx(-moved)
    assert float(params["layers"][0]["bias"][0]) == 0.0
    assert float(params["head"]["kernel"][0]) == pytest.approx(-10 * moved)


def test_a_pattern_that_is_found_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^GroupRates\.groups\.rules\[0\] must be found in a name, such as body/w, got"):
        labels({"body": {"w": jnp.zeros(2)}}, GroupRates([("tail", 2.0)]))
