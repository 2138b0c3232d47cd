"""The rate of a sweep in the optimizer's groups, while the schedulers that write there are paused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lrcore_torch._groups import put, read
from lrcore_torch._updates import listeners


class Rates:
    """Writes a rate into the first group, and into the others in their ratio to it."""

    def __init__(self, optimizer: Any) -> None:
        self._groups = optimizer.param_groups
        own = [read(group, "lr") or 0.0 for group in self._groups]
        if not own[0] and len(set(own)) == 1:  # the start of a warmup says nothing about the groups' ratios
            own = [float(group.get("initial_lr") or 1.0) for group in self._groups]
        if not own[0] or min(own) < 0:
            raise ValueError(
                f"find_lr keeps the ratios of the groups' rates, and the first is 0: {own}; put a group first that learns."
            )
        self.factors = [rate / own[0] for rate in own]
        self._written: list[float] = []

    def write(self, rate: float) -> None:
        """The rate of the next update."""
        for group, factor in zip(self._groups, self.factors, strict=True):
            put(group, "lr", rate * factor)
        self._written = [read(group, "lr") or 0.0 for group in self._groups]

    def check(self) -> None:
        """See that the update used it."""
        if [read(group, "lr") or 0.0 for group in self._groups] != self._written:
            raise ValueError(
                "find_lr: something else wrote the learning rate during an update; "
                "write find_lr(..., scheduler=...) for the scheduler that your step calls."
            )


@contextmanager
def paused(optimizer: Any, scheduler: Any) -> Iterator[list[str]]:
    """Pause the schedulers of an optimizer: those of ours by themselves, and the one that is given."""
    ours = listeners(optimizer)
    schedulers = {id(each): each for each in ours}
    if scheduler is not None:
        schedulers[id(scheduler)] = scheduler
    own = {key: vars(each)["step"] for key, each in schedulers.items() if "step" in vars(each)}
    for each in ours:
        each._updates.paused = True
    for each in schedulers.values():
        each.step = _nothing
    notes = [f"{type(each).__name__} was paused" for each in schedulers.values()]
    if scheduler is None and hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        notes.append("the scheduler of PyTorch's on this optimizer was not stepped")
    try:
        yield notes
    finally:
        for each in ours:
            each._updates.paused = False
        for key, each in schedulers.items():
            vars(each).pop("step", None)
            if key in own:
                each.step = own[key]


def _nothing(*args: Any, **options: Any) -> None:
    """A `step()` that does nothing."""
