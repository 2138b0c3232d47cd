"""The elementary functions of the core against 50-digit arithmetic."""

from __future__ import annotations

import random

import numpy as np
from mpmath import mp, mpf

from cases import ulps
from lrcore._families.cosine import COSINE
from lrcore._numeric.blend import quotient
from lrcore._numeric.elementary import log, log_array, sin_squared

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


def test_a_squared_sine_is_within_two_ulp() -> None:
    errors = []
    for n, steps in PLACES:
        high, low = COSINE.constants(steps)
        errors.append(ulps(sin_squared(n * high, n * low), mp.sin(mp.pi / 2 * n / steps) ** 2))
    assert max(errors) < 2.0


def test_a_fraction_of_the_steps_is_the_quotient_to_the_last_bit() -> None:
    different = [(n, steps) for n, steps in PLACES if quotient(float(n), steps) != n / steps]
    assert len(different) <= 0.001 * len(PLACES)
    assert [steps for steps in range(1, 5000) if quotient(float(steps), steps) != 1.0] == []
