"""Momentum, betas, weight decay and the rest on schedules of their own, inside the compiled train step."""

from __future__ import annotations

from typing import Any

import keras

from lrcore import Schedule
from lrcore._arguments import refuse
from lrcore_keras._scheduled import Scheduled, check_accumulation, follow


def hyperparameters(optimizer: Any, *, torch_momentum: bool = False, **schedules: Schedule) -> Any:
    """Make hyperparameters of a Keras optimizer follow schedules, and its learning rate one that can be turned down.

        optimizer.momentum = schedules["momentum"](u)    at update u, before the update

    Each becomes a variable of the optimizer, written at the start of every update: inside the compiled step, on every
    backend, without retracing. They run on the learning rate's clock: in updates, from the `step` of its `KerasSchedule`.
    The optimizer counts its updates itself, so that a `KerasSchedule` needs no number where gradients are accumulated. With
    a `KerasSchedule` as its learning rate, it gets a `scale`, a variable of its state that is 1 at first:

        applied rate = lr(step) · scale    (in float32)

    `optimizer.scale = 0.5` turns it down by hand, and `optimizer.learning_rate = x`, which Keras refuses with a schedule,
    sets the scale that makes the coming rate x: so `keras.callbacks.ReduceLROnPlateau` works too.

    Args:
        optimizer: any optimizer, not built yet; the inner one where it will be wrapped. It is changed in place: its class
            becomes a subclass of what it was.
        torch_momentum: PyTorch's momentum instead of Keras's, for `keras.optimizers.SGD`. Keras's buffer adds up steps,
            PyTorch's gradients, which the rate of the update then multiplies: only with a constant rate are the two the
            same. With True the buffer holds minus what PyTorch's would.
        schedules: a schedule for each hyperparameter, by the name of the optimizer's argument: `momentum`, `beta_1`,
            `weight_decay`, `rho`, `clipnorm`, whatever it takes as a float.

    Returns:
        The same optimizer.

    Raises:
        TypeError: `optimizer` is not a Keras optimizer, or something else than a schedule was given.
        ValueError: the optimizer is built, wraps another, or has no such hyperparameter; its `KerasSchedule` was given
            another number of accumulation steps; or `torch_momentum` is asked for without a schedule of `momentum`, or for
            another optimizer than SGD.

    >>> from lrcore import OneCycle
    >>> from lrcore_keras import KerasSchedule
    >>> cycle = OneCycle(0.1, steps=100)
    >>> sgd = keras.optimizers.SGD(KerasSchedule(cycle), nesterov=True)
    >>> sgd = hyperparameters(sgd, momentum=cycle.momentum())
    >>> float(sgd.momentum)
    0.949999988079071
    """
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        refuse("hyperparameters", "optimizer", "a Keras optimizer", optimizer, kind=True)
    if hasattr(optimizer, "inner_optimizer") or hasattr(optimizer, "optimizers"):
        refuse(
            "hyperparameters",
            "optimizer",
            "one that updates weights itself",
            type(optimizer).__name__,
            hint="schedule the one inside",
        )
    if optimizer.built:
        refuse(
            "hyperparameters",
            "optimizer",
            "an optimizer that is not built yet",
            optimizer.name,
            hint="call it before compile and fit",
        )
    known = _known(optimizer)
    for name, schedule in schedules.items():
        if name not in known:
            hint = "give the optimizer a KerasSchedule" if name == "learning_rate" else ""
            refuse("hyperparameters", "schedules", f"of {', '.join(known)}", name, hint=hint)
        if not isinstance(schedule, Schedule):
            refuse("hyperparameters", name, "a schedule", schedule, kind=True)
    if not isinstance(torch_momentum, bool):
        refuse("hyperparameters", "torch_momentum", "True or False", torch_momentum, kind=True)
    if torch_momentum and not _like_sgd(optimizer, schedules):
        rule = "False without a schedule of momentum, and for optimizers other than keras.optimizers.SGD"
        refuse("hyperparameters", "torch_momentum", rule, torch_momentum)
    check_accumulation(optimizer, optimizer._learning_rate)
    return follow(optimizer, schedules, torch_momentum=torch_momentum)


def _like_sgd(optimizer: Any, schedules: dict[str, Schedule]) -> bool:
    """Whether an optimizer updates weights by SGD's formula, with a momentum on a schedule."""
    kind: Any = optimizer._kind if isinstance(optimizer, Scheduled) else type(optimizer)
    momentum = "momentum" in {**getattr(optimizer, "schedules", {}), **schedules}
    return momentum and kind.update_step is keras.optimizers.SGD.update_step


def _known(optimizer: Any) -> list[str]:
    """The hyperparameters that an optimizer takes as floats, or as None for one it can do without."""
    # Asked of a copy without its rate, since a rate of the user's own code cannot be saved
    asked = object.__new__(type(optimizer))
    vars(asked).update(vars(optimizer), _learning_rate=None)
    if isinstance(optimizer, Scheduled):
        return [*optimizer._unscheduled, *_known_of(asked._plain_config())]
    return _known_of(asked.get_config())


def _known_of(config: dict[str, Any]) -> list[str]:
    optional = ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
    # These two are read in Python
    frozen = ("learning_rate", "loss_scale_factor")
    return [
        name
        for name, value in config.items()
        if name not in frozen and (isinstance(value, float) or (value is None and name in optional))
    ]
