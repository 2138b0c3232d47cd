"""The state of a scheduler as plain data, and what a saved one differs in."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

from lrcore import Schedule, from_dict
from lrcore._arguments import LARGEST, NON_NEGATIVE, is_number, plain, refuse

LOAD = "ScheduleLR.load_state_dict"
VERSION = 1
"""Of the format. It goes up when what an older version wrote would be read differently."""


def pack(step: Any, scale: float, parts: dict[str, Any]) -> dict[str, Any]:
    """The state: the step, the scale, and the parts as one JSON text.

    One text, not nested dicts: distributed checkpoints flatten those into keys, and loading one asks for the very keys
    that were saved, which a changed schedule would not have.
    """
    schedule = json.dumps({label: _data(part) for label, part in parts.items()})
    return {"version": VERSION, "step": step, "scale": scale, "schedule": schedule}


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
    scale = plain(LOAD, "scale", state.get("scale", 1.0), NON_NEGATIVE)
    try:
        parts = json.loads(state["schedule"])
    except (TypeError, ValueError):
        parts = None
    if not isinstance(parts, dict):
        refuse(LOAD, "schedule", "the JSON text that state_dict() wrote", state["schedule"])
    return step, scale, parts


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
    data = _data(part)
    if saved == data:
        return []
    if isinstance(saved, dict) and isinstance(data, dict) and saved.get("code") == data.get("code") is not None:
        pairs = zip(PROBES, data["values"], saved["values"], strict=True)
        other = [(step, now, was) for step, now, was in pairs if not _close(now, was)]
        return [f"{label} is {data['code']} with {now!r} at step {step}, was {was!r}" for step, now, was in other[:1]]
    was = saved
    if isinstance(saved, dict):
        with contextlib.suppress(TypeError, ValueError):  # what a later lrcore wrote is another schedule for certain
            was = saved["code"] if "code" in saved else from_dict(saved)
    if isinstance(was, Schedule) and isinstance(part, Schedule):
        return [f"{label}.{path} is {now!r}, was {old!r}" for path, (old, now) in was.diff(part).items()]
    return [f"{label} is {_words(part)}, was {_words(was)}"]


PROBES = (0, 1, 2, 5, 10, 100, 1_000, 10_000, 100_000)
"""Steps at which two schedules that are code are compared: the text of two lambdas is the same."""


def _data(part: Any) -> Any:
    """As data; or as text and some values where a schedule is code (`Custom`) or holds a tensor."""
    if not isinstance(part, Schedule):
        return part
    try:
        return part.to_dict()
    except ValueError:
        return {"code": repr(part), "values": [_probe(part, step) for step in PROBES]}


def _probe(schedule: Schedule, step: int) -> float | None:
    try:
        return float(schedule(step))
    except Exception:  # whatever the user's function does beyond the steps it was made for
        return None


def _close(a: float | None, b: float | None) -> bool:
    # Not `==`: another machine's mathematics may differ in the last bits
    return a == b or (a is not None and b is not None and (math.isclose(a, b, rel_tol=1e-9) or (a != a and b != b)))


def _words(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else repr(value)
