"""`optimizer.learning_rate = x`, where Keras would take what is ignored, or refuse it without a way out.

Keras takes anything callable as a rate at any time, and a train step that is compiled never sees it. No hook of Keras leads
here, so this stands in front of its setter: it looks at schedules of lrcore alone, and hands everything on as it is.
"""

from __future__ import annotations

import warnings
from typing import Any

import keras

from lrcore import Schedule
from lrcore._arguments import refuse
from lrcore_keras._applying import applied
from lrcore_keras._schedule import KerasSchedule

_inherited: Any = keras.optimizers.Optimizer.learning_rate


def _set(optimizer: Any, value: Any) -> None:
    name, used = type(optimizer).__name__, applied(optimizer)
    if isinstance(value, Schedule):
        refuse(name, "learning_rate", "a number or a KerasSchedule", value, kind=True, hint="write KerasSchedule(...)")
    if isinstance(optimizer._learning_rate, KerasSchedule) and not callable(value):
        hint = "an optimizer made by hyperparameters(optimizer) takes numbers and has a scale"
        refuse(name, "learning_rate", "a KerasSchedule while it follows one", value, kind=True, hint=hint)
    ours = isinstance(value, KerasSchedule) or isinstance(used.rate, KerasSchedule)
    # Of a rate that was no KerasSchedule nothing is known
    compiled = used.compiled or (optimizer.built and not isinstance(used.rate, KerasSchedule))
    if ours and callable(value) and compiled:
        warnings.warn(
            f"{name}.learning_rate: a train step that is compiled goes on with the rate that it was compiled with. "
            f"Call model.compile(model.optimizer, ...) for {value!r} to take effect.",
            stacklevel=3,
        )
    _inherited.fset(optimizer, value)


def guard() -> None:
    """Stand in front of Keras's setter."""
    keras.optimizers.Optimizer.learning_rate = property(_inherited.fget, _set, doc=_inherited.__doc__)
