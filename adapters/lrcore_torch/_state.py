"""The state of a scheduler as plain data, and what a saved one differs in."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from lrcore import from_dict
from lrcore._arguments import LARGEST, NON_NEGATIVE, as_number, is_number, refuse

LOAD = "ScheduleLR.load_state_dict"
VERSION = 1
"""Of the format. It goes up when what an older version wrote would be read differently."""


def pack(step: Any, scale: float, parts: dict[str, Any]) -> dict[str, Any]:
    """The state: the step, the scale, and the parts as one JSON text.

    One text, not nested dicts: distributed checkpoints flatten those into keys, and loading one asks for the very keys
    that were saved, which a changed schedule would not have. What stands in an earlier part is written as its label,
    {"as": "lr"}: the momentum of a cycle has the whole cycle in it, and groups often share a schedule.
    """
    written: dict[str, Any] = {}
    for label, part in parts.items():
        written[label] = _referring(_data(part), written)
    return {"version": VERSION, "step": step, "scale": scale, "schedule": json.dumps(written)}


def unpack(state: Any) -> tuple[Any, float, dict[str, Any]]:
    """The step, the scale, and the data of the schedules."""
    if not isinstance(state, dict) or state.get("version") != VERSION:
        found = f"version {state['version']!r}" if isinstance(state, dict) and "version" in state else _shape(state)
        raise ValueError(f"{LOAD} reads a state of version {VERSION}, got {found}{_instead(state)}.")
    for key in ("step", "schedule"):
        if key not in state:
            raise ValueError(f"{LOAD} reads a state with a {key!r}, got {_shape(state)}.")
    step: Any = state["step"]
    if not is_number(step) or not 0 <= step <= LARGEST:
        refuse(LOAD, "step", "a finite number, 0 or more", step)
    scale = as_number(LOAD, "scale", state.get("scale", 1.0), NON_NEGATIVE)
    try:
        parts = json.loads(state["schedule"])
    except (TypeError, ValueError):
        parts = None
    if not isinstance(parts, dict):
        refuse(LOAD, "schedule", "the JSON text that state_dict() wrote", state["schedule"])
    whole: dict[str, Any] = {}
    for label, part in parts.items():
        whole[label] = _whole(part, whole)
    return step, scale, whole


def _referring(data: Any, written: dict[str, Any]) -> Any:
    """The data of a part, with labels for what is there already."""
    if isinstance(data, list):
        return [_referring(item, written) for item in data]
    if not isinstance(data, dict):
        return data
    data = {key: _referring(item, written) for key, item in data.items()}
    for label, part in written.items():
        if isinstance(part, dict) and _inside(part) == _inside(data):
            return {"as": label}
    return data


def _whole(data: Any, parts: dict[str, Any]) -> Any:
    """The data of a part, with what the labels stand for."""
    if isinstance(data, list):
        return [_inside(_whole(item, parts)) for item in data]
    if not isinstance(data, dict):
        return data
    if list(data) == ["as"] and isinstance(data["as"], str):
        return parts.get(data["as"], data)
    return {key: _inside(_whole(item, parts)) for key, item in data.items()}


def _inside(data: Any) -> Any:
    """The data of a schedule without the version, which one inside another does not have."""
    return {key: item for key, item in data.items() if key != "version"} if isinstance(data, dict) else data


def _shape(state: Any) -> str:
    """What was given instead of a state, without its tensors."""
    return f"a dict with {', '.join(map(repr, state)) or 'nothing'}" if isinstance(state, dict) else repr(state)


def _instead(state: Any) -> str:
    """The way out, where it is known what was given."""
    if not isinstance(state, dict):
        return ""
    for key, value in state.items():
        if isinstance(value, dict) and value.get("version") == VERSION and "schedule" in value:
            return f"; it is in [{key!r}]"
    if "last_epoch" in state:
        return f"; to go on from another scheduler's, build ScheduleLR with step={state['last_epoch']!r}"
    return ""


def differences(saved: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    """What is not as it was saved: 'lr.steps is 90, was 100'."""
    labels = dict.fromkeys((*parts, *saved))
    return [text for label in labels for text in _changes(label, saved.get(label), parts.get(label))]


def _changes(label: str, saved: Any, part: Any) -> list[str]:
    if saved == _data(part):
        return []
    was = saved
    if isinstance(saved, dict):
        with contextlib.suppress(TypeError, ValueError):  # what a later lrcore wrote is another schedule for certain
            was = from_dict(saved)
    if hasattr(was, "diff") and hasattr(part, "diff"):
        return [f"{label}.{path} is {now!r}, was {old!r}" for path, (old, now) in was.diff(part).items()]
    return [f"{label} is {_words(part)}, was {_words(was)}"]


def _data(part: Any) -> Any:
    """As data, or as text where a schedule is code (`Custom`) or holds a tensor, so that a change is still noticed."""
    if not hasattr(part, "to_dict"):
        return part
    try:
        return part.to_dict()
    except ValueError:
        return repr(part)


def _words(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else repr(value)
