"""A schedule as JSON-ready data, both ways, and what two of them differ in."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from lrcore._arguments import is_array, nearest
from lrcore._registry import SAVED
from lrcore._schedule import Schedule

VERSION = 1
"""Of the format. It goes up when what an older lrcore wrote would be read differently."""


def to_dict(schedule: Schedule) -> dict[str, Any]:
    """What `Schedule.to_dict` does."""
    return {"version": VERSION, **_pack(schedule)}


def _pack(value: Any, path: str = "") -> Any:
    if isinstance(value, Schedule):
        name = type(value).__name__
        if SAVED.get(name) is not type(value):
            raise ValueError(f"{value!r} cannot be saved: it is code, not data. Build it anew where it is loaded.")
        packed = {field.name: _pack(getattr(value, field.name), f"{name}.{field.name}") for field in fields(value)}
        return {"family": name, **packed}
    if isinstance(value, tuple):
        return [_pack(item, path) for item in value]
    if is_array(value):
        raise ValueError(f"{path} cannot be saved: it is an array, not a number.")
    return value


def from_dict(data: dict[str, Any]) -> Schedule:
    """The schedule that `Schedule.to_dict` gave, also after a round trip through JSON.

    Raises:
        ValueError: the version, a family or a field is unknown, a field is missing, or its value breaks the family's rule.
        TypeError: `data` is not such a dict, or a field's value is of the wrong kind.

    >>> import json
    >>> from lrcore import Cosine
    >>> lr = Cosine(3e-4, steps=1000).warmup(100)
    >>> from_dict(json.loads(json.dumps(lr.to_dict()))) == lr
    True
    """
    if not isinstance(data, dict):
        raise TypeError(f"from_dict takes a dict, got {data!r}.")
    if data.get("version") != VERSION:
        raise ValueError(f"from_dict reads version {VERSION}, got version {data.get('version')!r}.")
    schedule = _unpack({key: value for key, value in data.items() if key != "version"})
    if not isinstance(schedule, Schedule):
        raise ValueError("from_dict needs a family, and there is none.")
    return schedule


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("family")
    if not isinstance(name, str) or name not in SAVED:
        raise ValueError(f"from_dict knows no family {name!r}{nearest(name, SAVED)}")
    known = {field.name: field for field in fields(SAVED[name])}
    given = {key: _unpack(item) for key, item in value.items() if key != "family"}
    for key in given:
        if key not in known:
            raise ValueError(f"{name} has no field {key!r}{nearest(key, known)}")
    for key, field in known.items():
        if key not in given and field.default is MISSING:
            raise ValueError(f"{name}.{key} is missing.")
    return SAVED[name](**given)


def diff(mine: Any, other: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """What `Schedule.diff` does, for any two values at a path."""
    if isinstance(mine, Schedule) and isinstance(other, Schedule):
        if type(mine) is not type(other):
            return {_join(path, "family"): (type(mine).__name__, type(other).__name__)}
        found: dict[str, tuple[Any, Any]] = {}
        for field in fields(mine):
            found |= diff(getattr(mine, field.name), getattr(other, field.name), _join(path, field.name))
        return found
    if isinstance(mine, tuple) and isinstance(other, tuple) and len(mine) == len(other):
        found = {}
        for i, (item, its) in enumerate(zip(mine, other, strict=True)):
            found |= diff(item, its, f"{path}[{i}]")
        return found
    return {} if mine is other or mine == other else {path: (mine, other)}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
