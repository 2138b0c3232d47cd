"""One function for a page: a request in, a reply out, both JSON-ready. All that a page shows is computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrcore import Schedule, parse
from lrcore._arguments import FINITE, Rule, as_number, refuse
from lrcore._view.curve import drawn, horizon
from lrcore.advice import Plan, check
from lrcore.studio._difference import above, difference
from lrcore.studio._handles import dragged, handles
from lrcore.studio._offer import fields, offer
from lrcore.studio._parts import Part, changed, parts_of, text_of
from lrcore.studio._told import told
from lrcore.studio._written import read, write

MOST = 8
"""Curves in one drawing: more cannot be told apart."""

WANTED = ("points", "handles", "told")
"""What there is of a curve beside its text and parts; "told" is the summary, the edges, the findings and the momentum."""

_UPDATES = Rule("a whole number from 1 to 2**53", True, lambda x: 1 <= x <= 2**53)
_STEP = Rule("a whole number from 0 to 2**53", True, lambda x: 0 <= x <= 2**53)
_PIXELS = Rule("a whole number from 10 to 10_000", True, lambda x: 10 <= x <= 10_000)


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The reply to a request of the page; what a person got wrong is in it, with its place.

    Args:
        request: JSON-ready data, of which "ask" says what is asked: "offer", "draw", "at", "above", "difference", "read",
            "write" or "forecast".

    Returns:
        JSON-ready data. A schedule that is wrong stands in it as {"error": {"message", "start", "end"}}.

    Raises:
        ValueError: the request is not one that the page would send.

    >>> reply = answer({"ask": "draw", "schedules": ["Cosine(0.1, steps=100).warmup(10)", "Cosine(0.1)"]})
    >>> reply["total"], [part["name"] for part in reply["curves"][0]["parts"]]
    (100, ['Cosine', 'warmup'])
    >>> reply["curves"][1]["error"]
    {'message': 'Cosine needs steps=.', 'start': 0, 'end': 11}
    """
    asked = request.get("ask") if isinstance(request, Mapping) else request
    if not isinstance(asked, str) or asked not in _ASKS:
        refuse("answer", "ask", f"one of {', '.join(_ASKS)}", asked)
    return _ASKS[asked](request)


# Schedules in a request.


def _several(request: Mapping[str, Any]) -> Sequence[Any]:
    given = request.get("schedules")
    if isinstance(given, str) or not isinstance(given, Sequence) or not 1 <= len(given) <= MOST:
        refuse("answer", "schedules", f"a list of 1 to {MOST} schedules", given)
    return given


def _whole(request: Mapping[str, Any], name: str, rule: Rule, default: int) -> int:
    value = request.get(name)
    return default if value is None else int(as_number("answer", name, value, rule))


def error_of(error: Exception) -> dict[str, Any]:
    """A mistake of a person's, with its place in the text where it is known."""
    return {"message": str(error), "start": getattr(error, "start", None), "end": getattr(error, "end", None)}


def _asked_text(given: Any, grain: float) -> str:
    """The text of a schedule in a request, after its change; `grain` is how many steps a pixel is wide."""
    if isinstance(given, str):
        return given
    if not isinstance(given, Mapping):
        refuse("answer", "schedules", "texts, or objects with a text or parts", given)
    if "parts" in given:
        text = text_of([Part(str(part["name"]), _given(part), {}) for part in given["parts"]])
    else:
        text = str(given["text"])
    change = given.get("change")
    if change is None:
        return text
    return dragged(text, change, grain) if "drag" in change else changed(text, change)


def _given(part: Mapping[str, Any]) -> dict[str, str]:
    """The arguments of a part as the page has them: those that are given, or have no default."""
    return {field["name"]: field["text"] for field in part["fields"] if field.get("given", True) and field["text"]}


def _schedule(text: str) -> Schedule:
    return parse(text, Schedule)  # type: ignore[type-abstract]


def _read_one(given: Any, grain: float = 1.0) -> tuple[str, Schedule | None, dict[str, Any] | None]:
    """The text, the schedule, and what is wrong with it."""
    text = given if isinstance(given, str) else str(given.get("text", "")) if isinstance(given, Mapping) else ""
    try:
        text = _asked_text(given, grain)
        return text, _schedule(text), None
    except (ValueError, TypeError, KeyError) as error:
        return text, None, error_of(error)


# Drawing.


def _draw(request: Mapping[str, Any]) -> dict[str, Any]:
    pixels = _whole(request, "pixels", _PIXELS, 1_000)
    seen = (request.get("last") or request.get("total") or pixels) - (request.get("first") or 0)
    read_ones = [_read_one(one, seen / pixels) for one in _several(request)]
    schedules = [schedule for _, schedule, _ in read_ones if schedule is not None]
    total = _whole(request, "total", _UPDATES, min(horizon(schedules), 2**53) if schedules else 1)
    first = _whole(request, "first", _STEP, 0)
    last = _whole(request, "last", _UPDATES, max(total, first + 1))
    if last <= first:
        refuse("answer", "last", f"after first, which is {first}", last)
    want = request.get("want", WANTED)
    plan = request.get("plan") or {}
    curves = [_curve(*one, (total, first, last, pixels), want, plan) for one in read_ones]
    return {"total": total, "first": first, "last": last, "curves": curves}


def _curve(
    text: str,
    schedule: Schedule | None,
    error: dict[str, Any] | None,
    window: tuple[int, int, int, int],
    want: Sequence[str],
    plan: Mapping[str, Any],
) -> dict[str, Any]:
    curve: dict[str, Any] = {"text": text, "parts": _parts(text)}
    if schedule is None:
        return {"error": error, **curve}
    total, first, last, pixels = window
    curve["printed"] = repr(schedule)
    if "points" in want:
        curve["steps"], curve["rates"] = drawn(schedule, first, last, pixels)
    if "handles" in want:
        curve["handles"] = [handle.to_dict() for handle in handles(text, schedule)]
    if "told" in want:
        curve |= told(schedule, total, first, last, pixels)
        curve |= _findings(schedule, total, plan)
    return curve


def _parts(text: str) -> list[dict[str, Any]] | None:
    """The chain as a page shows it; None for a text that is none."""
    try:
        chain = parts_of(text)
    except (ValueError, TypeError):
        return None
    return [{"name": part.name, "fields": fields(part, chain[0].name)} for part in chain]


def plan_of(schedule: Schedule, total: int, given: Mapping[str, Any]) -> Plan:
    """The plan of a run whose fields are as the page has them: numbers, words, and texts of schedules."""
    known = {word: _value(value) for word, value in given.items() if value not in (None, "")}
    return Plan(schedule, **{"total": total, **known})


def _value(value: Any) -> Any:
    return parse(value) if isinstance(value, str) and "(" in value else value


def _findings(schedule: Schedule, total: int, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = check(plan_of(schedule, total, given))
    except (ValueError, TypeError) as error:
        return {"findings": [], "plan_error": error_of(error)}
    return {"findings": [finding.to_dict() for finding in found]}


# Values at steps, and what follows from them.


def _at(request: Mapping[str, Any]) -> dict[str, Any]:
    steps = [int(as_number("answer", "steps", step, _STEP)) for step in request["steps"]]
    schedules = [_read_one(one)[1] for one in _several(request)]
    rates = [None if schedule is None else [schedule(step) for step in steps] for schedule in schedules]
    reply: dict[str, Any] = {"steps": steps, "rates": rates}
    first = next((schedule for schedule in schedules if schedule is not None), None)
    if request.get("plan") and first is not None:
        try:
            plan = plan_of(first, max(*steps, 1), request["plan"])
            reply["units"] = [{**plan.at(updates=step)._asdict(), "rate": None} for step in steps]
            for unit in reply["units"]:
                del unit["rate"]
        except (ValueError, TypeError) as error:
            reply["plan_error"] = error_of(error)
    return reply


def _above(request: Mapping[str, Any]) -> dict[str, Any]:
    rate = as_number("answer", "rate", request.get("rate"), FINITE)
    schedules = [_read_one(one)[1] for one in _several(request)]
    total = _whole(request, "total", _UPDATES, horizon([one for one in schedules if one]) if any(schedules) else 1)
    return {"total": total, "above": [None if one is None else above(one, rate, total) for one in schedules]}


def _difference(request: Mapping[str, Any]) -> dict[str, Any]:
    given = _several(request)
    if len(given) != 2:
        refuse("answer", "schedules", "two schedules", given)
    read_ones = [_read_one(one) for one in given]
    for _, _, error in read_ones:
        if error is not None:
            return {"error": error}
    a, b = (schedule for _, schedule, _ in read_ones if schedule is not None)
    total = _whole(request, "total", _UPDATES, min(horizon([a, b]), 2**53))
    first = _whole(request, "first", _STEP, 0)
    last = _whole(request, "last", _UPDATES, max(total, first + 1))
    return difference(a, b, first, last, _whole(request, "pixels", _PIXELS, 1_000))


# From and to other words.


def _read(request: Mapping[str, Any]) -> dict[str, Any]:
    options = {word: request[word] for word in ("lr", "updates", "steps_per_epoch") if request.get(word) is not None}
    try:
        return read(str(request["text"]), options)
    except (ValueError, TypeError) as error:
        return {"error": error_of(error)}


def _write(request: Mapping[str, Any]) -> dict[str, Any]:
    total = None if request.get("total") is None else _whole(request, "total", _UPDATES, 1)
    try:
        return write(_schedule(str(request["text"])), str(request["to"]), total)
    except (ValueError, TypeError, ImportError) as error:
        return {"error": error_of(error)}


def _forecast(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        from lrcore.forecast import LossLaw
    except ImportError:
        return {"error": {"message": "A forecast needs NumPy, which is not here.", "start": None, "end": None}}
    try:
        law = parse(str(request.get("law", "")), LossLaw)
        schedule = _schedule(str(request["text"]))
        total = _whole(request, "total", _UPDATES, horizon([schedule]))
        steps = sorted({max(1, total * i // 200) for i in range(1, 201)})
        losses = law.predict(schedule, steps).tolist()
        return {"steps": steps, "losses": losses, "loss": losses[-1]}
    except (ValueError, TypeError) as error:
        return {"error": error_of(error)}


_ASKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "offer": lambda request: offer(),
    "draw": _draw,
    "at": _at,
    "above": _above,
    "difference": _difference,
    "read": _read,
    "write": _write,
    "forecast": _forecast,
}
