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


def growth(make: Make, prepare: Callable[[Schedule], None], calls: int, attempts: int = 5) -> float:
    """How much longer a call takes with 100,000 of them than with 10: the least of each, of some attempts."""
    seconds = []
    for many in (10, 100_000):
        schedule = make(range(1_000_000 // many, 1_000_001, 1_000_000 // many))
        prepare(schedule)
        seconds.append(min(Timer(lambda: schedule(STEP)).repeat(attempts, calls)))  # noqa: B023 (called before it goes on)
    return seconds[1] / seconds[0]


def once(schedule: Schedule) -> None:
    schedule(STEP)  # looks through the fields for arrays, once


def often(schedule: Schedule) -> None:
    for _ in range(OFTEN):
        schedule(STEP)
    assert "interpreted" not in schedule._number.__name__


@pytest.mark.parametrize("name", MANY)
def test_a_compiled_call_grows_no_faster_than_the_logarithm(name: str) -> None:
    assert growth(MANY[name], often, calls=100) < LIMIT


@pytest.mark.parametrize("name", MANY)
def test_an_interpreted_call_grows_no_faster_than_the_logarithm(name: str) -> None:
    assert growth(MANY[name], once, calls=OFTEN // 10) < LIMIT


def test_a_call_that_looks_at_every_milestone_would_be_seen() -> None:
    class Linear(Schedule):
        def __init__(self, edges: range) -> None:
            self.__dict__["edges"] = tuple(edges)

        def _value(self, t, xp):  # type: ignore[no-untyped-def]
            return float(sum(edge <= t for edge in self.edges))

    assert growth(Linear, once, calls=1) > 10 * LIMIT
