"""Batches without end, on the device of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch


class Batches:
    """The loader's batches, again from its beginning where it ends."""

    def __init__(self, loader: Any, device: Any) -> None:
        self._loader, self._device = loader, device
        self.rounds = 0
        """How often the loader was begun."""
        self._running: Iterator[Any] | None = None

    def restart(self) -> None:
        """Begin with the loader's first batch again."""
        self._running = None

    def __next__(self) -> Any:
        if self._running is not None:
            for batch in self._running:
                return moved(batch, self._device)
        self._running = iter(self._loader)
        self.rounds += 1
        for batch in self._running:
            return moved(batch, self._device)
        raise ValueError("find_lr.loader must be an iterable of batches that can be gone through again, and it is empty.")


def moved(batch: Any, device: Any) -> Any:
    """A batch with its tensors on a device, at any depth."""
    if device is None:
        return batch
    if callable(getattr(batch, "to", None)):
        return batch.to(device, non_blocking=True) if isinstance(batch, torch.Tensor) else batch.to(device)
    if isinstance(batch, Mapping):
        items = {name: moved(item, device) for name, item in batch.items()}
        return items if type(batch) is dict else type(batch)(items)  # type: ignore[call-arg]
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(moved(item, device) for item in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)(moved(item, device) for item in batch)
    return batch
