"""Seeing the values that were used, in the logs of `fit`."""

from __future__ import annotations

from typing import Any

import keras

from lrcore import Schedule
from lrcore._arguments import refuse
from lrcore_keras._applying import applied
from lrcore_keras._concrete import number
from lrcore_keras._schedule import KerasSchedule

_KEYS = {"beta_1": "momentum"}
"""Keys that are not the optimizer's own names, but those of every adapter."""


class LogSchedules(keras.callbacks.Callback):
    """Put the learning rate and every scheduled hyperparameter into the logs of `fit`: the values used, not the next ones.

    The logs reach the progress bar, `History` and the callbacks after this one: put it before `TensorBoard`. The keys are
    those of `used`; the rate's is `lr`, since under `learning_rate` Keras's own callbacks log the coming one.

    Args:
        per: "epoch" logs the values of the epoch's last update. "update" logs, beside that, those of the last update after
            every batch, and keeps them in `values`. A callback sees single batches with `steps_per_execution=1` only.

    Attributes:
        values: with "update", a list for each key, one value a batch.

    Raises:
        ValueError: `per` is something else; or, when training begins, "update" where batches are not shown singly.

    >>> LogSchedules(per="batch")
    Traceback (most recent call last):
        ...
    ValueError: LogSchedules.per must be 'epoch' or 'update', got 'batch'.
    """

    def __init__(self, per: str = "epoch") -> None:
        super().__init__()
        if per not in ("epoch", "update"):
            refuse("LogSchedules", "per", "'epoch' or 'update'", per)
        self.per = per
        self.values: dict[str, list[float]] = {}
        self.async_safe = per == "epoch"

    def on_train_begin(self, logs: Any = None) -> None:
        model: Any = self.model
        if self.per == "update" and model.steps_per_execution > 1:
            hint = "compile the model with steps_per_execution=1 to see every update"
            rule = f"'epoch' with steps_per_execution={model.steps_per_execution}"
            refuse("LogSchedules", "per", rule, self.per, hint=hint)
        self.values = {}

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.per == "update":
            for key, value in self._used().items():
                self.values.setdefault(key, []).append(value)
                if logs is not None:
                    logs[key] = value

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs.update(self._used())

    def _used(self) -> dict[str, float]:
        model: Any = self.model
        return used(model.optimizer)


def used(optimizer: Any) -> dict[str, float]:
    """The learning rate and the scheduled hyperparameters of the last update; the first's where no update was made.

    The keys are those of every adapter: `lr`, `momentum` (also for `beta_1`), `weight_decay`, and the optimizer's own name
    of anything else. Of an optimizer of several, each key ends in `/` and the name of one. A learning rate that is not a
    `KerasSchedule` is what Keras says it is. In a callback, give it `self.model.optimizer`.

    Raises:
        RuntimeError: on JAX, during `fit`, in a callback that has not asked for `self.model`.

    >>> from lrcore import Linear
    >>> sgd = keras.optimizers.SGD(KerasSchedule(Linear(1.0, end=0.0, steps=4)))
    >>> _ = sgd.iterations.assign(3)
    >>> used(sgd), float(sgd.learning_rate)
    ({'lr': 0.5}, 0.25)
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if hasattr(optimizer, "optimizers"):
        return {f"{key}/{one.name}": value for one in optimizer.optimizers for key, value in used(one).items()}
    made = int(number(optimizer.iterations))
    # Not what the optimizer holds, which may be newer than the train step
    rate = applied(optimizer).rate
    scheduled = isinstance(rate, KerasSchedule)
    step = max(made - 1, 0) + (rate.step if scheduled else 0)
    if made and hasattr(optimizer, "applied_rate"):
        lr = number(optimizer.applied_rate)
    else:
        lr = rate.schedule(step, "float32") if scheduled else number(optimizer.learning_rate)
    schedules: dict[str, Schedule] = getattr(optimizer, "schedules", {})
    return {"lr": lr} | {_KEYS.get(name, name): schedule(step, "float32") for name, schedule in schedules.items()}
