"""A schedule is freed when the last name of it goes, called or not: no garbage that only the collector can free."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from cases import CASES, Case, numbers
from lrcore import Schedule, parse


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def is_freed(schedules: list[Schedule]) -> bool:
    """Whether the only one of a list dies when the list lets go of it."""
    seen = weakref.ref(schedules[0])
    schedules.clear()
    return seen() is None


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_a_schedule_that_was_called_often_is_freed_at_once(case: Case) -> None:
    made = [parse(repr(case.schedule))]
    for step in range(200):
        made[0](step)
    made[0](np.arange(20))
    made[0].edges(20)
    assert is_freed(made)


def test_one_that_holds_itself_would_be_seen() -> None:
    made = [parse("Constant(0.1)")]
    made[0].__dict__["_number"] = made[0]._number
    assert not is_freed(made)
