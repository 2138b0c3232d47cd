"""The PyTorch scheduler: its rates are always recomputed from the step."""

from __future__ import annotations

from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrcore import Schedule


class ScheduleLR(LRScheduler):
    """A schedule as a `torch.optim.lr_scheduler.LRScheduler`.

    Building it applies the rate of step `step` (0: the first update's); each `step()` applies the next one. The applied
    rate is always `lr(step)`, recomputed: it depends on nothing that the optimizer holds.

    Args:
        optimizer: the optimizer whose `param_groups` are written to.
        lr: the schedule of the learning rate.
        momentum: the schedule of `momentum`, or of the first of `betas`; the other betas are kept.
        step: the number of updates already made.

    Raises:
        TypeError: `lr` or `momentum` is not a schedule.
        ValueError: `step` is negative, or a group has neither `momentum` nor `betas` to schedule.

    >>> import torch
    >>> from lrcore import Cosine
    >>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    >>> scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=10))
    >>> optimizer.step(); scheduler.step(); scheduler.get_last_lr()
    [0.09755282581475769]
    """

    def __init__(self, optimizer: Optimizer, lr: Schedule, *, momentum: Schedule | None = None, step: int = 0) -> None:
        for name, schedule in (("lr", lr), ("momentum", momentum)):
            if not isinstance(schedule, Schedule) and (name == "lr" or schedule is not None):
                raise TypeError(f"ScheduleLR.{name} must be a schedule, got {schedule!r}.")
        if isinstance(step, bool) or not isinstance(step, int):
            raise TypeError(f"ScheduleLR.step must be an integer, 0 or more, got {step!r}.")
        if step < 0:
            raise ValueError(f"ScheduleLR.step must be an integer, 0 or more, got {step!r}.")
        self.optimizer = optimizer
        self.lr = lr
        self.momentum = momentum
        self.last_epoch = step
        if momentum is not None:
            for i, group in enumerate(optimizer.param_groups):
                if "momentum" not in group and "betas" not in group:
                    raise ValueError(
                        f"ScheduleLR.momentum has nothing to schedule: group {i} has no momentum and no betas."
                    )
        self._apply()

    def step(self, epoch: int | None = None) -> None:
        """Apply the rate of the next step, or of step `epoch`."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._apply()

    def get_lr(self) -> list[Any]:
        return [self.lr(self.last_epoch)] * len(self.optimizer.param_groups)

    def _apply(self) -> None:
        rate = self.lr(self.last_epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
            if self.momentum is not None:
                value = self.momentum(self.last_epoch)
                if "betas" in group:
                    group["betas"] = (value, *group["betas"][1:])
                else:
                    group["momentum"] = value
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """The step, as plain data."""
        return {"version": 1, "step": self.last_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from the step that was saved; the rates are applied at once."""
        self.last_epoch = state_dict["step"]
        self._apply()
