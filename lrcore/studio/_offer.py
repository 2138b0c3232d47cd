"""What a page may offer: families, methods and their fields, with what a box or a slider needs to know of each."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import lrcore
from lrcore._arguments import is_number
from lrcore._catalogue import CALLS, FAMILIES, METHODS
from lrcore._families.shapes import SEGMENTS, shapes
from lrcore._text.text import tree_of
from lrcore._view.curve import drawn, horizon
from lrcore._vocabulary import DTYPES, MODELS, OPTIMIZERS, TARGETS
from lrcore.studio._parts import HEIGHTS, METHODS_OF, OPERATORS, Part, callee, parameters, parts_of
from lrcore.zoo import RECIPES

READ = (
    "lrcore's to_dict",
    "a class of a configuration",
    "DeepSpeed's scheduler",
    "torchtitan's configuration",
    "axolotl's configuration",
    "Hugging Face's TrainingArguments",
    "Keras's get_config",
    "timm's arguments",
    "nanoGPT's train.py",
    "Megatron-LM's options",
    "open_clip's options",
)
"""The formats of data that `lrcore.port.read` knows: their names are its own, and a page is up before it is imported."""

WRITTEN = (*TARGETS, "lrcore-torch", "lrcore-keras", "lrcore-optax", "json", "yaml", "csv")
"""What a schedule can be written as: another library's code, a line for one of our adapters, data, or a table."""

_DRAWN = 32
"""The pixels across of a family's drawing."""


@cache
def offer() -> dict[str, Any]:
    """The reply to "offer"."""
    return {
        "version": lrcore.__version__,
        "families": [_family(name) for name in CALLS if name != "Custom"],
        "methods": [_method(name) for name in (*METHODS, "momentum", *OPERATORS)],
        "zoo": [
            {"name": one.name, "title": one.title, "text": one.expression, "says": one.facts, "group": one.field}
            for one in RECIPES.values()
        ],
        "read": list(READ),
        "write": list(WRITTEN),
        "optimizers": list(OPTIMIZERS),
        "models": list(MODELS),
        "dtypes": list(DTYPES),
    }


def _family(name: str) -> dict[str, Any]:
    schedule = FAMILIES[name]
    steps, rates = drawn(schedule, 0, horizon([schedule]), _DRAWN)
    text = repr(schedule)
    (part,) = parts_of(text)
    return {
        "name": name,
        "text": text,
        "says": said(name),
        "fields": fields(part, part),
        "drawing": {"steps": steps, "rates": rates},
    }


def _method(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "families": list(METHODS_OF.get(name, ())),
        "says": said(name),
        "fields": fields(Part(name, {}, {}), Part("", {}, {})),
    }


_SAID = {"product": "Multiply by another schedule, on the same clock.", "scaled": "Multiply by a number."}


@cache
def said(name: str) -> str:
    """What a part does, in a sentence: the first of its docstring."""
    return _SAID.get(name) or (inspect.getdoc(callee(name)) or "").partition("\n\n")[0].replace("\n", " ")


@cache
def _fields_said(name: str, family: str) -> Mapping[str, str]:
    """What each field is, as the docstring has it."""
    if name in OPERATORS:
        return {"by": "the other schedule.", "factor": "the number."}
    text = inspect.getdoc(callee(name, family)) or ""
    block = re.search(r"^Args:\n((?: +.*\n|\n)*)", text + "\n", re.MULTILINE)
    several = re.findall(r"^ {4}(\w+): (.*(?:\n {6,}.*)*)", block[1] if block else "", re.MULTILINE)
    return {word: re.sub(r"\s+", " ", sentence) for word, sentence in several}


def fields(part: Part, base: Part) -> list[dict[str, Any]]:
    """The fields of a part of a chain that begins with `base`, given or not."""
    known, says = parameters(part.name, base.name), _fields_said(part.name, base.name)
    return [_field(part, word, parameter, says, base) for word, parameter in known.items()]


def _field(part: Part, name: str, parameter: inspect.Parameter, says: Mapping[str, str], base: Part) -> dict[str, Any]:
    required = parameter.default is parameter.empty
    default = None if required else repr(parameter.default)
    text = part.given.get(name, default or "")
    kind = _kind(part.name, name, parameter, text)
    field: dict[str, Any] = {
        "name": name,
        "text": text,
        "given": name in part.given,
        "kind": kind,
        "required": required,
        "says": says.get(name, ""),
        "default": default,
        "optional": "None" in str(parameter.annotation),
    }
    if kind == "choice":
        field["choices"] = [repr(word) for word in _choices(part.name, name)]
        field["text"] = _quoted(text)
    if kind in ("number", "whole"):
        field["least"], field["most"], field["log"] = _range(part.name, name, kind, base)
    if kind in ("list", "schedules"):
        field["items"] = _items(text)
    return field


def _kind(part: str, name: str, parameter: inspect.Parameter, text: str) -> str:
    """How a field is filled in."""
    told = str(parameter.annotation)
    if told == "bool":
        return "switch"
    if _choices(part, name):
        return "schedule" if "(" in text else "choice"
    if "Schedule" in told and told.startswith("Sequence"):
        return "schedules"
    if "Sequence" in told:
        return "list"
    if parameter.annotation is lrcore.Schedule or told == "Schedule" or "(" in text:
        return "schedule"
    return "whole" if told.startswith("int") else "number"


def _choices(part: str, name: str) -> tuple[str, ...]:
    """The words that a field is one of; none for a number."""
    if name == "shape":
        return tuple(SEGMENTS if part in ("OneCycle", "Interpolate") else shapes)
    return ("triangular", "triangular2", "exp_range") if name == "mode" else ()


def _quoted(text: str) -> str:
    """A word as `repr` writes it, so that it is found among the choices."""
    try:
        return repr(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text


def _items(text: str) -> list[str]:
    """The text of each item of a list."""
    try:
        tree = tree_of(text)
    except ValueError:
        return []
    return [ast.unparse(item) for item in tree.elts] if isinstance(tree, (ast.List, ast.Tuple)) else []


_RATE, _LENGTH, _SHARE = (1e-6, 1.0, True), (1, 1_000_000, True), (0.01, 1.0, False)

_RANGES: dict[str, tuple[float, float, bool]] = {
    "factor": _SHARE,
    "decay": _SHARE,
    "pct_start": (0.01, 0.99, False),
    "base": (0.001, 0.99, False),
    "power": (0.1, 10, True),
    "growth": (1, 4, False),
    "rate": (1e-4, 10, True),
    "div_factor": (1, 1_000, True),
    "final_div_factor": (1, 1e6, True),
    "scale": (0.01, 100, True),
    "d_model": (16, 16_384, True),
    "times": (1, 100, True),
    "cycles": (1, 100, True),
    "multiple": (1, 1_024, True),
    "batch": (1, 16_384, True),
    "steps_per_epoch": (1, 100_000, True),
    "every": _LENGTH,
    "timescale": _LENGTH,
    "shift.steps": (0, 1_000_000, False),
    "scaled.factor": (0.01, 100, True),
    "momentum.high": (0, 0.999, False),
    "momentum.low": (0, 0.999, False),
}
"""The range of a slider, and whether it is logarithmic, by the field, or by the part and the field. A box takes any."""


_BELOW = ("end", "low", "warmup.start", "clip.low", "clip.high")
"""Rates from 0 to the height of the curve."""

_WITHIN = ("warmup.steps", "shift.steps", "extend.at", "cooldown.at", "wsd.warmup", "wsd.cooldown")
"""Steps before the end of the curve."""


def _range(part: str, name: str, kind: str, base: Part) -> tuple[float, float, bool]:
    both = f"{part}.{name}"
    known = _RANGES.get(both) or _RANGES.get(name) or (_LENGTH if kind == "whole" else _RATE)
    if both in _BELOW or name in _BELOW:
        return 0.0, abs(_given(base, HEIGHTS)) or 0.1, False
    return (
        (known[0], max(2.0, _given(base, ("steps",)) - 1), known[2]) if both in _WITHIN and "steps" in base.given else known
    )


def _given(base: Part, words: Sequence[str]) -> float:
    """The number that a family is given in the first of some fields; 0 where it is none."""
    text = next((base.given[word] for word in words if word in base.given), "0")
    try:
        value: Any = lrcore.parse(f"({text})", object)  # type: ignore[type-var]
        return float(value) if is_number(value) else 0.0
    except (ValueError, OverflowError):
        return 0.0
