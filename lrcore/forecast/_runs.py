"""Runs as they are given, and whether they can determine the law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lrcore._arguments import COUNT, POSITIVE, as_number, refuse
from lrcore._schedule import Schedule
from lrcore.forecast._fit import Measured
from lrcore.forecast._sums import Floats, Whole, in_blocks, losses
from lrcore.theory._rates import rates

Run = tuple[Schedule, Sequence[int], Sequence[float]] | tuple[Schedule, Mapping[int, float]]

_FALL = 0.7
"""Some run's rate must fall below this share of its peak."""

_APART = 0.3
"""Two runs must differ by this share of the peak after the same number of updates."""

_POINTS = 30

_DESCRIBED = 0.5


def measured(owner: str, runs: Iterable[Any], after: int) -> list[Measured]:
    """What each run has, without the points up to `after`."""
    if isinstance(runs, (str, Mapping)) or not isinstance(runs, Iterable):
        refuse(owner, "runs", "a sequence of runs", runs, kind=True)
    return [_measured(owner, f"runs[{i}]", run, after) for i, run in enumerate(runs)]


def _measured(owner: str, field: str, run: Any, after: int) -> Measured:
    if isinstance(run, (tuple, list)) and len(run) == 2 and isinstance(run[1], Mapping):
        run = (run[0], list(run[1].keys()), list(run[1].values()))
    if not isinstance(run, (tuple, list)) or len(run) != 3:
        refuse(owner, field, "(schedule, steps, losses) or (schedule, {step: loss})", run, kind=True)
    lr, steps, given = run
    counts = counted(owner, f"{field} steps", steps)
    items = given.tolist() if hasattr(given, "tolist") else given
    values = np.array([as_number(owner, f"{field} losses[{i}]", loss, POSITIVE) for i, loss in enumerate(items)])
    if len(counts) != len(values):
        refuse(owner, field, f"one with {len(counts)} losses, as many as steps", len(values))
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] > after]
    if not len(order):
        refuse(owner, field, f"one with losses after update {after}", counts.tolist())
    counts, values = counts[order], values[order]
    found = rates(owner, f"{field} schedule", lr, int(counts.max()))
    check_begun(owner, f"{field} steps", found, counts)
    return Measured(found, counts, values)


def counted(owner: str, field: str, steps: Any) -> Whole:
    """Numbers of updates made, each 1 or more."""
    given = steps.tolist() if hasattr(steps, "tolist") else steps
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        refuse(owner, field, "a sequence of numbers of updates", steps, kind=True)
    return np.array([as_number(owner, f"{field}[{i}]", step, COUNT) for i, step in enumerate(given)], np.int64)


def check_begun(owner: str, field: str, found: Floats, counts: Whole) -> None:
    """Refuse a number of updates in which no rate was above 0: nothing was learnt, and the law has no value."""
    begin = int(np.flatnonzero(found)[0]) + 1
    if counts.min() < begin:
        refuse(owner, field, f"{begin} or more, the first number of updates with a rate above 0", int(counts.min()))


def check_determined(owner: str, runs: Sequence[Measured]) -> None:
    """Refuse runs that cannot tell what progress does from what a falling rate does."""
    points = sum(len(run.steps) for run in runs)
    if points < _POINTS:
        refuse(owner, "runs", f"have at least {_POINTS} losses in all, for 7 parameters", points)
    lowest = min(float(run.rates[run.steps[-1] - 1] / run.rates.max()) for run in runs)
    if lowest > _FALL:
        refuse(
            owner,
            "runs",
            f"ones of which at least one ends below {_FALL:g} of its peak",
            round(lowest, 3),
            hint="rates that stay constant do not tell what a decay brings: add a run that decays",
        )
    if _apart(runs) < _APART:
        refuse(
            owner,
            "runs",
            "at least two of different shapes",
            len(runs),
            hint="one shape does not tell what progress brings and what a decay: add a run at a constant rate",
        )


def check_described(owner: str, runs: Sequence[Measured], law: Floats) -> None:
    """Refuse runs whose losses the law does not follow; a few wrong ones do not count."""
    truth = np.concatenate([run.losses for run in runs])
    found = np.concatenate([losses(law, in_blocks(run.rates, run.steps)) for run in runs])
    error, spread = (float(np.median(np.abs(truth - other))) for other in (found, np.median(truth)))
    if error >= _DESCRIBED * spread:
        refuse(
            owner,
            "runs",
            f"ones that the law describes, with a median error below {_DESCRIBED:g} of how the losses vary, {spread:.4g}",
            round(error, 6),
            hint="measure on data that was held out, or smooth the losses, and leave out the first ones with after=",
        )


def _apart(runs: Sequence[Measured]) -> float:
    """The largest difference of two runs' rates after the same number of updates, as a share of the peak."""
    peak = max(float(run.rates.max()) for run in runs)
    most = 0.0
    for i, run in enumerate(runs):
        for other in runs[:i]:
            length = min(len(run.rates), len(other.rates))
            most = max(most, float(np.abs(run.rates[:length] - other.rates[:length]).max()) / peak)
    return most
