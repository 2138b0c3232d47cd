"""Hyperparameters by name: what a user gives, and the keys that logs have in every adapter."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lrcore import Schedule
from lrcore._arguments import refuse

_KEYS = {"learning_rate": "lr", "b1": "momentum"}
"""Optax's names, and what they are called in logs, where they have another name there."""


def key(name: str, names: Collection[str] = ()) -> str:
    """The key in logs of the hyperparameter `name`, which is one of `names`."""
    common = _KEYS.get(name, name)
    return name if common in names else common


def check_schedule(owner: str, name: str, value: Any) -> None:
    """Refuse what is not a schedule: a number, or another framework's wrapper around one."""
    if not callable(value):
        refuse(owner, name, "a schedule", value, kind=True)
    refuse_wrapper(owner, name, value)


def refuse_wrapper(owner: str, name: str, value: Any) -> None:
    """Refuse a schedule in the form of another framework, such as a KerasSchedule."""
    if isinstance(getattr(value, "schedule", None), Schedule) and not isinstance(value, Schedule):
        refuse(owner, name, "the schedule itself", value, kind=True, hint=f"write {value.schedule!r}")
