"""The rate that Keras applies is the core's, rounded once to float32."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import keras
import ml_dtypes
import numpy as np
import pytest

from cases import CASES, Case, numbers, steps_of
from lrcore import Constant, Cosine, InverseTime, Linear, OneCycle, Schedule
from lrcore_keras import KerasSchedule

BACKEND = keras.backend.backend()
Applied = Callable[..., list[Any]]

LR = Cosine(0.1, steps=20, end=1e-3).warmup(5, start=0.02)

# PyTorch's compiler takes half a minute for a first step, and warns of Keras's own code
MODES = {
    "graph": {"jit_compile": False},
    "eager": {"run_eagerly": True, "jit_compile": False},
    "compiled": {"jit_compile": True},
}


def core(schedule: Schedule, updates: int, start: int = 0) -> list[np.float32]:
    return [np.float32(schedule(start + update)) for update in range(updates)]


def told(micro_steps: int | None, **arguments: Any) -> KerasSchedule:
    """A schedule that knows how many batches an update is made of."""
    return KerasSchedule(LR, gradient_accumulation_steps=micro_steps, **arguments)


def compiled(function: Any) -> Any:
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    return function


@pytest.fixture(scope="module")
def compiled_rates() -> dict[str, tuple[Any, Any]]:
    """The steps of every case and its rates there, all from one compiled function."""
    integers = np.int32 if BACKEND == "jax" else np.int64
    steps = [np.array([step for step in steps_of(case) if step < 2**31], integers) for case in CASES]
    rates = compiled(lambda tensors: [KerasSchedule(case.schedule)(t) for case, t in zip(CASES, tensors, strict=True)])
    found = rates([keras.ops.convert_to_tensor(step) for step in steps])
    return {case.name: pair for case, *pair in zip(CASES, steps, found, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_every_schedule_is_the_core_rounded_once_in_a_compiled_function(
    case: Case, compiled_rates: dict[str, tuple[Any, Any]]
) -> None:
    steps, rates = compiled_rates[case.name]
    assert keras.backend.standardize_dtype(rates.dtype) == "float32"
    found, want = keras.ops.convert_to_numpy(rates), case.schedule(steps).astype(np.float32)
    tiny = np.finfo(np.float32).tiny
    normal = (want == 0) | (want >= tiny)
    np.testing.assert_array_equal(found[normal], want[normal])
    assert np.all(found[~normal] < tiny)


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_a_step_whose_value_is_known_gives_the_same_tensor(case: Case) -> None:
    rate = KerasSchedule(case.schedule)
    for step in (0, 1, 7, *case.edges):
        if step < 2**31:
            variable = keras.Variable(step, dtype="int32", trainable=False)
            for known in (step, np.int64(step), keras.ops.convert_to_tensor(step, "int32"), variable, variable.value):
                found = rate(known)
                assert keras.ops.is_tensor(found)
                assert keras.backend.standardize_dtype(found.dtype) == "float32"
                assert keras.ops.convert_to_numpy(found) == np.float32(case.schedule(step))


def test_the_core_reads_a_keras_variable() -> None:
    found = LR(keras.Variable(7, dtype="int32", trainable=False))
    assert keras.ops.is_tensor(found)
    assert keras.ops.convert_to_numpy(found) == np.float32(LR(7))


def test_the_core_says_that_a_symbolic_tensor_has_no_value() -> None:
    with pytest.raises(TypeError) as error:
        LR(keras.KerasTensor((), "int32"))
    assert str(error.value) == "step must be an array or a variable of Keras, got KerasTensor, which has no value yet."


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("schedule", [LR, OneCycle(0.1, steps=12), InverseTime(0.1, rate=0.7)], ids=repr)
@pytest.mark.filterwarnings("ignore::UserWarning:torch")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_applied_rate_is_the_core_at_every_update(applied: Applied, mode: str, schedule: Schedule) -> None:
    rates = applied(keras.optimizers.SGD(KerasSchedule(schedule)), 24, **MODES[mode])
    assert rates == core(schedule, 24)


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_floatx_does_not_round_the_rate(applied: Applied, floatx: Callable[[str], None], name: str) -> None:
    floatx(name)
    assert applied(keras.optimizers.SGD(KerasSchedule(LR)), 24, "float32") == core(LR, 24)
    dtype = {"float32": np.float32, "bfloat16": ml_dtypes.bfloat16, "float16": np.float16}[name]
    rates = applied(keras.optimizers.SGD(KerasSchedule(LR)), 24)
    assert rates[0].dtype == dtype
    assert rates == [rate.astype(dtype) for rate in core(LR, 24)]


def test_mixed_float16_with_a_scaled_loss(applied: Applied) -> None:
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(KerasSchedule(LR)))
    assert applied(optimizer, 24, "mixed_float16", jit_compile=BACKEND != "torch") == core(LR, 24)


def test_an_update_that_a_scaled_loss_skips_is_no_step(linear: Callable[..., Any]) -> None:
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(KerasSchedule(LR)))
    model = linear(optimizer, [0.0], "mixed_float16", jit_compile=BACKEND != "torch")
    found = []
    for x in (1.0, np.inf, 1.0):
        model.train_on_batch(np.full((1, 1), x), np.ones((1, 1)))
        found.append(-model.get_weights()[0][0, 0])
        model.set_weights([np.zeros((1, 1))])
    assert found == [core(LR, 2)[0], 0.0, core(LR, 2)[1]]


OPTIMIZERS = sorted(
    name
    for name, kind in vars(keras.optimizers).items()
    if isinstance(kind, type)
    and issubclass(kind, keras.optimizers.Optimizer)
    and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains_as_with_the_rate_set_by_hand(linear: Callable[..., Any], name: str) -> None:
    kind = getattr(keras.optimizers, name)
    random = np.random.default_rng(0)
    weights, batches = random.normal(size=4), random.normal(size=(8, 1, 4))
    scheduled = linear(kind(KerasSchedule(LR)), weights, jit_compile=False)
    by_hand = linear(kind(1.0), weights, jit_compile=False)
    for update, x in enumerate(batches):
        scheduled.train_on_batch(x, np.ones((1, 1)))
        by_hand.optimizer.learning_rate = float(np.float32(LR(update)))
        by_hand.train_on_batch(x, np.ones((1, 1)))
        np.testing.assert_array_equal(scheduled.get_weights()[0], by_hand.get_weights()[0])
    assert len(OPTIMIZERS) >= 13


@pytest.mark.parametrize("mode", ["graph", "eager", "compiled"])
@pytest.mark.parametrize("micro_steps", [None, 3, 4])
@pytest.mark.filterwarnings("ignore::UserWarning:torch")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_accumulated_gradients_do_not_hurry_the_schedule(applied: Applied, micro_steps: int | None, mode: str) -> None:
    k = micro_steps or 1
    optimizer = keras.optimizers.SGD(told(micro_steps), gradient_accumulation_steps=micro_steps)
    rates = applied(optimizer, 4 * k, **MODES[mode])
    assert rates[k - 1 :: k] == core(LR, 4)
    assert [rate for i, rate in enumerate(rates) if (i + 1) % k] == [0.0] * (4 * (k - 1))


@pytest.mark.parametrize("micro_steps", [None, 3])
def test_step_continues_a_run(applied: Applied, micro_steps: int | None) -> None:
    k = micro_steps or 1
    rate = told(micro_steps, step=7)
    rates = applied(keras.optimizers.SGD(rate, gradient_accumulation_steps=micro_steps), 5 * k)
    assert rates[k - 1 :: k] == core(LR, 5, start=7)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"schedule": 0.1}, TypeError, "KerasSchedule.schedule must be a schedule, got 0.1."),
        (
            {"schedule": LR, "gradient_accumulation_steps": 0},
            ValueError,
            "KerasSchedule.gradient_accumulation_steps must be a positive integer, got 0.",
        ),
        ({"schedule": LR, "step": -1}, ValueError, "KerasSchedule.step must be an integer, 0 or more, got -1."),
        (
            {"schedule": LR, "step": 1.0},
            TypeError,
            "KerasSchedule.step must be an integer, 0 or more, got 1.0; write 1.",
        ),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        KerasSchedule(**arguments)
    assert str(error.value) == message


NEGATIVE = [
    (Linear(0.1, end=-0.1, steps=10), 6),
    (Cosine(0.1, steps=10).then(Constant(-0.5)), 10),
    (Constant(0.1).then(Constant(-0.5), at=3).then(Constant(0.1), at=4), 3),
]


@pytest.mark.parametrize("make", [KerasSchedule, lambda lr: KerasSchedule(lr, step=7)])
def test_a_rate_below_0_is_refused_where_it_can_be_known(make: Any) -> None:
    for lr, step in NEGATIVE:
        with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
            make(lr)
        rule = f"must be a schedule that is never below 0, got {lr!r}; it is {lr(step)!r} at step {step}."
        assert str(error.value) == f"KerasSchedule.schedule {rule}"


def test_its_text_shows_what_it_was_given() -> None:
    assert repr(KerasSchedule(LR)) == f"KerasSchedule({LR!r})"
    text = f"KerasSchedule({LR!r}, gradient_accumulation_steps=2, step=5)"
    assert repr(KerasSchedule(LR, step=5, gradient_accumulation_steps=2)) == text


def test_a_known_step_that_is_negative_is_refused() -> None:
    with pytest.raises(ValueError, match=r"step must be a finite number, 0 or more, got -1;"):
        KerasSchedule(LR)(keras.ops.convert_to_tensor(-1, "int32"))


def test_optax_is_given_the_schedule_itself() -> None:
    import jax

    step = jax.jit(lambda step: KerasSchedule(LR)(step))
    if BACKEND == "jax":
        assert step(3) == np.float32(LR(3))
        return
    with pytest.raises(TypeError) as error:
        step(3)
    rule, hint = f"KerasSchedule().step must be a number or a tensor of {BACKEND}", "give Optax the schedule itself"
    assert re.fullmatch(rf"{re.escape(rule)}, got .*; {hint}\.", str(error.value))
