"""`check` of a compiled model: what is filled in from its optimizer, its data and its callbacks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Constant, Cosine
from lrcore.plateau import Plateau
from lrcore_keras import KerasSchedule, ScaleOnPlateau, check


def compiled(optimizer: Any) -> Any:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss="mse")
    return model


def test_a_plan_is_filled_in_from_the_optimizer_and_the_data() -> None:
    rate = KerasSchedule(Cosine(1e-3, steps=500), gradient_accumulation_steps=2)
    adamw = keras.optimizers.AdamW(rate, beta_1=0.8, beta_2=0.95, weight_decay=0.2, gradient_accumulation_steps=2)
    found = check(compiled(adamw), (np.zeros((6_400, 4)), np.zeros((6_400, 1))), batch_size=64, epochs=10)
    plan = found.plan
    assert (plan.optimizer, plan.momentum, plan.beta2, plan.weight_decay) == ("adamw", 0.8, 0.95, 0.2)
    assert (plan.dtype, plan.batch, plan.dataset_size) == ("float32", 128, 6_400)
    assert (plan.steps_per_epoch, plan.total, plan.accumulation) == (50, 500, 2)
    assert [finding.rule for finding in found] == ["decay-memory"]


def test_a_rate_that_is_a_number_is_a_constant() -> None:
    assert check(compiled(keras.optimizers.SGD(0.5))).plan.schedule == Constant(0.5)
    assert check(keras.optimizers.SGD(0.5, momentum=0.9)).plan.momentum == 0.9


def test_a_schedule_of_kerass_is_read() -> None:
    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 90))
    assert [finding.rule for finding in check(optimizer, total=9_000, steps_per_epoch=100)] == ["epochs-as-updates"]


def test_callbacks_that_never_act_are_seen() -> None:
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", mode="min", patience=10),
        keras.callbacks.EarlyStopping(patience=5),
    ]
    found = check(compiled(keras.optimizers.SGD(0.1)), callbacks=callbacks, epochs=8)
    assert [finding.rule for finding in found] == ["plateau-never", "plateau-after-stop", "plateau-direction"]


def test_each_optimizer_of_several_in_one_is_checked() -> None:
    layers = keras.optimizers.OptimizerMap(keras.optimizers.Adam(KerasSchedule(Cosine(1e-3, steps=1_000))))
    layers[".*bias"] = keras.optimizers.Adam(KerasSchedule(Cosine(1e-3, steps=100)), name="biases")
    found = check(keras.optimizers.MultiOptimizer(layers), total=1_000)
    assert [finding.rule for finding in found] == ["dead-tail"]
    assert found[0].message.startswith("group biases: the schedule ends at 100")


def test_what_is_not_compiled_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^check\.model must be a compiled model or an optimizer, got "):
        check(keras.Sequential([keras.layers.Dense(1)]))


def test_lrcores_own_plateau_is_read() -> None:
    callback = ScaleOnPlateau(Plateau(patience=10), monitor="val_accuracy")
    found = check(compiled(keras.optimizers.SGD(0.1)), callbacks=[callback], epochs=8)
    assert [finding.rule for finding in found] == ["plateau-never", "plateau-direction"]


@pytest.mark.parametrize(("length", "found"), [(40_000, []), (10_000, ["accumulation"])])
def test_a_schedule_of_kerass_counts_batches_where_gradients_are_accumulated(length: int, found: list[str]) -> None:
    decay = keras.optimizers.schedules.CosineDecay(0.1, length)
    optimizer = keras.optimizers.SGD(decay, gradient_accumulation_steps=4)
    told = check(optimizer, total=10_000)
    assert [finding.rule for finding in told] == found
    assert told.fixed == Cosine(0.1, steps=40_000).per_sample(4)


X, Y = np.zeros((640, 4)), np.zeros((640, 1))


@pytest.mark.parametrize("data", [X, (X, Y), [X, X], {"x": X}, ({"x": X}, Y), ([X, X], {"y": Y})], ids=type)
def test_arrays_are_counted_however_they_are_nested(data: Any) -> None:
    plan = check(keras.optimizers.SGD(0.1), data, batch_size=64, epochs=2).plan
    assert (plan.batch, plan.dataset_size, plan.steps_per_epoch, plan.total) == (64, 640, 10, 20)


def test_a_loader_says_its_batches() -> None:
    class Loader(keras.utils.PyDataset):
        batch_size = 32

        def __len__(self) -> int:
            return 20

    plan = check(keras.optimizers.SGD(0.1), Loader(), epochs=2).plan
    assert (plan.batch, plan.dataset_size, plan.steps_per_epoch, plan.total) == (32, None, 20, 40)


@pytest.mark.parametrize(("length", "found"), [(90, []), (9_000, ["updates-as-epochs"])])
def test_a_schedule_that_a_callback_asks_at_each_epoch_is_in_epochs(length: int, found: list[str]) -> None:
    callback = keras.callbacks.LearningRateScheduler(Cosine(0.1, steps=length))
    told = check(keras.optimizers.SGD(0.1), total=9_000, steps_per_epoch=100, callbacks=[callback])
    assert (told.plan.stepped, [finding.rule for finding in told]) == ("epoch", found)
