"""`lrcore read`: the schedules that a file of another library has."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from lrcore import Schedule
from lrcore._cli.asked import Mistake, as_mistakes
from lrcore._cli.console import STYLES, drawing, new_console, print_expression
from lrcore._view.axis import axis
from lrcore._view.curve import first_and_largest_difference, horizon, points
from lrcore.port import Found, Reading, find
from lrcore.port import read as read_one
from lrcore.port._read import INSTEAD


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE", hidden=True)],
    lr: Annotated[
        float | None, typer.Option("--lr", metavar="RATE", help="The optimizer's own rate, where the file does not say it.")
    ] = None,
    updates: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Number of updates of the run, where the file does not say it.")
    ] = None,
    steps_per_epoch: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Number of updates in an epoch, where the file counts epochs.")
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="TEXT=VALUE", help='What a Python file computes: --set "len(loader)=5004".'),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON instead.")] = False,
) -> None:
    """Read the schedules in a file of another library.

    FILE is a Python file, which is read and never run, or a configuration in JSON, YAML or TOML; a dash reads standard
    input. Several schedules are drawn side by side and compared with the first. The exit code is 1 if one of them cannot
    be read.
    """
    given = dict(map(_setting, names or []))
    found: list[tuple[str, Found]] = []
    for file in files:
        name = "standard input" if file == "-" else file
        with as_mistakes(f"{name}: "):
            several = find(
                sys.stdin.read() if file == "-" else Path(file),
                lr=lr,
                updates=updates,
                steps_per_epoch=steps_per_epoch,
                names=given,
            )
        found += [(f"{name}, {one.where}" if one.where else name, one) for one in several]
        if not several:
            raise Mistake(_nothing(file))
    if as_json:
        print(json.dumps([_packed(place, one) for place, one in found], indent=2))
    else:
        _print(new_console(), found)
    if any(one.reading is None for _, one in found):
        raise typer.Exit(1)


def _setting(text: str) -> tuple[str, Any]:
    """`len(loader)=5004`, as the expression that it stands for and its value."""
    name, _, value = text.rpartition("=")
    try:
        return ast.unparse(ast.parse(name.strip(), mode="eval")), ast.literal_eval(value.strip())
    except (SyntaxError, ValueError):
        raise Mistake(f'--set takes an expression and its value, as in "len(loader)=5004", got {text!r}.') from None


def _nothing(file: str) -> str:
    """What `lrcore.port.read` says of a file without a schedule."""
    if file == "-":
        return f"standard input has no schedule that is known here; {INSTEAD}."
    try:
        read_one(Path(file))
    except ValueError as error:
        return _in_options(str(error))
    return ""


def _packed(place: str, found: Found) -> dict[str, Any]:
    packed: dict[str, Any] = {"where": place, "text": found.text}
    if found.reading is None:
        return {**packed, "refusal": _in_options(found.refusal)}
    made = found.reading
    return {
        **packed,
        "schedules": {name: repr(schedule) for name, schedule in made.schedules.items()},
        "source": made.source,
        "until": made.until,
        "error": made.error,
        "remarks": list(map(_in_options, made.remarks)),
    }


def _print(console: Console, found: list[tuple[str, Found]]) -> None:
    read_ones: list[tuple[str, Schedule]] = []
    for place, one in found:
        console.print(Text(f"{place}: {_short(one.text)}", style="dim"), soft_wrap=True)
        if one.reading is None:
            console.print(Text(f"Not read: {_in_options(one.refusal)}", style="red"), soft_wrap=True)
        else:
            _print_reading(console, one.reading)
            read_ones.append((place, one.reading.rates[0]))
        console.print()
    if not read_ones:
        return
    schedules = [schedule for _, schedule in read_ones]
    total = horizon(schedules)
    scale = axis(schedules, [points(schedule, total)[1] for schedule in schedules], total)
    across = max(1, min(len(schedules), console.width // 36))
    width = min(console.width // across - 2, 100)
    titles = [place if len(schedules) > 1 else "" for place, _ in read_ones]
    panels = [
        drawing(schedule, total, scale, console, width, title=title, style=STYLES[i % len(STYLES)])
        for i, (schedule, title) in enumerate(zip(schedules, titles, strict=True))
    ]
    console.print(Columns(panels, width=width, padding=(0, 2)))
    if scale.log:
        console.print("The axis is logarithmic.")
    (first, mine), *others = read_ones
    for place, other in others:
        console.print()
        console.print(Text(_difference(first, mine, place, other, total)), soft_wrap=True)


def _print_reading(console: Console, made: Reading) -> None:
    named = made.schedules
    for name, schedule in named.items():
        print_expression(console, repr(schedule) if len(named) == 1 else f"{name}: {schedule!r}")
    for line in str(made).splitlines()[len(named) :]:
        console.print(Text(_in_options(line)), soft_wrap=True)


def _in_options(told: str) -> str:
    """What `lrcore.port` says with its arguments, with the options of this command: they are what can be typed here."""
    told = re.sub(r"names=\{(.+?): \.\.\.\}", lambda found: f"--set {quote(ast.literal_eval(found[1]) + '=...')}", told)
    return re.sub(r"\b(lr|updates|steps_per_epoch)=(?=[ ,.:]|$)", lambda found: f"--{found[1].replace('_', '-')}", told)


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."


def _difference(first: str, mine: Schedule, place: str, other: Schedule, total: int) -> str:
    """In which fields, and at which steps, another schedule differs from the first."""
    fields = mine.diff(other)
    parted = first_and_largest_difference(mine, other, total)
    if parted is None:
        return f"{place} is the same as {first} at every step to {total:,}."
    told = "".join(f" {path or 'all'} {left!r} and {right!r};" for path, (left, right) in fields.items()).rstrip(";")
    begin, most = parted
    return (
        f"{place} differs from {first}{f' in{told}' if told else ''}: the curves part at step {begin:,}, "
        f"and are furthest apart at step {most:,}, {mine(most):.6g} and {other(most):.6g}."
    )
