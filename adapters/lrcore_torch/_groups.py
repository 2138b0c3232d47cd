"""Which schedule each parameter group follows, and how a value gets into a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from lrcore import Schedule
from lrcore._arguments import LARGEST, is_number, refuse
from lrcore_torch._updates import layers

Group = dict[str, Any]
"""A parameter group of an optimizer."""

Given = Schedule | list[Schedule | None] | dict[str, Schedule | None]
"""One schedule for every group, one per group in their order, or by their names. None (not for `lr`) leaves one alone."""


@dataclass(slots=True)
class Member:
    """A group that is known: its list of parameters, which stays the same object while the group's dict may be replaced."""

    params: Any
    schedule: Schedule | None
    own: float | None
    """The group's own value before any scheduler wrote into it, or None where it had none."""


class Hyperparameter:
    """One hyperparameter of every group: `lr`, `momentum` (or the first of `betas`) or `weight_decay`."""

    __slots__ = ("_one", "given", "members", "name", "relative")

    def __init__(self, name: str, given: Any, groups: list[Group], *, relative: bool = False) -> None:
        self.name = name
        self.given = _checked(name, given)
        self.relative = relative
        self._one = self.given if isinstance(self.given, Schedule) and not relative else None
        self.members: list[Member] = []
        self.meet(groups)

    @property
    def own(self) -> list[Any]:
        """Each group's own value."""
        return [member.own for member in self.members]

    def meet(self, groups: list[Group]) -> None:
        """Find the members of the groups there are: some may be new, replaced by their equals, or gone."""
        known = {id(member.params): member for member in self.members}
        members: list[Member | None] = [known.get(id(group["params"])) for group in groups]
        for i, (group, member) in enumerate(zip(groups, self.members, strict=False)):
            if members[i] is None and self.name == "lr" and group.get("initial_lr") == member.own:
                members[i] = member  # with a new list of parameters, as FSDP gives each group
                member.params = group["params"]
        found = [member or self._member(i, groups) for i, member in enumerate(members)]
        values = [member.own for member in found]
        if isinstance(self.given, Schedule) and not self.relative and len(set(values) - {None}) > 1:
            rule = f"one schedule per group where the groups' own values differ, as {values} do"
            hint = "relative=True (a factor on each group's own rate), " if self.name == "lr" else ""
            rest = "" if self.name == "lr" else ", with None for a group to leave as it is"
            hint = f"choose {hint}a list or a dict by the groups' names{rest}"
            refuse("ScheduleLR", self.name, rule, self.given, hint=hint)
        self.members = found

    def _member(self, i: int, groups: list[Group]) -> Member:
        group = groups[i]
        schedule = self._choose(i, groups)
        own = read(group, self.name)
        if schedule is not None and own is None:
            refuse("ScheduleLR", self.name, f"None for group {i}, which has no {WHERE[self.name]}", schedule)
        # torch's schedulers keep the initial rate under this key, too, because what the group holds is a scheduled one
        initial = group.get("initial_lr") if self.name == "lr" else None
        return Member(group["params"], schedule, own if initial is None else float(initial))

    def _choose(self, i: int, groups: list[Group]) -> Schedule | None:
        if isinstance(self.given, Schedule):
            return self.given
        if isinstance(self.given, list):
            if len(self.given) != len(groups):
                hint = "after add_param_group, build a new ScheduleLR(optimizer, [...], step=scheduler.last_epoch)"
                refuse("ScheduleLR", self.name, f"{len(groups)} schedules, one per group", self.given, hint=hint)
            return self.given[i]
        name = groups[i].get("name")
        if name not in self.given:
            hint = f"group {i} has no 'name'" if name is None else f"group {i} is named {name!r}"
            refuse("ScheduleLR", self.name, "a dict with the name of every group", self.given, hint=hint)
        return self.given[name]

    def values(self, step: Any, scale: float = 1.0) -> list[Any]:
        """The value of each group at a step; None for a group that is left as it is."""
        if self._one is not None:
            return [self._at(self._one, step, scale)] * len(self.members)
        made: dict[tuple[int, float], Any] = {}
        values: list[Any] = []
        for member in self.members:
            if member.schedule is None:
                values.append(None)
                continue
            factor = scale * member.own if self.relative and member.own is not None else scale
            key = id(member.schedule), factor
            if key not in made:
                made[key] = self._at(member.schedule, step, factor)
            values.append(made[key])
        return values

    def _at(self, schedule: Schedule, step: Any, factor: float) -> Any:
        value: Any = schedule(step)
        if not isinstance(value, Tensor) and not 0.0 <= value <= LARGEST:
            hint = ".clip(low=0.0) keeps a schedule from going below 0" if value < 0.0 else ""
            refuse("ScheduleLR", self.name, f"a schedule of finite values, 0 or more: at step {step!r}", value, hint=hint)
        return value if factor == 1.0 else factor * value

    def apply(self, groups: list[Group], step: Any, scale: float = 1.0) -> list[Any]:
        """Put the values of a step into the groups, and give them."""
        values = self.values(step, scale)
        pairs = zip(groups, values, strict=True)
        return [None if value is None else put(group, self.name, value) for group, value in pairs]

    def direct(self, groups: list[Group], step: Any) -> Schedule | None:
        """The one schedule whose value goes into every group as it is: a float, under this hyperparameter's name."""
        plain = all(type(group.get(self.name)) is float for group in groups)
        apart = self.name == "momentum" and any("betas" in group for group in groups)
        return self._one if plain and not apart and self._one and type(self._one(step)) is float else None

    def separate(self, optimizer: Any) -> None:
        """Give each group a tensor of its own: an optimizer puts the one it was given into every group and its defaults."""
        seen: set[int] = set()
        for group in optimizer.param_groups:
            held = _held(group, self.name)
            if isinstance(held, Tensor) and id(held) in seen and self._one is None:
                _hold(group, self.name, held.detach().clone())
            seen.add(id(held))
        for each in layers(optimizer):
            defaults = getattr(each, "defaults", {})
            held = _held(defaults, self.name)
            if isinstance(held, Tensor) and id(held) in seen:
                _hold(defaults, self.name, held.detach().clone())

    def labelled(self) -> dict[str, Schedule | None]:
        """The schedules by what a message calls them: `lr`, `lr[0]` or `lr['head']`."""
        if isinstance(self.given, Schedule):
            return {self.name: self.given}
        items = enumerate(self.given) if isinstance(self.given, list) else self.given.items()
        return {f"{self.name}[{key!r}]": schedule for key, schedule in items}

    def unknown(self, groups: list[Group]) -> list[str]:
        """The names in a dict that are no group's."""
        if not isinstance(self.given, dict):
            return []
        names = {group.get("name") for group in groups}
        return [name for name in self.given if name not in names]


def put(group: Group, name: str, value: Any) -> Any:
    """Put a value into a group, and give what was put."""
    held = _held(group, name)
    if isinstance(held, Tensor):
        held.detach().fill_(value)  # not replaced: compiled and captured updates read this very tensor
        return value
    if isinstance(value, Tensor):
        value = value.item()  # of a schedule with a tensor for a field: an optimizer may refuse a rate that is a tensor
    _hold(group, name, value)
    return value


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
    if isinstance(given, Schedule):
        return given
    if isinstance(given, Mapping):
        checked: Given = dict(given)
        items: Any = given.items()
    elif isinstance(given, (list, tuple)):
        checked = list(given)
        items = enumerate(given)
    else:
        rule = "a schedule, or one per group: a list, or a dict by the groups' names"
        refuse("ScheduleLR", name, rule, given, kind=True, hint=_meant(given))
    for key, schedule in items:
        if not isinstance(schedule, Schedule) and (schedule is not None or name == "lr"):
            rule = "a schedule" if name == "lr" else "a schedule, or None"
            hint = "to leave a group's rate as it is, write Constant" if schedule is None else _meant(schedule)
            refuse("ScheduleLR", f"{name}[{key!r}]", rule, schedule, kind=True, hint=hint)
    return checked


def _meant(given: Any) -> str:
    """What to write for something else that people give for a schedule."""
    if is_number(given):
        return f"write Constant({given!r})"
    if isinstance(given, str):
        return f"write lrcore.parse({given!r})"
    if isinstance(given, type) and issubclass(given, Schedule):
        return f"call it with its arguments: {given.__name__}(...)"
    if type(given).__module__ == "lrcore.plateau":
        return "a rule goes beside a schedule: ScheduleLR(optimizer, lr, plateau=...)"
    if callable(given):
        return "write Custom(function), whose value is the rate; with relative=True it is a factor, as LambdaLR's is"
    return ""
