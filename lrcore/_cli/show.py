"""`lrcore show`: curves in the terminal, and the numbers that matter."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrcore import Schedule
from lrcore._cli.asked import Expressions, Labels, Log, Mistake, StepsPerEpoch, Total, as_mistakes, named, read_named
from lrcore._cli.console import STYLES, drawing, new_console, print_expression
from lrcore._view.axis import Axis, axis, quantity
from lrcore._view.curve import blocks, horizon, points, values
from lrcore._view.summary import Point, Summary, summary
from lrcore.zoo import Recipe


def show(
    schedules: Expressions,
    total: Total = None,
    steps_per_epoch: StepsPerEpoch = None,
    log: Log = None,
    label: Labels = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rate of every update instead, as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers of the table instead, as JSON.")] = False,
) -> None:
    """Draw schedules in the terminal, with a table of numbers.

    A SCHEDULE is written as in Python and put in quotes: "Cosine(3e-4, steps=1000).warmup(50)". The name of a recipe of
    `lrcore list --zoo` stands for its schedule: gpt3-175b. A dash reads schedules from standard input, one a line.
    """
    if as_csv and as_json:
        raise Mistake("--csv and --json are two outputs: choose one.")
    asked = read_named(schedules)
    several = [one.schedule if isinstance(one, Recipe) else one for one in asked]
    names = named(several, label)
    with as_mistakes():
        last = max(one.total if isinstance(one, Recipe) else horizon([one]) for one in asked) if total is None else total
        if as_csv:
            _write_csv(several, label or [], last, steps_per_epoch)
            return
        found = [summary(schedule, last) for schedule in several]
        if as_json:
            packed = [_packed(*pair) for pair in zip(several, found, strict=True)]
            print(
                json.dumps(
                    [{"label": name, **pack} if label else pack for name, pack in zip(names, packed, strict=True)], indent=2
                )
            )
            return
        scale = axis(several, [points(schedule, last)[1] for schedule in several], last, log)
    console = new_console()
    _print_expressions(console, several, names)
    for recipe in asked:
        if isinstance(recipe, Recipe):
            console.print(f"\n{recipe}", markup=False)
    console.print()
    _print_drawings(console, several, names, last, scale)
    if scale.log:
        console.print("The axis is logarithmic.")
    if steps_per_epoch:
        console.print(f"{last:,} updates are {last / steps_per_epoch:,.6g} epochs.")
    for name, one in zip(names, found, strict=True):
        if one.idle > 1:  # update 0 of a warmup from 0 is one such, as everywhere
            console.print(f"{f'{name}: ' if name else ''}The first {one.idle:,} updates have the value 0.", markup=False)
    console.print()
    _print_tables(console, several, names, found, steps_per_epoch)


def _print_expressions(console: Console, several: list[Schedule], names: list[str]) -> None:
    for schedule, name in zip(several, names, strict=True):
        never = "" if schedule.length is not None else "  (never ends)"
        print_expression(console, f"{name}  {schedule!r}{never}" if name else f"{schedule!r}{never}")


def _print_drawings(console: Console, several: list[Schedule], names: list[str], total: int, scale: Axis) -> None:
    across = max(1, min(len(several), console.width // 36))
    width = min(console.width // across - 2, 100)
    panels = [
        drawing(schedule, total, scale, console, width, title=name, style=STYLES[i % len(STYLES)])
        for i, (schedule, name) in enumerate(zip(several, names, strict=True))
    ]
    console.print(Columns(panels, width=width, padding=(0, 2)))


def _print_tables(
    console: Console, several: list[Schedule], names: list[str], found: list[Summary], steps_per_epoch: int | None
) -> None:
    """One table of all; or, where the terminal is too narrow for that, one after another."""
    table = _table(several, names, found, steps_per_epoch)
    wide = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    if wide <= console.width:
        console.print(table)
        return
    for schedule, name, one in zip(several, names, found, strict=True):
        console.print(_table([schedule], [name], [one], steps_per_epoch, gap=1))


def _table(
    several: list[Schedule], names: list[str], found: list[Summary], steps_per_epoch: int | None, gap: int = 2
) -> Table:
    """The summaries, a column each."""
    table = Table(box=None, pad_edge=False, padding=(0, gap), header_style="dim")
    table.add_column("", overflow="fold")
    table.add_column("step", justify="right", no_wrap=True)
    if steps_per_epoch:
        table.add_column("epoch", justify="right", no_wrap=True)
    for name in names:
        table.add_column(
            Text(name or quantity(several).replace(" ", " " if gap > 1 else "\n")), justify="right", no_wrap=True
        )
    for what, step, cells in _rows(several, found):
        counted = "" if step is None else f"{step:,}"
        epoch = [] if not steps_per_epoch else ["" if step is None else f"{step / steps_per_epoch:,.6g}"]
        table.add_row(Text(what), counted, *epoch, *cells)
    return table


def _rows(several: list[Schedule], found: list[Summary]) -> Iterator[tuple[str, int | None, list[str]]]:
    """What each row is about, the step that all its values belong to, if one, and the values, a schedule each."""
    yield _points("first", [one.first for one in found])
    yield _points("peak", [one.peak for one in found])
    # A peak that a family names is the row above, unless the value is higher elsewhere
    edges = [edge for one in found for edge in one.edges if edge.kind != "peak" or edge.step != one.peak.step]
    for step in sorted({edge.step for edge in edges}):
        texts = dict.fromkeys(edge.text for edge in edges if edge.step == step)
        yield ", ".join(texts), step, [_number(schedule(step)) for schedule in several]
    yield _points("last update", [one.last for one in found])
    if any(one.after_end for one in found):
        yield _points("after the end", [one.after_end for one in found])
    yield "mean", None, [_number(one.mean) for one in found]
    yield "area under the curve", None, [_number(one.area) for one in found]


def _points(what: str, points: Sequence[Point | None]) -> tuple[str, int | None, list[str]]:
    """A row of points: their step apart where it is the same for all, else beside each value."""
    steps = {point.step for point in points if point}
    common = steps.pop() if len(steps) == 1 else None
    beside = [f" at {point.step:,}" if point and common is None else "" for point in points]
    return what, common, [f"{_number(point.value)}{at}" if point else "" for point, at in zip(points, beside, strict=True)]


def _number(value: float) -> str:
    return f"{value:.6g}"


def _packed(schedule: Schedule, found: Summary) -> dict[str, Any]:
    def point(at: Point) -> dict[str, Any]:
        return {"step": at.step, "rate": at.value}

    return {
        "schedule": repr(schedule),
        "length": schedule.length,
        "total": found.total,
        "first": point(found.first),
        "peak": point(found.peak),
        "edges": [{"step": edge.step, "kind": edge.kind, "text": edge.text, "rate": edge.value} for edge in found.edges],
        "last_update": point(found.last),
        "after_the_end": point(found.after_end) if found.after_end else None,
        "mean": found.mean,
        "area": found.area,
    }


def _write_csv(several: list[Schedule], labels: list[str], total: int, steps_per_epoch: int | None) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = labels or (["rate"] if len(several) == 1 else [repr(schedule) for schedule in several])
    writer.writerow(["step", *(["epoch"] if steps_per_epoch else []), *names])
    for steps in blocks(total, total):
        clocks = [steps.tolist(), *([(steps / steps_per_epoch).tolist()] if steps_per_epoch else [])]
        writer.writerows(zip(*clocks, *(values(schedule, steps).tolist() for schedule in several), strict=True))
