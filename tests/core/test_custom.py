"""The user's own formula: both ways to write it, and why it cannot be saved."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from formulas import formula
from lrcore import Custom

STEPS = np.arange(1, 12)
EXPECTED = np.array([Custom(formula)(int(step)) for step in STEPS])


def test_one_function_serves_numpy_too() -> None:
    np.testing.assert_allclose(Custom(formula)(STEPS), EXPECTED, rtol=1e-15)


def test_it_composes() -> None:
    lr = (2 * Custom(formula)).warmup(5).then(Custom(formula), at=9)
    assert lr(0) == 0.0
    assert lr(5) == 2 * Custom(formula)(0)
    assert lr(9) == Custom(formula)(0)
    np.testing.assert_allclose(lr(STEPS), [lr(int(step)) for step in STEPS], rtol=1e-15)


def test_a_plain_function_may_use_if_and_math() -> None:
    lr = Custom(lambda t: 0.1 * math.cos(t / 10) if t < 10 else 0.05)
    assert (lr(0), lr(10), lr(np.array([10]))[0]) == (0.1, 0.05, 0.05)
    with pytest.raises(TypeError, match=r"is a function of one Python number: give it a second parameter, xp"):
        lr(np.arange(3))


def test_it_compares_by_its_function_and_pickles_where_that_can_be_found() -> None:
    assert Custom(formula) == Custom(formula) == pickle.loads(pickle.dumps(Custom(formula)))
    assert Custom(formula) != Custom(math.sqrt)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(Custom(lambda t: t))


@pytest.mark.parametrize("name", ["sqrt", "sin", "cos", "tanh", "exp", "log", "floor", "float64"])
def test_a_formula_over_an_array_may_ask_of_a_number_too(name: str) -> None:
    lr = Custom(lambda t, xp: getattr(xp, name)(2.0) * (t + 1.0))
    assert lr(np.arange(4)).tolist() == pytest.approx([lr(step) for step in range(4)], rel=1e-15)
