"""`lrcore forecast`: a law of losses, fitted to runs, that forecasts others."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table
from rich.text import Text

import lrcore
from lrcore import Schedule
from lrcore._cli.asked import Expressions, Mistake, as_mistakes, read
from lrcore._cli.console import broken, new_console
from lrcore._view.curve import horizon
from lrcore._view.plot import written_to
from lrcore.forecast import LossLaw, plot

Number = TypeVar("Number", int, float)

forecast = typer.Typer(
    help="Forecast the loss of a schedule from other runs.",
    rich_markup_mode=None,
)

COLUMNS = ("schedule", "step", "loss")
LIMITS = (
    "The law speaks of the peak, model, batch and data of its runs and of no others, and its band knows nothing of what it "
    "cannot describe."
)


@forecast.command()
def fit(
    files: Annotated[list[Path], typer.Argument(metavar="RUNS.CSV", hidden=True)],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="LAW.JSON", help="Where to write the law.", show_default=False)
    ],
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="N", help="Leave out losses up to this step, such as the warmup's.")
    ] = 0,
) -> None:
    """Fit a law to measured losses.

    The law is written as JSON. RUNS.CSV has the columns schedule, step and loss: a schedule as in Python, the number of
    updates made, and the loss there. The lines of one schedule in one file are a run. Three runs are a good number: a
    constant rate, a cosine, and a rate that falls at once in the middle.
    """
    with as_mistakes():
        runs = [run for file in files for run in _runs(file)]
        law = LossLaw.fit(runs, after=after)
        output.write_text(json.dumps(law.to_dict()) + "\n", encoding="utf-8")
    console = new_console()
    for line in str(law).splitlines():
        console.print(Text(broken(line, min(console.width, 100))))
    print(output)


@forecast.command()
def predict(
    file: Annotated[Path, typer.Argument(metavar="LAW.JSON", hidden=True)],
    schedules: Expressions,
    total: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Number of updates (default: until the schedules end).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="A picture to write: .png, .svg or .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
) -> None:
    """Forecast the losses of schedules.

    Each loss has the range in which it is expected. LAW.JSON is what `lrcore forecast fit` wrote. A SCHEDULE is written
    as in Python and put in quotes: "Cosine(3e-4, steps=1000)". A dash in its place reads schedules from standard input,
    one a line.
    """
    several = read(schedules)
    with as_mistakes():
        law = _law(file)
        last = horizon(several) if total is None else total
        found = [_predicted(law, lr, last) for lr in several]
        if output is not None:
            plot(law, *several, total=last, path=output)
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        console = new_console()
        for one in found:
            console.print(Text(one["schedule"], style="bold"), soft_wrap=True)
            table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
            for column in ("step", "loss", "90% band"):
                table.add_column(column, justify="right")
            for point in one["losses"]:
                band = f"{point['low']:.4f} to {point['high']:.4f}" if "low" in point else ""
                table.add_row(f"{point['step']:,}", f"{point['loss']:.4f}", band)
            console.print(table)
            console.print()
        console.print(Text(broken(LIMITS, min(console.width, 100))))
    if output is not None:
        print(written_to(output))


def _predicted(law: LossLaw, lr: Schedule, total: int) -> dict[str, Any]:
    """The loss after each fifth of the run."""
    steps = sorted({max(1, total * i // 5) for i in range(1, 6)})
    losses = law.predict(lr, steps).tolist()
    points = [{"step": step, "loss": loss} for step, loss in zip(steps, losses, strict=True)]
    if law.draws:
        for point, low, high in zip(points, *(end.tolist() for end in law.band(lr, steps)), strict=True):
            point |= {"low": low, "high": high}
    return {"schedule": repr(lr), "losses": points}


def _law(file: Path) -> LossLaw:
    try:
        law = lrcore.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise Mistake(f"{file} is not a law that `lrcore forecast fit` wrote: {error}") from error
    if not isinstance(law, LossLaw):
        raise Mistake(f"{file} is not a law that `lrcore forecast fit` wrote: it is {law!r}.")
    return law


def _runs(file: Path) -> list[tuple[Schedule, list[int], list[float]]]:
    """The runs of a file, each with its lines in order."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise Mistake(f"{file} must have the columns {', '.join(COLUMNS)}; it has no {' and no '.join(missing)}.")
        return _grouped(file, rows)


def _grouped(file: Path, rows: Iterable[dict[str, str]]) -> list[tuple[Schedule, list[int], list[float]]]:
    runs: dict[str, tuple[Schedule, list[int], list[float]]] = {}
    for number, row in enumerate(rows, 2):
        with as_mistakes(f"{file}, line {number}: "):
            if row["schedule"] not in runs:
                runs[row["schedule"]] = (lrcore.parse(row["schedule"]), [], [])
            _, steps, losses = runs[row["schedule"]]
            steps.append(_number(row, "step", int, "an integer"))
            losses.append(_number(row, "loss", float, "a number"))
    return list(runs.values())


def _number(row: dict[str, str], column: str, kind: Callable[[str], Number], what: str) -> Number:
    try:
        return kind(row[column])
    except (ValueError, TypeError):  # TypeError: the line is too short
        raise ValueError(f"{column} must be {what}, got {row[column]!r}.") from None
