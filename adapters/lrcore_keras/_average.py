"""Checkpoints of Keras, averaged one after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from lrcore._arguments import refuse
from lrcore.theory import add_up


def average(checkpoints: Iterable[Sequence[Any]], weights: Sequence[float]) -> list[Any]:
    """The weighted average of a model's weights, in place of a decay: `lrcore.theory.averaging_weights` gives the weights.

    Floating-point arrays are summed in float32, or in their own dtype if that is wider, and come back in their own dtype.
    Everything else (integers, such as counts of batches) is taken from the last checkpoint. The moving means of
    `BatchNormalization` are averaged like weights: let the model see data with `training=True` afterwards.

    Args:
        checkpoints: what `model.get_weights()` gave, the earliest first. A generator has one in memory at a time, beside
            the sum: one that calls `model.load_weights(path)` and yields `model.get_weights()`.
        weights: one for each, which sum to 1.

    Returns:
        What `model.set_weights` takes.

    Raises:
        ValueError: there are fewer checkpoints than weights, or more; the weights do not sum to 1; or a checkpoint has
            other shapes than the first.

    >>> average([[np.zeros(2), np.array(1)], [np.ones(2), np.array(2)]], [0.25, 0.75])
    [array([0.75, 0.75]), array(2)]
    """
    found: list[Any] = []
    dtypes: list[Any] = []

    def add(checkpoint: Sequence[Any], weight: float) -> None:
        values = [np.asarray(value) for value in checkpoint]
        if not found:
            found.extend(_wide(value) * weight if _is_averaged(value) else value for value in values)
            dtypes.extend(value.dtype if _is_averaged(value) else None for value in values)
            return
        shapes, mine = ([value.shape for value in several] for several in (found, values))
        if mine != shapes:
            refuse("average", "checkpoints", f"lists of arrays of the shapes {shapes}", mine)
        for i, value in enumerate(values):
            found[i] = value if dtypes[i] is None else found[i] + _wide(value) * weight

    add_up("average", checkpoints, weights, add)
    return [
        value.copy() if dtype is None else value.astype(dtype, copy=False)
        for value, dtype in zip(found, dtypes, strict=True)
    ]


def _is_averaged(value: Any) -> bool:
    return bool(keras.backend.is_float_dtype(value.dtype)) or value.dtype.kind == "c"


def _wide(value: Any) -> Any:
    return value if value.dtype.itemsize >= 4 else value.astype(np.float32)
