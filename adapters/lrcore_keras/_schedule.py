"""A schedule as a Keras learning rate."""

from __future__ import annotations

from numbers import Real
from typing import Any

import keras

from lrcore import Schedule, from_dict
from lrcore._arguments import COUNT, WHOLE, plain, refuse
from lrcore_keras._concrete import known, tensor
from lrcore_keras._optimizer import optimizer_that_asks


@keras.saving.register_keras_serializable(package="lrcore")
class KerasSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule as the `learning_rate` of any Keras optimizer, on TensorFlow, JAX and PyTorch.

        rate = schedule(start_step + step // gradient_accumulation_steps)

    The rate is computed in float64 and rounded once to float32, whatever `floatx` is. A step whose value is known takes
    the core's path for Python numbers; one in a graph or under a tracer is computed there.

    Args:
        schedule: the schedule, in optimizer updates.
        gradient_accumulation_steps: the micro-batches of one update. Keras counts those where an optimizer accumulates
            gradients, and shows a schedule that count. None takes the number of the optimizer that asks, and 1 for a call
            by hand.
        start_step: the updates made before the optimizer counted any: where a recompiled or restarted run continues.

    Raises:
        TypeError: `schedule` is not a schedule, or a number is not an integer.
        ValueError: a number is too small; or, at the first update, `gradient_accumulation_steps` is not the optimizer's.

    >>> from lrcore import Cosine
    >>> optimizer = keras.optimizers.SGD(KerasSchedule(Cosine(0.1, steps=10)))
    >>> float(optimizer.learning_rate)
    0.10000000149011612
    >>> float(KerasSchedule(Cosine(0.1, steps=10), start_step=5)(0))
    0.05000000074505806
    """

    def __init__(self, schedule: Schedule, *, gradient_accumulation_steps: int | None = None, start_step: int = 0) -> None:
        if not isinstance(schedule, Schedule):
            refuse("KerasSchedule", "schedule", "a schedule", schedule, kind=True)
        if gradient_accumulation_steps is not None:
            gradient_accumulation_steps = plain(
                "KerasSchedule", "gradient_accumulation_steps", gradient_accumulation_steps, COUNT
            )
        self.schedule = schedule
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.start_step: int = plain("KerasSchedule", "start_step", start_step, WHOLE)
        self._scale: Any = None

    def __call__(self, step: Any) -> Any:
        rate = self.unscaled(step)
        return rate if self._scale is None else rate * self._scale

    def unscaled(self, step: Any) -> Any:
        """The schedule's own rate."""
        micro_steps = self.gradient_accumulation_steps or 1
        if isinstance(step, keras.Variable):
            micro_steps = self._micro_steps(optimizer_that_asks())
        return value_at(self.schedule, step, micro_steps, self.start_step)

    def _micro_steps(self, optimizer: Any) -> int:
        """The micro-batches of one update of this optimizer, the argument's where there is none."""
        given = self.gradient_accumulation_steps
        if optimizer is None:
            return given or 1
        its = optimizer.gradient_accumulation_steps or 1
        if given not in (None, its):
            refuse("KerasSchedule", "gradient_accumulation_steps", f"the optimizer's own, {its}", given)
        return int(its)

    def scaled_by(self, scale: Any) -> KerasSchedule:
        """The same schedule, its rate multiplied by a variable."""
        copy = KerasSchedule(
            self.schedule,
            gradient_accumulation_steps=self.gradient_accumulation_steps,
            start_step=self.start_step,
        )
        copy._scale = scale
        return copy

    def __repr__(self) -> str:
        return f"KerasSchedule({self.schedule!r})"

    def get_config(self) -> dict[str, Any]:
        """The core's `to_dict`, and the numbers."""
        return {
            "schedule": self.schedule.to_dict(),
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            "start_step": self.start_step,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> KerasSchedule:
        return cls(**{**config, "schedule": from_dict(config["schedule"])})


def value_at(schedule: Schedule, step: Any, micro_steps: int = 1, start_step: int = 0) -> Any:
    """The schedule at a step of the backend, float32: a number that is known is computed as one."""
    if not isinstance(step, Real):
        step = step.value if isinstance(step, keras.Variable) else step
        step = step if keras.ops.is_tensor(step) else keras.ops.convert_to_tensor(step)
        number = known(step)
        step = step if number is None else number
    step = step if micro_steps == 1 else step // micro_steps
    step = step + start_step if start_step else step
    return tensor(schedule(step)) if isinstance(step, Real) else schedule(step, "float32")
