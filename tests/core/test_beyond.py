"""Values below 0, and steps beyond those that a float tells apart."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mpf

import lrcore
from cases import FAMILIES, Case, numbers
from lrcore import Constant, Cosine, Cyclic, Interpolate, Linear, PiecewiseConstant, Polynomial, Schedule, WarmRestarts, wsd
from lrcore._arguments import LARGEST
from lrcore._numeric.compiled import compiled

LOG_TEMPERATURES: list[Schedule] = [
    Constant(-2.0),
    Linear(1.0, end=-3.0, steps=1000),
    Cosine(-0.5, steps=1000, end=-3.0).warmup(100, start=-5.0),
    Polynomial(-3.0, steps=1000, end=0.5, power=2),
    PiecewiseConstant([-1.0, 1.0], boundaries=[10]),
    Interpolate([(0, -1.0), (10, 1.0)], shape="cosine"),
    Cyclic(-1.0, high=1.0, up=10),
    WarmRestarts(1.0, steps=10, end=-1.0),
    wsd(-1.0, steps=100, warmup=10, cooldown=20, end=-2.0),
    -1 * Cosine(0.1, steps=100),
    Linear(1.0, end=-1.0, steps=10).clip(low=-0.5),
]


@pytest.mark.parametrize("lr", LOG_TEMPERATURES, ids=repr)
def test_values_below_0_print_save_and_stay_between_their_ends(lr: Schedule) -> None:
    assert lrcore.parse(repr(lr)) == lrcore.from_dict(lr.to_dict()) == lr
    values = [lr(t) for t in range(0, 1200, 7)]
    assert min(values) < 0
    assert -5 <= min(values) <= max(values) <= 1


@pytest.mark.parametrize("end", [-3.0, -1e-3, 0.5])
def test_a_curve_that_crosses_0_is_within_4_ulp_of_its_larger_end(end: float) -> None:
    lr = Linear(1.0, end=end, steps=997)
    power = Polynomial(1.0, steps=997, end=end, power=3)
    for t in range(998):
        left = mpf(997 - t) / 997
        assert abs(lr(t) - (mpf(end) + (1 - mpf(end)) * left)) < 4 * 2.0**-52 * max(1, abs(end))
        assert abs(power(t) - (mpf(end) + (1 - mpf(end)) * left**3)) < 4 * 2.0**-52 * max(1, abs(end))


@pytest.mark.parametrize("case", [case for case in FAMILIES if case.name != "Custom"], ids=numbers)
def test_far_beyond_2_53_a_value_is_one_that_the_schedule_has(case: Case) -> None:
    highest = max(case.schedule(t) for t in range(0, 100_000, 37))
    steps = [10**15, 2**53 + 2, 10**18, 10**30, 10**300, 10**308, int(LARGEST) // 2, int(LARGEST)]
    function = compiled(case.schedule._value)
    for step in steps:
        assert 0 <= case.schedule(step) <= highest
        assert function(float(step)) == case.schedule(step)
    with np.errstate(over="ignore"):  # whole periods of the largest float may be beyond it, and NumPy tells of that
        assert case.schedule(np.array(steps, np.float64)).tolist() == [case.schedule(step) for step in steps]


@pytest.mark.parametrize("step", [10**18, 10**25])
def test_a_lopsided_wave_stays_between_low_and_high(step: int) -> None:
    lr = Cyclic(0.0, high=0.1, up=100, down=1)
    assert all(0 <= lr(step + 2**12 * i) <= 0.1 for i in range(200))
    assert 0 <= Cosine(0.1, steps=7).repeat(10**20)(step) <= 0.1
