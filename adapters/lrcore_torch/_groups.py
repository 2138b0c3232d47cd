"""Which schedule each parameter group follows, and how a value gets into a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lrcore import Schedule
from lrcore._arguments import is_number, refuse

Group = dict[str, Any]
"""A parameter group of an optimizer."""

Given = Schedule | list[Schedule | None] | dict[str, Schedule | None]
"""One schedule for every group, one per group in their order, or by their names. None (not for `lr`) leaves one alone."""


class Hyperparameter:
    """One hyperparameter of every group: `lr`, `momentum` (or the first of `betas`) or `weight_decay`."""

    def __init__(self, name: str, given: Any, groups: list[Group], *, relative: bool = False) -> None:
        self.name = name
        self.given = _checked(name, given)
        self.relative = relative
        self._one = self.given if isinstance(self.given, Schedule) and not relative else None
        self.own: list[Any] = []
        """Each group's own value when it was first seen, or None where it had none."""
        self._schedules: list[Schedule | None] = []
        self.meet(groups)
        if (
            isinstance(self.given, Schedule)
            and not relative
            and len({value for value in self.own if value is not None}) > 1
        ):
            rule = f"one schedule per group where the groups' own values differ, as {self.own} do"
            hint = "relative=True (a factor on each group's own rate), " if name == "lr" else ""
            rest = "" if name == "lr" else ", with None for a group to leave as it is"
            refuse("ScheduleLR", name, rule, self.given, hint=f"choose {hint}a list or a dict by the groups' names{rest}")

    def meet(self, groups: list[Group]) -> None:
        """Find the schedule of each group that is new."""
        if isinstance(self.given, list) and len(self.given) != len(groups):
            hint = "after add_param_group, build a new ScheduleLR(optimizer, [...], step=scheduler.last_epoch)"
            refuse("ScheduleLR", self.name, f"{len(groups)} schedules, one per group", self.given, hint=hint)
        new = groups[len(self.own) :]
        schedules = [self._choose(i, group) for i, group in enumerate(new, len(self.own))]
        values = [read(group, self.name) for group in new]
        for i, (schedule, value) in enumerate(zip(schedules, values, strict=True), len(self.own)):
            if schedule is not None and value is None:
                refuse("ScheduleLR", self.name, f"None for group {i}, which has no {WHERE[self.name]}", schedule)
        self._direct = self.name != "momentum" or not any("betas" in group for group in groups)
        self._schedules += schedules
        self.own += values

    def _choose(self, i: int, group: Group) -> Schedule | None:
        if isinstance(self.given, Schedule):
            return self.given
        if isinstance(self.given, list):
            return self.given[i]
        name = group.get("name")
        if name not in self.given:
            hint = f"group {i} has no 'name'" if name is None else f"group {i} is named {name!r}"
            refuse("ScheduleLR", self.name, "a dict with the name of every group", self.given, hint=hint)
        return self.given[name]

    def values(self, step: Any) -> list[Any]:
        """The value of each group at a step; None for a group that is left as it is."""
        if self._one is not None:
            return [self._one(step)] * len(self.own)
        at_step = {id(schedule): schedule(step) for schedule in self._schedules if schedule is not None}
        values = [at_step.get(id(schedule)) for schedule in self._schedules]
        return [own * value for own, value in zip(self.own, values, strict=True)] if self.relative else values

    def apply(self, groups: list[Group], step: Any) -> list[Any]:
        """Put the values of a step into the groups, and give them."""
        key, values = self.name, self.values(step)
        for group, value in zip(groups, values, strict=True):
            if value is not None:
                _put(group, key, value)
        return values

    @property
    def direct(self) -> Schedule | None:
        """The one schedule whose value goes into every group as it is, under this hyperparameter's name."""
        return self._one if self._direct else None

    def separate(self, optimizer: Any) -> None:
        """Give each group a tensor of its own: an optimizer puts the one it was given into every group and its defaults."""
        if self._one is not None:
            return  # every group gets the same value
        defaults = getattr(optimizer, "defaults", {})
        seen: set[int] = set()
        for group in optimizer.param_groups:
            held = _held(group, self.name)
            if isinstance(held, Tensor) and id(held) in seen:
                _hold(group, self.name, held.detach().clone())
            seen.add(id(held))
        held = _held(defaults, self.name)
        if isinstance(held, Tensor) and id(held) in seen:
            _hold(defaults, self.name, held.detach().clone())

    def labelled(self) -> dict[str, Schedule | None]:
        """The schedules by what a message calls them: `lr`, `lr[0]` or `lr['head']`."""
        if isinstance(self.given, Schedule):
            return {self.name: self.given}
        items = enumerate(self.given) if isinstance(self.given, list) else self.given.items()
        return {f"{self.name}[{key!r}]": schedule for key, schedule in items}


def put_all(groups: list[Group], name: str, value: float) -> None:
    """Put one value into every group: the common case, as short as can be, since it runs at every update."""
    for group in groups:
        if type(group[name]) is float:
            group[name] = value
        else:
            _put(group, name, value)


def _put(group: Group, name: str, value: Any) -> None:
    held = _held(group, name)
    if isinstance(held, Tensor):
        held.detach().fill_(value)  # not replaced: compiled and captured updates read this very tensor
    else:
        _hold(group, name, value)


WHERE = {"lr": "'lr'", "momentum": "'momentum' and no 'betas'", "weight_decay": "'weight_decay'"}


def read(group: Group, name: str) -> float | None:
    """A group's value as a Python float, or None where it has no such hyperparameter."""
    held = _held(group, name)
    return None if held is None else float(held)


def _held(group: Group, name: str) -> Any:
    if name == "momentum" and "betas" in group:
        return group["betas"][0]
    return group.get(name)


def _hold(group: Group, name: str, value: Any) -> None:
    if name == "momentum" and "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group[name] = value


def _checked(name: str, given: Any) -> Given:
    """What the user gave, once it is a schedule, a list or a dict of them."""
    rule = "a schedule, or one per group: a list, or a dict by the groups' names"
    if isinstance(given, Schedule):
        return given
    if isinstance(given, Mapping):
        checked: Given = dict(given)
        items: Any = given.items()
    elif isinstance(given, (list, tuple)):
        checked = list(given)
        items = enumerate(given)
    else:
        hint = f"write Constant({given!r})" if is_number(given) else ""
        refuse("ScheduleLR", name, rule, given, kind=True, hint=hint)
    for key, schedule in items:
        if not isinstance(schedule, Schedule) and (schedule is not None or name == "lr"):
            rule = "a schedule" if name == "lr" else "a schedule, or None"
            hint = "to leave a group's rate as it is, write Constant" if schedule is None else ""
            refuse("ScheduleLR", f"{name}[{key!r}]", rule, schedule, kind=True, hint=hint)
    return checked
