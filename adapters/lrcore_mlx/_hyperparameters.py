"""Every hyperparameter of an MLX optimizer on a schedule of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import mlx.core as mx
import mlx.optimizers as optim

from lrcore import Schedule, arrays
from lrcore._arguments import NON_NEGATIVE, as_number, is_number, nearest, refuse
from lrcore_mlx._weak import Weak

_Optimizer = TypeVar("_Optimizer", bound=optim.Optimizer)

_OURS = "hyperparameters"
"""The key of what is kept in the optimizer's state beside MLX's own: a dict of arrays."""


def hyperparameters(optimizer: Callable[..., _Optimizer], /, **given: Any) -> _Optimizer:
    """An MLX optimizer in which any number may be a schedule: `learning_rate`, `momentum`, one of `betas`, others.

        applied rate = learning_rate(updates made)·scale    (in float32)

    MLX itself schedules the learning rate only. What this returns is an optimizer of the class that is given, whose state
    also has the other scheduled values, and the scale of a scheduled learning rate, 1 at first:

        optimizer.state["hyperparameters"]["scale"] = mx.array(0.5)

    They are saved and restored with the state, and captured with it by `mx.compile`. A scheduled value is a float32, and
    acts on float16 and bfloat16 parameters as a Python number does: their dtype stays.

    Args:
        optimizer: the class, as `mlx.optimizers.AdamW`.
        given: its arguments, by name. Each schedule is read at the number of updates already made.

    Raises:
        TypeError: the optimizer has no parameter of a name, or one that it needs is missing, or does not keep it under its
            name; or `optimizer` is an optimizer already.
        ValueError: the learning rate is negative.

    A schedule in `betas` is a float32, so 1 - beta in Adam is that of the float32, not of Python's longer number. A
    momentum on a schedule that is 0 for some steps still keeps its buffer.

    >>> import mlx.core as mx
    >>> import mlx.optimizers as optim
    >>> from lrcore import OneCycle
    >>> from lrcore_mlx import used
    >>> cycle = OneCycle(0.5, steps=10)
    >>> optimizer = hyperparameters(optim.SGD, learning_rate=cycle, momentum=cycle.momentum())
    >>> weights = optimizer.apply_gradients({"w": mx.ones(3)}, {"w": mx.zeros(3)})
    >>> {name: round(float(value), 4) for name, value in used(optimizer).items()}
    {'lr': 0.02, 'momentum': 0.95}
    """
    if not (isinstance(optimizer, type) and issubclass(optimizer, optim.Optimizer)):
        hint = "write hyperparameters(mlx.optimizers.AdamW, learning_rate=lr)"
        refuse("hyperparameters", "optimizer", "a class of mlx.optimizers", optimizer, kind=True, hint=hint)
    _check_names(optimizer, given)
    rate = given.get("learning_rate")
    if is_number(rate):
        as_number("hyperparameters", "learning_rate", rate, NON_NEGATIVE)
    elif isinstance(rate, Schedule):
        arrays.check_rate("hyperparameters", "learning_rate", rate)
    # As numbers at first, which MLX checks
    made: Any = optimizer(**{name: _at_first(name, value) for name, value in given.items()})
    others = {name: value for name, value in given.items() if name != "learning_rate" and _scheduled(value)}
    for name in others:
        if name not in vars(made):
            raise TypeError(f"hyperparameters: {optimizer.__name__} does not keep {name!r}, which can be no schedule.")

    def apply_gradients(self: Any, gradients: Any, parameters: Any) -> Any:
        _read(self)
        return optimizer.apply_gradients(self, gradients, parameters)

    methods = {"apply_gradients": apply_gradients, **{name: _reading(name) for name in others}}
    made.__class__ = type(optimizer.__name__, (optimizer,), methods)
    vars(made)["_scheduled"] = {key: one for name, value in others.items() for key, one in _keys(name, value)}
    if isinstance(rate, Schedule):
        made._schedulers["learning_rate"] = lambda step: rate(step) * _kept(made).setdefault("scale", mx.array(1.0))
        _kept(made)["scale"] = mx.array(1.0)
    _read(made)
    return made  # type: ignore[no-any-return]


def used(optimizer: optim.Optimizer) -> dict[str, mx.array]:
    """The hyperparameters that the last update used, for a log; before the first one, those that it will use.

    The rate is under `lr`, and what `hyperparameters` schedules under the names of every adapter: `momentum` (for the first
    of `betas` too), `weight_decay`, and MLX's own name for anything else; `beta2` is the second of `betas`. With several
    optimizers in a `MultiOptimizer` they read `lr/0`, `lr/1`.

    Args:
        optimizer: one of MLX, made by `hyperparameters` or not. Inside `mx.compile` as well: return the arrays.

    >>> import mlx.optimizers as optim
    >>> from lrcore import Linear
    >>> used(optim.Adam(Linear(0.25, end=0.0, steps=4)))
    {'lr': array(0.25, dtype=float32)}
    """
    if isinstance(optimizer, optim.MultiOptimizer):
        several = [used(one) for one in optimizer.optimizers]
        return {f"{name}/{i}": value for i, found in enumerate(several) for name, value in found.items()}
    state: dict[str, Any] = optimizer.state
    found = {"lr": state["learning_rate"]} if "learning_rate" in state else {}
    kept: dict[str, Any] = state.get(_OURS, {}) if "_scheduled" in vars(optimizer) else {}
    return found | {_LOGGED.get(name, name): value for name, value in kept.items() if name != "scale"}


_LOGGED = {"beta1": "momentum", "beta_1": "momentum"}


def _read(optimizer: Any) -> None:
    """Put the values for the coming update into the state."""
    kept = _kept(optimizer)
    for key, schedule in optimizer._scheduled.items():
        kept[key] = schedule(optimizer.step)


def _kept(optimizer: Any) -> dict[str, mx.array]:
    found: dict[str, mx.array] = optimizer.state.setdefault(_OURS, {})
    return found


def _reading(name: str) -> property:
    """What the optimizer sees in the place of its argument: the value in its state."""

    def value(self: Any) -> Any:
        given = vars(self)[name]
        kept = _kept(self)
        if not isinstance(given, list | tuple):
            return Weak(kept[name])
        several = _numbered(name, given)
        return [Weak(kept[key]) if key in self._scheduled else one for key, one in several]

    return property(value)


def _keys(name: str, value: Any) -> list[tuple[str, Schedule]]:
    """The schedules in an argument, and their keys in the state."""
    if isinstance(value, Schedule):
        return [(name, value)]
    return [(key, one) for key, one in _numbered(name, value) if isinstance(one, Schedule)]


def _numbered(name: str, values: Iterable[Any]) -> list[tuple[str, Any]]:
    """Several values of one argument, and their keys: beta1 for the first of betas."""
    return [(f"{name.removesuffix('s')}{i}", one) for i, one in enumerate(values, 1)]


def _scheduled(value: Any) -> bool:
    return isinstance(value, Schedule) or (isinstance(value, list | tuple) and any(map(_scheduled, value)))


def _at_first(name: str, value: Any) -> Any:
    if name == "learning_rate":
        return value
    if isinstance(value, list | tuple):
        return [_at_first("", one) for one in value]
    return value(0) if isinstance(value, Schedule) else value


def _check_names(optimizer: type[Any], given: dict[str, Any]) -> None:
    known = inspect.signature(optimizer)
    for name in given:
        if name not in known.parameters:
            raise TypeError(
                f"hyperparameters: {optimizer.__name__} has no parameter {name!r}{nearest(name, known.parameters)}"
            )
    try:
        known.bind(**given)
    except TypeError as error:
        raise TypeError(f"hyperparameters: {optimizer.__name__}: {error}.") from None
