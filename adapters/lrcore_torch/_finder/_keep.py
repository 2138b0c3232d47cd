"""Everything that a sweep changes, kept and put back bit for bit.

kept                                                 how
---------------------------------------------------  ---------------------------------------------------------
parameters, buffers (also those that are not saved)  the same tensors, written in place
gradients                                            the same tensors, or None
state and groups of the optimizer, and of those      the same containers and tensors, at any depth
inside it; scaler; scheduler
train and eval mode                                  a flag for each module
random numbers: torch on CPU, CUDA and MPS, NumPy,   their states
Python, generators of the loader
position of the loader                               by `state_dict`, where it has one
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

_UNMADE = (UninitializedParameter, UninitializedBuffer)


class Copies:
    """Copies of tensors, in memory or on disk, and of the containers around them."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        self._tensors: list[tuple[Tensor, Any]] = []
        self._containers: list[tuple[Any, Any]] = []
        self._seen: dict[int, Any] = {}

    def keep(self, value: Any) -> None:
        """Keep what a value holds, at any depth of dicts and lists, each object once."""
        if isinstance(value, (str, bytes, int, float, complex, type(None), type)) or id(value) in self._seen:
            return
        self._seen[id(value)] = value  # held, so that no other object gets its id
        if isinstance(value, Tensor):
            self._tensors.append((value, self._copy(value)))
        elif isinstance(value, dict):
            self._containers.append((value, dict(value)))
            for item in value.values():
                self.keep(item)
        elif isinstance(value, (list, tuple)):
            if isinstance(value, list):
                self._containers.append((value, list(value)))
            for item in value:
                self.keep(item)

    def put_back(self) -> None:
        """Give every tensor its values and every container its items."""
        with torch.no_grad():
            for tensor, copy in self._tensors:
                saved = torch.load(copy, map_location=tensor.device) if isinstance(copy, Path) else copy
                tensor.copy_(saved)
        for container, items in self._containers:
            if isinstance(container, dict):
                container.clear()
                container.update(items)
            else:
                container[:] = items

    def _copy(self, tensor: Tensor) -> Any:
        if self._folder is None:
            return tensor.detach().clone()
        path = Path(self._folder, f"{len(self._tensors)}.pt")
        torch.save(tensor.detach().to("cpu"), path)
        return path


class Kept:
    """What a training is made of, as it was when this was built."""

    def __init__(self, model: Any, optimizer: Any, others: tuple[Any, ...], loader: Any, *, on_disk: bool) -> None:
        if any(isinstance(tensor, _UNMADE) for tensor in (*model.parameters(), *model.buffers())):
            raise ValueError("find_lr needs a model whose parameters exist: call a lazy one with a batch first.")
        self._folder = tempfile.TemporaryDirectory(prefix="lrcore-") if on_disk else None
        self._modes = [(module, module.training) for module in model.modules()]
        self._random = [*_random_states(loader)]
        copies = self._copies = Copies(self._folder.name if self._folder else None)
        for tensor in (*model.parameters(), *model.buffers()):
            copies.keep(tensor)
        held = {id(p): p for group in optimizer.param_groups for p in group["params"]} | {
            id(p): p for p in model.parameters()
        }
        self._gradients = [(parameter, parameter.grad) for parameter in held.values()]
        for parameter, gradient in self._gradients:
            copies.keep(parameter)
            copies.keep(gradient)
        for each in (*_optimizers(optimizer), *others):
            copies.keep(vars(each))
        self._loader = loader
        self._position = _position(loader)
        self._workers = getattr(loader, "_iterator", None)
        if self._workers is not None:
            loader._iterator = None  # persistent workers: a second iterator would reset the one that somebody is using

    def restart(self) -> None:
        """Put the model and the optimizer back, for another sweep; random numbers go on."""
        self._copies.put_back()
        for module, training in self._modes:
            module.training = training
        for parameter, _ in self._gradients:
            parameter.grad = None

    def rewind(self) -> None:
        """Put the random numbers and the position of the loader back."""
        for restore in self._random:
            restore()
        if self._position is not None:
            self._loader.load_state_dict(self._position)

    def put_back(self) -> None:
        """Put everything back, and let go of the copies."""
        for parameter, gradient in self._gradients:
            parameter.grad = gradient
        self._copies.put_back()
        for module, training in self._modes:
            module.training = training
        if hasattr(self._loader, "_iterator"):
            self._loader._iterator = self._workers
        self.rewind()
        if self._folder is not None:
            self._folder.cleanup()


def _optimizers(optimizer: Any) -> Iterator[Any]:
    """An optimizer, and those that it holds in its attributes."""
    seen, ahead = set(), [optimizer]
    while ahead:
        each = ahead.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            ahead += [value for value in vars(each).values() if hasattr(value, "param_groups") and hasattr(value, "step")]


def _position(loader: Any) -> Any:
    """The state of a loader that has one. The loaders of `accelerate` have the method, and raise if they cannot keep it."""
    if not callable(getattr(loader, "load_state_dict", None)):
        return None
    try:
        return loader.state_dict()
    except AttributeError:
        return None


def _random_states(loader: Any) -> Iterator[Callable[[], Any]]:
    """What puts each source of random numbers back."""
    yield _setter(torch.set_rng_state, torch.get_rng_state())
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call, unused-ignore]
        yield _setter(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
    if torch.backends.mps.is_available():
        yield _setter(torch.mps.set_rng_state, torch.mps.get_rng_state())
    yield _setter(random.setstate, random.getstate())
    if "numpy" in sys.modules:
        import numpy as np

        yield _setter(np.random.set_state, np.random.get_state())
    batches = getattr(loader, "batch_sampler", None)
    for holder in (loader, getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None)):
        generator = getattr(holder, "generator", None)
        if isinstance(generator, torch.Generator):
            yield _setter(generator.set_state, generator.get_state())


def _setter(restore: Callable[[Any], Any], state: Any) -> Callable[[], Any]:
    return lambda: restore(state)
