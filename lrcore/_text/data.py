"""A schedule as JSON-ready data, both ways, and what two of them differ in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING
from typing import Any, TypeVar, overload

from lrcore._arguments import is_array, nearest
from lrcore._families.custom import Custom
from lrcore._schedule import Schedule
from lrcore._value import Value

V = TypeVar("V", bound=Value)

VERSION = 1
"""Of the format. It goes up when what an older lrcore wrote would be read differently."""


def to_dict(value: Value) -> dict[str, Any]:
    """What `Value.to_dict` does."""
    return {"version": VERSION, **_pack(value)}


def _pack(value: Any, path: str = "") -> Any:
    from lrcore._catalogue import class_of

    if isinstance(value, Value):
        name = value._name
        if isinstance(value, Custom) or class_of(name) is not type(value):
            raise ValueError(f"{value!r} cannot be saved: it is code, not data. Build it again where it is loaded.")
        parameters = value._parameters().items()
        return {"family": name, **{word: _pack(getattr(value, field.name), f"{name}.{word}") for word, field in parameters}}
    if isinstance(value, tuple):
        return [_pack(item, path) for item in value]
    if is_array(value):
        raise ValueError(f"{path} cannot be saved: it is an array, not a number.")
    return value


@overload
def from_dict(data: Mapping[str, Any]) -> Schedule: ...
@overload
def from_dict(data: Mapping[str, Any], kind: type[V]) -> V: ...
def from_dict(data: Mapping[str, Any], kind: type[Any] = Value) -> Any:
    """The schedule that `Schedule.to_dict` gave, also after a round trip through JSON or YAML.

    Args:
        data: that dict, or any other mapping with sequences in it, as configuration libraries have them. The version may be
            left out by who writes it by hand: it is then taken to be of today's.
        kind: the class that it must be of, such as `Schedule`, or that of a tool's value, `lrcore.plateau.Plateau`.
            Without one data may be of either, and a type checker takes it for a schedule.

    Raises:
        ValueError: the version, a family or a field is unknown, a field is missing, or its value breaks the family's rule.
        TypeError: `data` is not such a dict, or a field's value is of the wrong kind.

    >>> import json
    >>> from lrcore import Cosine
    >>> lr = Cosine(3e-4, steps=1000).warmup(100)
    >>> from_dict(json.loads(json.dumps(lr.to_dict()))) == lr
    True
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"from_dict takes a dict, got {data!r}.")
    if data.get("version", VERSION) != VERSION:
        raise ValueError(f"from_dict reads version {VERSION}, got version {data['version']!r}.")
    value = _unpack({key: value for key, value in data.items() if key != "version"})
    if not isinstance(value, Value):
        raise ValueError("from_dict needs a family, and there is none.")
    if not isinstance(value, kind):
        raise ValueError(f"from_dict was to give a {kind.__name__}, and the data is of {value!r}.")
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_unpack(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    from lrcore._catalogue import CLASSES, TOOLS, class_of

    name = value.get("family")
    kind = class_of(name) if isinstance(name, str) and name != "Custom" else None
    if kind is None:
        raise ValueError(f"from_dict knows no family {name!r}{nearest(name, (*CLASSES, *TOOLS))}")
    known = kind._parameters()
    given = {key: _unpack(item) for key, item in value.items() if key != "family"}
    for key in given:
        if key not in known:
            raise ValueError(f"{name} has no field {key!r}{nearest(key, known)}")
    for key, field in known.items():
        if key not in given and field.default is MISSING:
            raise ValueError(f"{name}.{key} is missing.")
    return kind(**{known[key].name: item for key, item in given.items()})


def diff(mine: Any, other: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """What `Value.diff` does, for any two values at a path."""
    if isinstance(mine, Value) and isinstance(other, Value):
        if type(mine) is not type(other):
            return {_join(path, "family"): (mine._name, other._name)}
        found: dict[str, tuple[Any, Any]] = {}
        for word, field in mine._parameters().items():
            found |= diff(getattr(mine, field.name), getattr(other, field.name), _join(path, word))
        return found
    if isinstance(mine, tuple) and isinstance(other, tuple) and len(mine) == len(other):
        found = {}
        for i, (item, its) in enumerate(zip(mine, other, strict=True)):
            found |= diff(item, its, f"{path}[{i}]")
        return found
    return {} if mine is other or mine == other else {path: (mine, other)}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
