"""`lrcore check`: what is wrong with a run before it begins."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from lrcore._cli import planned as asked
from lrcore._cli.asked import Expressions, as_mistakes, read_named
from lrcore._cli.console import broken, new_console, print_expression
from lrcore.advice import Finding, Findings, Plan
from lrcore.advice import check as check_plan
from lrcore.zoo import Recipe

_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}


def check(
    schedules: Expressions,
    total: asked.Total = None,
    steps_per_epoch: asked.StepsPerEpoch = None,
    stepped: asked.Stepped = "update",
    batch: asked.Batch = None,
    accumulation: asked.Accumulation = 1,
    processes: asked.Processes = 1,
    dataset_size: asked.DatasetSize = None,
    tokens_per_sample: asked.TokensPerSample = None,
    optimizer: asked.Optimizer = None,
    momentum: asked.Momentum = None,
    beta2: asked.Beta2 = None,
    weight_decay: asked.WeightDecay = None,
    dtype: asked.Dtype = None,
    model: asked.Model = None,
    pretrained: asked.Pretrained = None,
    reference_batch: asked.ReferenceBatch = None,
    plateau: asked.PlateauRule = None,
    reports: asked.Reports = None,
    monitor: asked.Monitor = None,
    stop_patience: asked.StopPatience = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="A rule not to ask; may be given again.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Ask also the rules that most runs would meet.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings set the exit code too.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Print the corrected schedule, and nothing else.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Find what is wrong with a run before it begins.

    What is not given is not guessed: the rules that need it are not asked. The exit code is 1 if there is an error.

    A SCHEDULE is written as in Python and put in quotes: "Cosine(3e-4, steps=1000).warmup(50)". The name of a recipe of
    the zoo brings its length and optimizer. A dash reads schedules from standard input, one a line.
    """
    found: list[Findings] = []
    for asked_for in read_named(schedules):
        recipe = asked_for if isinstance(asked_for, Recipe) else None
        with as_mistakes():
            plan = Plan(
                asked_for.schedule if isinstance(asked_for, Recipe) else asked_for,
                total=total if recipe is None or total is not None else recipe.updates,
                steps_per_epoch=steps_per_epoch,
                stepped=stepped,
                batch=asked.batch_of(batch),
                accumulation=accumulation,
                processes=processes,
                dataset_size=dataset_size,
                tokens_per_sample=tokens_per_sample,
                optimizer=optimizer if recipe is None or optimizer is not None else recipe.optimizer,
                momentum=momentum,
                beta2=beta2,
                weight_decay=weight_decay,
                dtype=dtype,
                model=model,
                pretrained=pretrained,
                reference_batch=reference_batch,
                plateau=asked.plateau_of(plateau),
                reports=reports,
                monitor=monitor,
                stop_patience=stop_patience,
            )
            found.append(check_plan(plan, ignore=ignore or (), every=every))
    console = new_console()
    if as_json:
        print(json.dumps([one.to_dict() | {"fixed": repr(one.fixed)} for one in found], indent=2))
    elif fix:
        for one in found:
            console.print(Text(repr(one.fixed)), soft_wrap=True)
        found = [check_plan(_corrected(one), ignore=ignore or (), every=every) for one in found]
    else:
        for one in found:
            _print(console, one)
    if not all(one.ok and not (strict and one.of("warning")) for one in found):
        raise typer.Exit(1)


def _corrected(found: Findings) -> Plan:
    return replace(found.plan, schedule=found.fixed)


def _print(console: Console, found: Findings) -> None:
    print_expression(console, repr(found.plan.schedule))
    console.print()
    for finding in found:
        _print_finding(console, finding)
    if not found:
        console.print("Nothing was found.")
        if found.plan.total is None:
            unasked = "Without --total, the number of updates of the run, many rules are not asked."
            console.print(broken(unasked, console.width, "", ""), markup=False)
        return
    counts = {severity: len(found.of(severity)) for severity in _STYLES}
    words = {"error": "error", "warning": "warning", "info": "line of information"}
    told = [f"{n} {_many(words[severity], n)}" for severity, n in counts.items() if n]
    console.print(f"{', '.join(told)}.")


def _many(word: str, n: int) -> str:
    return word if n == 1 else word.replace("line", "lines") if " " in word else f"{word}s"


def _print_finding(console: Console, finding: Finding) -> None:
    console.print(Text.assemble((finding.severity, _STYLES[finding.severity]), " ", (finding.rule, "bold")))
    for text in (finding.message, finding.why):
        console.print(broken(text, console.width, "  ", "  "), markup=False)
    console.print(broken(f"Source: {finding.source}", console.width, "  ", "  "), markup=False, style="dim")
    if finding.fix is not None:
        console.print(Text(broken(f"Write {finding.fix!r}", console.width, "  ", "    ")), soft_wrap=True)
    console.print()
