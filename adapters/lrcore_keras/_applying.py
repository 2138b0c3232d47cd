"""Which optimizer is applying gradients, and the schedule that it was last shown to use.

Keras shows a schedule a counter, and nothing of the optimizer that owns it. But while an optimizer applies gradients, it is
the caller of Keras's name scope, however deep in it the schedule is asked: behind decorators, as a tensor, in a graph that
is being traced. A look at the frames of the call stack, instead, ends where somebody puts one more function in between.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import keras
from keras.src.backend.common import global_state


class Applied(NamedTuple):
    """What an optimizer was last shown to use."""

    rate: Any
    """The `KerasSchedule`."""

    compiled: bool
    """Whether it was asked in a graph or under a tracer, so that another one needs another compilation."""


_applied: WeakKeyDictionary[Any, Applied] = WeakKeyDictionary()


def applying() -> Any:
    """The innermost optimizer that is applying gradients in this thread, or None."""
    for scope in reversed(global_state.get_global_attribute("name_scope_stack") or []):
        if isinstance(scope.caller, keras.optimizers.Optimizer):
            return scope.caller
    return None


def note(optimizer: Any, rate: Any, *, compiled: bool) -> None:
    """Remember, as long as the optimizer lives, what it uses."""
    _applied[optimizer] = Applied(rate, compiled)


def applied(optimizer: Any) -> Applied:
    """What an optimizer uses: what it was last seen to use, or else what it holds."""
    return _applied.get(optimizer) or Applied(optimizer._learning_rate, False)
