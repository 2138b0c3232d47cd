"""One function for a page: a request in, a reply out, both JSON-ready. All that a page shows is computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lrcore import Schedule, parse
from lrcore._arguments import refuse
from lrcore._view.curve import horizon
from lrcore.studio._changes import changed
from lrcore.studio._curve import Window, edges, finite, momentum, points, summed_up
from lrcore.studio._difference import above, difference
from lrcore.studio._handles import dragged, handles
from lrcore.studio._offer import fields, offer
from lrcore.studio._parts import Part, parts_of, schedule_of, text_of
from lrcore.studio._request import FAR, WANTED, check_request
from lrcore.studio._written import read, write

_MISTAKES = (ValueError, TypeError, ArithmeticError)
"""What is raised about something that a person wrote: numbers may be beyond all bounds."""

_FORECAST = 10_000_000
"""The updates of a run whose loss is forecast: each is looked at."""


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The reply to a request of the page; what a person got wrong is in it, with its place.

        {"ask": "offer"}           the families, methods and recipes that there are, each family with a drawing
        {"ask": "draw", "schedules", "total", "first", "last", "pixels", "spread", "want", "plan"}
                                   for each schedule its text and parts, and what is wanted of WANTED
        {"ask": "at", "schedules", "steps", "plan"}
                                   the rates at steps, and with a plan the steps on other clocks
        {"ask": "above", "schedules", "rate", "total"}
                                   how many updates of each have a higher rate
        {"ask": "difference", "schedules", "total", "first", "last", "pixels", "spread"}
                                   by how much the second of two is above the first
        {"ask": "read", "text", "lr", "updates", "steps_per_epoch"}
                                   the schedules in another library's code or configuration
        {"ask": "write", "text", "to", "total"}
                                   a schedule in another library's words, as data, or as a table
        {"ask": "forecast", "text", "law", "total"}
                                   the losses that a `LossLaw` forecasts

    A schedule of a request is a text, {"parts"} as a reply has them, or {"text", "change"} with one of

        {"part", "field", "to"}    a text into a field, the family being part 0
        {"add", "at"}, {"remove"}, {"move", "to"}
                                   a part more, one less, or one in another place; a family at 0 replaces that
        {"drag", "step", "rate"}   a handle to another place

    Args:
        request: JSON-ready data. All but "ask", the schedules and what is asked of them may be left out.

    Returns:
        JSON-ready data. A schedule that is wrong stands in it as {"error": {"message", "start", "end"}}, with the place of
        the mistake in its text where that is known.

    Raises:
        ValueError, TypeError: the request is not one that the page would send.

    >>> reply = answer({"ask": "draw", "schedules": ["Cosine(0.1, steps=100).warmup(10)", "Cosine(0.1)"]})
    >>> reply["total"], [part["name"] for part in reply["curves"][0]["parts"]]
    (100, ['Cosine', 'warmup'])
    >>> reply["curves"][1]["error"]
    {'message': 'Cosine needs steps=.', 'start': 0, 'end': 11}
    """
    check_request(request)
    return _ASKS[request["ask"]](request)


# Schedules in a request.


def _error_of(error: Exception) -> dict[str, Any]:
    """A mistake of a person's, with its place in the text where it is known."""
    return {"message": str(error), "start": getattr(error, "start", None), "end": getattr(error, "end", None)}


def _given(request: Mapping[str, Any], name: str, default: Any) -> Any:
    """What may be left out of a request."""
    value = request.get(name)
    return default if value is None else value


class _Asked(NamedTuple):
    """A schedule of a request: its text after the change, and what that is or what is wrong with it."""

    text: str
    schedule: Schedule | None
    error: dict[str, Any] | None


def _asked(given: Any, grain: float = 1.0) -> _Asked:
    """What a schedule of a request is; `grain` is how many steps a pixel is wide."""
    text, change = (given, {}) if isinstance(given, str) else (given.get("text", ""), given.get("change") or {})
    try:
        if not isinstance(given, str) and "parts" in given:
            text = text_of([_part(part) for part in given["parts"]])
        if change:
            text = dragged(text, change, grain) if "drag" in change else changed(text, change)
    except _MISTAKES as error:
        told = _error_of(error)
        if "field" in change:  # what was to be written into a field is no expression: the place is one in that
            told |= {"start": None, "end": None, "part": change["part"], "field": change["field"]}
        return _Asked(text, None, told)
    try:
        return _Asked(text, schedule_of(text), None)
    except ValueError as error:
        return _Asked(text, None, _error_of(error))


def _part(part: Mapping[str, Any]) -> Part:
    """A part as the page has it: with the arguments that are given, or have no default."""
    fields = (field for field in part["fields"] if field.get("given", True) and field["text"])
    return Part(part["name"], {field["name"]: field["text"] for field in fields}, {})


# Drawing.


def _draw(request: Mapping[str, Any]) -> dict[str, Any]:
    seen = _window(request, [])
    asked = [_asked(one, (seen.last - seen.first) / seen.pixels) for one in request["schedules"]]
    window = _window(request, [one.schedule for one in asked])
    want, plan = _given(request, "want", WANTED), _given(request, "plan", {})
    curves = [_curve(one, window, want, plan) for one in asked]
    return {"total": window.total, "first": window.first, "last": window.last, "curves": curves}


def _total(request: Mapping[str, Any], schedules: Sequence[Schedule | None]) -> int:
    """The updates of the run: those that are asked for, or as far as the schedules go."""
    known = [schedule for schedule in schedules if schedule is not None]
    return int(_given(request, "total", min(horizon(known), FAR) if known else 1))


def _window(request: Mapping[str, Any], schedules: Sequence[Schedule | None]) -> Window:
    total = _total(request, schedules)
    first = int(_given(request, "first", 0))
    last = int(_given(request, "last", max(total, first + 1)))
    if last <= first:
        refuse("answer", "last", f"after first, which is {first}", last)
    return Window(total, first, last, int(_given(request, "pixels", 1_000)), request.get("spread") == "log")


def _curve(asked: _Asked, window: Window, want: Sequence[str], plan: Mapping[str, Any]) -> dict[str, Any]:
    text, schedule, error = asked
    chain = _chain(text)
    parts = None if chain is None else [{"name": part.name, "fields": fields(part, chain[0])} for part in chain]
    if schedule is None:
        return {"error": _in_field(error or {}, chain or []), "text": text, "parts": parts}
    curve: dict[str, Any] = {"text": text, "parts": parts, "printed": repr(schedule)}
    if "points" in want:
        curve |= points(schedule, window)
        curve["edges"] = edges(schedule, window)
        curve["momentum"] = momentum(schedule, window)
    if "handles" in want:
        curve["handles"] = [handle.to_dict() for handle in handles(text, schedule)]
    if "told" in want:
        curve["summary"] = summed_up(schedule, window.total)
        curve |= _findings(schedule, window.total, plan)
    return curve


def _chain(text: str) -> list[Part] | None:
    """The chain of a text; None for one that is none."""
    try:
        return parts_of(text)
    except ValueError:
        return None


def _in_field(error: dict[str, Any], chain: Sequence[Part]) -> dict[str, Any]:
    """The mistake, with the part and the field in which its place is."""
    start, end = error.get("start"), error.get("end")
    if start is not None and end is not None:
        for i, part in enumerate(chain):
            for field, (begin, after) in part.places.items():
                if begin <= start and end <= after:
                    return {**error, "part": i, "field": field}
    return error


def _plan(schedule: Schedule, total: int, given: Mapping[str, Any]) -> Any:
    """The plan of a run whose fields are as a page has them: numbers, words, and texts of either or of schedules."""
    from lrcore.advice import Plan

    known = {str(word): _value(value) for word, value in given.items() if value not in (None, "")}
    return Plan(schedule, **{"total": total, **known})


def _value(value: Any) -> Any:
    """What a box holds: a number, True or False, a schedule, or a word."""
    if not isinstance(value, str):
        return value
    if value.capitalize() in ("True", "False"):
        return value.capitalize() == "True"
    try:
        return parse(value, object)  # type: ignore[type-var]
    except ValueError:
        if "(" in value:  # a schedule with a mistake in it
            raise
        return value


def _findings(schedule: Schedule, total: int, given: Mapping[str, Any]) -> dict[str, Any]:
    from lrcore.advice import check

    try:
        found = check(_plan(schedule, total, given))
    except _MISTAKES as error:
        return {"findings": [], "plan_error": _error_of(error)}
    reply: dict[str, Any] = {"findings": [finding.to_dict() for finding in found]}
    if given.get("weight_decay") and not _has_numpy():
        reply["says"] = ["The rule decay-memory needs NumPy, which is not here: `lrcore check` asks it."]
    return reply


def _has_numpy() -> bool:
    try:
        import numpy  # noqa: F401 (whether it is there)
    except ImportError:
        return False
    return True


# Values at steps, and what follows from them.


def _at(request: Mapping[str, Any]) -> dict[str, Any]:
    steps = [int(step) for step in request["steps"]]
    schedules = [_asked(one).schedule for one in request["schedules"]]
    rates = [None if schedule is None else finite([schedule(step) for step in steps]) for schedule in schedules]
    reply: dict[str, Any] = {"steps": steps, "rates": rates}
    first = next((schedule for schedule in schedules if schedule is not None), None)
    if request.get("plan") and first is not None:
        try:
            plan = _plan(first, max([*steps, 1]), request["plan"])
            reached = [plan.at(updates=step)._asdict() for step in steps]
            reply["units"] = [{word: one[word] for word in one if word != "rate"} for one in reached]
        except _MISTAKES as error:
            reply["plan_error"] = _error_of(error)
    return reply


def _above(request: Mapping[str, Any]) -> dict[str, Any]:
    schedules = [_asked(one).schedule for one in request["schedules"]]
    total = _total(request, schedules)
    return {"total": total, "above": [None if one is None else above(one, request["rate"], total) for one in schedules]}


def _difference(request: Mapping[str, Any]) -> dict[str, Any]:
    asked = [_asked(one) for one in request["schedules"]]
    for one in asked:
        if one.error is not None:
            return {"error": one.error}
    a, b = (one.schedule for one in asked if one.schedule is not None)
    return difference(a, b, _window(request, [a, b]))


# From and to other words.


def _read(request: Mapping[str, Any]) -> dict[str, Any]:
    options = {word: request[word] for word in ("lr", "updates", "steps_per_epoch") if request.get(word) is not None}
    try:
        return read(request["text"], options)
    except _MISTAKES as error:
        return {"error": _error_of(error)}


def _write(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return write(schedule_of(request["text"]), request["to"], request.get("total"))
    except ModuleNotFoundError:
        message = f"Code for {request['to']} is tried in float32 by NumPy, which is not here: `lrcore write` writes it."
        return {"error": {"message": message, "start": None, "end": None}}
    except _MISTAKES as error:
        return {"error": _error_of(error)}


def _forecast(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        from lrcore.forecast import LossLaw
    except ImportError:
        return {"error": {"message": "A forecast needs NumPy, which is not here.", "start": None, "end": None}}
    try:
        law = parse(request["law"], LossLaw)
        schedule = schedule_of(request["text"])
        total = _total(request, [schedule])
        if total > _FORECAST:
            raise ValueError(f"A forecast adds up every update, {_FORECAST:,} at most, and there are {total:,}.")
        steps = sorted({max(1, total * i // 200) for i in range(1, 201)})
        losses = law.predict(schedule, steps).tolist()
        return {"steps": steps, "losses": losses, "loss": losses[-1]}
    except _MISTAKES as error:
        return {"error": _error_of(error)}


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
