"""Checkpoints of PyTorch, averaged one after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch

from lrcore._arguments import refuse
from lrcore.theory import add_up


def average(checkpoints: Iterable[Mapping[str, Any]], weights: Sequence[float]) -> dict[str, Any]:
    """The weighted average of `state_dict`s, in place of a decay: `lrcore.theory.averaging_weights` gives the weights.

    Floating-point tensors are summed in float32, or in their own dtype if that is wider, and come back in their own dtype.
    Everything else (integers such as `num_batches_tracked`, booleans, extra state) is taken from the last checkpoint. The
    running means of batch normalization are averaged like weights: run `torch.optim.swa_utils.update_bn` afterwards.

    Args:
        checkpoints: `model.state_dict()`s, the earliest first. A generator that loads them has one in memory at a time,
            beside the sum: `(torch.load(path) for path in paths)`.
        weights: one for each, which sum to 1.

    Raises:
        ValueError: there are fewer checkpoints than weights, or more; the weights do not sum to 1; or a checkpoint has
            other names or shapes than the first.
        TypeError: a checkpoint is not a mapping.

    >>> first, second = {"w": torch.zeros(2), "count": torch.tensor(1)}, {"w": torch.ones(2), "count": torch.tensor(2)}
    >>> average([first, second], [0.25, 0.75])
    {'w': tensor([0.7500, 0.7500]), 'count': tensor(2)}
    """
    found: dict[str, Any] = {}
    dtypes: dict[str, torch.dtype] = {}

    def add(checkpoint: Mapping[str, Any], weight: float) -> None:
        if not isinstance(checkpoint, Mapping):
            refuse("average", "checkpoints", "state_dicts", checkpoint, kind=True)
        if found and checkpoint.keys() != found.keys():
            names = sorted(map(str, checkpoint.keys() ^ found.keys()))
            refuse("average", "checkpoints", "state_dicts with the same names", names, hint="only some have these")
        for name, value in checkpoint.items():
            if not _is_averaged(value):
                found[name] = value.detach().clone() if isinstance(value, torch.Tensor) else value
            elif name not in dtypes:
                dtypes[name] = value.dtype
                found[name] = value.detach().to(_wide(value.dtype)) * weight
            else:
                _check_shape(name, found[name], value)
                found[name].add_(value.detach().to(found[name]), alpha=weight)

    add_up("average", checkpoints, weights, add)
    return {name: value.to(dtypes[name]) if name in dtypes else value for name, value in found.items()}


def _is_averaged(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and (value.is_floating_point() or value.is_complex())


def _wide(dtype: torch.dtype) -> torch.dtype:
    if dtype.is_complex:
        return dtype if dtype.itemsize >= 8 else torch.complex64
    return dtype if dtype.itemsize >= 4 else torch.float32


def _check_shape(name: str, first: torch.Tensor, value: torch.Tensor) -> None:
    if value.shape != first.shape:
        refuse("average", "checkpoints", f"of one shape {tuple(first.shape)} at {name!r}", tuple(value.shape))
