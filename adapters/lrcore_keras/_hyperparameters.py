"""Momentum, betas, weight decay and the rest on schedules of their own, inside the compiled train step."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras

from lrcore import Schedule, from_dict
from lrcore._arguments import NON_NEGATIVE, is_number, plain, refuse
from lrcore_keras._concrete import number
from lrcore_keras._schedule import KerasSchedule, value_at


def schedule_hyperparameters(optimizer: Any, *, torch_momentum: bool = False, **schedules: Schedule) -> Any:
    """Make hyperparameters of a Keras optimizer follow schedules, and its learning rate one that can be turned down.

        optimizer.momentum = schedules["momentum"](u)    at update u, before the update

    Each becomes a variable of the optimizer, written at the start of every update: inside the compiled step, on every
    backend, without retracing. They run on the learning rate's clock: in updates, from the `start_step` of its
    `KerasSchedule`. With a `KerasSchedule` as its learning rate, the optimizer gets a variable `learning_rate_scale` too,
    1 at first:

        applied rate = lr(step) · learning_rate_scale    (in float32)

    `optimizer.learning_rate_scale.assign(0.5)` turns it down by hand, and `optimizer.learning_rate = x`, which Keras
    refuses with a schedule, sets the scale that makes the coming rate x: so `keras.callbacks.ReduceLROnPlateau` works too.

    Args:
        optimizer: any optimizer, not built yet; the inner one where it will be wrapped. It is changed in place: its class
            becomes a subclass of what it was.
        torch_momentum: PyTorch's momentum instead of Keras's. Keras's buffer adds up steps, PyTorch's gradients, which the
            rate of the update then multiplies: only with a constant rate are the two the same. True multiplies the momentum
            of each update by its rate over the rate before, which gives PyTorch's trajectory.
        schedules: a schedule for each hyperparameter, by the name of the optimizer's argument: `momentum`, `beta_1`,
            `weight_decay`, `rho`, `clipnorm`, whatever it takes as a float.

    Returns:
        The same optimizer.

    Raises:
        TypeError: `optimizer` is not a Keras optimizer, or something else than a schedule was given.
        ValueError: the optimizer is built, wraps another, or has no such hyperparameter; or `torch_momentum` is asked for
            without a schedule of `momentum`, or with Nesterov's, where it would take two momenta.

    >>> from lrcore import OneCycle
    >>> cycle = OneCycle(0.1, steps=100)
    >>> sgd = keras.optimizers.SGD(KerasSchedule(cycle), nesterov=True)
    >>> sgd = schedule_hyperparameters(sgd, momentum=cycle.momentum())
    >>> float(sgd.momentum)
    0.949999988079071
    """
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        refuse("schedule_hyperparameters", "optimizer", "a Keras optimizer", optimizer, kind=True)
    if hasattr(optimizer, "inner_optimizer") or hasattr(optimizer, "optimizers"):
        refuse(
            "schedule_hyperparameters",
            "optimizer",
            "one that updates weights itself",
            type(optimizer).__name__,
            hint="schedule the one inside",
        )
    if optimizer.built:
        refuse(
            "schedule_hyperparameters",
            "optimizer",
            "an optimizer that is not built yet",
            optimizer.name,
            hint="call it before compile and fit",
        )
    known = _known(optimizer)
    for name, schedule in schedules.items():
        if name not in known:
            hint = "give the optimizer a KerasSchedule" if name == "learning_rate" else ""
            refuse("schedule_hyperparameters", "schedules", f"of {', '.join(known)}", name, hint=hint)
        if not isinstance(schedule, Schedule):
            refuse("schedule_hyperparameters", name, "a schedule", schedule, kind=True)
    if not isinstance(torch_momentum, bool):
        refuse("schedule_hyperparameters", "torch_momentum", "True or False", torch_momentum, kind=True)
    if torch_momentum and ("momentum" not in schedules or getattr(optimizer, "nesterov", False)):
        rule = "False without a schedule of momentum, and with nesterov=True"
        refuse("schedule_hyperparameters", "torch_momentum", rule, torch_momentum)
    if not isinstance(optimizer, Scheduled):
        kind: Any = type(optimizer)
        optimizer.__class__ = _scheduled(kind)
        optimizer._begin()
    for name, schedule in schedules.items():
        optimizer._follow(name, schedule)
    optimizer.torch_momentum = torch_momentum
    return optimizer


def _known(optimizer: Any) -> list[str]:
    """The hyperparameters that an optimizer takes as floats, or as None for one it can do without."""
    if isinstance(optimizer, Scheduled):
        return [*optimizer._unscheduled, *_known_of(optimizer._plain_config())]
    return _known_of(optimizer.get_config())


def _known_of(config: dict[str, Any]) -> list[str]:
    optional = ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
    # These two are read in Python
    frozen = ("learning_rate", "loss_scale_factor")
    return [
        name
        for name, value in config.items()
        if name not in frozen and (isinstance(value, float) or (value is None and name in optional))
    ]


class Hyperparameter(keras.Variable):
    """A hyperparameter that changes: float32, and always in use.

    Optimizers ask in Python, while they are traced, whether `momentum` is 0 to leave its buffers out. A variable cannot be
    asked there, and a momentum that passes through 0 needs its buffers.
    """

    def __init__(self, value: float, name: str) -> None:
        super().__init__(
            value, dtype="float32", trainable=False, autocast=False, aggregation="only_first_replica", name=name
        )

    def __bool__(self) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return True

    def __gt__(self, other: object) -> bool:
        return True


class Scheduled:
    """What `schedule_hyperparameters` adds to an optimizer's class."""

    _kind: type
    """The class that the optimizer had."""

    learning_rate_scale: Any = None
    """What the schedule's rate is multiplied by: a variable to assign to. None where the rate is no `KerasSchedule`."""

    applied_rate: Any
    """The rate of the last update: a variable to read."""

    torch_momentum = False

    def _begin(self: Any) -> None:
        self._schedules = {}
        self._unscheduled = {}
        with keras.name_scope(self.name):
            self.applied_rate = Hyperparameter(0.0, "applied_rate")
            if isinstance(self._learning_rate, KerasSchedule):
                self.learning_rate_scale = Hyperparameter(1.0, "learning_rate_scale")
        if self.learning_rate_scale is not None:
            self._learning_rate = self._learning_rate.scaled_by(self.learning_rate_scale)

    def _follow(self: Any, name: str, schedule: Schedule) -> None:
        if name not in self._unscheduled:
            self._unscheduled[name] = getattr(self, name)
            with keras.name_scope(self.name):
                setattr(self, name, Hyperparameter(schedule(self.start_step), name))
        self._schedules[name] = schedule

    @property
    def schedules(self: Any) -> dict[str, Schedule]:
        """The schedule of each hyperparameter."""
        return dict(self._schedules)

    @property
    def start_step(self: Any) -> int:
        """The learning rate's."""
        return self._learning_rate.start_step if isinstance(self._learning_rate, KerasSchedule) else 0

    def apply(self: Any, grads: Any, trainable_variables: Any = None) -> None:
        rate = keras.ops.cast(self.learning_rate, "float32")
        for name, schedule in self._schedules.items():
            value = value_at(schedule, self.iterations, start_step=self.start_step)
            if name == "momentum" and self.torch_momentum:
                # A buffer of steps is empty after a rate of 0
                before = self.applied_rate.value
                value = keras.ops.where(before > 0, value * rate / before, 0.0)
            getattr(self, name).assign(value)
        micro_steps = self.gradient_accumulation_steps
        if micro_steps:
            rate = keras.ops.where((self._iterations + 1) % micro_steps == 0, rate, self.applied_rate.value)
        self.applied_rate.assign(rate)
        super().apply(grads, trainable_variables)  # type: ignore[misc]

    @property
    def learning_rate(self: Any) -> Any:
        """The coming rate, scale included. A number sets the scale."""
        return self._get_current_learning_rate()

    @learning_rate.setter
    def learning_rate(self: Any, value: Any) -> None:
        if self.learning_rate_scale is None:
            inherited: Any = keras.optimizers.Optimizer.learning_rate
            inherited.fset(self, value)
        elif isinstance(value, KerasSchedule):
            self._learning_rate = value.scaled_by(self.learning_rate_scale)
        elif is_number(value):
            value = plain(type(self).__name__, "learning_rate", value, NON_NEGATIVE)
            unscaled = number(self._learning_rate.unscaled(self._iterations))
            if unscaled == value == 0:
                return
            if unscaled == 0:
                refuse(
                    type(self).__name__,
                    "learning_rate",
                    "0 where its schedule is 0",
                    value,
                    hint="assign to learning_rate_scale",
                )
            self.learning_rate_scale.assign(value / unscaled)
        else:
            refuse(type(self).__name__, "learning_rate", "a number or a KerasSchedule", value, kind=True)

    def _plain_config(self: Any) -> dict[str, Any]:
        return {**super().get_config(), **self._unscheduled}  # type: ignore[misc]

    def get_config(self: Any) -> dict[str, Any]:
        """The optimizer as it was given, and the core's `to_dict` of each schedule."""
        return {
            "optimizer": keras.optimizers.serialize(self._kind.from_config(self._plain_config())),
            "schedules": {name: schedule.to_dict() for name, schedule in self._schedules.items()},
            "torch_momentum": self.torch_momentum,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        optimizer = keras.optimizers.deserialize(config["optimizer"], custom_objects=custom_objects)
        schedules = {name: from_dict(schedule) for name, schedule in config["schedules"].items()}
        return schedule_hyperparameters(optimizer, torch_momentum=config["torch_momentum"], **schedules)

    def save_own_variables(self: Any, store: Any) -> None:
        super().save_own_variables(store)  # type: ignore[misc]
        store[_MARK] = self.learning_rate_scale is not None

    def load_own_variables(self: Any, store: Any) -> None:
        # By number alone, a constant learning rate of another run would be taken for a scale
        if _MARK not in store.keys():  # noqa: SIM118 (Keras's stores have no `in`)
            raise ValueError(
                f"{type(self).__name__} cannot load the variables of an optimizer without scheduled hyperparameters."
            )
        super().load_own_variables({key: store[key] for key in store.keys() if key != _MARK})  # type: ignore[misc] # noqa: SIM118


_MARK = "scheduled"


@cache
def _scheduled(kind: Any) -> type:
    """The subclass of an optimizer's class that follows schedules; all are saved under one name, the config has more."""
    body = {"_kind": kind, "__doc__": Scheduled.__doc__, "__module__": __name__}
    made = type(f"Scheduled{kind.__name__}", (Scheduled, kind), body)
    return keras.saving.register_keras_serializable(package="lrcore", name="Scheduled")(made)


keras.saving.register_keras_serializable(package="lrcore", name="Scheduled")(Scheduled)
