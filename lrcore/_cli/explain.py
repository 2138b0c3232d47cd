"""`lrcore explain`: what a family is, or what a schedule of one's own does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from lrcore import Schedule
from lrcore._arguments import nearest
from lrcore._cli.asked import Mistake, read
from lrcore._cli.console import broken, drawing, is_plain, new_console, print_expression
from lrcore._cli.known import EXAMPLES, docstring, find, signature
from lrcore._text.ascii import plain
from lrcore._text.formula import formula
from lrcore._text.words import sentence
from lrcore._view.axis import axis
from lrcore._view.curve import horizon, points


def explain(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", hidden=True, autocompletion=lambda: list(EXAMPLES)),
    ],
    latex: Annotated[
        bool, typer.Option("--latex", help="Print the formula of a schedule as LaTeX, and nothing else.")
    ] = False,
) -> None:
    """Say what a family is, or what a schedule does.

    WHAT is the name of a family or a method, Cosine or warmup, which is told with its formula, arguments and reference; or
    a schedule in quotes, "Cosine(3e-4, steps=1000).warmup(50)", which is told in a sentence, a formula and LaTeX.
    """
    if "(" in what or what == "-":
        for schedule in read([what]):
            _explain_schedule(schedule, latex)
        return
    name = find(what)
    if name is None:
        meant = nearest(what, EXAMPLES, "; `lrcore list` draws them all.")
        raise Mistake(f"there is no family or method {what.removeprefix('.')!r}{meant}")
    if latex:
        raise Mistake(f"--latex needs a schedule with its numbers: {EXAMPLES[name]!r}.")
    _explain_name(name)


def _explain_schedule(schedule: Schedule, latex: bool) -> None:
    found = formula(schedule)
    if latex:
        print(found.latex())
        return
    console = new_console()
    print_expression(console, repr(schedule))
    console.print()
    _draw(console, schedule)
    console.print()
    _print(console, broken(sentence(schedule), console.width))
    console.print()
    text = found.text()
    _print(console, plain(text) if is_plain(console) else text)
    console.print()
    console.print("In LaTeX:")
    console.print()
    _print(console, found.latex())


def _explain_name(name: str) -> None:
    console = new_console()
    print_expression(console, signature(name))
    console.print()
    _draw(console, EXAMPLES[name])
    console.print(Text(repr(EXAMPLES[name]), style="dim"), soft_wrap=True)
    console.print()
    _print(console, "\n".join(wrapped(docstring(name), console.width)))


def _draw(console: Console, schedule: Schedule) -> None:
    total = horizon([schedule])
    scale = axis([schedule], [points(schedule, total)[1]], total)
    console.print(drawing(schedule, total, scale, console, min(console.width, 60)))
    if scale.log:
        console.print("The axis is logarithmic.")


def _print(console: Console, text: str) -> None:
    """Text as it is: a formula may be wider than the terminal."""
    console.print(text, markup=False, soft_wrap=True)


def wrapped(text: str, width: int) -> Iterator[str]:
    """A docstring in lines of at most `width`, but for its formulas and examples, which stay as they are."""
    for paragraph in re.split(r"\n\n+", text):
        first, *rest = paragraph.splitlines()
        if paragraph.startswith((" ", ">>>")):
            yield from (first, *rest)
        elif re.fullmatch(r"\w+:", first):
            yield first
            yield from _items(rest, width)
        else:
            yield from _items([first, *rest], width)
        yield ""


_LINE = re.compile(r"(Reference|Same curve|Not the same|Not saved): ")


def _items(lines: list[str], width: int) -> Iterator[str]:
    """Lines that each begin an item, with those that go on with it: deeper in a section, any that name nothing else."""
    depth = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    item: list[str] = []
    for line in lines:
        begins = len(line) - len(line.lstrip()) == depth if depth else _LINE.match(line)
        if begins and item:
            yield _item(item, width, depth)
            item = []
        item.append(line.strip())
    if item:
        yield _item(item, width, depth)


def _item(lines: list[str], width: int, depth: int) -> str:
    text = " ".join(lines)
    hang = depth + 4 if depth or _LINE.match(text) else 0
    return broken(text, width, " " * depth, " " * hang)
