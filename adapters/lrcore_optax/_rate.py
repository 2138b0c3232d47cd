"""A learning rate with a factor on it, both in the optimizer's state."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lrcore import Schedule
from lrcore._arguments import NON_NEGATIVE, is_array, is_number, plain, refuse
from lrcore_optax._optax import import_optax


class RateState(NamedTuple):
    """What `hyperparameters` keeps of a scheduled learning rate; `optax.tree_utils.tree_set(state, scale=0.5)` sets it."""

    step: jax.Array
    """How many updates were made."""
    scale: jax.Array
    """What the schedule's rate is multiplied by."""


class Rate:
    """A schedule as an `optax.schedules.StatefulSchedule`: its value is the rate that is applied, schedule(step)·scale."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def init(self) -> RateState:
        """The state before the first update."""
        return RateState(jnp.zeros((), jnp.int32), jnp.ones((), jax.dtypes.canonicalize_dtype(np.float64)))

    def __call__(self, state: RateState, **_: Any) -> jax.Array:
        """The rate of the next update."""
        rate: jax.Array = self._schedule(jnp.asarray(state.step))
        return rate * jnp.asarray(state.scale, rate.dtype)

    def update(self, state: RateState, **_: Any) -> RateState:
        """The state after the next update. A scale set as a Python float becomes an array, so that dtypes stay."""
        scale = jnp.asarray(state.scale, jax.dtypes.canonicalize_dtype(np.float64))
        return RateState(import_optax("hyperparameters").safe_increment(state.step), scale)


def check_rate(owner: str, name: str, value: Any) -> None:
    """Refuse a learning rate, a number or a schedule, that is known to be negative somewhere."""
    if is_number(value):
        plain(owner, name, value, NON_NEGATIVE)
    if not isinstance(value, Schedule):
        return
    for step in _looked_at(value):
        # As a JAX step, so that a field or a function of the user's may hold tracers
        rate = value(jnp.asarray(step, jnp.int32))
        if isinstance(rate, Tracer):
            return
        if rate < 0:
            refuse(owner, name, "a schedule that is never below 0", value, hint=f"it is {float(rate):g} at step {step}")


def _looked_at(schedule: Schedule) -> list[int]:
    """The steps at which something changes, and others between them."""
    length: Any = schedule.length
    known = length is not None and not is_array(length)
    edges = [edge.step for edge in schedule.edges()] if known else []
    length = length if known else 10_000
    steps = {*edges, *range(0, length, max(1, length // 100)), length}
    return sorted(step for step in steps if step < 2**31)
