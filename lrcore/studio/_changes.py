"""The changes that a person makes to a chain, with numbers to begin with that suit the schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from lrcore import Schedule
from lrcore._catalogue import CALLS, FAMILIES
from lrcore._families.exponential import Geometric
from lrcore._text.text import tree_of
from lrcore._view.curve import drawn
from lrcore.studio._parts import HEIGHTS, OPERATORS, Part, check_field, parameters, parts_of, schedule_of, text_of


def changed(text: str, change: Mapping[str, Any]) -> str:
    """The text after a change, which may be wrong: whoever reads it says where.

    Args:
        text: the text before.
        change: {"part", "field", "to"} writes into a field, {"add", "at"} adds a part or takes another family, {"remove"}
            takes one out, and {"move", "to"} moves one. Parts are counted from 0, the family.

    Raises:
        ValueError: there is no such part or field, what is written into a field is no expression, or the text is no chain.
    """
    parts = parts_of(text)
    if "field" in change:
        return _set(text, parts, _place(change, "part", parts), change["field"], change["to"])
    if "add" in change:
        return text_of(_added(text, parts, change["add"], _place(change, "at", parts, behind=True)))
    if "remove" in change:
        i = _place(change, "remove", parts)
        if not i:
            raise ValueError("The family stays: choose another one in its place.")
        return text_of([*parts[:i], *parts[i + 1 :]])
    if "move" in change:
        i, to = _place(change, "move", parts), _place(change, "to", parts)
        if not i or not to:
            raise ValueError("The family comes first.")
        rest = [*parts[:i], *parts[i + 1 :]]
        return text_of([*rest[:to], parts[i], *rest[to:]])
    raise ValueError(f"answer knows no change {dict(change)!r}.")


def _place(change: Mapping[str, Any], word: str, parts: Sequence[Part], *, behind: bool = False) -> int:
    value: int = change[word]
    if not 0 <= value < len(parts) + behind:
        raise ValueError(f"answer.change.{word} must be the place of one of {len(parts)} parts, got {value!r}.")
    return value


def _set(text: str, parts: Sequence[Part], i: int, field: str, to: str) -> str:
    """The text with another value in a field, which must be an expression of its own; an empty one takes the default."""
    part = parts[i]
    check_field(part.name, parts[0].name, field)
    to = to.strip()
    if to:
        tree_of(to)
        if field in part.places and part.name not in OPERATORS:
            begin, end = part.places[field]
            return f"{text[:begin]}{to}{text[end:]}"
    given = {word: item for word, item in {**part.given, field: to}.items() if item}
    return text_of([*parts[:i], Part(part.name, given, {}), *parts[i + 1 :]])


def _added(text: str, parts: list[Part], name: str, at: int) -> list[Part]:
    """The chain with a part more. A family in the first place takes the other's, and behind it comes after the schedule."""
    family = name in CALLS and name != "Custom"
    if family and not at:
        return _instead(name, text, parts)
    at = max(at, 1)
    before = schedule_of(text_of(parts[:at]))
    if family:
        given = _then(before, f"{_sized(name, before._reach(), _height(before))!r}")
        return [*parts[:at], Part("then", given, {}), *parts[at:]]
    return [*parts[:at], Part(name, _first_fields(name, before), {}), *parts[at:]]


# A part that is added.


def _first_fields(name: str, before: Schedule) -> dict[str, str]:
    """What a part begins with, by the schedule that it is added to."""
    reach = max(10, before._reach())
    fields: dict[str, dict[str, str]] = {
        "warmup": {"steps": _whole(reach / 20)},
        "then": _then(before, f"Linear({before(reach) or _height(before) / 10!r}, end=0.0, steps={_whole(reach / 5)})"),
        "repeat": {"times": "3"},
        "shift": {"steps": _whole(reach / 10)},
        "stretch": {"total": str(2 * reach)},
        "per_epoch": {"steps_per_epoch": "100"},
        "per_sample": {"batch": "32"},
        "clip": {"low": f"{_height(before) / 10:.3g}"},
        "cooldown": {"at": _whole(0.8 * reach), "steps": _whole(0.2 * reach)},
        "extend": {"total": str(2 * reach), "at": _whole(reach / 2)},
        "scaled": {"factor": "0.5"},
        "product": {"by": f"StepDecay(1.0, every={_whole(reach / 3)}, factor=0.5)"},
        "momentum": {},
    }
    if name not in fields:
        raise ValueError(f"answer knows no part {name!r}.")
    return fields[name]


def _then(before: Schedule, after: str) -> dict[str, str]:
    return {"after": after, **({} if before.length else {"at": str(max(1, before._reach()))})}


def _whole(steps: float) -> str:
    """A number of steps in the digits that a person would give it."""
    return str(max(1, int(float(f"{steps:.2g}"))))


def _height(schedule: Schedule) -> float:
    """The highest value, or nearly."""
    return max(map(abs, drawn(schedule, 0, max(1, schedule._reach()), 32)[1])) or 1.0


# Another family.

_RATES = (*HEIGHTS, "end", "low", "values", "points", "scale")
"""The fields that a family's rates are a multiple of."""


def _instead(name: str, text: str, parts: Sequence[Part]) -> list[Part]:
    """The chain with another family of the same height and length, and of what is done to it all that the family takes."""
    old = parts[0].given
    try:
        before, whole = schedule_of(text_of(parts[:1])), schedule_of(text)
    except ValueError:  # what is there is wrong: the family is taken as it is
        return [parts_of(repr(FAMILIES[name]))[0], *parts[1:]]
    in_updates = not any(part.name.startswith("per_") for part in parts)
    example = _sized(name, before.length or (whole if in_updates else before)._reach(), _height(before))
    kept = {word: item for word, item in old.items() if word in parameters(name) and word not in HEIGHTS}
    if getattr(example, "steps", None) != example.length:
        kept.pop("steps", None)  # that of a cycle
    warmup = next((part.given.get("steps") for part in parts if part.name == "warmup"), None)
    if name == "wsd" and warmup:
        kept["warmup"] = warmup
    mine = next((word for word in HEIGHTS if word in parameters(name)), None)
    its = next((old[word] for word in HEIGHTS if word in old), None)
    height = {mine: its} if mine and its else {}
    (new,) = parts_of(repr(example))
    for given in ({**new.given, **kept, **height}, {**new.given, **height}, new.given):
        chain = [Part(name, given, {})]
        if _is_schedule(text_of(chain)):
            break
    for part in parts[1:]:
        if _is_schedule(text_of([*chain, part])):
            chain.append(part)
    return chain


def _is_schedule(text: str) -> bool:
    try:
        schedule_of(text)
    except ValueError:
        return False
    return True


def _sized(name: str, reach: int, height: float) -> Schedule:
    """A family's example, as long and as high as that."""
    example = FAMILIES[name]
    longer = example._scaled(max(10, reach), example._reach())
    if isinstance(longer, Geometric):  # the example is a sweep, from low to high
        longer = Geometric(longer.end, end=longer.start, steps=longer.steps)
    return _higher(longer, height / _height(longer))


def _higher(schedule: Schedule, ratio: float) -> Schedule:
    """The schedule with its rates multiplied, and no number of more digits than a person would give it."""
    changes = {}
    for field in fields(schedule):
        value = getattr(schedule, field.name)
        inner = isinstance(value, tuple) and isinstance(value[0], Schedule)
        changes[field.name] = _times(value, ratio if inner or field.name in _RATES else 1.0)
    return replace(schedule, **changes)


def _times(value: Any, ratio: float) -> Any:
    if isinstance(value, Schedule):
        return _higher(value, ratio)
    if isinstance(value, tuple):
        return tuple(_times(item, ratio) for item in value)
    return float(f"{value * ratio:.3g}") if isinstance(value, float) else value
