"""JAX arrays and tracers for the core: float64 inside, whatever JAX's own default, rounded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from lrcore.arrays import Formula, Namespace, check_step, computing
from lrcore_optax._eager import HasTracer, eager

_FEW = 32
"""Edges that are compared one by one. XLA fuses that into one kernel, but never the loop of a binary search."""

_MANY = 4096
"""Edges that are compared all at once."""


class Jax(Namespace):
    """The operations on float64 arrays and tracers; called inside `jax.enable_x64(True)`."""

    def float64(self, x: Any) -> Any:
        if isinstance(x, tuple):  # from searchsorted
            return self.take(range(len(x) + 1), x)
        return lax.convert_element_type(x, jnp.float64) if isinstance(x, jax.Array) else np.float64(x)

    def float32(self, x: Any) -> Any:
        return lax.reduce_precision(x, exponent_bits=8, mantissa_bits=23)  # XLA may leave out a conversion and back

    def full(self, t: Any, value: Any) -> Any:
        value = self.float64(value)
        # NumPy's, where nothing is traced: `_rounded` then sees a constant, and gives it its shape
        return jnp.broadcast_to(value, t.shape) if isinstance(value, jax.Array) else value

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        x, y = self.float64(x), self.float64(y)
        if not isinstance(condition, jax.Array):  # of two lengths that are known
            return x if condition else y
        # `jnp.where` is a function under jit of its own, which takes longer to trace
        return (lax.select if condition.shape == x.shape == y.shape else jnp.where)(condition, x, y)

    def floor(self, x: Any) -> Any:
        return jnp.floor(x) if isinstance(x, jax.Array) else np.floor(x)

    def floor_divide(self, x: Any, y: Any) -> Any:
        # By a y that XLA does not see to be constant: it would multiply by the reciprocal. Where the steps are constants
        # too, it sees through that
        return self.corrected_quotient(jnp.floor(x / (y * lax.clamp(1.0, x, 1.0))), x, y)

    def searchsorted(self, edges: Sequence[Any], t: Any) -> Any:
        if len(edges) <= _FEW:
            return tuple(t >= edge for edge in edges)
        spread = any(jax.typeof(t).sharding.spec)  # over explicit mesh axes, which a loop's carry cannot take on
        method = "compare_all" if spread or len(edges) <= _MANY else "scan"
        return jnp.searchsorted(self._stack(edges), t, side="right", method=method)

    def take(self, values: Sequence[Any], index: Any) -> Any:
        if not isinstance(index, tuple):
            sharding = jax.typeof(index).sharding  # a gather does not take on its index's by itself
            return self._stack(values).at[index].get(mode="promise_in_bounds", out_sharding=sharding)
        value = self.float64(values[0])
        for passed, later in zip(index, values[1:], strict=True):
            value = self.where(passed, later, value)
        return value

    def _stack(self, values: Sequence[Any]) -> Any:
        if any(isinstance(value, jax.Array) for value in values):
            return jnp.stack([self.float64(value) for value in values])
        return jnp.asarray(np.asarray(values, np.float64))

    minimum: Any = staticmethod(jnp.minimum)
    maximum: Any = staticmethod(jnp.maximum)
    sqrt: Any = staticmethod(jnp.sqrt)
    sin: Any = staticmethod(jnp.sin)
    cos: Any = staticmethod(jnp.cos)
    tanh: Any = staticmethod(jnp.tanh)
    exp: Any = staticmethod(jnp.exp)
    log: Any = staticmethod(jnp.log)
    power: Any = staticmethod(jnp.power)


class Jax32(Jax):
    """The same where float64 values are rounded to float32: the sine is good enough, in a third of the instructions.

    Not in a compiled function of an array, where XLA makes one pass of all the arithmetic, in a fifth of the sine's time.
    """

    sin_squared = Namespace.sine_squared


_jax, _jax32 = Jax(), Jax32()


def compute(function: Callable[..., tuple[Any, ...]], *arrays: Any) -> tuple[Any, ...]:
    """The function of JAX arrays, tracers and numbers: float64 arrays, also where x64 is off.

    JAX keeps them as they are through jit, scan, cond and vmap. What casts them is an operation outside of
    `jax.enable_x64(True)` that takes two of them, such as `jnp.where`.
    """
    with jax.enable_x64(True):
        given = [lax.stop_gradient(lax.convert_element_type(array, jnp.float64)) for array in arrays]
        after = function(_jax, *jnp.broadcast_arrays(*given))
        return tuple(lax.convert_element_type(value, jnp.float64) for value in after)


@computing(compute)
def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> Any:
    """The formula at JAX steps: float32, or float64 where x64 is on.

    A negative step reads as 0, traced or not: `optax.join_schedules` shows its pieces such steps, inside jit and outside.
    """
    if isinstance(step, jax.Array):
        _check_dtype(step.dtype)
    target = np.dtype(dtype) if dtype else jax.dtypes.canonicalize_dtype(np.float64)
    if not isinstance(step, Tracer):
        steps = np.asarray(step)
        if steps.ndim == 0:
            try:
                return eager(formula, steps.item(), target)
            except HasTracer:
                pass
        elif steps.size and not np.isfinite(steps.max()):
            check_step(steps.max())
    with jax.enable_x64(True):
        t = jnp.maximum(lax.convert_element_type(step, jnp.float64), 0.0)
        fused = t.ndim and isinstance(t, Tracer)
        value = formula(t, _jax if fused or target == np.float64 else _jax32)
        return _rounded(value, t, target, jnp.issubdtype(jnp.result_type(step), jnp.floating))


def _rounded(value: Any, t: Any, target: Any, may_be_nan: bool) -> Any:
    """`value` in the shape of t, rounded once; NaN where t is."""
    constant = not isinstance(value, jax.Array)
    value = jnp.full(t.shape, value, target) if constant else lax.convert_element_type(value, target)
    if may_be_nan:
        value = jnp.where(jnp.isnan(t), np.asarray(np.nan, target), value)
    if constant or t.ndim:
        return value
    # The remainder of a division by the largest float is the rate itself, but XLA takes it for expensive: it computes the
    # schedule once a step then, not once more in the fused update of every parameter. On CPUs `lax.optimization_barrier`
    # is gone before XLA fuses. Of an array it would take half of the time.
    return lax.rem(value, jnp.full((), np.finfo(target).max, target))


def _check_dtype(dtype: Any) -> None:
    if dtype.kind not in "iu" and not jnp.issubdtype(dtype, jnp.floating):
        raise TypeError(f"step must hold real numbers, got an array of {dtype}.")
