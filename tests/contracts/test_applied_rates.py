"""The promise: the rate that an optimizer applies is the core's float64 value, rounded once to float32.

It is read back out of the weights: with SGD, a weight of 0 and a gradient of 1, the weight's change is the rate. Keras has
the same test on each of its backends, in `tests/adapters/on_keras`.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from cases import CASES, Case, numbers
from lrcore import Schedule
from lrcore_torch import ScheduleLR

UPDATES = 60


def expected(schedule: Schedule, begin: int) -> np.ndarray:
    return np.array([schedule(begin + i) for i in range(UPDATES)], np.float32)


def begins(case: Case) -> list[int]:
    """From the first step, from just before the last edge that an int32 count reaches, and from far away."""
    edge = max((edge for edge in case.edges if edge < 2**31), default=0)
    return [0, max(0, edge - UPDATES // 2), 2**24]


def applied_by_torch(schedule: Schedule, begin: int) -> np.ndarray:
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = ScheduleLR(optimizer, schedule, step=begin)
    rates = []
    for _ in range(UPDATES):
        weight.grad = torch.ones(1)
        optimizer.step()
        scheduler.step()
        rates.append(-weight.item())
        weight.data.zero_()
    return np.array(rates, np.float32)


def applied_by_optax(schedule: Schedule, begin: int) -> np.ndarray:
    optimizer = optax.sgd(schedule)

    @jax.jit
    def update(state: optax.OptState) -> tuple[jax.Array, optax.OptState]:
        change, state = optimizer.update(jnp.ones(()), state)
        return optax.apply_updates(jnp.zeros(()), change), state

    state = jax.tree.map(lambda count: count + begin, optimizer.init(jnp.zeros(())))
    rates = []
    for _ in range(UPDATES):
        weight, state = update(state)
        rates.append(-weight)
    return np.array(rates, np.float32)


@pytest.mark.filterwarnings("ignore:ScheduleLR. an update at step")  # past the end, on purpose
@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_torch_applies_the_rate_of_the_core(case: Case) -> None:
    for begin in begins(case):
        np.testing.assert_array_equal(applied_by_torch(case.schedule, begin), expected(case.schedule, begin))


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_optax_applies_the_rate_of_the_core(case: Case) -> None:
    for begin in begins(case):
        np.testing.assert_array_equal(applied_by_optax(case.schedule, begin), expected(case.schedule, begin))


def test_a_rate_one_ulp_off_would_be_seen() -> None:
    case = next(case for case in CASES if case.name == "cosine")
    off = expected(case.schedule, 0)
    off[7] = np.nextafter(off[7], np.float32(1))
    with pytest.raises(AssertionError, match="Mismatched elements: 1 / 60"):
        np.testing.assert_array_equal(applied_by_torch(case.schedule, 0), off)
