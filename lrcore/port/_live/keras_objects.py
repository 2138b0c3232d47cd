"""Keras's schedules, by their configuration, and the optimizers and callbacks that hold one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrcore import Custom
from lrcore.port._call import call
from lrcore.port._libraries.keras_schedules import KERAS
from lrcore.port._part import Asked
from lrcore.port._reading import Reading, Refusal


def read_schedule(schedule: Any, asked: Asked) -> Reading:
    """A schedule: its class has a name, and its configuration is its arguments."""
    name = type(schedule).__name__
    if name not in KERAS.calls or type(schedule).__module__.partition(".")[0] not in ("keras", "tf_keras"):
        raise Refusal(
            f"{name} is a class of your own, and its __call__ may compute anything: write it as "
            "lrcore.Custom(function), or "
            "read it with exact=False and updates= as a table of its values."
        )
    return call(name, [], schedule.get_config(), asked).reading()


def read_optimizer(optimizer: Any, asked: Asked) -> Reading:
    """An optimizer: its schedule, and how many steps it has made."""
    schedule = optimizer._learning_rate
    if not hasattr(schedule, "get_config"):
        raise Refusal(f"the optimizer's learning rate is a number and no schedule: lrcore.Constant({float(schedule):g}).")
    made = read_schedule(schedule, asked)
    steps = getattr(optimizer, "_iterations", optimizer.iterations)  # of batches, where those are accumulated
    remarks: tuple[str, ...] = ()
    every = getattr(optimizer, "gradient_accumulation_steps", None) or 1
    if every > 1:
        remarks = (f"Keras shows a schedule the batches, {every} of which make an update: its steps here are batches.",)
    return replace(made, step=int(steps.numpy() if hasattr(steps, "numpy") else steps), remarks=(*made.remarks, *remarks))


def read_callback(callback: Any, asked: Asked) -> Reading:
    """`LearningRateScheduler`: a function of the epoch."""
    if asked.steps_per_epoch is None:
        raise Refusal(
            "LearningRateScheduler.schedule is a function of the epoch: say steps_per_epoch=, or write "
            "lrcore.Custom(function).per_epoch(n)."
        )
    schedule = Custom(lambda t: float(callback.schedule(int(t)))).per_epoch(asked.steps_per_epoch)
    remark = "It calls a function of your own, which runs here and cannot be saved or written in another framework."
    return Reading((schedule,), error=4e-6, remarks=(remark,), source="Keras's LearningRateScheduler")
