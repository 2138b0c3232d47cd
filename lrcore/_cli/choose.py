"""`lrcore choose`: one recommended plan, after at most five questions."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from lrcore._arguments import chosen, nearest
from lrcore._cli.asked import Mistake, as_mistakes
from lrcore._cli.console import broken, drawing, new_console, print_expression
from lrcore._view.axis import axis
from lrcore._view.curve import horizon, points
from lrcore.advice import FRAMEWORKS, TASKS, Recommendation
from lrcore.advice import choose as recommend

_THEIRS = "that of the recipes"


def choose(
    task: Annotated[str | None, typer.Option(metavar="TASK", help=f"What is trained: {', '.join(TASKS)}.")] = None,
    optimizer: Annotated[
        str | None, typer.Option(metavar="NAME", help="The optimizer (default: that of the recipes).")
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(metavar="LENGTH", help='The run\'s length: 100_000, "90 epochs of 5_004", or open (default: open).'),
    ] = None,
    pretrained: Annotated[
        bool | None, typer.Option("--pretrained/--from-scratch", help="Whether the weights are trained already.")
    ] = None,
    batch: Annotated[int | None, typer.Option(metavar="N", help="Samples of one update (default: the recipes').")] = None,
    framework: Annotated[
        str, typer.Option(metavar="NAME", help=f"What the code is for: {', '.join(FRAMEWORKS)}.")
    ] = "torch",
    as_json: Annotated[bool, typer.Option("--json", help="Print the recommendation as JSON.")] = False,
) -> None:
    """Recommend a schedule for a run, after published recipes.

    Without --task it asks five questions, each with a default. With it, what is not given has its default.
    """
    with as_mistakes():
        chosen("choose", "framework", framework, FRAMEWORKS)
    what = task
    if what is None:
        what = _asked_task()
        optimizer = optimizer or _ask("With which optimizer?", _THEIRS)
        budget = budget or _ask('How long: 100_000, "90 epochs of 5_004", or open?', "open")
        pretrained = pretrained if pretrained is not None else typer.confirm("Are the weights trained already?", err=True)
        text = str(batch) if batch is not None else _ask("Samples of one update?", _THEIRS)
        batch = None if text == _THEIRS else _whole(text)
    with as_mistakes():
        found = recommend(
            what,
            optimizer=None if optimizer == _THEIRS else optimizer,
            budget=budget,
            pretrained=bool(pretrained),
            batch=batch,
        )
        code = found.code(framework)
    if as_json:
        print(json.dumps(found.to_dict(), indent=2))
        return
    _print(new_console(), found, code)


def _ask(question: str, default: str) -> str:
    """Ask on standard error: what is printed may be read by another program."""
    return str(typer.prompt(question, default=default, err=True)).strip()


def _asked_task() -> str:
    """Ask until it is one that is known: a mistake in the first of five answers should not cost the other four."""
    typer.echo(broken(f"Tasks: {', '.join(TASKS)}.", 80), err=True)
    while (what := _ask("What is trained?", "other")) not in TASKS:
        typer.echo(f"That is no task{nearest(what, TASKS)}", err=True)
    return what


def _whole(text: str) -> int:
    digits = text.strip().replace("_", "").replace(",", "")
    if not digits.isdecimal():
        raise Mistake(f"choose.batch must be a positive integer, got {text!r}.")
    return int(digits)


def _print(console: Console, found: Recommendation, code: str) -> None:
    print_expression(console, repr(found.schedule))
    console.print()
    total = found.plan.total or horizon([found.schedule])
    scale = axis([found.schedule], [points(found.schedule, total)[1]], total)
    console.print(drawing(found.schedule, total, scale, console, min(console.width, 60)))
    console.print()
    told = [(found.why, ""), (found.peak, "Peak: "), (found.when_not, "Not if: "), (found.watch, "Watch: ")]
    told += [(f"{one.title}: {one.schedule!r} ({one.source})", "As in ") for one in found.recipes]
    told += [(source, "Source: ") for source in found.sources]
    told += [(f"{one.when}: {one.schedule!r}", "Or, if ") for one in found.alternatives]
    told += [(note, "Note: ") for note in found.notes]
    for text, before in told:
        console.print(broken(f"{before}{text}", console.width, "", "  "), markup=False)
    console.print()
    console.print(Text(code, style="cyan"), soft_wrap=True)
