"""The optimizers that follow schedules: what `hyperparameters` makes."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any, NoReturn, cast

import keras
import numpy as np

from lrcore import Schedule, from_dict
from lrcore._arguments import NON_NEGATIVE, as_number, is_number, refuse
from lrcore_keras._applying import note
from lrcore_keras._concrete import compiling, number, value_of
from lrcore_keras._memory import Memory
from lrcore_keras._schedule import KerasSchedule, value_at


def follow(optimizer: Any, schedules: dict[str, Schedule], *, torch_momentum: bool) -> Any:
    """Make an optimizer follow schedules, in place."""
    if not isinstance(optimizer, Scheduled):
        kind: Any = type(optimizer)
        optimizer.__class__ = _scheduled(kind)
        optimizer._begin()
    for name, schedule in schedules.items():
        optimizer._follow(name, schedule)
    optimizer.torch_momentum = optimizer.torch_momentum or torch_momentum
    return optimizer


def check_accumulation(optimizer: Any, rate: Any) -> None:
    """Hold the number that a KerasSchedule was given to the optimizer's own."""
    its = optimizer.gradient_accumulation_steps or 1
    if isinstance(rate, KerasSchedule) and rate.gradient_accumulation_steps not in (None, its):
        given = rate.gradient_accumulation_steps
        refuse("KerasSchedule", "gradient_accumulation_steps", f"the optimizer's own, {its}", given)


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
    """What `hyperparameters` adds to an optimizer's class."""

    _kind: type
    """The class that the optimizer had."""

    _scale: Any = None

    applied_rate: Any
    """The rate of the last update: a variable to read."""

    plateau: Memory
    """What a plateau rule remembers, if there is one: a variable that only `ScaleOnPlateau` writes."""

    torch_momentum = False

    def _begin(self: Any) -> None:
        self._schedules: dict[str, Schedule] = {}
        self._unscheduled: dict[str, Any] = {}
        with keras.name_scope(self.name):
            self.applied_rate = Hyperparameter(0.0, "applied_rate")
            if isinstance(self._learning_rate, KerasSchedule):
                self._scale = Hyperparameter(1.0, "scale")
                self.plateau = Memory()

    def _follow(self: Any, name: str, schedule: Schedule) -> None:
        if name not in self._unscheduled:
            self._unscheduled[name] = getattr(self, name)
            with keras.name_scope(self.name):
                setattr(self, name, Hyperparameter(schedule(self._first), name))
        self._schedules[name] = schedule

    @property
    def schedules(self: Any) -> dict[str, Schedule]:
        """The schedule of each hyperparameter."""
        return dict(self._schedules)

    @property
    def _first(self: Any) -> int:
        """The learning rate's step before the first update."""
        return self._learning_rate.step if isinstance(self._learning_rate, KerasSchedule) else 0

    @property
    def _batches(self: Any) -> int:
        """The batches of one update."""
        return self.gradient_accumulation_steps or 1

    def apply(self: Any, grads: Any, trainable_variables: Any = None) -> None:
        note(self, self._learning_rate, compiled=compiling(self._iterations))
        rate = keras.ops.cast(self.learning_rate, "float32")
        for name, schedule in self._schedules.items():
            getattr(self, name).assign(value_at(schedule, self._iterations, self._batches, self._first))
        if self._batches > 1:
            rate = keras.ops.where((self._iterations + 1) % self._batches == 0, rate, self.applied_rate.value)
        self.applied_rate.assign(rate)
        super().apply(grads, trainable_variables)  # type: ignore[misc]

    def update_step(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if not self.torch_momentum:
            super().update_step(gradient, variable, learning_rate)  # type: ignore[misc]
            return
        # The buffer holds minus the sum of gradients. One of steps, as Keras has it, forgets the gradient of a rate of 0
        buffer = self.momentums[self._get_variable_index(variable)]
        given = (learning_rate, self.momentum, gradient)
        rate, momentum, gradient = (cast(Any, keras.ops.cast(x, variable.dtype)) for x in given)
        self.assign(buffer, keras.ops.subtract(buffer * momentum, gradient))
        step = keras.ops.subtract(buffer * momentum, gradient) if self.nesterov else buffer
        self.assign_add(variable, rate * step)

    def _backend_update_step(self: Any, grads: Any, trainable_variables: Any, learning_rate: Any) -> None:
        # On PyTorch, Keras's own way for all weights at once does not ask `update_step`
        one_by_one: Any = keras.optimizers.Optimizer._backend_update_step
        if self.torch_momentum:
            one_by_one(self, grads, trainable_variables, learning_rate)
        else:
            super()._backend_update_step(grads, trainable_variables, learning_rate)  # type: ignore[misc]

    @property
    def scale(self: Any) -> Any:
        """What the schedule's rate is multiplied by: a variable, and a number may be assigned. 1 at first."""
        if self._scale is None:
            rate = number(self.learning_rate)
            self._refuse("scale", "used with a KerasSchedule as learning rate", rate, hint="assign to learning_rate")
        value_of(self._scale)  # what is written where it has none would be lost
        return self._scale

    @scale.setter
    def scale(self: Any, value: Any) -> None:
        self.scale.assign(as_number(type(self).__name__, "scale", value, NON_NEGATIVE))

    def _get_current_learning_rate(self: Any) -> Any:
        if not isinstance(self._learning_rate, KerasSchedule):
            return super()._get_current_learning_rate()  # type: ignore[misc]
        rate = self._learning_rate.after(self._iterations, self._batches)
        return rate if self._scale is None else rate * self._scale

    @property
    def learning_rate(self: Any) -> Any:
        """The coming rate, scale included. A number sets the scale."""
        return self._get_current_learning_rate()

    @learning_rate.setter
    def learning_rate(self: Any, value: Any) -> None:
        if self._scale is None or not is_number(value):
            inherited: Any = keras.optimizers.Optimizer.learning_rate
            check_accumulation(self, value)
            self._check_step(value)
            inherited.fset(self, value)
            return
        value = as_number(type(self).__name__, "learning_rate", value, NON_NEGATIVE)
        unscaled = number(self._learning_rate.after(self._iterations, self._batches))
        if unscaled:
            self.scale = value / unscaled
        elif value:
            self._refuse("learning_rate", "0 where its schedule is 0", value, hint="assign to scale")

    def _check_step(self: Any, rate: Any) -> None:
        """Hold the step of another KerasSchedule to that of the rate before it, once there are updates that it counts."""
        updates = int(number(value_of(self._iterations) // self._batches))
        if isinstance(rate, KerasSchedule) and updates and rate.step != self._first:
            twice = f"the {updates} updates that are made would be counted twice"
            hint = f"write KerasSchedule(..., step={self._first})" if self._first else twice
            refuse("KerasSchedule", "step", f"that of the rate before it, {self._first}", rate.step, hint=hint)

    def _refuse(self, field: str, rule: str, value: Any, hint: str = "") -> NoReturn:
        refuse(type(self).__name__, field, rule, value, hint=hint)

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
        # Not keras.optimizers.deserialize, whose table lacks Lamb
        optimizer = keras.saving.deserialize_keras_object(config["optimizer"], custom_objects=custom_objects)
        schedules = {name: from_dict(schedule) for name, schedule in config["schedules"].items()}
        return follow(optimizer, schedules, torch_momentum=config["torch_momentum"])

    def __reduce__(self) -> Any:
        # Keras's own is a method of the class, and this class cannot be imported
        _, saved = cast(tuple[Any, Any], super().__reduce__())
        return keras.optimizers.Optimizer._unpickle_model, saved

    def save_own_variables(self: Any, store: Any) -> None:
        super().save_own_variables(store)  # type: ignore[misc]
        store[_MARK] = self._mark()

    def _mark(self: Any) -> list[int]:
        """What must be the same for the variables to mean the same: which they are, and where the clock began."""
        return [int(self._scale is not None), self._first]

    def load_own_variables(self: Any, store: Any) -> None:
        # By number alone, a constant learning rate of another run would be taken for a scale
        mark = [int(x) for x in np.asarray(store[_MARK])] if _MARK in store.keys() else None  # noqa: SIM118 (Keras's stores have no `in`)
        if mark is None or mark[0] != self._mark()[0]:
            warnings.warn(
                f"Skipping variable loading for optimizer '{self.name}', because the saved optimizer's hyperparameters "
                "are not scheduled, or of another kind.",
                stacklevel=2,
            )
            return
        updates = int(np.asarray(store["0"])) // self._batches
        if updates and mark[1] != self._first:
            twice = f"the {updates} updates that are loaded would be counted twice"
            hint = f"write KerasSchedule(..., step={mark[1]})" if mark[1] else twice
            refuse("KerasSchedule", "step", f"the saved optimizer's, {mark[1]}", self._first, hint=hint)
        super().load_own_variables({key: store[key] for key in store.keys() if key != _MARK})  # type: ignore[misc] # noqa: SIM118


_MARK = "scheduled"


@cache
def _scheduled(kind: Any) -> type:
    """The subclass of an optimizer's class that follows schedules; all are saved under one name, the config has more."""
    body = {"_kind": kind, "__doc__": Scheduled.__doc__, "__module__": __name__}
    made = type(f"Scheduled{kind.__name__}", (Scheduled, kind), body)
    keras.saving.register_keras_serializable(package="lrcore", name="Scheduled")(made)
    return made


keras.saving.register_keras_serializable(package="lrcore", name="Scheduled")(Scheduled)
