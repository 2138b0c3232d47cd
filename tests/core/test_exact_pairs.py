"""Every composition of every family, and of every two of them, against 50-digit arithmetic."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from mpmath import mpf

from cases import FAMILIES, Case, Exact, numbers, ulps
from lrcore import Schedule

STEPS = (0, 1, 5, 29, 30, 31, 299, 300, 998, 999, 1000, 123_457)
PAIRS = list(itertools.product(FAMILIES, FAMILIES))


def worst(schedule: Schedule, exact: Exact, steps: Any = STEPS) -> float:
    """The largest error over some steps, in ulp of the exact value."""
    return max(ulps(schedule(step), exact(step)) for step in steps)


@pytest.mark.parametrize("first", FAMILIES, ids=numbers)
def test_one_after_another(first: Case) -> None:
    for second in FAMILIES:
        joined = first.schedule.then(second.schedule, at=300)
        error = worst(joined, lambda t, b=second: first.exact(t) if t < 300 else b.exact(t - 300))
        assert error <= 4 + max(first.slack, second.slack), second.name


@pytest.mark.parametrize("left", FAMILIES, ids=numbers)
def test_times(left: Case) -> None:
    for right in FAMILIES:
        error = worst(left.schedule * right.schedule, lambda t, b=right: left.exact(t) * b.exact(t))
        assert error <= 8 + left.slack + right.slack, right.name


@pytest.mark.parametrize("case", FAMILIES, ids=numbers)
def test_what_composes_one(case: Case) -> None:
    lr, exact = case.schedule, case.exact
    composed: list[tuple[Schedule, Exact]] = [
        (3 * lr, lambda t: 3 * exact(t)),
        (lr.clip(0.01, 0.07), lambda t: min(max(exact(t), mpf(0.01)), mpf(0.07))),
        (lr.shift(17), lambda t: exact(t + 17)),
        (lr.per_epoch(7), lambda t: exact(t // 7)),
    ]
    if lr(300) != 0:  # nothing is left to cool down
        cooled = lr.cooldown(at=300, steps=50, shape="linear")
        composed.append((cooled, lambda t: exact(t) if t < 300 else mpf(lr(300)) * max(0, mpf(350 - t)) / 50))
    if lr.length is not None:
        end = lr.length
        composed.append((lr.repeat(3), lambda t: exact(t % end) if t < 3 * end else exact(end)))
    for schedule, value in composed:
        assert worst(schedule, value) <= 4.5 + case.slack, repr(schedule)
