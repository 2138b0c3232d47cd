"""Steps of every kind give the core's float64 value rounded once: torch, JAX and TensorFlow, eager and compiled."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow as tf
import torch

from cases import CASES, Case, numbers, steps_of
from lrcore import Cosine, Schedule

Evaluate = Callable[[Schedule, np.ndarray], np.ndarray]


def in_graph(schedule: Schedule, steps: np.ndarray, **options: Any) -> np.ndarray:
    return tf.function(lambda t: schedule(t), autograph=False, **options)(tf.constant(steps)).numpy()


def in_jax_64(schedule: Schedule, steps: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(jax.jit(schedule)(jnp.asarray(steps)))


WAYS: dict[str, Evaluate] = {
    "torch": lambda schedule, steps: schedule(torch.tensor(steps)).numpy(),
    "jax jit": lambda schedule, steps: np.asarray(jax.jit(schedule)(jnp.asarray(steps[steps < 2**31], jnp.int32))),
    "tensorflow eager": lambda schedule, steps: schedule(tf.constant(steps)).numpy(),
    "tensorflow graph": in_graph,
    "tensorflow xla": lambda schedule, steps: in_graph(schedule, steps, jit_compile=True),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_is_the_cores_value_rounded_once_to_float32(case: Case, way: str) -> None:
    steps = np.array(steps_of(case))
    got = WAYS[way](case.schedule, steps)
    expected = np.array([case.schedule(int(step)) for step in steps[: len(got)]], np.float32)
    assert got.dtype == np.float32
    normal = expected > np.finfo(np.float32).tiny  # smaller ones may be flushed to 0
    np.testing.assert_array_equal(got[normal], expected[normal])
    assert (got[~normal] <= np.finfo(np.float32).tiny).all()


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_gives_float64_where_that_is_the_default(case: Case) -> None:
    steps = np.array(steps_of(case))
    core = np.array([case.schedule(int(step)) for step in steps])
    with jax.enable_x64(True):
        compiled = np.asarray(jax.jit(case.schedule)(jnp.asarray(steps)))
    torch.set_default_dtype(torch.float64)
    try:
        eager = case.schedule(torch.tensor(steps)).numpy()
    finally:
        torch.set_default_dtype(torch.float32)
    assert compiled.dtype == eager.dtype == np.float64
    normal = core > 1e-300
    # XLA multiplies by the reciprocal of a constant where the core divides: an ulp, times what an exponent makes of it
    np.testing.assert_allclose(compiled[normal], core[normal], rtol=(8 + case.slack) * 2**-53)
    np.testing.assert_allclose(eager[normal], core[normal], rtol=(4 + case.slack) * 2**-53)


KINDS: dict[str, Callable[[Any], Any]] = {
    "numpy": np.asarray,
    "torch": torch.tensor,
    "jax": jnp.asarray,
    "tensorflow": tf.constant,
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "jax"])  # join_schedules calls with negative steps
def test_refuses_a_negative_or_nan_step_that_it_can_see(kind: str) -> None:
    for bad, shown in (([3, -1], "-1"), ([3.0, float("nan")], "nan"), (-1, "-1")):
        message = f"step must be a finite number, 0 or more, got {shown}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            Cosine(0.1, steps=10)(KINDS[kind](bad))


def test_reads_a_negative_step_that_it_cannot_see_as_0() -> None:
    lr = Cosine(0.1, steps=10)
    first = np.float32(0.1)
    assert jax.jit(lr)(-5) == lr(jnp.int32(-5)) == first
    assert tf.function(lambda t: lr(t), autograph=False)(tf.constant(-5)).numpy() == first


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 1, 2)])
def test_keeps_the_shape(shape: tuple[int, ...]) -> None:
    for kind in KINDS.values():
        for lr in (Cosine(0.1, steps=10).warmup(3), 2 * Cosine(0.1, steps=10)):
            assert tuple(lr(kind(np.full(shape, 2))).shape) == shape


@pytest.mark.parametrize("kind", KINDS)
def test_refuses_what_is_no_real_number(kind: str) -> None:
    for bad in ([True, False], [1j]):
        with pytest.raises(TypeError, match=r"^step must hold real numbers, got "):
            Cosine(0.1, steps=10)(KINDS[kind](bad))
