"""Optax's schedules: functions whose cells hold the arguments of the function that made them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrcore.port._call import Call, call
from lrcore.port._libraries.optax_schedules import OPTAX
from lrcore.port._part import Asked
from lrcore.port._reading import Reading, Refusal

_TESTED = "0.2.8"


def read_function(function: Any, asked: Asked) -> Reading:
    """A schedule that Optax made."""
    return _call(function, asked).reading()


def is_optax(function: Any) -> bool:
    """Whether Optax made it."""
    return getattr(function, "__module__", "").startswith("optax.") and hasattr(function, "__qualname__")


def _call(function: Any, asked: Asked) -> Call:
    name = function.__qualname__.partition(".")[0]
    cells = _cells(function)
    if name not in OPTAX.calls:
        raise Refusal(f"optax.{name} is no schedule that is known here: write lrcore.Custom(function).")
    if set(cells) == {"init_value"}:  # what has no steps stays where it begins
        name, cells = "constant_schedule", {"value": cells["init_value"]}
    if name == "join_schedules" and "schedules" in cells:
        cells["schedules"] = [_piece(i, piece, asked) for i, piece in enumerate(cells["schedules"])]
    if name == "piecewise_interpolate_schedule" and "interpolate_fn" in cells:
        shape = cells.pop("interpolate_fn").__name__.strip("_").partition("_")[0]
        scales = dict(zip(cells.pop("boundaries"), cells.pop("scales"), strict=True))
        cells |= {"interpolate_type": shape, "boundaries_and_scales": scales}
    cells.pop("clip_fn", None)
    try:
        return call(name, [], cells, asked)
    except Refusal as refusal:
        raise Refusal(f"{refusal} This release of Optax may keep it elsewhere than {_TESTED}: read it as text.") from None


def _piece(i: int, piece: Any, asked: Asked) -> Any:
    if is_optax(piece):
        return _call(piece, asked)
    if callable(piece):
        raise Refusal(
            f"join_schedules.schedules[{i}] is a function of your own: write that piece as lrcore.Custom(function)."
        )
    return piece


def _cells(function: Any) -> dict[str, Any]:
    """What the function closes over, by name; a cell that was never filled is left out."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def read_transformation(transformation: Any, asked: Asked) -> Reading:
    """An optimizer of Optax's: the schedules that it was given, by their names."""
    found = _hyperparameters(transformation.update, set())
    rate = found.pop("learning_rate", None) or found.pop("step_size_fn", None)
    if rate is None:
        raise Refusal("the Optax optimizer holds no schedule of its learning rate.")
    made = read_function(rate, asked)
    decay = found.get("weight_decay")
    return made if decay is None else replace(made, weight_decays=read_function(decay, asked).rates)


def _hyperparameters(function: Any, seen: set[int]) -> dict[str, Any]:
    """Every schedule that Optax made in the cells of a function, and of the functions in them, by its name there."""
    found: dict[str, Any] = {}
    if id(function) in seen or not hasattr(function, "__code__"):
        return found
    seen.add(id(function))
    for name, value in _cells(function).items():
        held = value if isinstance(value, tuple) else (value,)
        for word, one in value.items() if isinstance(value, dict) else ((name, one) for one in held):
            schedule = getattr(one, "schedule_fn", one)
            if schedule is not None and is_optax(schedule) and schedule.__qualname__.partition(".")[0] in OPTAX.calls:
                found.setdefault(str(word), schedule)
            else:
                found = _hyperparameters(one, seen) | found
    return found
