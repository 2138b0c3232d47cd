"""A learning rate with a factor on it, both in the optimizer's state."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lrcore import Schedule, arrays
from lrcore._arguments import NON_NEGATIVE, as_number, is_number
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
        as_number(owner, name, value, NON_NEGATIVE)
    elif isinstance(value, Schedule):
        arrays.check_rate(owner, name, value)
