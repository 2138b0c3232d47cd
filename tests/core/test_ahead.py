"""What an adapter reads ahead in a loop is what the schedules are at each step."""

from __future__ import annotations

from itertools import islice

import pytest

from cases import CASES, Case, numbers
from lrcore import Custom, OneCycle
from lrcore.arrays import ahead

CYCLE = OneCycle(0.1, steps=900)


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_every_value_is_the_schedules_own(case: Case) -> None:
    read = list(islice(ahead([case.schedule, CYCLE.momentum()], 3), 700))
    assert read == [(case.schedule(step), CYCLE.momentum()(step)) for step in range(3, 703)]


@pytest.mark.parametrize("first", [0.5, 2**53 - 900, 2**53 - 300, 10**18])
def test_also_between_two_steps_and_where_floats_do_not_tell_them_apart(first: float) -> None:
    cycle = CYCLE.repeat(10**18)
    assert list(islice(ahead([cycle], first), 1200)) == [(cycle(first + i),) for i in range(1200)]


def test_a_function_is_called_at_one_step_after_another() -> None:
    asked: list[float] = []
    lr = Custom(lambda t: asked.append(t) or 0.1)  # type: ignore[func-returns-value]
    assert list(islice(ahead([lr], 5), 300)) == [(0.1,)] * 300
    assert asked == list(range(5, 305))
