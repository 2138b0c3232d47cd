"""Which optimizer is asking a schedule for its rate."""

from __future__ import annotations

import sys
from typing import Any

import keras


def _optimizer_that_asks() -> Any:
    """The optimizer whose method is calling the schedule, or None.

    Keras shows a schedule a counter, and nothing of the optimizer that owns it; so this looks at who called. No hook of
    Keras leads from the counter to the optimizer, and to patch one in would change every optimizer of the program.
    """
    frame: Any = sys._getframe(1)
    for _ in range(_NEAR):
        owner = frame.f_locals.get("self")
        if isinstance(owner, keras.optimizers.Optimizer):
            return owner
        frame = frame.f_back
        if frame is None:
            break
    return None


_NEAR = 6
"""Frames to look at: the schedule's, its caller's, and those that `torch.compile` puts between."""

optimizer_that_asks: Any = _optimizer_that_asks

if keras.backend.backend() == "torch":
    import torch

    # TorchDynamo cannot trace a look at frames, and warns unless told
    optimizer_that_asks = torch.compiler.disable(_optimizer_that_asks)
