"""A formula of the user's own in every library."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow as tf
import torch

from formulas import formula
from lrcore import Custom

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


def test_a_function_of_one_number_is_refused_for_arrays() -> None:
    for steps in (torch.arange(3), jnp.arange(3)):
        with pytest.raises(TypeError, match=r"is a function of one Python number: give it a second parameter, xp"):
            Custom(lambda t: 0.1)(steps)
