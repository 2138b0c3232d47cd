"""Every hyperparameter of an Optax optimizer on a schedule of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from lrcore import Schedule
from lrcore._arguments import nearest, refuse
from lrcore_optax._names import key, refuse_wrapper
from lrcore_optax._optax import import_optax
from lrcore_optax._rate import Rate, check_rate

if TYPE_CHECKING:
    from optax import GradientTransformationExtraArgs


def hyperparameters(optimizer: Callable[..., Any], /, *args: Any, **given: Any) -> GradientTransformationExtraArgs:
    """An Optax optimizer in which any hyperparameter may be a schedule: `learning_rate`, `momentum`, `b1`, others.

        applied rate = learning_rate(updates made)·scale    (in float32)

    `optax.inject_hyperparams` does it, with these differences. A scheduled value is float32 whatever the parameters'
    dtype, and the state shows it so, yet acts on bfloat16 and float16 parameters as a constant would: their dtype stays.
    What is not a schedule (a number, a mask) goes to the optimizer as it is, which computes with it what it always does.
    And a scheduled learning rate has a `scale` in the state, 1 at first, which turns it down, or up, while it trains:

        state = optax.tree_utils.tree_set(state, scale=0.5)

    It is saved and restored with the state. `state.hyperparams`, `used` and `current` show the rate that was applied.

    Args:
        optimizer: what makes the optimizer: `optax.adamw`, `optax.sgd`, or a function of your own that returns one.
        args: refused: each argument needs its name.
        given: its arguments, by name. Each schedule is read at the number of updates already made.

    Raises:
        TypeError: the optimizer has no parameter of a name, or one that it needs is missing; or `optimizer` is an optimizer
            already.
        ValueError: the learning rate is negative, where that is known.

    A schedule for `b1` or `b2` is a float32, so 1 - b1 in Adam is that of the float32, not of Python's longer number.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from lrcore import Linear, OneCycle
    >>> cycle = OneCycle(0.5, steps=10)
    >>> optimizer = hyperparameters(optax.sgd, learning_rate=cycle, momentum=cycle.momentum())
    >>> state = optimizer.init(jnp.ones(3))
    >>> {name: round(float(value), 4) for name, value in state.hyperparams.items()}
    {'learning_rate': 0.02, 'momentum': 0.95}
    >>> state = optax.tree_utils.tree_set(state, scale=0.5)
    >>> _, state = optimizer.update(jnp.ones(3), state)
    >>> float(state.hyperparams["learning_rate"])
    0.009999999776482582
    """
    optax = import_optax("hyperparameters")
    if not callable(optimizer):
        hint = "write hyperparameters(optax.adamw, learning_rate=lr)"
        rule = "a function that makes an optimizer"
        refuse("hyperparameters", "optimizer", rule, type(optimizer).__name__, kind=True, hint=hint)
    known = inspect.signature(optimizer)
    _check_names(optimizer, known, args, given)
    for name, value in given.items():
        refuse_wrapper("hyperparameters", name, value)
        if key(name) == "lr":
            check_rate("hyperparameters", name, value)
    scheduled = {name: value for name, value in given.items() if isinstance(value, Schedule)}
    others = {name: value for name, value in given.items() if name not in scheduled}

    def build(**values: jax.Array) -> Any:
        return optimizer(**others, **{name: _like_a_constant(value) for name, value in values.items()})

    # inject_hyperparams goes by the signature, takes every callable for a schedule, a mask too, and rounds numbers to the
    # parameters' dtype: so it gets to see the schedules only
    by_name = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in scheduled]
    build.__signature__ = inspect.Signature(by_name)  # type: ignore[attr-defined]
    rates = {name: Rate(value) for name, value in scheduled.items() if key(name) == "lr"}
    # The dtype would else be sought among the parameters', which fails for bfloat16 beside float16; schedules have theirs
    inject = optax.inject_hyperparams(build, hyperparam_dtype=jnp.float32)
    scaled: GradientTransformationExtraArgs = inject(**(scheduled | rates))
    return scaled


def _like_a_constant(value: jax.Array) -> jax.Array:
    """The value as JAX has Python numbers: it gives way to the dtype of what it meets ("weak"), as a float32 would not."""
    return jnp.full_like(1.0, value)  # the one public function that keeps the weakness of its first argument


def _check_names(
    optimizer: Callable[..., Any], known: inspect.Signature, args: tuple[Any, ...], given: dict[str, Any]
) -> None:
    name = getattr(optimizer, "__name__", repr(optimizer))
    if args:
        first = next(iter(known.parameters), "name")
        raise TypeError(f"hyperparameters takes the arguments of {name} by name, got {args[0]!r}; write {first}=.")
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in known.parameters.values())
    for argument in given:
        if argument not in known.parameters and not open_ended:
            same = [other for other in known.parameters if key(other) == key(argument)]
            meant = f"; did you mean {same[0]!r}?" if same else nearest(argument, known.parameters)
            raise TypeError(f"hyperparameters: {name} has no parameter {argument!r}{meant}")
    try:
        known.bind(**given)
    except TypeError as error:
        raise TypeError(f"hyperparameters: {name}: {error}.") from None
