"""What commands are asked for: the arguments that several share, schedules read from text, and mistakes about them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

import lrcore
from lrcore import Schedule
from lrcore._arguments import nearest
from lrcore._catalogue import CALLS
from lrcore.zoo import RECIPES, Recipe, recipe

Expressions = Annotated[list[str], typer.Argument(metavar="SCHEDULE", hidden=True)]
"""Told in each command's own help: typer would show a Python type beside it."""
Total = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Number of updates to show (default: until the schedule ends).")
]
StepsPerEpoch = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Number of updates in an epoch, to show epochs beside updates.")
]
Labels = Annotated[
    list[str] | None, typer.Option("--label", metavar="NAME", help="A name for a schedule; give one for each schedule.")
]
Log = Annotated[
    bool | None, typer.Option("--log/--no-log", help="Use a logarithmic axis or a linear one (default: what shows more).")
]


class Mistake(Exception):  # noqa: N818 (the user's, and no error of the program's)
    """What is told in one line."""


@contextmanager
def as_mistakes(prefix: str = "") -> Iterator[None]:
    """Errors about what the user wrote, as mistakes."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Mistake(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
    except (ValueError, TypeError, ImportError) as error:
        raise Mistake(f"{prefix}{error}") from error


def read(texts: Sequence[str], what: str = "schedule") -> list[Schedule]:
    """The schedules that are written, or named as in the zoo; for `-`, those on standard input, one a line."""
    return [asked.schedule if isinstance(asked, Recipe) else asked for asked in read_named(texts, what)]


def read_named(texts: Sequence[str], what: str = "schedule") -> list[Schedule | Recipe]:
    """The same, with the recipe of what was named as in the zoo."""
    lines = [line for text in texts for line in (_lines() if text == "-" else [text])]
    asked = []
    for i, line in enumerate(lines):
        with as_mistakes(f"{what} {i + 1}: " if len(lines) > 1 else ""):
            asked.append(recipe(line) if _is_name(line) else lrcore.parse(line, Schedule))  # type: ignore[type-abstract]
    return asked


def _is_name(line: str) -> bool:
    """Whether a recipe is named: words without a call, and not a family whose call was forgotten."""
    if not line[:1].isalpha() or "(" in line:
        return False
    return line in RECIPES or (line not in CALLS and nearest(line, CALLS) == ".")


def _lines() -> list[str]:
    """The lines of standard input that are neither empty nor a comment."""
    stripped = (line.strip() for line in sys.stdin)
    lines = [line for line in stripped if line and not line.startswith("#")]
    if not lines:
        raise Mistake("- reads schedules from standard input, one a line, and there was none.")
    return lines


def named(several: Sequence[Any], labels: list[str] | None, what: str = "schedule") -> list[str]:
    """The names that the user gave, or letters; none for one schedule that was given no name."""
    if labels:
        if len(labels) != len(several):
            raise Mistake(f"--label must be given once for each {what}, {len(several)} in all; got {labels!r}.")
        return labels
    return [""] if len(several) == 1 else [chr(ord("A") + i) if i < 26 else f"#{i + 1}" for i in range(len(several))]
