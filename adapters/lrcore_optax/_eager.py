"""One known step: computed in Python floats, made a JAX array once. Optax's own make one after every operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.core import Tracer

from lrcore.arrays import Formula, Scalar, check_step, scalar


class HasTracer(Exception):  # noqa: N818 (nothing is wrong: the formula has to be traced)
    """The formula meets a tracer, in a field or in a function of the user's."""


def _untraced(operation: Callable[..., Any]) -> Any:
    def guarded(*values: Any) -> Any:
        for value in values:
            if isinstance(value, Tracer):
                raise HasTracer
        return operation(*values)

    return staticmethod(guarded)


class Untraced(Scalar):
    """Python floats and nothing else: `float` and `math` would take a tracer of `jax.grad`, and lose its gradient."""

    float64 = _untraced(lambda x: x.item() if hasattr(x, "item") else float(x))  # a length stays an integer
    sqrt = _untraced(scalar.sqrt)
    sin = _untraced(scalar.sin)
    cos = _untraced(scalar.cos)
    tanh = _untraced(scalar.tanh)
    exp = _untraced(scalar.exp)
    log = _untraced(scalar.log)
    power = _untraced(scalar.power)

    def full(self, t: float, value: Any) -> Any:
        return self.float64(value)

    def take(self, values: Sequence[Any], index: int) -> Any:
        return self.float64(values[index])


_untraced_scalar = Untraced()
# The fastest way from a NumPy number to a JAX array: `jnp.asarray` takes four times as long
_identity: Callable[[Any], jax.Array] = jax.jit(lambda x: x)


def eager(formula: Formula, step: float, target: Any) -> jax.Array:
    """The formula at one known step, rounded once to the dtype `target`.

    Raises:
        HasTracer: it has to be traced instead.
    """
    step = 0.0 if step < 0 else float(step)
    check_step(step)
    value = formula(step, _untraced_scalar)
    if not isinstance(value, (int, float)):
        raise HasTracer
    return _identity(target.type(value))
