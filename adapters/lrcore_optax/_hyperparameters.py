"""Every hyperparameter of an Optax optimizer on a schedule of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from lrcore import Schedule
from lrcore._arguments import nearest
from lrcore_optax._optax import import_optax

if TYPE_CHECKING:
    from optax import GradientTransformationExtraArgs


def hyperparameters(optimizer: Callable[..., Any], /, **given: Any) -> GradientTransformationExtraArgs:
    """An Optax optimizer in which any hyperparameter may be a schedule: `learning_rate`, `momentum`, `b1`, others.

    `optax.inject_hyperparams` does it, with two differences. A scheduled value is float32 whatever the parameters'
    dtype, and the state shows it so, yet acts on bfloat16 and float16 parameters as a constant would: their dtype stays.
    What is no schedule (a number, a mask) goes to the optimizer as it is, which computes with it what it always does.

    Args:
        optimizer: what makes the optimizer: `optax.adamw`, `optax.sgd`, or a function of your own that returns one.
        given: its arguments, by name. Each schedule is read at the number of updates already made.

    Raises:
        TypeError: the optimizer has no parameter of a name, or one that it needs is missing.

    A schedule for `b1` or `b2` is a float32, so 1 - b1 in Adam is that of the float32, not of Python's longer number.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from lrcore import Linear, OneCycle
    >>> cycle = OneCycle(0.5, steps=10)
    >>> optimizer = hyperparameters(optax.sgd, learning_rate=cycle, momentum=cycle.momentum())
    >>> state = optimizer.init(jnp.ones(3))
    >>> {name: round(float(value), 4) for name, value in state.hyperparams.items()}
    {'learning_rate': 0.02, 'momentum': 0.95}
    """
    optax = import_optax("hyperparameters")
    known = inspect.signature(optimizer)
    _check_names(optimizer, known, given)
    scheduled = {name: value for name, value in given.items() if isinstance(value, Schedule)}
    others = {name: value for name, value in given.items() if name not in scheduled}

    def build(**values: jax.Array) -> Any:
        return optimizer(**others, **{name: _like_a_constant(value) for name, value in values.items()})

    # inject_hyperparams goes by the signature, takes every callable for a schedule, a mask too, and rounds numbers to the
    # parameters' dtype: so it gets to see the schedules only
    by_name = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in scheduled]
    build.__signature__ = inspect.Signature(by_name)  # type: ignore[attr-defined]
    return optax.inject_hyperparams(build)(**scheduled)


def _like_a_constant(value: jax.Array) -> jax.Array:
    """The value as JAX has Python numbers: it gives way to the dtype of what it meets ("weak"), as a float32 would not."""
    return jnp.full_like(1.0, value)  # the one public function that keeps the weakness of its first argument


def _check_names(optimizer: Callable[..., Any], known: inspect.Signature, given: dict[str, Any]) -> None:
    name = getattr(optimizer, "__name__", repr(optimizer))
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in known.parameters.values())
    for argument in given:
        if argument not in known.parameters and not open_ended:
            raise TypeError(f"hyperparameters: {name} has no parameter {argument!r}{nearest(argument, known.parameters)}")
    try:
        known.bind(**given)
    except TypeError as error:
        raise TypeError(f"hyperparameters: {name}: {error}.") from None
