"""`lrcore finder`: what a learning-rate finder found, from the file that it was saved in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

import lrcore
from lrcore import Interpolate
from lrcore._cli.asked import Labels, Mistake, as_mistakes
from lrcore._cli.console import STYLES, is_plain, new_console
from lrcore._view.axis import Axis, short
from lrcore._view.plot import written_to
from lrcore._view.terminal import draw
from lrcore.finder import Found


def finder(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", hidden=True)],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Also draw the results into this .png, .svg or .pdf."),
    ] = None,
    label: Labels = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the suggestions instead, as JSON.")] = False,
) -> None:
    """Show what a learning-rate finder found.

    A FILE has the JSON of a result: json.dump(found.to_dict(), file). The exit code is 1 if one suggests nothing.
    """
    results = [_read(file) for file in files]
    if label and len(label) != len(results):
        raise Mistake(f"--label must be given once for each file, {len(results)} in all; got {label!r}.")
    if as_json:
        print(json.dumps([_packed(file, found) for file, found in zip(files, results, strict=True)], indent=2))
    else:
        console = new_console()
        for i, (file, found) in enumerate(zip(files, results, strict=True)):
            if len(files) > 1:
                console.print(Text(label[i] if label else str(file), style="bold"))
            _show(console, found)
    if output is not None:
        with as_mistakes():
            results[0].plot(*results[1:], path=output, labels=label or None)
        if not as_json:
            print(written_to(output))
    if any(found.suggestion is None for found in results):
        raise typer.Exit(1)


def _read(file: Path) -> Found:
    with as_mistakes(f"{file}: "):
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"this is not JSON: {error}.") from None
        found = lrcore.from_dict(data)
    if not isinstance(found, Found):
        raise Mistake(f"{file}: this is no result of a finder but {found!r}.")
    return found


def _packed(file: Path, found: Found) -> dict[str, Any]:
    return {
        "file": str(file),
        "suggestion": found.suggestion,
        "range": found.range,
        "flags": found.flags,
        "reason": found.reason,
    }


def _show(console: Console, found: Found) -> None:
    """The smoothed losses of the first sweep, or the losses of the grid, and the table."""
    rates, losses, smoothed = found.lines()[0]
    if len(rates) > 1:
        _draw(console, rates, losses if smoothed is None else smoothed)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, value in found.rows():
        table.add_row(Text(what), Text(value))
    console.print(table)
    console.print()
    console.print(Text(found.reason, style="" if found.suggestion else "yellow"))


def _draw(console: Console, rates: Any, losses: Any) -> None:
    """A curve over the logarithm of the rates: the rates rise by one factor, so that it is one over their number."""
    curve = Interpolate(list(enumerate(losses)))
    low, high = min(losses), max(losses)
    scale = Axis(low, high if high > low else low + 1.0)
    margin = max(len(short(low)), len(short(high)))
    width = min(console.width, 72) - margin - 1
    lines = draw(curve, len(losses) - 1, scale, width, 8, plain=is_plain(console))
    bar, floor, corner = "|-+" if is_plain(console) else "│─└"
    for i, line in enumerate(lines):
        console.print(Text.assemble((short(high) if i == 0 else "").rjust(margin), bar, (line, STYLES[0])))
    console.print(Text(f"{short(low).rjust(margin)}{corner}{floor * width}"))
    first, last = short(rates[0]), short(rates[-1])
    console.print(Text(f"{' ' * margin} {first}{last.rjust(width - len(first))}"))
    console.print()
