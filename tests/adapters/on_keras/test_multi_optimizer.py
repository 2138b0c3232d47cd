"""What Keras has for rates that differ: every variable moves by its factor's rate, also after saving and loading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

from lrcore import Linear
from lrcore.advice import GroupRates
from lrcore_keras import multi_optimizer

RATES = GroupRates([("head", 10.0)])
LR = Linear(0.5, end=0.0, steps=4)


def built() -> Any:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="body"), keras.layers.Dense(1, name="head")])


def apply_ones(optimizer: Any, model: Any) -> None:
    grads = [keras.ops.ones(variable.shape) for variable in model.trainable_variables]
    optimizer.apply_gradients(list(zip(grads, model.trainable_variables, strict=True)))


def test_every_variable_moves_by_the_rate_of_its_group() -> None:
    model = built()
    optimizer = multi_optimizer(model, RATES, LR, keras.optimizers.SGD)
    before = [keras.ops.convert_to_numpy(variable) for variable in model.trainable_variables]
    for _ in range(2):
        apply_ones(optimizer, model)
    for variable, value in zip(model.trainable_variables, before, strict=True):
        moved = (value - keras.ops.convert_to_numpy(variable)).mean()
        assert moved == pytest.approx(RATES.factor(variable.path) * (LR(0) + LR(1)), rel=1e-5), variable.path


def test_a_saved_model_goes_on_where_it_was(tmp_path: Path) -> None:
    model = built()
    model.compile(multi_optimizer(model, RATES, LR, keras.optimizers.SGD), loss="mse")
    for _ in range(2):  # as `fit` does, which would be compiled
        apply_ones(model.optimizer, model)
    model.save(tmp_path / "model.keras")
    loaded: Any = keras.saving.load_model(tmp_path / "model.keras")
    rates = [round(float(one.learning_rate), 6) for one in loaded.optimizer.optimizers]
    assert sorted(rates) == [LR(2), 10 * LR(2)]


def test_a_model_that_is_not_built_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^multi_optimizer needs a model that is built"):
        multi_optimizer(keras.Sequential([keras.layers.Dense(1)]), RATES, LR, keras.optimizers.SGD)
