"""`lrcore plateau`: what rules would have done in a run that is over."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

import lrcore
from lrcore import Schedule
from lrcore._cli.asked import Labels, Log, Mistake, as_mistakes, named, read
from lrcore._cli.console import STYLES, drawing, new_console, print_expression
from lrcore._view.axis import Axis, axis
from lrcore._view.curve import points
from lrcore._view.plot import written_to
from lrcore.plateau import Plateau, Replay, read_metric


def plateau(
    arguments: Annotated[list[str], typer.Argument(metavar="RULE... FILE", hidden=True)],
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="The metric's name in the log, if there are several.")
    ] = None,
    lr: Annotated[
        str | None, typer.Option(metavar="SCHEDULE", help="The schedule of the run, to show rates instead of scales.")
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Number of updates between two reports (default: the steps of the log)."),
    ] = None,
    log: Log = None,
    label: Labels = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Draw into a file instead: .png, .svg or .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found instead, as JSON.")] = False,
) -> None:
    """Ask what plateau rules would have done in a finished run.

    A RULE is written as in Python and put in quotes: "Plateau(factor=0.5, patience=3)". Several are compared. FILE is a
    log: CSV, JSON or JSON lines, a trainer_state.json, an event file of TensorBoard or a folder of them.
    """
    if output is not None and as_json:
        raise Mistake("--output and --json are two outputs: choose one.")
    *rules, file = arguments
    if not rules or file.endswith(")"):
        raise Mistake(f"plateau takes rules and, after them, the file of a log, got only {' '.join(map(repr, arguments))}.")
    several = _read_rules(rules)
    names = named(several, label, "rule")
    schedule = None if lr is None else read([lr], "lr")[0]
    with as_mistakes():
        reported = read_metric(file, metric)
        replays = [rule.replay(reported, steps=every, lr=schedule) for rule in several]
        if output is not None:
            first, *others = replays
            first.plot(*others, path=output, labels=label or None)
            print(written_to(output))
            return
    if as_json:
        packed = [
            {"label": name, **_packed(one)} if label else _packed(one) for name, one in zip(names, replays, strict=True)
        ]
        print(json.dumps(packed, indent=2))
        return
    with as_mistakes():
        _print(new_console(), replays, names, log)


def _read_rules(texts: list[str]) -> list[Plateau]:
    rules: list[Plateau] = []
    for i, text in enumerate(texts):
        with as_mistakes(f"rule {i + 1}: " if len(texts) > 1 else ""):
            rule = lrcore.parse(text)
            if not isinstance(rule, Plateau):
                raise ValueError(f"a rule is written as Plateau(...), got {rule!r}.")
            rules.append(rule)
    return rules


def _print(console: Console, replays: list[Replay], names: list[str], log: bool | None) -> None:
    for one, name in zip(replays, names, strict=True):
        print_expression(console, f"{name}  {one.plateau!r}" if name else repr(one.plateau))
    console.print()
    _print_drawings(console, replays, names, log)
    console.print()
    console.print(_summaries(replays, names))
    if any(one.cuts for one in replays):
        console.print()
        console.print(_cuts(replays, names))
    doubts = dict.fromkeys(
        f"{name}: {doubt}." if name else f"{doubt[:1].upper()}{doubt[1:]}."
        for one, name in zip(replays, names, strict=True)
        for doubt in one.doubts
    )
    for doubt in doubts:
        console.print()
        console.print(Text(doubt), soft_wrap=True)


def _print_drawings(console: Console, replays: list[Replay], names: list[str], log: bool | None) -> None:
    """The metric, and the scale or rate by each rule."""
    total = max(one.total for one in replays)
    across = max(1, min(1 + len(replays), console.width // 36))
    width = min(console.width // across - 2, 100)
    curve, schedules = replays[0].curve(), [one.schedule for one in replays]
    what = "scale" if replays[0].lr is None else "learning rate"
    rates = axis(schedules, [points(schedule, total)[1] for schedule in schedules], total, log)
    scales = [_close(curve, total), *[rates] * len(replays)]
    titles = [replays[0].metric.name, *(f"{what} {name}".strip() for name in names)]
    styles = ["dim", *(STYLES[i % len(STYLES)] for i in range(len(replays)))]
    panels = [
        drawing(schedule, total, scale, console, width, title=title, style=style)
        for schedule, scale, title, style in zip([curve, *schedules], scales, titles, styles, strict=True)
    ]
    console.print(Columns(panels, width=width, padding=(0, 2)))
    if rates.log:
        console.print(f"The axis of the {what} is logarithmic.")


def _close(curve: Schedule, total: int) -> Axis:
    """An axis from the lowest value to the highest: what matters of a metric is how it moves."""
    values = points(curve, total)[1]
    low, high = float(values.min()), float(values.max())
    return Axis(low, high) if low < high else axis([curve], [values], total)


def _table(*columns: str, gap: int = 2) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, gap), header_style="dim")
    for i, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if i == 0 else "right", no_wrap=True)
    return table


def _summaries(replays: list[Replay], names: list[str]) -> Table:
    """A column a rule."""
    table = _table("", *names)
    table.show_header = any(names)
    for what, cells in _rows(replays):
        table.add_row(Text(what), *map(Text, cells))
    return table


def _rows(replays: list[Replay]) -> Iterator[tuple[str, list[str]]]:
    last = [one.states[-1] for one in replays]
    yield "reports", [f"{state.reports:,}" for state in last]
    if any(state.nonfinite for state in last):
        yield "not finite", [f"{state.nonfinite:,}" for state in last]
    yield "cuts", [f"{len(one.cuts):,}" for one in replays]
    yield "last scale", [_number(state.scale) for state in last]
    yield "best", [_number(state.best) for state in last]
    yield "not better since", [f"{state.bad:,}" for state in last]


def _cuts(replays: list[Replay], names: list[str]) -> Table:
    """A row for each report after which one of the rules cut, with the scale that it cut to."""
    metric, several = replays[0].metric, len(replays) > 1
    clock = [metric.clock] if metric.steps else []
    rates = ["learning rate"] if replays[0].lr is not None and not several else []
    table = _table("cut at report", *clock, metric.name, *(names if several else ["scale"]), *rates)
    cuts = [{cut.report: cut for cut in one.cuts} for one in replays]
    for report in sorted(set().union(*cuts)):
        step = [f"{metric.steps[report - 1]:,}"] if metric.steps else []
        scales = [_number(its[report].scale) if report in its else "" for its in cuts]
        rate = [_number(replays[0].schedule(replays[0].places[report - 1]))] if rates else []
        table.add_row(f"{report:,}", *step, _number(metric.values[report - 1]), *scales, *rate)
    return table


def _number(value: float) -> str:
    return f"{value:.6g}"


def _packed(replay: Replay) -> dict[str, Any]:
    def finite(value: float) -> float | str:
        return value if math.isfinite(value) else repr(value)

    return {
        "rule": repr(replay.plateau),
        "lr": None if replay.lr is None else repr(replay.lr),
        "metric": replay.metric.name,
        "clock": replay.metric.clock or None,
        "cuts": [{name: finite(x) if x is not None else x for name, x in cut._asdict().items()} for cut in replay.cuts],
        "scales": list(replay.scales),
        "state": replay.states[-1].to_dict(),
        "doubts": replay.doubts,
    }
