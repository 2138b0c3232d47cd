"""One step costs no more than the logarithm of the number of milestones, boundaries, points or pieces, if that."""

from __future__ import annotations

from collections.abc import Callable
from timeit import Timer

import pytest

from core_schedules import MANY
from lrcore import Schedule
from lrcore._evaluate import OFTEN

STEP = 500_007
LIMIT = 20.0
"""The logarithm of 100,000 is 5 times that of 10; the number itself 10,000 times. A busy machine is in between."""

Make = Callable[[range], Schedule]


def pair(make: Make) -> list[Schedule]:
    """One with 10 of them, and one with 100,000."""
    return [make(range(1_000_000 // many, 1_000_001, 1_000_000 // many)) for many in (10, 100_000)]


def growth(schedules: list[Schedule], calls: int, attempts: int = 5) -> float:
    """How much longer a call of the second takes than one of the first: the least of each, of some attempts."""
    few, many = (min(Timer(lambda: schedule(STEP)).repeat(attempts, calls)) for schedule in schedules)  # noqa: B023
    return many / few


@pytest.mark.parametrize("name", MANY)
def test_a_call_grows_no_faster_than_the_logarithm_interpreted_and_compiled(name: str) -> None:
    schedules = pair(MANY[name])
    for schedule in schedules:
        schedule(STEP)  # looks through the fields for arrays, once
    assert growth(schedules, calls=OFTEN // 10) < LIMIT
    for schedule in schedules:
        for _ in range(OFTEN):
            schedule(STEP)
        assert "interpreted" not in schedule._number.__name__
    assert growth(schedules, calls=100) < LIMIT


def test_a_call_that_looks_at_every_milestone_would_be_seen() -> None:
    class Linear(Schedule):
        def __init__(self, edges: range) -> None:
            self.__dict__["edges"] = tuple(edges)

        def _value(self, t, xp):  # type: ignore[no-untyped-def]
            return float(sum(edge <= t for edge in self.edges))

    assert growth(pair(Linear), calls=1) > 10 * LIMIT
