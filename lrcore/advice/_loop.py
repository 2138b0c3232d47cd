"""The plan of a training loop, from what a live program says of itself: what the adapters' `check` is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lrcore._arguments import COUNT, as_number
from lrcore._schedule import Schedule
from lrcore._vocabulary import OPTIMIZERS
from lrcore.advice._check import check
from lrcore.advice._finding import SEVERITIES, Findings
from lrcore.advice._plan import Plan


def of_loop(
    schedule: Schedule,
    *,
    epochs: int | None = None,
    batches: int | None = None,
    batch_size: int | None = None,
    **known: Any,
) -> Plan:
    """The plan of a loop over a loader.

    Args:
        schedule: the schedule.
        epochs: how often the loop goes over the loader.
        batches: the batches that the loader gives in one epoch, to one process.
        batch_size: the samples of one of them.
        known: other fields of `Plan`, which come before what is computed from the former. None is as good as not given.

    >>> from lrcore import Cosine
    >>> of_loop(Cosine(0.1, steps=90), epochs=90, batches=400, batch_size=64, accumulation=4)
    Plan(Cosine(0.1, steps=90), total=9000, steps_per_epoch=100, batch=256, accumulation=4)
    """
    given = {name: value for name, value in known.items() if value is not None}
    accumulation, processes = given.get("accumulation", 1), given.get("processes", 1)
    if batches is not None:
        count = as_number("check", "batches", batches, COUNT)
        given.setdefault("steps_per_epoch", math.ceil(count / accumulation))
    if batch_size is not None:
        given.setdefault("batch", as_number("check", "batch_size", batch_size, COUNT) * accumulation * processes)
    if epochs is not None:
        count = as_number("check", "epochs", epochs, COUNT)
        if "steps_per_epoch" in given:
            given.setdefault("total", count * given["steps_per_epoch"])
    return Plan(schedule, **given)


def optimizer_name(kinds: Iterable[str]) -> str:
    """The name that a plan has for an optimizer, by its class's name or that of a base, the nearest first."""
    names = [kind.lower().replace("_", "") for kind in kinds]
    return next((name for name in names if name in OPTIMIZERS), "other")


def check_groups(plans: Mapping[str, Plan], *, ignore: Iterable[str] = (), every: bool = False) -> Findings:
    """The findings of a run whose parameter groups have schedules of their own, each told with its group, and once.

    The plan is that of the first group, or of the one whose schedule `fixed` corrects.
    """
    found = {name: check(plan, ignore=ignore, every=every) for name, plan in plans.items()}
    if len(found) == 1:
        return next(iter(found.values()))
    told = [
        (replace(finding, message=f"group {name}: {finding.message}"), several.plan)
        for name, several in found.items()
        for finding in several
    ]
    told.sort(key=lambda pair: SEVERITIES.index(pair[0].severity))
    first = next(iter(found.values()))
    plan = next((plan for finding, plan in told if finding.mends), first.plan)
    return Findings(plan, tuple(finding for finding, _ in told), first.ignore)
