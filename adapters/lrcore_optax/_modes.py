"""How JAX and Optax are verified: compiled counts of each integer type, known steps, and the updates of an optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrcore import Schedule
from lrcore.modes import Steps, Values, of_rates, slow
from lrcore_optax._hyperparameters import hyperparameters
from lrcore_optax._optax import import_optax


def compiled(schedule: Schedule, steps: Steps) -> Values:
    """Steps of an int32 under `jax.jit`, in JAX's default dtype: what compiled train steps have."""
    counts = _below(31, steps.many)
    single = jax.jit(lambda t: schedule(t, _default()))(counts.astype(np.int32))
    return counts, np.asarray(single), None


def double(schedule: Schedule, steps: Steps) -> Values:
    """Steps of a uint32 under `jax.jit`, in float64."""
    counts = _below(32, steps.many)
    values = np.asarray(jax.jit(lambda t: schedule(t, "float64"))(counts.astype(np.uint32)))
    return counts, values.astype(np.float32), values


def known(schedule: Schedule, steps: Steps) -> Values:
    """One known step after another, of an int32, a uint32 or an int64, in JAX's default dtype."""
    taken = [step for run in steps.runs for step in run]
    values = [np.asarray(schedule(_count(step), _default())) for step in taken]
    return taken, np.array(values), None


def _count(step: int) -> jax.Array:
    """The narrowest count that holds a step, but every third an int64."""
    if step < 2**32 and step % 3:
        return jnp.asarray(np.int32(step) if step < 2**31 else np.uint32(step))
    with jax.enable_x64(True):
        return jnp.asarray(np.int64(step))


def _below(bits: int, steps: Any) -> Any:
    return steps[steps < 2**bits]


def _default() -> str | None:
    config: Any = jax.config  # which gets its attributes one by one
    return "float32" if config.jax_enable_x64 else None


@of_rates
def sgd(schedule: Schedule, steps: Steps) -> Values:
    """The updates of `optax.sgd`, compiled, each at the count that its state has been set to."""
    optimizer = import_optax("sgd").sgd(schedule)
    state = optimizer.init(_WEIGHT)

    @jax.jit
    @jax.vmap
    def rate(count: Any) -> Any:
        return -optimizer.update(_GRADIENT, _at(state, count))[0]

    counts = _below(31, steps.many)
    return counts, np.asarray(rate(counts.astype(np.int32))), None


@slow
@of_rates
def injected(schedule: Schedule, steps: Steps) -> Values:
    """Updates of `hyperparameters(optax.sgd, ...)`, compiled, one after another."""
    optimizer = hyperparameters(import_optax("sgd").sgd, learning_rate=schedule)
    update = jax.jit(lambda state: optimizer.update(_GRADIENT, state))
    state = optimizer.init(_WEIGHT)

    def rates(run: range) -> Iterator[Any]:
        now = _at(state, np.int32(run.start))
        for _ in run:
            change, now = update(now)
            yield -np.asarray(change)

    runs = [run for run in steps.runs if run.stop < 2**31]
    return [step for run in runs for step in run], np.array([rate for run in runs for rate in rates(run)]), None


_WEIGHT, _GRADIENT = np.float32(0.0), np.float32(1.0)


def _at(state: Any, count: Any) -> Any:
    """A state whose counts are `count`."""
    return jax.tree.map(lambda leaf: count if jnp.issubdtype(leaf.dtype, jnp.integer) else leaf, state)


JAX = {"JAX jit": compiled, "JAX jit, float64": double, "JAX known steps": known}
OPTAX = {"Optax": sgd, "Optax hyperparameters": injected}
