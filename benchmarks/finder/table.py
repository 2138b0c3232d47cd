"""The tables of docs/finder.md, from results.json: what training with each finder's suggestion loses.

python benchmarks/finder/table.py
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from peers import PEERS, suggested

from lrcore import Cosine
from lrcore.finder import Grid, Sweep, Sweeps, stopped

RESULTS = Path(__file__).with_name("results.json")

SWEEPS = {"sweeps": (1e-7, 10.0, 100), "lightning": (1e-8, 1.0, 100)}
"""The range and the updates of each kind of sweep in the results."""

DEFAULT = 1e-3
"""The peak of somebody to whom a finder suggests none: the default of torch's SGD and AdamW."""

HELD_OUT = ("pixels, autoencoder", "cells, MLP", "text, GRU")
"""The tasks that were first trained after the constants of the finder were fixed."""

Suggestions = dict[str, list[float | None]]
"""Of one finder: for each task with an optimizer, what each sweep suggests."""


@cache
def results() -> dict[str, Any]:
    return json.loads(RESULTS.read_text())  # type: ignore[no-any-return]


@cache
def scores(name: str) -> Any:
    """The mean score of the full trainings at each peak, in points."""
    return np.array(results()[name]["full"], float)[:, :, 1].mean(0)


def best(name: str) -> float:
    return float(results()[name]["peaks"][int(scores(name).argmax())])


def lost(name: str, rate: float) -> float:
    """The points that a peak loses against the best one, between two peaks in proportion to their logarithms."""
    score = np.interp(math.log2(rate), np.log2(results()[name]["peaks"]), scores(name))
    return float(scores(name).max() - score)


@cache
def sweeps(name: str) -> tuple[Sweep, ...]:
    """The sweeps of one task, stopped by our rule."""
    low, high, updates = SWEEPS["sweeps"]
    rates = np.geomspace(low, high, updates)
    found = []
    for losses in results()[name]["sweeps"]:
        finite = [float(loss) for loss in losses]
        count, ended = stopped(finite)
        found.append(Sweep(rates[:count].tolist(), finite[:count], ended))
    return tuple(found)


def of_one(answer: Callable[[Sweep], float | None]) -> Suggestions:
    """What single sweeps suggest."""
    return {name: [answer(sweep) for sweep in sweeps(name)] for name in results()}


def of_three() -> Suggestions:
    """What any three of the sweeps suggest together."""
    return {name: [Sweeps(three).suggestion for three in combinations(sweeps(name), 3)] for name in results()}


def of_grid() -> Suggestions:
    """What the short trainings suggest."""
    found: Suggestions = {}
    for name, measured in results().items():
        losses = [float(loss) for loss, _ in measured["short"]]
        ended = [loss if math.isfinite(loss) else None for loss in losses]
        found[name] = [Grid(measured["peaks"], ended, Cosine(1.0, steps=100)).suggestion]
    return found


def of_peer(peer: str) -> Suggestions:
    kind = PEERS[peer][0]
    low, high, updates = SWEEPS[kind]
    found: Suggestions = {}
    for name, measured in results().items():
        whole = [np.array(losses, float) for losses in measured[kind]]
        padded = [np.r_[losses, np.full(updates - len(losses), np.nan)] for losses in whole]
        found[name] = [suggested(peer, low, high, losses) for losses in padded]
    return found


def below(factor: float) -> Suggestions:
    return of_one(lambda sweep: sweep.minimum and sweep.minimum / factor)


FACTORS = (2.0, 3.0, 4.0, 6.0, 10.0)
"""What the constant of our recommendation, 3, might be instead."""


def left_out() -> Suggestions:
    """Our recommendation with the constant that is best for the other tasks: what it is worth on a task it never saw."""
    tried = {factor: below(factor) for factor in FACTORS}
    lost_by = {factor: losses(suggestions) for factor, suggestions in tried.items()}
    found: Suggestions = {}
    for name in results():
        others = [other for other in chosen_by() if task(other) != task(name)]
        chosen = min(FACTORS, key=lambda factor: mean(lost_by[factor][other] for other in others))
        found[name] = tried[chosen][name]
    return found


def task(name: str) -> str:
    return name.rpartition(", ")[0]


@cache
def finders() -> dict[str, Suggestions]:
    """Every row of the table."""
    ours = {
        "lrcore, one sweep": of_one(lambda sweep: sweep.suggestion),
        "lrcore, three sweeps": of_three(),
        "lrcore, grid of short trainings": of_grid(),
        "lrcore, one sweep, constant from the other tasks": left_out(),
    }
    return ours | {peer: of_peer(peer) for peer in PEERS} | {"none: always 1e-3": {name: [DEFAULT] for name in results()}}


def used(rate: float | None) -> float:
    return rate if rate is not None and math.isfinite(rate) else DEFAULT


def losses(suggestions: Suggestions) -> dict[str, float]:
    """The mean points lost for each task with an optimizer."""
    return {name: mean(lost(name, used(rate)) for rate in rates) for name, rates in suggestions.items()}


def chosen_by() -> list[str]:
    """The tasks that were there when the constants were chosen, each with its optimizer."""
    return [name for name in results() if task(name) not in HELD_OUT]


def summary() -> list[str]:
    """What each finder loses on average: on what the constants were chosen by, and on what came later."""
    known = chosen_by()
    later = [name for name in results() if name not in known]
    columns = f"mean of {len(known)} | median | worst | mean of {len(later)} held out | worst | off by | suggests none"
    lines = [f"| finder | {columns} |", f"| --- {'| --: ' * 7}|"]
    for finder, suggestions in finders().items():
        each = losses(suggestions)
        old, new = [each[name] for name in known], [each[name] for name in later]
        every = [(name, rate) for name, rates in suggestions.items() for rate in rates]
        off = median(2 ** abs(math.log2(used(rate) / best(name))) for name, rate in every)
        silent = sum(rate is None for _, rate in every)
        cells = [f"{x:.1f}" for x in (mean(old), median(old), max(old), mean(new), max(new))]
        lines.append(f"| {' | '.join([finder, *cells, f'×÷ {off:.1f}', f'{silent} of {len(every)}'])} |")
    return lines


SHOWN = {
    "lrcore, one sweep": "lrcore",
    "lrcore, grid of short trainings": "grid",
    "fastai, valley": "fastai, valley",
    "torch_lr_finder, steepest": "torch_lr_finder",
    "Lightning": "Lightning",
}
"""The finders of the longer table, and their columns."""


def details() -> list[str]:
    """Every task with an optimizer: the best peak, and what each finder's median suggestion is and loses."""
    lines = [f"| trained | best peak | {' | '.join(SHOWN.values())} |", f"| --- {'| --: ' * (1 + len(SHOWN))}|"]
    made = {finder: finders()[finder] for finder in SHOWN}
    lost_by = {finder: losses(suggestions) for finder, suggestions in made.items()}
    for name in results():
        cells = []
        for finder, suggestions in made.items():
            given = [rate for rate in suggestions[name] if rate is not None]
            shown = f"{median(given):.1e}" if 2 * len(given) > len(suggestions[name]) else "none"
            cells.append(f"{shown}, -{lost_by[finder][name]:.1f}")
        lines.append(f"| {name} | {best(name):.1e}, {scores(name).max():.1f} | {' | '.join(cells)} |")
    return lines


def constants() -> list[str]:
    """What each constant would lose on average."""
    known = chosen_by()
    lines = ["| part of the minimum | points lost, mean | held out |", "| --- | --: | --: |"]
    for factor in FACTORS:
        each = losses(below(factor))
        parts = [[x for name, x in each.items() if (name in known) == old] for old in (True, False)]
        lines.append(f"| 1/{factor:g} | {' | '.join(f'{mean(part):.1f}' for part in parts)} |")
    return lines


if __name__ == "__main__":
    print("\n\n".join("\n".join(lines) for lines in (summary(), details(), constants())))
