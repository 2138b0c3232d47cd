"""The elementary functions of the core against 50-digit arithmetic."""

from __future__ import annotations

import random

import numpy as np
from mpmath import mp, mpf

from cases import ulps
from lrcore._families.cosine import COSINE
from lrcore._numeric.blend import quotient
from lrcore._numeric.elementary import LN2, expm1, log, log_array, log_below_1, sin_squared
from lrcore._numeric.scalar import scalar

DRAW = random.Random(0)
NUMBERS = [DRAW.uniform(0, 2) for _ in range(2000)]
NUMBERS += [1 + sign * 10 ** DRAW.uniform(-16, -1) for sign in (1, -1) for _ in range(1000)]
NUMBERS += [10 ** DRAW.uniform(-320, 308) for _ in range(1000)]
PLACES = [(DRAW.randrange(1, steps // 2 + 1), steps) for steps in (7, 90, 12_345, 10**6, 2**27 - 2) for _ in range(1000)]


def test_a_logarithm_is_within_an_ulp() -> None:
    assert max(ulps(log(x), mp.log(mpf(x))) for x in NUMBERS if x != 1) < 0.9
    assert log(1.0) == 0.0


def test_an_arrays_logarithms_are_those_of_its_numbers() -> None:
    assert log_array(np.array(NUMBERS)).tolist() == [log(x) for x in NUMBERS]


def test_a_squared_sine_is_within_four_ulp_and_half_of_one_on_average() -> None:
    errors = []
    for n, steps in PLACES:
        high, low = COSINE.constants(steps)
        errors.append(ulps(sin_squared(n * high, n * low), mp.sin(mp.pi / 2 * n / steps) ** 2))
    assert max(errors) < 3.5
    assert sum(errors) / len(errors) < 0.6


def test_an_exponential_less_one_is_within_two_ulp() -> None:
    places = [*(DRAW.uniform(-LN2, LN2) for _ in range(2000)), *(10 ** DRAW.uniform(-300, -1) for _ in range(1000))]
    assert max(ulps(expm1(x), mp.expm1(mpf(x))) for x in (*places, -LN2, LN2)) < 2.0
    assert expm1(0.0) == 0.0


def test_a_logarithm_below_1_keeps_its_digits_near_1() -> None:
    missing = [10 ** DRAW.uniform(-16, -0.1) for _ in range(2000)]
    assert max(ulps(log_below_1(1.0 - off, off, scalar), mp.log(1 - mpf(off))) for off in missing) < 3.0


def test_a_fraction_of_the_steps_is_the_quotient_to_the_last_bit() -> None:
    different = [(n, steps) for n, steps in PLACES if quotient(float(n), steps) != n / steps]
    assert len(different) <= 0.001 * len(PLACES)
    assert [steps for steps in range(1, 5000) if quotient(float(steps), steps) != 1.0] == []
