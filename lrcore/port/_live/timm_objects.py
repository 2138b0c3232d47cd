"""timm's schedulers, whose attributes are called like their arguments. They keep no step: the caller counts it."""

from __future__ import annotations

import inspect
from typing import Any

from lrcore.port._call import Optimizer, call
from lrcore.port._libraries.timm import TIMM
from lrcore.port._live.clock import in_updates
from lrcore.port._part import Asked
from lrcore.port._reading import Reading, Refusal


def read_scheduler(scheduler: Any, asked: Asked) -> Reading:
    """A scheduler, in epochs or updates as it counts."""
    name = type(scheduler).__name__
    if name not in TIMM.calls:
        raise Refusal(f"timm's {name} is not known here: it has {', '.join(TIMM.calls)}.")
    words = [word for word in inspect.signature(TIMM.calls[name]).parameters if word != "optimizer"]
    given = {word: getattr(scheduler, word) for word in words if hasattr(scheduler, word)}
    made = call(name, [], {**given, "optimizer": Optimizer(tuple(map(float, scheduler.base_values)))}, asked).reading()
    return in_updates(made, asked.steps_per_epoch) if getattr(scheduler, "t_in_epochs", True) else made
