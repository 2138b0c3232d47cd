"""A schedule runs on updates, whoever asks and however the step gets there, or it says that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Cosine, Linear
from lrcore_keras import KerasSchedule, hyperparameters, used

BACKEND = keras.backend.backend()
JIT = BACKEND != "torch"
Applied = Callable[..., list[Any]]
LR = Cosine(0.1, steps=20, end=1e-3).warmup(5, start=0.02)


def compiled(function: Any) -> Any:
    """A function of the user's, compiled by himself: on PyTorch, one that TorchDynamo leaves alone."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.compiler.disable(function)


def decorated(function: Any) -> Any:
    @wraps(function)
    def call(*arguments: Any) -> Any:
        return function(*arguments)

    return call


class Half(keras.optimizers.schedules.LearningRateSchedule):
    """Half of what a function of the step gives."""

    def __init__(self, function: Any, step: Any = lambda step: step) -> None:
        self.function, self.step = function, step

    def __call__(self, step: Any) -> Any:
        return 0.5 * self.function(self.step(step))

    def get_config(self) -> dict[str, Any]:
        return {}


def as_tensor(step: Any) -> Any:
    return keras.ops.cast(step, "float32")


def asked_from_afar(rate: Any, **arguments: Any) -> Any:
    """An optimizer whose helpers ask eight functions down."""

    class Far(keras.optimizers.SGD):
        def _get_current_learning_rate(self) -> Any:
            ask = super()._get_current_learning_rate
            for _ in range(8):
                ask = decorated(ask)
            return ask()

    return Far(rate, **arguments)


WAYS: dict[str, Callable[..., Any]] = {
    "as it is": lambda rate, **a: keras.optimizers.SGD(Half(rate), **a),
    "as a tensor": lambda rate, **a: keras.optimizers.SGD(Half(rate, as_tensor), **a),
    "behind decorators": lambda rate, **a: keras.optimizers.SGD(Half(decorated(decorated(rate))), **a),
    "in a compiled function": lambda rate, **a: keras.optimizers.SGD(Half(compiled(rate), as_tensor), **a),
    "two schedules deep": lambda rate, **a: keras.optimizers.SGD(Half(Half(lambda step: 2 * rate(step)), as_tensor), **a),
    "from afar": lambda rate, **a: asked_from_afar(Half(rate), **a),
    "in a scaled loss": lambda rate, **a: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(Half(rate), **a)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_schedule_inside_another_runs_on_updates_or_says_what_to_write(applied: Applied, way: str) -> None:
    want = [np.float32(LR(update)) / 2 for update in range(4)]
    if way == "two schedules deep":
        want = [rate / 2 * 2 for rate in want]
    make = WAYS[way]
    assert applied(make(KerasSchedule(LR)), 4, jit_compile=JIT) == want
    rate = KerasSchedule(LR, gradient_accumulation_steps=3)
    assert applied(make(rate, gradient_accumulation_steps=3), 12, jit_compile=JIT)[2::3] == want
    for given, its, hint in [(None, 3, "; write KerasSchedule(..., gradient_accumulation_steps=3)"), (3, None, "")]:
        rate = KerasSchedule(LR, gradient_accumulation_steps=given)
        with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
            applied(make(rate, gradient_accumulation_steps=its), 3, jit_compile=JIT)
        rule = f"KerasSchedule.gradient_accumulation_steps must be the optimizer's own, {its or 1}, got {given}{hint}."
        assert rule in str(error.value)


def test_the_coming_rate_of_an_optimizer_is_no_function_of_ones_own() -> None:
    optimizer = keras.optimizers.SGD(KerasSchedule(LR))
    optimizer.build([keras.Variable([1.0])])
    if BACKEND == "tensorflow":
        assert float(compiled(lambda: optimizer.learning_rate)()) == np.float32(LR(0))


@pytest.mark.parametrize("how", ["fit", "eager fit"])
@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize(
    "maker", [keras.optimizers.SGD, lambda rate, **a: hyperparameters(keras.optimizers.SGD(rate, **a))]
)
def test_an_update_that_mixed_precision_skips_is_not_counted(
    linear: Callable[..., Any], maker: Any, batches: int, how: str
) -> None:
    rate = KerasSchedule(LR, gradient_accumulation_steps=batches)
    inner = maker(rate, gradient_accumulation_steps=batches if batches > 1 else None)
    model = linear(keras.optimizers.LossScaleOptimizer(inner), [0.0], run_eagerly=how == "eager fit")
    moved = []
    for skipped in [True, False, True, False, False, True, False, False]:
        model.set_weights([np.zeros((1, 1))])
        model.train_on_batch(np.full((1, 1), np.nan if skipped else 1.0), np.ones((1, 1)))
        moved.append(-float(model.get_weights()[0][0, 0]))
        assert not skipped or moved[-1] == 0.0
    updates = 5 // batches
    assert [rate for rate in moved if rate] == [np.float32(LR(update)) for update in range(updates)]
    assert (int(inner._iterations), used(inner)) == (5, {"lr": np.float32(LR(updates - 1))})


def test_a_schedule_that_divides_its_counter_itself_shows_updates(applied: Applied) -> None:
    rate = KerasSchedule(LR, gradient_accumulation_steps=1)
    optimizer = keras.optimizers.SGD(Half(rate, lambda step: step // 3), gradient_accumulation_steps=3)
    assert applied(optimizer, 12)[2::3] == [np.float32(LR(update)) / 2 for update in range(4)]


def test_a_call_by_hand_is_divided_by_the_number_given() -> None:
    assert float(KerasSchedule(LR, gradient_accumulation_steps=3)(6)) == np.float32(LR(2))
    optimizer = keras.optimizers.SGD(KerasSchedule(LR, gradient_accumulation_steps=4), gradient_accumulation_steps=4)
    optimizer._iterations.assign(8)
    assert float(optimizer.learning_rate) == np.float32(LR(2))


@pytest.mark.parametrize("step", [0, 7])
@pytest.mark.parametrize("given", [None, 3])
def test_an_optimizer_with_hyperparameters_counts_its_updates(applied: Applied, given: int | None, step: int) -> None:
    rate = KerasSchedule(LR, gradient_accumulation_steps=given, step=step)
    optimizer = hyperparameters(keras.optimizers.SGD(rate, gradient_accumulation_steps=3))
    assert applied(optimizer, 12, jit_compile=JIT)[2::3] == [np.float32(LR(step + update)) for update in range(4)]
    assert float(optimizer.learning_rate) == np.float32(LR(step + 4))
    assert used(optimizer) == {"lr": float(np.float32(LR(step + 3)))}


def test_an_optimizer_with_hyperparameters_refuses_another_number() -> None:
    rate = KerasSchedule(LR, gradient_accumulation_steps=3)
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        hyperparameters(keras.optimizers.SGD(rate))
    assert str(error.value) == "KerasSchedule.gradient_accumulation_steps must be the optimizer's own, 1, got 3."
    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)))
    with pytest.raises(ValueError) as error:  # noqa: PT011 (likewise)
        optimizer.learning_rate = rate
    assert str(error.value) == "KerasSchedule.gradient_accumulation_steps must be the optimizer's own, 1, got 3."
    assert float(optimizer.learning_rate) == np.float32(LR(0))


@pytest.mark.parametrize("make", [keras.optimizers.SGD, lambda rate: hyperparameters(keras.optimizers.SGD(rate))])
def test_a_step_beyond_int32_goes_on_from_there(applied: Applied, make: Callable[[Any], Any]) -> None:
    lr = Linear(1.0, end=0.0, steps=2**33)
    first = 2**32 + 2**31 - 2
    for mode in ({"run_eagerly": True, "jit_compile": False}, {"jit_compile": JIT}):
        found = applied(make(KerasSchedule(lr, step=first)), 4, **mode)
        assert found == [np.float32(lr(first + update)) for update in range(4)]
