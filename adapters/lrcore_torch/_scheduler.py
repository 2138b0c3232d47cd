"""The PyTorch scheduler: its rates are always recomputed from the step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from torch.optim.lr_scheduler import LRScheduler

from lrcore import Schedule
from lrcore._arguments import WHOLE, is_array, is_number, plain, refuse
from lrcore._evaluate import Together
from lrcore.arrays import check_step
from lrcore_torch._groups import Hyperparameter, put_all
from lrcore_torch._state import differences, pack, unpack
from lrcore_torch._updates import capturing, listen, skipped

Schedules = Schedule | Sequence[Schedule | None] | Mapping[str, Schedule | None]
"""One schedule for every group, one per group in their order, or by their names. None (not for `lr`) leaves one alone."""


class ScheduleLR(LRScheduler):
    """A schedule as a `torch.optim.lr_scheduler.LRScheduler`.

    Building it applies the rate of step `step` (0: the first update's). The applied rate is always `lr(step)`,
    recomputed: it depends on nothing that the optimizer holds, so that a resumed run needs the step and nothing else.

    Args:
        optimizer: anything with `param_groups`, which are written to. `optimizer.step` is never replaced.
        lr: the schedule of the learning rate: one for every group, a list in the groups' order, or a dict by their
            `name`s. One schedule for groups whose own rates differ is refused unless `relative` says what it means.
        momentum: likewise of `momentum`, or of the first of `betas`, whose others are kept.
        weight_decay: likewise of `weight_decay`. In a list or a dict, None leaves a group as it is.
        relative: `lr` is a factor on each group's own initial rate, so that the ratios between groups stay.
        count: what moves the schedule on. "calls": each call of `step()`, once per update or once per epoch as the
            schedule is written. "updates": each update that the optimizer really makes, told by its hooks, however often
            `step()` is called, or never; an update that GradScaler skips is none.
        step: the number of updates (or calls) already made.

    Raises:
        TypeError: an argument is of the wrong kind, or `count` is "updates" for an optimizer without hooks.
        ValueError: a group has no schedule or nothing to schedule, the meaning is ambiguous, or `step` is negative.

    Tensor rates and betas are written in place, on their device, so that compiled and captured updates see them. The
    replay of a captured CUDA graph calls no hooks: count "calls" there.

    >>> import torch
    >>> from lrcore import Cosine, OneCycle
    >>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    >>> scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=10))
    >>> optimizer.step(); scheduler.step(); scheduler.get_last_lr()
    [0.09755282581475769]
    >>> cycle = OneCycle(0.1, steps=10)
    >>> scheduler = ScheduleLR(optimizer, cycle, momentum=cycle.momentum(), step=2)
    >>> optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]
    (0.1, 0.85)
    """

    def __init__(
        self,
        optimizer: Any,
        lr: Schedules,
        *,
        momentum: Schedules | None = None,
        weight_decay: Schedules | None = None,
        relative: bool = False,
        count: str = "calls",
        step: int = 0,
    ) -> None:
        # Not super().__init__, which replaces optimizer.step and reads the rates that the optimizer happens to hold.
        if not hasattr(optimizer, "param_groups"):
            refuse("ScheduleLR", "optimizer", "an object with param_groups", optimizer, kind=True)
        if not isinstance(relative, bool):
            refuse("ScheduleLR", "relative", "True or False", relative, kind=True)
        if not isinstance(count, str) or count not in ("calls", "updates"):
            refuse("ScheduleLR", "count", "'calls' or 'updates'", count, kind=not isinstance(count, str))
        if is_array(step):
            refuse("ScheduleLR", "step", WHOLE.text, step, kind=True)
        self.optimizer = optimizer
        self.count = count
        self.last_epoch = plain("ScheduleLR", "step", step, WHOLE)
        self._step_count = self.last_epoch + 1
        self._note(None)
        groups = optimizer.param_groups
        self._lr = Hyperparameter("lr", lr, groups, relative=relative)
        given = {"momentum": momentum, "weight_decay": weight_decay}
        self._others = [Hyperparameter(name, what, groups) for name, what in given.items() if what is not None]
        if relative and step:
            # The rates of an optimizer that has been loaded are scheduled ones: torch's own key has the initial ones
            self._lr.own = [group.get("initial_lr", own) for group, own in zip(groups, self._lr.own, strict=True)]
        self._listen()
        self._take_over()

    # The contract of LRScheduler.

    def step(self, epoch: float | None = None) -> None:
        """Apply the rates of the next step, or of step `epoch`. Where updates are counted this moves nothing on.

        Raises:
            ValueError: `epoch` is negative, or updates are counted.
        """
        if epoch is not None:
            self._refuse(epoch)
        self._step_count += 1
        if self.count == "updates":
            self._apply(self.last_epoch)
            return
        self._note(self._rates)
        self._apply(self.last_epoch + 1 if epoch is None else epoch)

    def _refuse(self, epoch: Any) -> None:
        if self.count == "updates":
            refuse("ScheduleLR.step", "epoch", "None where the optimizer's updates are counted", epoch)
        if not is_number(epoch):
            refuse("ScheduleLR.step", "epoch", "a number", epoch, kind=True)
        check_step(epoch)

    def get_last_lr(self) -> list[Any]:
        """Each group's rate as `step()` last left it, and after an update that no `step()` followed, the rate it used."""
        return list(self._last_lr)

    def get_lr(self) -> list[Any]:
        """Each group's rate at the present step."""
        return self._lr.values(self.last_epoch)

    @property
    def base_lrs(self) -> list[Any]:  # pyright: ignore[reportIncompatibleVariableOverride] (nothing to assign to)
        """Each group's own initial rate: what `relative` multiplies."""
        return list(self._lr.own)

    # What torch's schedulers do not say.

    @property
    def lr(self) -> Any:
        """The schedule of the learning rate, as it was given."""
        return self._lr.given

    @property
    def next_lr(self) -> list[Any]:
        """Each group's rate for the next update."""
        return list(self._rates)

    @property
    def last_lr(self) -> list[Any] | None:
        """Each group's rate in the last update; None before the first one since this was built or loaded.

        Where calls are counted, each call of `step()` takes the rates that were in force before it for those of an update.
        """
        return None if self._used is None else list(self._used)

    def used(self) -> dict[str, float]:
        """The rate and every scheduled hyperparameter of the last update, for a log; the coming one's where none was made.

            run.log(scheduler.used(), step=step)    anywhere after `optimizer.step()`

        The keys are `lr`, `momentum` and `weight_decay`, and of several groups "lr/head" for the one named head; "lr/1" for
        one without a name, and for all of them where two share one. The values are the schedules' own, as Python floats: no
        device is waited for. Which update was the last one is known as `last_lr` knows it.

        >>> import torch
        >>> from lrcore import Constant, Linear
        >>> groups = [{"params": [torch.zeros(1)], "name": "body"}, {"params": [torch.zeros(1)], "name": "head"}]
        >>> adamw = torch.optim.AdamW(groups)
        >>> scheduler = ScheduleLR(adamw, {"body": Constant(0.25), "head": Linear(1.0, end=0.0, steps=4)})
        >>> adamw.step(); scheduler.step(); adamw.step(); scheduler.used()
        {'lr/body': 0.25, 'lr/head': 0.75}
        """
        step = self.last_epoch if self._used is None else self._used_at
        names: list[Any] = [group.get("name", i) for i, group in enumerate(self.optimizer.param_groups)]
        if len(set(names)) < len(names):
            names = list(range(len(names)))
        labels = [f"/{name}" for name in names] if len(names) > 1 else [""]
        found: dict[str, float] = {}
        for each in (self._lr, *self._others):
            # A group added since then comes last, and has no values yet
            values = zip(labels, each.values(step), strict=False)
            found |= {f"{each.name}{label}": float(value) for label, value in values if value is not None}
        return found

    # State.

    def state_dict(self) -> dict[str, Any]:
        """The step and the schedules, as plain data: `version`, `step`, and `schedule`, a JSON text."""
        parts = self._parts(self._lr.own)
        return pack(self.last_epoch, {**parts, "rates": self._rates} if self._lr.relative else parts)

    def load_state_dict(self, state_dict: dict[str, Any], *, strict: bool = False) -> None:
        """Go on from the step that was saved; the rates are applied at once.

        The schedule stays the one this was built with. Where the saved one was another, that is a warning which names
        what changed, or with `strict` an error, and then nothing is loaded.

        Raises:
            ValueError: the state is not one of `ScheduleLR`, or `strict` and the schedule has changed.
        """
        step, saved = unpack(state_dict)
        own, rates = self._lr.own, saved.pop("rates", None)
        if self._lr.relative and rates is not None:
            # Built after the optimizer's state was loaded: what looked like an initial rate was the one in force
            known = zip(own, rates, saved["base_lrs"], strict=False)
            own = [base if mine == rate else mine for mine, rate, base in known] + own[len(rates) :]
        changes = differences(saved, self._parts(own))
        if changes:
            text = f"the schedule is not the saved one: {'; '.join(changes)}"
            if strict:
                raise ValueError(f"ScheduleLR.load_state_dict: {text}.")
            warnings.warn(f"ScheduleLR keeps its own schedule, at step {step}: {text}.", UserWarning, stacklevel=2)
        self._lr.own = own
        self._note(None)
        self.last_epoch = step
        self._step_count = int(step) + 1
        self._take_over()

    def _parts(self, own: list[Any]) -> dict[str, Any]:
        """What the state keeps beside the step."""
        parts: dict[str, Any] = {}
        for each in (self._lr, *self._others):
            parts |= each.labelled()
        return {**parts, "base_lrs": own} if self._lr.relative else parts

    def __repr__(self) -> str:
        return f"ScheduleLR(lr={self.lr!r}, step={self.last_epoch!r}, count={self.count!r})"

    # Pickling and copying: the hooks belong to this object and are registered anew.

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_together"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._listen()
        self._take_over()

    # Applying.

    def _take_over(self) -> None:
        """Apply the present rates to groups that may be new objects, with tensors that may be shared."""
        every = (self._lr, *self._others)
        for each in every:
            each.separate(self.optimizer)
        self._known = len(self._lr.own)
        direct = [each.direct for each in every if each.direct is not None]
        # The common case: one value of each for all groups. Which one goes where, after the rate
        names = [(i, each.name) for i, each in enumerate(every) if i]
        self._direct = names if len(direct) == len(every) else None
        self._together = Together(direct)
        self._apply(self.last_epoch)
        if self._lr.relative:
            for group, own in zip(self.optimizer.param_groups, self._lr.own, strict=True):
                group["initial_lr"] = own

    def _apply(self, step: Any) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != self._known:
            for each in (self._lr, *self._others):
                each.meet(groups)
            self._take_over()
        if self._direct is not None:
            values = self._together.at(float(step))
            put_all(groups, "lr", values[0])
            for i, name in self._direct:
                put_all(groups, name, values[i])
            rates: list[Any] = [values[0]] * len(groups)
        else:
            rates = self._lr.apply(groups, step)
            for each in self._others:
                each.apply(groups, step)
        self.last_epoch = step
        self._last_lr = self._rates = rates
        self._applied = [group["lr"] for group in groups]

    # What the optimizer's hooks tell.

    def _note(self, used: list[Any] | None) -> None:
        """Remember the rates that an update used, which was one at the present step."""
        self._used, self._used_at = used, self.last_epoch

    def _listen(self) -> None:
        if not listen(self.optimizer, self) and self.count == "updates":
            rule = "'calls' for an optimizer that has no hooks to tell of its updates"
            refuse("ScheduleLR", "count", rule, self.count, kind=True)

    def _before_update(self, optimizer: Any) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self._lr.own) and not capturing() and any(group["lr"] != 0 for group in groups):
            self._apply(self.last_epoch)

    def _after_update(self, optimizer: Any) -> None:
        if capturing() or skipped(optimizer) or self._is_rehearsal():
            return
        used = self._rates
        self._note(used)
        if self.count == "updates":
            self._apply(self.last_epoch + 1)
            self._last_lr = used

    def _after_load(self, optimizer: Any) -> None:
        self._take_over()

    def _is_rehearsal(self) -> bool:
        """Whether the update was one of torch.distributed.checkpoint, which has the optimizer make its state at rate 0."""
        groups = zip(self.optimizer.param_groups, self._applied, strict=False)  # one may have been added since
        return all(group["lr"] is not applied and group["lr"] == 0 for group, applied in groups)
