"""JAX arrays and tracers for the core: float64 inside, whatever JAX's own default, rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np
from jax import lax

from lrcore.arrays import Formula, Namespace, check_step


class Jax(Namespace):
    """The operations on float64 arrays and tracers; called inside `jax.enable_x64(True)`."""

    def float64(self, x: Any) -> Any:
        return jnp.asarray(x, jnp.float64)

    def full(self, t: Any, value: Any) -> Any:
        return jnp.broadcast_to(self.float64(value), t.shape)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return jnp.where(condition, self.float64(x), self.float64(y))

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        return jnp.searchsorted(self._stack(edges), t, side="right")

    def take(self, values: Sequence[Any], index: Any) -> Any:
        return self._stack(values)[index]

    def _stack(self, values: Sequence[Any]) -> Any:
        if any(isinstance(value, jax.Array) for value in values):
            return jnp.stack([self.float64(value) for value in values])
        return jnp.asarray(np.asarray(values, np.float64))

    minimum: Any = staticmethod(jnp.minimum)
    maximum: Any = staticmethod(jnp.maximum)
    floor: Any = staticmethod(jnp.floor)
    sqrt: Any = staticmethod(jnp.sqrt)
    sin: Any = staticmethod(jnp.sin)
    cos: Any = staticmethod(jnp.cos)
    tanh: Any = staticmethod(jnp.tanh)
    exp: Any = staticmethod(jnp.exp)
    log: Any = staticmethod(jnp.log)
    power: Any = staticmethod(jnp.power)


_jax = Jax()


def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> Any:
    """The formula at JAX steps: float32, or float64 where x64 is on."""
    if not isinstance(step, jax.core.Tracer) and np.size(step):
        check_step(np.min(step))
        check_step(np.max(step))
    target = jnp.dtype(dtype) if dtype else jax.dtypes.canonicalize_dtype(jnp.float64)
    with jax.enable_x64(True):
        t = jnp.maximum(lax.convert_element_type(step, jnp.float64), 0.0)
        return lax.convert_element_type(formula(t, _jax), target)
