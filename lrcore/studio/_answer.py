"""One function for a page: texts in, and all that there is to draw, read and copy out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrcore import Schedule, parse
from lrcore._arguments import Rule, as_number
from lrcore._view.curve import horizon, points
from lrcore._view.summary import summary
from lrcore.advice import Plan, check
from lrcore.port import write

MOST = 8
"""Curves in one drawing: more cannot be told apart."""

_UPDATES = Rule("a whole number from 1 to 2**53", True, lambda x: 1 <= x <= 2**53)
_STEP = Rule("a whole number from 0 to 2**53", True, lambda x: 0 <= x <= 2**53)
_PIXELS = Rule("a whole number from 10 to 10_000", True, lambda x: 10 <= x <= 10_000)


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """What there is to show of up to eight schedules; a mistake in one of them stands in its place.

    Args:
        request: JSON-ready data. "schedules": their expressions. Optional: "total", the updates of the run; "first" and
            "last", the updates that are drawn; "pixels", the width of the drawing; "at", an update whose values are
            asked; "code", the library for which the first schedule is written.

    Returns:
        "total", "first" and "last" as they are used, and "curves", one an expression: either "error", a message, or
        "schedule", "steps" and "rates" (every extreme kept up to a million updates), "edges", "summary", "findings",
        "at" and "code".

    Raises:
        ValueError: a number is not one, or there are no schedules or more than eight.

    >>> reply = answer({"schedules": ["Cosine(0.1, steps=100).warmup(10)", "Cosine(0.1)"], "at": 10})
    >>> reply["total"], reply["curves"][0]["at"]
    (100, 0.1)
    >>> sorted(reply["curves"][1])
    ['error']
    """
    texts = list(request["schedules"])
    if not 1 <= len(texts) <= MOST:
        raise ValueError(f"answer.schedules must be 1 to {MOST} expressions, got {len(texts)}.")
    read = [_read(text) for text in texts]
    several = [one for one in read if isinstance(one, Schedule)]
    total = _whole(request, "total", _UPDATES, horizon(several) if several else 1)
    first = _whole(request, "first", _STEP, 0)
    last = _whole(request, "last", _UPDATES, max(total, first + 1))
    if last <= first:
        raise ValueError(f"answer.last must be after first = {first}, got {last}.")
    pixels = _whole(request, "pixels", _PIXELS, 1_000)
    at = None if request.get("at") is None else _whole(request, "at", _STEP, 0)
    curves = [
        {"error": one}
        if isinstance(one, str)
        else {
            **_drawn(one, first, last, pixels),
            **_told(one, total),
            "at": None if at is None else one(at),
            "code": _code(one, request.get("code")),
        }
        for one in read
    ]
    return {"total": total, "first": first, "last": last, "curves": curves}


def _whole(request: Mapping[str, Any], name: str, rule: Rule, default: int) -> int:
    value = request.get(name)
    return default if value is None else int(as_number("answer", name, value, rule))


def _read(text: str) -> Schedule | str:
    """The schedule, or what is wrong with its text, and where."""
    try:
        value = parse(text)
    except (ValueError, TypeError) as error:
        return str(error)
    return value if isinstance(value, Schedule) else f"{type(value).__name__} is not a schedule; draw its schedule."


def _drawn(schedule: Schedule, first: int, last: int, pixels: int) -> dict[str, Any]:
    steps, rates = points(lambda ahead: schedule(ahead + first), last - first, pixels)
    return {"steps": (steps + first).tolist(), "rates": rates.tolist()}


def _told(schedule: Schedule, total: int) -> dict[str, Any]:
    found = summary(schedule, total)
    return {
        "schedule": repr(schedule),
        "edges": [edge._asdict() for edge in found.edges],
        "summary": {"peak": found.peak._asdict(), "last": found.last._asdict(), "mean": found.mean, "area": found.area},
        "findings": [finding.to_dict() for finding in check(Plan(schedule, total=total))],
    }


def _code(schedule: Schedule, to: str | None) -> str | None:
    """The code for that library, or a comment that says why there is none."""
    if to is None:
        return None
    try:
        return write(schedule, to=to)
    except ValueError as error:
        return f"# {error}\n"
