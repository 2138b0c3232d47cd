"""What a request must look like: the kind of thing that each of its fields is, before anything is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrcore._arguments import FINITE, WHOLE, Rule, as_number, chosen, refuse

MOST = 8
"""Curves in one drawing: more cannot be told apart."""

WANTED = ("points", "handles", "told")
"""What there is of a curve beside its text and parts. "points" are the drawing with its edges and the momentum, "handles"
what of it can be dragged, and "told" the summary and the findings, which are of the whole run."""

FAR = 2**53
"""The last step that a float tells from the one before."""

_UPDATES = Rule("a whole number from 1 to 2**53", True, lambda x: 1 <= x <= FAR)
_STEP = Rule("a whole number from 0 to 2**53 - 1", True, lambda x: 0 <= x < FAR)
_PIXELS = Rule("a whole number from 10 to 10_000", True, lambda x: 10 <= x <= 10_000)

_Kind = Callable[[str, str, Any], object]
"""Refuses the value of an owner's field that is of another kind."""


def check_request(request: Any) -> None:
    """Refuse what the page would not send.

    Raises:
        ValueError, TypeError: a field is missing or wrong. What a person types is text, and is not looked at here.
    """
    asked = request.get("ask") if isinstance(request, Mapping) else request
    if not isinstance(asked, str) or asked not in _REQUESTS:
        refuse("answer", "ask", f"one of {', '.join(_REQUESTS)}", asked)
    _check_fields("answer", request, *_REQUESTS[asked])


def _check_fields(owner: str, given: Mapping[str, Any], needed: Mapping[str, _Kind], others: Mapping[str, _Kind]) -> None:
    for field, kind in needed.items():
        kind(owner, field, given.get(field))
    for field, kind in others.items():
        if given.get(field) is not None:
            kind(owner, field, given[field])


# Kinds.


def _text(owner: str, field: str, value: Any) -> None:
    if not isinstance(value, str):
        refuse(owner, field, "a text", value, kind=True)


def _bool(owner: str, field: str, value: Any) -> None:
    if not isinstance(value, bool):
        refuse(owner, field, "True or False", value, kind=True)


def _number(rule: Rule) -> _Kind:
    return lambda owner, field, value: as_number(owner, field, value, rule)


def _word(*words: str) -> _Kind:
    return lambda owner, field, value: chosen(owner, field, value, words)


def _object(needed: Mapping[str, _Kind] = {}, others: Mapping[str, _Kind] = {}) -> _Kind:
    def check(owner: str, field: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            refuse(owner, field, "an object", value, kind=True)
        _check_fields(f"{owner}.{field}", value, needed, others)

    return check


def _list(kind: _Kind) -> _Kind:
    def check(owner: str, field: str, value: Any) -> None:
        if isinstance(value, str) or not isinstance(value, Sequence):
            refuse(owner, field, "a list", value, kind=True)
        for i, item in enumerate(value):
            kind(owner, f"{field}[{i}]", item)

    return check


# Schedules, and the changes that are made to them.

_PART = _object({"name": _text, "fields": _list(_object({"name": _text, "text": _text}, {"given": _bool}))})
_PLACE = _number(WHOLE)
_CHANGES = {
    "drag": _object({"drag": _text}, {"step": _number(FINITE), "rate": _number(FINITE)}),
    "field": _object({"part": _PLACE, "field": _text, "to": _text}),
    "add": _object({"add": _text, "at": _PLACE}),
    "remove": _object({"remove": _PLACE}),
    "move": _object({"move": _PLACE, "to": _PLACE}),
}
"""The changes, by the word that tells one from the others. Whether there is such a part is seen when the change is made."""


def _change(owner: str, field: str, value: Any) -> None:
    _object()(owner, field, value)
    known = next((kind for word, kind in _CHANGES.items() if word in value), _object())
    known(owner, field, value)


def _schedule(owner: str, field: str, value: Any) -> None:
    if isinstance(value, str):
        return
    if not isinstance(value, Mapping) or not value.keys() & {"text", "parts"}:
        refuse(owner, field, "a text, or an object with a text or parts", value)
    if "parts" in value:
        _list(_PART)(owner, "parts", value["parts"])
    else:
        _text(owner, "text", value["text"])
    change = value.get("change")
    if change is not None:
        _change(owner, "change", change)


def _schedules(least: int, most: int) -> _Kind:
    rule = f"{least} to {most} schedules" if least < most else f"{most} schedules"

    def check(owner: str, field: str, value: Any) -> None:
        if isinstance(value, str) or not isinstance(value, Sequence) or not least <= len(value) <= most:
            refuse(owner, field, f"a list of {rule}", value)
        _list(_schedule)(owner, field, value)

    return check


# Requests.

_SEVERAL = {"schedules": _schedules(1, MOST)}
_TOTAL = {"total": _number(_UPDATES)}
_WINDOW = {
    **_TOTAL,
    "first": _number(_STEP),
    "last": _number(_UPDATES),
    "pixels": _number(_PIXELS),
    "spread": _word("linear", "log"),
}
_PLAN = {"plan": _object()}

_REQUESTS: dict[str, tuple[Mapping[str, _Kind], Mapping[str, _Kind]]] = {
    "offer": ({}, {}),
    "draw": (_SEVERAL, {**_WINDOW, "want": _list(_word(*WANTED)), **_PLAN}),
    "at": ({**_SEVERAL, "steps": _list(_number(_STEP))}, _PLAN),
    "above": ({**_SEVERAL, "rate": _number(FINITE)}, _TOTAL),
    "difference": ({"schedules": _schedules(2, 2)}, _WINDOW),
    "read": ({"text": _text}, {}),
    "write": ({"text": _text, "to": _text}, _TOTAL),
    "forecast": ({"text": _text, "law": _text}, _TOTAL),
}
"""The fields that each request needs, and others. `Plan` checks what a plan holds, and `lrcore.port.read` what "read" is
told beside its text, as for everybody."""
