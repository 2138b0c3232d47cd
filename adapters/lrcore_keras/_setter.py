"""`optimizer.learning_rate = x`, where Keras would take what is ignored, or refuse it without a way out.

Keras takes anything callable as a rate at any time, and a train step that is compiled never sees it. A schedule that
replaces another there would be ignored in silence.

So `import lrcore_keras` puts a property over `keras.optimizers.Optimizer.learning_rate`, a class that is not ours. It looks
at schedules of lrcore alone, and hands everything else on as it is. Keras has no other place to stand at: it calls no hook
when a rate is assigned; a compiled step runs no Python; a subclass for each optimizer, as `hyperparameters` makes one,
would change the class under which a plain optimizer is saved; and a look at the next log is too late, and never comes
without a log.
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
