"""The core against 50-digit arithmetic: within 4 ulp of the exact value, everywhere."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from cases import CASES, Case, numbers, steps_of, ulps
from lrcore import Cosine, Interpolate, Linear, Schedule, Sequence
from lrcore._numeric.compiled import compiled
from lrcore._numeric.scalar import scalar
from lrcore.arrays import Namespace

ULP = 4.0


def errors(case: Case, steps: list[int]) -> list[float]:
    """The error at each step, in ulp of the value."""
    return [ulps(case.schedule(step), case.exact(step)) for step in steps]


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_is_within_4_ulp_of_the_exact_value(case: Case) -> None:
    draw = random.Random(case.name)
    steps = steps_of(case)
    steps += [draw.randrange(10**k) for k in range(1, 13) for _ in range(20)]
    steps += [draw.randrange(max(case.edges, default=1000) + 1) for _ in range(400)]
    worst = max(zip(errors(case, steps), steps, strict=True))
    assert worst[0] <= ULP + case.slack, f"{worst[0]} ulp at step {worst[1]}"


def test_a_formula_with_one_digit_less_would_be_caught() -> None:
    case = next(case for case in CASES if case.name == "cosine to 0")
    naive = [0.1 * (1 + math.cos(math.pi * step / 1000)) / 2 for step in range(990, 1000)]
    exact = [float(case.exact(step)) for step in range(990, 1000)]
    assert max(abs(n - e) / math.ulp(e) for n, e in zip(naive, exact, strict=True)) > 100


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_arrays_equal_scalars_to_the_last_bit(case: Case) -> None:
    steps = steps_of(case)
    arrays = case.schedule(np.array(steps))
    assert arrays.dtype == np.float64
    assert arrays.tolist() == [case.schedule(step) for step in steps]


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_compiled_equals_interpreted_to_the_last_bit(case: Case) -> None:
    function = compiled(case.schedule._value)
    for step in steps_of(case):
        for t in (float(step), step + 0.3):
            assert function(t) == float(case.schedule._value(t, scalar))
            assert type(function(t)) is float


def test_a_schedule_that_is_called_often_is_compiled_and_says_the_same() -> None:
    lr = Cosine(0.1, steps=1000).warmup(100)
    interpreted = [lr(step) for step in range(50)]
    for step in range(200):
        lr(step)
    assert lr._number.__code__.co_filename == "<an lrcore formula>"
    assert [lr(step) for step in range(50)] == interpreted


def test_a_subclass_of_a_users_is_never_compiled_and_may_branch_on_the_step() -> None:
    class Halved(Schedule):
        def _value(self, t: Any, xp: Namespace) -> Any:
            return 0.1 if t < 150 else 0.05

    alone, inside = Halved(), 2 * Halved()
    assert [alone(step) for step in range(300)] == [0.1] * 150 + [0.05] * 150
    assert [inside(step) for step in range(300)] == [0.2] * 150 + [0.1] * 150


def test_compositions_many_deep_are_compiled() -> None:
    lr: Schedule = Cosine(0.1, steps=1000)
    for at in range(200, 100, -1):
        lr = Sequence([lr, Linear(0.2, end=0.1, steps=at)], boundaries=[at])
    function = compiled(lr._value)
    for step in range(0, 250, 7):
        assert function(float(step)) == lr(step)


def test_pieces_that_are_repeated_are_computed_together_and_say_the_same() -> None:
    pieces = [Cosine(0.1, steps=9), Linear(0.2, end=0.1, steps=7), Cosine(0.1, steps=9)] * 20
    lr = Sequence(pieces, boundaries=range(10, 600, 10))
    assert lr._kinds[0] == (Cosine(0.1, steps=9), Linear(0.2, end=0.1, steps=7))
    steps = [*range(0, 700, 3), 5, 1, 599, 10**9]
    expected = [pieces[min(step // 10, 59)](step - 10 * min(step // 10, 59)) for step in steps]
    assert [lr(step) for step in steps] == expected
    assert [compiled(lr._value)(float(step)) for step in steps] == expected
    assert lr(np.array(steps)).tolist() == expected


def test_steps_in_an_array_may_come_in_any_order() -> None:
    lr = Interpolate([(0, 1.0), (10, 0.5), (11, 0.2), (5_000, 0.1)])
    steps = np.random.default_rng(0).permutation(20_000)
    value = {int(step): lr(int(step)) for step in steps}
    for some in (steps, steps[::-1].reshape(100, 200), np.sort(steps), np.full(9, 10), np.array([11, 9, 10])):
        assert lr(some).ravel().tolist() == [value[step] for step in some.ravel().tolist()]
