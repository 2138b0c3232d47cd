"""The user's own formula: both ways to write it, in every library, and why it cannot be saved."""

from __future__ import annotations

import math
import pickle
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow as tf
import torch

from lrcore import Custom
from lrcore.arrays import Namespace


def formula(t: Any, xp: Namespace) -> Any:
    """A bit of everything that `xp` has."""
    wave = xp.sin(t) ** 2 + xp.cos(t) ** 2 + xp.tanh(0.1 * t) + xp.exp(-t) + xp.log(1 + t) + xp.sqrt(t)
    stairs = xp.take([1.0, 0.5, 0.25], xp.searchsorted([3, 6], t)) + xp.floor(t / 4)
    bounded = xp.minimum(xp.maximum(wave * stairs, 1.0), 9.0)
    pieces = xp.piecewise(t, [4], [lambda t: xp.power(t, 0.5), lambda t: xp.full(t, xp.pi)])
    return xp.where(t < 2, xp.float64(0.5), 0.1 * bounded + pieces)


STEPS = np.arange(1, 12)
EXPECTED = np.array([Custom(formula)(int(step)) for step in STEPS])


def test_one_function_serves_every_library() -> None:
    lr = Custom(formula)
    np.testing.assert_allclose(lr(STEPS), EXPECTED, rtol=1e-15)
    rounded = EXPECTED.astype(np.float32)
    np.testing.assert_array_equal(lr(torch.tensor(STEPS)).numpy(), rounded)
    np.testing.assert_array_equal(jax.jit(lr)(jnp.asarray(STEPS, jnp.int32)), rounded)
    np.testing.assert_array_equal(lr(tf.constant(STEPS)).numpy(), rounded)
    np.testing.assert_array_equal(tf.function(lambda t: lr(t), autograph=False)(tf.constant(STEPS)).numpy(), rounded)


def test_it_composes() -> None:
    lr = (2 * Custom(formula)).warmup(5).then(Custom(formula), at=9)
    assert lr(0) == 0.0
    assert lr(5) == 2 * Custom(formula)(0)
    assert lr(9) == Custom(formula)(0)
    np.testing.assert_allclose(lr(STEPS), [lr(int(step)) for step in STEPS], rtol=1e-15)


def test_a_plain_function_may_use_if_and_math() -> None:
    lr = Custom(lambda t: 0.1 * math.cos(t / 10) if t < 10 else 0.05)
    assert (lr(0), lr(10), lr(np.array([10]))[0]) == (0.1, 0.05, 0.05)
    for steps in (np.arange(3), torch.arange(3), jnp.arange(3)):
        with pytest.raises(TypeError, match=r"is a function of one Python number: give it a second parameter, xp"):
            lr(steps)


def test_it_compares_by_its_function_and_pickles_where_that_can_be_found() -> None:
    assert Custom(formula) == Custom(formula) == pickle.loads(pickle.dumps(Custom(formula)))
    assert Custom(formula) != Custom(math.sqrt)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(Custom(lambda t: t))


@pytest.mark.parametrize("name", ["sqrt", "sin", "cos", "tanh", "exp", "log", "floor", "float64"])
def test_a_formula_over_an_array_may_ask_of_a_number_too(name: str) -> None:
    lr = Custom(lambda t, xp: getattr(xp, name)(2.0) * (t + 1.0))
    assert lr(np.arange(4)).tolist() == pytest.approx([lr(step) for step in range(4)], rel=1e-15)
