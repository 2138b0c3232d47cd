"""A schedule as a Keras learning rate."""

from __future__ import annotations

from typing import Any

import keras

from lrcore import Schedule, from_dict
from lrcore.arrays import evaluate


@keras.saving.register_keras_serializable(package="lrcore")
class KerasSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule as the `learning_rate` of any Keras optimizer, on TensorFlow, JAX and PyTorch.

    The rate is computed in float64 and rounded once to float32, whatever `floatx` is.

    Args:
        schedule: the schedule.

    Raises:
        TypeError: `schedule` is not a schedule.

    >>> from lrcore import Cosine
    >>> optimizer = keras.optimizers.SGD(KerasSchedule(Cosine(0.1, steps=10)))
    >>> float(optimizer.learning_rate)
    0.10000000149011612
    """

    def __init__(self, schedule: Schedule) -> None:
        if not isinstance(schedule, Schedule):
            raise TypeError(f"KerasSchedule.schedule must be a schedule, got {schedule!r}.")
        self.schedule = schedule

    def __call__(self, step: Any) -> Any:
        if isinstance(step, (int, float)):
            return keras.ops.convert_to_tensor(self.schedule(step), "float32")
        return evaluate(self.schedule, keras.ops.convert_to_tensor(step), "float32")

    def get_config(self) -> dict[str, Any]:
        """The core's `to_dict`."""
        return {"schedule": self.schedule.to_dict()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> KerasSchedule:
        return cls(from_dict(config["schedule"]))
