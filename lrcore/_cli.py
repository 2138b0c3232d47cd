"""What the command `lrcore` does, by typer and rich."""

from __future__ import annotations

import csv
import inspect
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

import lrcore
from lrcore import Schedule
from lrcore._arguments import nearest
from lrcore._catalogue import FAMILIES, METHODS
from lrcore._verify import Verification, cells, conclusion, remarks
from lrcore._view.curve import SUMMED, Row, blocks, horizon, marks, parting, summary, values
from lrcore._view.terminal import draw

app = typer.Typer(
    help="See a learning-rate schedule before you train with it.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Expressions = Annotated[
    list[str], typer.Argument(metavar="SCHEDULE", help='As Python writes it: "Cosine(3e-4, steps=90_000).warmup(500)".')
]
Total = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Updates to look at, 10 million of them at most, evenly; up to the last end, or some lengths, if not given.",
    ),
]
StepsPerEpoch = Annotated[int | None, typer.Option(min=1, help="Updates in an epoch: tells epochs beside steps.")]


class _Mistake(Exception):  # noqa: N818 (the user's, and no error of the program's)
    """What is told in one line."""


def run(args: Sequence[str] | None = None) -> int:
    """The command with these arguments, or the program's: its exit code, mistakes told in one line.

    0 is done, 1 that `diff` found a difference, `verify` a mismatch, or the output was not read to its end, 2 a mistake in
    what was asked for.
    """
    given = sys.argv[1:] if args is None else list(args)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without π should still show the rest
    command = typer.main.get_command(app)
    try:
        code = command.main(given or ["--help"], prog_name="lrcore", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough, as `head` does: nothing is left to say, at exit neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _Mistake as mistake:
        return _fail("lrcore", str(mistake))
    except typer.Abort:
        return 130
    except Exception as error:
        # What typer raises about arguments has no public class that all its versions share
        tell: Callable[[], str] | None = getattr(error, "format_message", None)
        if tell is None:
            raise
        context = getattr(error, "ctx", None)
        return _fail(context.command_path if context else "lrcore", tell())
    return code if isinstance(code, int) else 0


def _fail(where: str, message: str) -> int:
    print(f"{where}: {' '.join(message.split())}", file=sys.stderr)
    return 2


@contextmanager
def _told(prefix: str = "") -> Iterator[None]:
    """Errors about what the user wrote, as mistakes."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _Mistake(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
    except (ValueError, TypeError, ImportError) as error:
        raise _Mistake(f"{prefix}{error}") from error


def _read(texts: Sequence[str], what: str = "schedule") -> list[Schedule]:
    schedules = []
    for i, text in enumerate(texts):
        with _told(f"{what} {i + 1}: " if len(texts) > 1 else ""):
            schedules.append(lrcore.parse(text))
    return schedules


def _names() -> list[str]:
    return [*FAMILIES, *METHODS]


@app.callback(invoke_without_command=True)
def _lrcore(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(lrcore.__version__)


@app.command()
def show(
    schedules: Expressions,
    total: Total = None,
    steps_per_epoch: StepsPerEpoch = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every update's rate instead, as comma-separated values.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers of the table instead, as JSON.")] = False,
) -> None:
    """Draw schedules in the terminal, with the numbers that matter; several side by side."""
    if as_csv and as_json:
        raise _Mistake("--csv and --json are two outputs: choose one.")
    several = _read(schedules)
    with _told():
        last = horizon(several) if total is None else total
        if as_csv:
            _write_csv(several, last, steps_per_epoch)
            return
        tables = [summary(schedule, last) for schedule in several]
    if as_json:
        print(json.dumps([_packed(*pair, last) for pair in zip(several, tables, strict=True)], indent=2))
        return
    console = _console()
    top = max(row.value for rows in tables for row in rows if row.what == "peak")
    _show_drawings(console, several, last, top, steps_per_epoch)
    console.print()
    console.print(_table(several, tables, steps_per_epoch))


def _console() -> Console:
    return Console(highlight=False)


def _letter(i: int) -> str:
    return chr(ord("A") + i) if i < 26 else f"#{i + 1}"


_STYLES = ("cyan", "yellow", "green", "magenta", "red", "blue")


def _show_drawings(console: Console, several: list[Schedule], total: int, top: float, steps_per_epoch: int | None) -> None:
    alone = len(several) == 1
    for i, schedule in enumerate(several):
        letter = "" if alone else f"{_letter(i)}  "
        never = "" if schedule.length is not None else "  (never ends)"
        console.print(Text(f"{letter}{schedule!r}{never}", style="bold"), soft_wrap=True)
    console.print()
    across = 1 if alone else max(1, min(len(several), console.width // 36))
    width = min(console.width // across - 2, 100)
    panels = [
        _drawing(schedule, total, top, width, "" if alone else _letter(i), _STYLES[i % len(_STYLES)], console)
        for i, schedule in enumerate(several)
    ]
    console.print(Columns(panels, width=width, padding=(0, 2)))
    if steps_per_epoch:
        console.print(f"{total:,} updates are {total / steps_per_epoch:,.6g} epochs")


def _drawing(schedule: Schedule, total: int, top: float, width: int, title: str, style: str, console: Console) -> Group:
    """A curve with its axes, as lines of one width."""
    plain = not console.encoding.startswith("utf")
    floor, bar, tick, corner = "-|++" if plain else "─│┴└"
    label = f"{top:.4g}"
    left, right = len(label), width - len(label) - 1
    lines = draw(schedule, total, top, right, 10, plain=plain)
    margins = [label.rjust(left), *[" " * left] * (len(lines) - 1)]
    axis = [floor] * right
    for step in marks(schedule, total, 24):
        axis[min(right - 1, round(step / total * right))] = tick
    end = f"{total:,}"
    text = [Text(f"{' ' * left}{title}", style="bold")] if title else []
    text += [Text.assemble(margin, bar, (line, style)) for margin, line in zip(margins, lines, strict=True)]
    text += [Text(f"{'0'.rjust(left)}{corner}{''.join(axis)}"), Text(f"{' ' * left} 0{end.rjust(right - 1)}")]
    return Group(*text)


_LAST = ("last update", "after the end", "mean", "area")
_WORDS = {"mean": "mean rate", "area": "area under the curve"}


def _table(several: list[Schedule], tables: list[list[Row]], steps_per_epoch: int | None) -> Table:
    """The summaries, a column each: a value's own step stands beside it where the schedules' steps differ."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    table.add_column("")
    table.add_column("step", justify="right")
    if steps_per_epoch:
        table.add_column("epoch", justify="right")
    for i in range(len(several)):
        table.add_column("learning rate" if len(several) == 1 else _letter(i), justify="right", overflow="fold")
    for what, step in _order(tables):
        found = [_find(rows, what, step) for rows in tables]
        steps = {row.step for row in found if row is not None}
        common = next(iter(steps)) if len(steps) == 1 else step
        cells = []
        for schedule, row in zip(several, found, strict=True):
            if row is None:
                cells.append("" if common is None or what in _LAST else f"{schedule(common):.6g}")
            else:
                cells.append(f"{row.value:.6g}" + ("" if row.step == common else f" at {row.step:,}"))
        epoch = [f"{common / steps_per_epoch:,.6g}" if common is not None else ""] if steps_per_epoch else []
        table.add_row(_WORDS.get(what, what), f"{common:,}" if common is not None else "", *epoch, *cells)
    return table


def _order(tables: list[list[Row]]) -> list[tuple[str, int | None]]:
    """The rows of all the tables: first and peak, the edges of any by their steps, then the last ones."""
    edges = {(row.step, row.what) for rows in tables for row in rows if row.what not in ("first", "peak", *_LAST)}
    words: dict[int | None, list[str]] = {}
    for step, what in sorted(edges, key=str):
        words.setdefault(step, []).append(what)
    middle = [(", ".join(words[step]), step) for step in sorted(words, key=lambda step: step or 0)]
    ends = [(what, None) for what in _LAST if any(row.what == what for rows in tables for row in rows)]
    return [("first", None), ("peak", None), *middle, *ends]


def _find(rows: list[Row], what: str, step: int | None) -> Row | None:
    """The row called `what`, or of that step among those whose words `what` joins."""
    if step is None:
        return next((row for row in rows if row.what == what), None)
    return next((row for row in rows if row.step == step and row.what in what), None)


def _packed(schedule: Schedule, rows: list[Row], total: int) -> dict[str, Any]:
    named = {row.what: row for row in rows}
    edges = [row for row in rows if row.what not in ("first", "peak", *_LAST)]
    point: Callable[[Row], dict[str, Any]] = lambda row: {"step": row.step, "rate": row.value}  # noqa: E731
    return {
        "schedule": repr(schedule),
        "length": schedule.length,
        "total": total,
        "first": point(named["first"]),
        "peak": point(named["peak"]),
        "edges": [{"what": row.what, **point(row)} for row in edges],
        "last_update": point(named["last update"]),
        "after_the_end": point(named["after the end"]) if "after the end" in named else None,
        "mean": named["mean"].value,
        "area": named["area"].value,
    }


def _write_csv(several: list[Schedule], total: int, steps_per_epoch: int | None) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = ["rate"] if len(several) == 1 else [repr(schedule) for schedule in several]
    writer.writerow(["step", *(["epoch"] if steps_per_epoch else []), *names])
    for steps in blocks(total, total):
        clocks = [steps.tolist(), *([(steps / steps_per_epoch).tolist()] if steps_per_epoch else [])]
        writer.writerows(zip(*clocks, *(values(schedule, steps).tolist() for schedule in several), strict=True))


@app.command()
def plot(
    schedules: Expressions,
    output: Annotated[Path, typer.Option("-o", "--output", help="The picture: .png, .svg, .pdf.")],
    total: Total = None,
    steps_per_epoch: StepsPerEpoch = None,
    momentum: Annotated[
        list[str] | None, typer.Option(help='Drawn below: "OneCycle(0.1, steps=90).momentum()"; once, or once a schedule.')
    ] = None,
    difference: Annotated[bool, typer.Option("--difference", help="Below: the others less the first.")] = False,
    label: Annotated[list[str] | None, typer.Option(help="A name for the legend, once a schedule.")] = None,
    log: Annotated[bool | None, typer.Option(help="A logarithmic axis; where not given, if it helps.")] = None,
) -> None:
    """Draw schedules into a file, worth publishing."""
    several, momenta = _read(schedules), _read(momentum or [], "momentum")
    with _told():
        lrcore.plot(
            several,
            total=total,
            path=output,
            labels=label or None,
            momentum=momenta or None,
            difference=difference,
            steps_per_epoch=steps_per_epoch,
            log=log,
        )


@app.command("list")
def list_() -> None:
    """Every family and every method, with a small drawing, its signature and what it is."""
    console = _console()
    for title, examples, prefix in (("Families", FAMILIES, ""), ("Methods", METHODS, ".")):
        console.print(Text(title, style="bold"))
        table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), show_header=False)
        for name, example in examples.items():
            target = _target(name)
            claim = (inspect.getdoc(target) or "").partition("\n")[0]
            table.add_row(_thumbnail(example, console), Text.assemble((prefix + _signature(name), "bold"), "\n", claim))
        console.print(table)


def _thumbnail(example: Schedule, console: Console) -> Text:
    total = horizon([example])
    plain = not console.encoding.startswith("utf")
    return Text("\n".join(draw(example, total, _top(example, total), 16, 3, plain=plain)), style=_STYLES[0])


def _top(schedule: Schedule, total: int) -> float:
    return next(row.value for row in summary(schedule, total, most=0) if row.what == "peak")


def _target(name: str) -> Any:
    return getattr(Schedule, name) if name in METHODS else getattr(lrcore, name)


def _signature(name: str) -> str:
    signature = inspect.signature(_target(name))
    kept = [p.replace(annotation=p.empty) for key, p in signature.parameters.items() if key not in ("self", "_")]
    return f"{name}{signature.replace(parameters=kept, return_annotation=signature.empty)}"


@app.command()
def explain(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A family or a method: Cosine, warmup.", autocompletion=_names)
    ],
) -> None:
    """Say what a family is: its formula, arguments and reference, and what it equals elsewhere."""
    name = name.removeprefix(".")  # as `lrcore list` prints a method
    known = {other.lower(): other for other in _names()}
    if name.lower() not in known:
        raise _Mistake(f"there is no family or method {name!r}{nearest(name, known.values())}")
    name = known[name.lower()]
    console = _console()
    example = {**FAMILIES, **METHODS}[name]
    total = horizon([example])
    prefix = "." if name in METHODS else ""
    console.print(Text(prefix + _signature(name), style="bold"), soft_wrap=True)
    console.print()
    console.print(_drawing(example, total, _top(example, total), min(console.width, 60), "", _STYLES[0], console))
    console.print(Text(repr(example), style="dim"), soft_wrap=True)
    console.print()
    console.print(inspect.getdoc(_target(name)) or "", markup=False, soft_wrap=True)
    for kind in (type(example),):
        if kind._method == name:
            console.print("\n" + (inspect.getdoc(kind) or "").partition(">>>")[0].rstrip(), markup=False, soft_wrap=True)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="One schedule.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other.")],
    total: Total = None,
    steps_per_epoch: StepsPerEpoch = None,
) -> None:
    """Tell the fields in which two schedules differ, and where their curves part. Exit code 1 if anything differs."""
    mine, other = _read([a, b])
    fields = mine.diff(other)
    with _told():
        last = horizon([mine, other]) if total is None else total
        parted = parting(mine, other, last)
    console = _console()
    if fields:
        table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
        for column in ("field", "A", "B"):
            table.add_column(column, overflow="fold")
        for path, (left, right) in fields.items():
            table.add_row(Text(path or "(all)"), Text(repr(left)), Text(repr(right)))
        console.print(table)
    if not fields:
        console.print("The fields are the same, and so are the curves.")
    elif parted is None:
        console.print(f"The curves are the same at {min(last + 1, SUMMED):,} steps from 0 to {last:,}.")
    else:
        epoch: Callable[[int], str] = lambda n: f" (epoch {n / steps_per_epoch:,.6g})" if steps_per_epoch else ""  # noqa: E731
        first, most = parted
        at = "at" if last < SUMMED else "by"
        console.print(f"The curves part {at} step {first:,}{epoch(first)}: {_apart(mine(first), other(first))}.")
        console.print(f"They are furthest apart at step {most:,}{epoch(most)}: {_apart(mine(most), other(most))}.")
    if fields or parted:
        raise typer.Exit(1)


def _apart(a: float, b: float) -> str:
    """Two values, in as many digits as tell them apart."""
    short = f"{a:.6g}", f"{b:.6g}"
    left, right = short if short[0] != short[1] else (repr(a), repr(b))
    return f"A {left}, B {right}"


@app.command()
def verify(
    schedules: Expressions,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers of the table instead, as JSON.")] = False,
) -> None:
    """Compare schedules with the core in every framework that is installed, bit for bit. Exit code 1 if any differs."""
    several = _read(schedules)
    with _told(), _without_chatter():
        reports = [lrcore.verify(schedule) for schedule in several]
    if as_json:
        packed = [
            {"schedule": repr(r.schedule), "ok": r.ok, "modes": [mode._asdict() for mode in r.modes]} for r in reports
        ]
        print(json.dumps(packed, indent=2))
    else:
        console = _console()
        for report in reports:
            console.print(Text(repr(report.schedule), style="bold"), soft_wrap=True)
            console.print()
            console.print(_verified(report))
            console.print()
            for remark in remarks(report):
                console.print(Text(remark), soft_wrap=True)
        console.print(conclusion(reports))
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Nothing on stderr: frameworks tell of kernels and devices as they are imported, TensorFlow past `sys.stderr`."""
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _verified(report: Verification) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("mode", "version"):
        table.add_column(column, no_wrap=True)
    for column in ("evaluations", "mismatches", "float32\nulp", "float64\nulp"):
        table.add_column(column, justify="right", vertical="bottom")
    for mode in report.modes:
        table.add_row(*cells(mode), style="" if mode.ok else "red")
    return table
