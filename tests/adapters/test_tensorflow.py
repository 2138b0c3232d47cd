"""TensorFlow tensors as steps of the core: eager, in graphs, under XLA, in `tf.data` and in a SavedModel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from cases import CASES, Case, numbers, steps_of
from lrcore import Cosine, Linear

LR = Cosine(0.1, steps=100, end=1e-3).warmup(10)


def equal(found: Any, want: Any) -> None:
    """Bit for bit, but for numbers below float32's normal ones, which TensorFlow flushes to 0."""
    found, want = np.asarray(found), np.asarray(want, np.float32)
    assert found.dtype == np.float32
    normal = (want == 0) | (want >= np.finfo(np.float32).tiny)
    np.testing.assert_array_equal(found[normal], want[normal])


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_eager_tensors_give_the_core_rounded_once(case: Case) -> None:
    steps = np.array(steps_of(case))
    equal(case.schedule(tf.constant(steps)), case.schedule(steps))


@pytest.fixture(scope="module")
def graph() -> dict[str, tuple[Any, Any]]:
    steps = [np.array(steps_of(case)) for case in CASES]

    @tf.function
    def all_rates(tensors: Any) -> Any:
        return [case.schedule(t) for case, t in zip(CASES, tensors, strict=True)]

    found = all_rates([tf.constant(step) for step in steps])
    return {case.name: (step, rate) for case, step, rate in zip(CASES, steps, found, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_graphs_give_the_core_rounded_once(case: Case, graph: dict[str, tuple[Any, Any]]) -> None:
    steps, rates = graph[case.name]
    equal(rates, case.schedule(steps))


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_any_shape_and_real_dtype(dtype: str, shape: tuple[int, ...]) -> None:
    steps = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    for function in (LR, tf.function(LR), tf.function(LR, jit_compile=True)):
        found = function(tf.constant(steps))
        assert found.shape == shape
        equal(found, LR(np.asarray(steps)))


def test_a_variable_is_a_step() -> None:
    step = tf.Variable(7, dtype=tf.int64)
    assert LR(step).numpy() == np.float32(LR(7))
    assert tf.function(lambda: LR(step))().numpy() == np.float32(LR(7))


def test_a_step_that_cannot_be_looked_at_and_is_negative_reads_as_0() -> None:
    assert tf.function(LR.shift(3))(tf.constant(-5)).numpy() == np.float32(LR(3))


@pytest.mark.parametrize("step", [[-1], [float("nan")], [3.0, float("inf")]])
def test_an_eager_step_that_breaks_the_rule_is_refused(step: list[float]) -> None:
    with pytest.raises(ValueError, match="step must be a finite number, 0 or more, got"):
        LR(tf.constant(step))


def test_a_tensor_of_booleans_is_refused() -> None:
    with pytest.raises(TypeError, match=r"step must hold real numbers, got a tensor of bool\."):
        LR(tf.constant([True]))


def test_a_dataset_maps_a_schedule() -> None:
    rates = list(tf.data.Dataset.range(120).map(LR).as_numpy_iterator())
    equal(np.array(rates), LR(np.arange(120)))


def test_a_saved_model_holds_the_schedule(tmp_path: Path) -> None:
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
        def rate(self, step: Any) -> Any:
            return LR(step)

    tf.saved_model.save(Module(), str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    equal(loaded.rate(tf.range(120, dtype=tf.int64)), LR(np.arange(120)))


def test_gradients_pass_through_the_step_and_through_fields() -> None:
    step, peak = tf.constant(5.0, tf.float64), tf.Variable(0.5, dtype=tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(step)
        rate = Linear(1.0, end=0.0, steps=10)(step)
    assert tape.gradient(rate, step).numpy() == pytest.approx(-0.1, rel=1e-15)
    with tf.GradientTape() as tape:
        rate = Linear(peak, end=0.0, steps=10)(step)
    assert tape.gradient(rate, peak).numpy() == 0.5


def test_a_train_step_of_ones_own_follows_the_schedule() -> None:
    weight, step = tf.Variable(0.0), tf.Variable(0, dtype=tf.int64)

    @tf.function(jit_compile=True)
    def update() -> None:
        weight.assign_sub(LR(step))
        step.assign_add(1)

    want = np.float32(0)
    for t in range(30):
        update()
        want = want - np.float32(LR(t))
        assert weight.numpy() == want


def test_the_first_use_in_a_graph_is_silent() -> None:
    # In a process of its own: AutoGraph warns once for each function, through absl's log and not through `warnings`
    program = (
        "import tensorflow as tf\n"
        "from lrcore import *\n"
        "schedules = [Cosine(0.1, steps=100).warmup(10), OneCycle(0.1, steps=100), MultiStep(1.0, milestones=[3, 5])]\n"
        "@tf.function\n"
        "def rates(step):\n"
        "    return [lr(step) for lr in schedules]\n"
        "print([float(rate) for rate in rates(tf.constant(2))] == [float(tf.constant(lr(2))) for lr in schedules])"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert run.stdout == "True\n", run.stderr
    assert "AutoGraph" not in run.stderr
    assert "WARNING:tensorflow" not in run.stderr
