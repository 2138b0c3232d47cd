"""A schedule as a Keras learning rate."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any

import keras

from lrcore import Schedule, from_dict
from lrcore._arguments import COUNT, WHOLE, as_number, refuse
from lrcore.arrays import check_rate
from lrcore_keras._applying import applied, applying, note
from lrcore_keras._concrete import compiling, known, of_another_backend, outside_graphs, tensor, value_now, value_of

ADDED = (
    "the optimizer has made {made} updates already, which are counted beside step={step}. That is right if the optimizer "
    "that counted them had this step too; if not, leave step out. One made by hyperparameters(optimizer) saves its step."
)
"""What is told once, since the count does not say where its schedule began."""


@keras.saving.register_keras_serializable(package="lrcore")
class KerasSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule as the `learning_rate` of any Keras optimizer, on TensorFlow, JAX and PyTorch.

        rate = schedule(step + count // gradient_accumulation_steps)

    with count the number that Keras shows: the batches that the optimizer was given. The rate is computed in float64 and
    rounded once to float32, whatever `floatx` is. A count whose value is known takes the core's path for Python numbers;
    one in a graph or under a tracer is computed there.

    Args:
        schedule: the schedule, in optimizer updates.
        gradient_accumulation_steps: the batches of one update, where the optimizer accumulates gradients: the number that
            the optimizer has. An optimizer that `hyperparameters` made needs none, since it counts its updates itself.
        step: the updates made before the optimizer counted any: where a recompiled or restarted run continues. Leave it out
            where the optimizer's own count is loaded.

    Raises:
        TypeError: `schedule` is not a schedule, or a number is not an integer.
        ValueError: a number is too small; the schedule is negative at its start, an edge or its end; or, at the first
            update, the optimizer accumulates gradients over another number of batches.

    What cannot be known is told by one warning: `step` beside a count that was loaded, and a function of your own that is
    compiled before an optimizer asks.

    >>> from lrcore import Cosine
    >>> optimizer = keras.optimizers.SGD(KerasSchedule(Cosine(0.1, steps=10)))
    >>> float(optimizer.learning_rate)
    0.10000000149011612
    >>> float(KerasSchedule(Cosine(0.1, steps=10), step=5)(0))
    0.05000000074505806
    """

    def __init__(self, schedule: Schedule, *, gradient_accumulation_steps: int | None = None, step: int = 0) -> None:
        if not isinstance(schedule, Schedule):
            refuse("KerasSchedule", "schedule", "a schedule", schedule, kind=True)
        if gradient_accumulation_steps is not None:
            gradient_accumulation_steps = as_number(
                "KerasSchedule", "gradient_accumulation_steps", gradient_accumulation_steps, COUNT
            )
        self.schedule = schedule
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.step: int = as_number("KerasSchedule", "step", step, WHOLE)
        self._looked = not self.step
        """Whether a count that is there already has been looked for."""
        check_rate("KerasSchedule", "schedule", schedule)

    def __call__(self, step: Any) -> Any:
        return self.after(step, self._batches(step, compiling(step)))

    def after(self, count: Any, batches: int = 1) -> Any:
        """The rate after so many batches, float32, each update being of `batches` of them."""
        return value_at(self.schedule, count, batches, self.step)

    @outside_graphs
    def _batches(self, count: Any, compiled: bool) -> int:
        """The batches of one update, held against those of an optimizer that is applying gradients."""
        given, optimizer = self.gradient_accumulation_steps, applying()
        if optimizer is not None:
            its = optimizer.gradient_accumulation_steps or 1
            own = count is optimizer._iterations
            divided = given == 1 and not own  # by another schedule, which shows updates
            if (given or 1) != its and not divided:
                hint = f"write KerasSchedule(..., gradient_accumulation_steps={its})" if its > 1 else ""
                refuse("KerasSchedule", "gradient_accumulation_steps", f"the optimizer's own, {its}", given, hint=hint)
            if own:
                self._look_at_count(count, its, applied(optimizer).rate)
                note(optimizer, self, compiled=compiled)
        return given or 1

    def _look_at_count(self, count: Any, batches: int, former: Any) -> None:
        """Whether a count is there already where this is first used: a loaded one, which `step` may count again.

        A count that `former` was used with, the rate that this one replaces, began at its step.
        """
        if not self._looked:
            self._looked = True
            made = (value_now(count) or 0) // batches
            follows = isinstance(former, KerasSchedule) and former is not self and former.step == self.step
            if made and not follows:
                warnings.warn(f"{self!r}: {ADDED.format(made=made, step=self.step)}", stacklevel=2)

    def __repr__(self) -> str:
        others = {name: getattr(self, name) for name in ("gradient_accumulation_steps", "step")}
        return f"KerasSchedule({self.schedule!r}{''.join(f', {name}={value}' for name, value in others.items() if value)})"

    def get_config(self) -> dict[str, Any]:
        """The core's `to_dict`, and the numbers."""
        return {
            "schedule": self.schedule.to_dict(),
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            "step": self.step,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> KerasSchedule:
        made = cls(**{**config, "schedule": from_dict(config["schedule"])})
        made._looked = True  # whoever saved it saved the count beside it
        return made


def value_at(schedule: Schedule, count: Any, batches: int = 1, first: int = 0) -> Any:
    """The schedule, float32, `first` updates and `count` batches after its start: a count that is known is a number."""
    if not isinstance(count, Real):
        count = value_of(count) if isinstance(count, keras.Variable) else count
        if not keras.ops.is_tensor(count):
            if of_another_backend(count):
                backend = keras.backend.backend()
                hint = "give Optax the schedule itself"
                refuse("KerasSchedule()", "step", f"a number or a tensor of {backend}", count, kind=True, hint=hint)
            count = keras.ops.convert_to_tensor(count)
        number = known(count)
        count = count if number is None else number
    updates = count if batches == 1 else count // batches
    if isinstance(updates, Real):
        return tensor(schedule(updates + first))
    # Not updates + first, which in JAX's int32 wraps past 2**31
    return (schedule.shift(first) if first else schedule)(updates, "float32")
