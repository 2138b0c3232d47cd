"""The names that `list` and `explain` know: families, methods, their signatures and docstrings."""

from __future__ import annotations

import inspect
from typing import Any

import lrcore
from lrcore import Schedule
from lrcore._catalogue import FAMILIES, METHODS

EXAMPLES = {**FAMILIES, **METHODS}
"""A schedule for each name."""


def find(name: str) -> str | None:
    """The name that is meant, whatever its case and with or without the point of a method; None if there is none."""
    return {other.lower(): other for other in EXAMPLES}.get(name.removeprefix(".").lower())


def docstring(name: str) -> str:
    """The docstring of a family or a method, and for a method that of the class that it makes."""
    texts = [inspect.getdoc(_target(name)) or ""]
    kind = type(EXAMPLES[name])
    if kind._method == name:
        texts.append((inspect.getdoc(kind) or "").partition(">>>")[0].rstrip())
    return "\n\n".join(texts)


def claim(name: str) -> str:
    """The first line of the docstring."""
    return docstring(name).partition("\n")[0]


def signature(name: str) -> str:
    """How it is called, without types."""
    full = inspect.signature(_target(name))
    kept = [p.replace(annotation=p.empty) for key, p in full.parameters.items() if key not in ("self", "_")]
    prefix = "." if name in METHODS else ""
    return f"{prefix}{name}{full.replace(parameters=kept, return_annotation=full.empty)}"


def _target(name: str) -> Any:
    return getattr(Schedule, name) if name in METHODS else getattr(lrcore, name)
