"""A saved model brings its schedules along, and goes on as if nothing had been saved."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Cosine, Linear, OneCycle
from lrcore_keras import KerasSchedule, hyperparameters

BACKEND = keras.backend.backend()
LR = Cosine(0.1, steps=40, end=1e-3).warmup(5, start=0.02)
CYCLE = OneCycle(0.1, steps=40)
ONES = np.ones((1, 1))

MAKERS: dict[str, Callable[[], Any]] = {
    "a schedule": lambda: keras.optimizers.Adam(KerasSchedule(LR)),
    "accumulating, from a later step": lambda: keras.optimizers.SGD(
        KerasSchedule(LR, gradient_accumulation_steps=2, step=3), gradient_accumulation_steps=2
    ),
    "momentum and weight decay": lambda: hyperparameters(
        keras.optimizers.SGD(KerasSchedule(CYCLE), nesterov=True),
        momentum=CYCLE.momentum(),
        weight_decay=Linear(0.1, end=0.0, steps=20),
    ),
    "as in PyTorch": lambda: hyperparameters(
        keras.optimizers.SGD(KerasSchedule(CYCLE)), momentum=CYCLE.momentum(), torch_momentum=True
    ),
    "betas, scaled loss": lambda: keras.optimizers.LossScaleOptimizer(
        hyperparameters(keras.optimizers.AdamW(KerasSchedule(LR)), beta_1=CYCLE.momentum())
    ),
}


def model_with(optimizer: Any) -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer="ones")])
    model.compile(optimizer, loss="mse", jit_compile=BACKEND != "torch")
    return model


def train(model: Any, first: int, last: int) -> None:
    for step in range(first, last):
        random = np.random.default_rng(step)
        model.train_on_batch(random.normal(size=(4, 3)), random.normal(size=(4, 2)))


@pytest.mark.parametrize("maker", MAKERS)
def test_a_loaded_model_goes_on_exactly(tmp_path: Path, maker: str) -> None:
    model = model_with(MAKERS[maker]())
    train(model, 0, 7)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    mine, its = (getattr(m.optimizer, "inner_optimizer", m.optimizer) for m in (model, loaded))
    assert type(its) is type(mine)
    assert its._learning_rate.get_config() == mine._learning_rate.get_config()
    assert getattr(its, "schedules", {}) == getattr(mine, "schedules", {})
    train(model, 7, 14)
    train(loaded, 7, 14)
    for weight, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)
    assert float(its.learning_rate) == float(mine.learning_rate)


def test_a_scale_is_saved(tmp_path: Path) -> None:
    model = model_with(hyperparameters(keras.optimizers.SGD(KerasSchedule(LR))))
    train(model, 0, 3)
    model.optimizer.scale.assign(0.25)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert float(loaded.optimizer.learning_rate) == np.float32(LR(3)) * np.float32(0.25)


def test_a_new_process_and_another_backend_need_no_custom_objects(tmp_path: Path) -> None:
    model = model_with(MAKERS["momentum and weight decay"]())
    train(model, 0, 3)
    model.save(tmp_path / "model.keras")
    program = (
        "import sys, keras, lrcore_keras\n"
        "optimizer = keras.models.load_model(sys.argv[1]).optimizer\n"
        "print(keras.backend.backend(), int(optimizer.iterations), optimizer.schedules['momentum'])"
    )
    other = {"tensorflow": "jax", "jax": "torch", "torch": "tensorflow"}[BACKEND]
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "model.keras")],
        env={**os.environ, "KERAS_BACKEND": other},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == f"{other} 3 {CYCLE.momentum()}"


def test_the_config_is_the_cores() -> None:
    rate = KerasSchedule(LR, gradient_accumulation_steps=2, step=7)
    config = rate.get_config()
    assert config == {"schedule": LR.to_dict(), "gradient_accumulation_steps": 2, "step": 7}
    again = KerasSchedule.from_config(json.loads(json.dumps(config)))
    assert (again.schedule, again.get_config()) == (LR, config)
    packed = keras.optimizers.schedules.serialize(rate)
    assert keras.optimizers.schedules.deserialize(packed).get_config() == config


def test_a_scheduled_optimizers_config_is_plain_data() -> None:
    optimizer = MAKERS["momentum and weight decay"]()
    config = json.loads(json.dumps(optimizer.get_config()))
    assert config["schedules"]["momentum"] == CYCLE.momentum().to_dict()
    assert config["optimizer"]["config"]["momentum"] == 0.0
    again = type(optimizer).from_config(config)
    assert (type(again), again.schedules) == (type(optimizer), optimizer.schedules)


def test_recompiling_goes_on_at_step(linear: Callable[..., Any]) -> None:
    model = linear(keras.optimizers.SGD(KerasSchedule(LR)), [0.0])
    for _ in range(6):
        model.train_on_batch(ONES, ONES)
    done = int(model.optimizer.iterations)
    model.set_weights([np.zeros((1, 1))])
    model.compile(keras.optimizers.SGD(KerasSchedule(LR, step=done)), loss=lambda y, p: keras.ops.mean(p))
    model.train_on_batch(ONES, ONES)
    assert -model.get_weights()[0][0, 0] == np.float32(LR(6))


def skipped(optimizer: Any) -> str:
    return (
        f"Skipping variable loading for optimizer '{optimizer.name}', because the saved optimizer's hyperparameters are "
        "not scheduled, or of another kind."
    )


def test_variables_of_another_optimizer_are_skipped_with_a_warning() -> None:
    # Each has as many variables as the other: by number alone, a constant learning rate would be taken for a scale
    others = [keras.optimizers.Adam(1e-3), hyperparameters(keras.optimizers.SGD(1e-3))]
    for other in others:
        scheduled = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)))
        for optimizer in (other, scheduled):
            optimizer.build([keras.Variable([1.0])])
        other.iterations.assign(3)
        store: dict[str, Any] = {}
        other.save_own_variables(store)
        with pytest.warns(UserWarning, match=f"^{re.escape(skipped(scheduled))}$"):
            scheduled.load_own_variables(store)
        assert (int(scheduled.iterations), float(scheduled.scale)) == (0, 1.0)
    scheduled.scale = 0.5
    store = {}
    scheduled.save_own_variables(store)
    scheduled.scale = 1
    scheduled.load_own_variables(store)
    assert float(scheduled.scale) == 0.5


@pytest.mark.parametrize(
    "other", [lambda: keras.optimizers.Adam(1e-3), lambda: keras.optimizers.SGD(KerasSchedule(LR)), lambda: "rmsprop"]
)
def test_weights_are_loaded_from_a_file_with_another_optimizer(tmp_path: Path, other: Callable[[], Any]) -> None:
    saved, model = model_with(other()), model_with(MAKERS["momentum and weight decay"]())
    train(saved, 0, 3)
    train(model, 0, 1)
    saved.save_weights(tmp_path / "a.weights.h5")
    with pytest.warns(UserWarning, match=f"^{re.escape(skipped(model.optimizer))}$"):
        model.load_weights(tmp_path / "a.weights.h5")
    for weight, loaded in zip(saved.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, loaded)
    assert int(model.optimizer.iterations) == 1


def rate_after_loading(tmp_path: Path, saved: Any, into: Any) -> Any:
    first, second = model_with(saved), model_with(into)
    train(first, 0, 4)
    train(second, 0, 1)
    first.save_weights(tmp_path / "a.weights.h5")
    second.load_weights(tmp_path / "a.weights.h5")
    return float(second.optimizer.learning_rate)


def scheduled_sgd(step: int) -> Any:
    return hyperparameters(keras.optimizers.SGD(KerasSchedule(LR, step=step)))


@pytest.mark.parametrize("step", [0, 9])
def test_a_count_that_is_loaded_goes_on_from_the_same_step(tmp_path: Path, step: int) -> None:
    assert rate_after_loading(tmp_path, scheduled_sgd(step), scheduled_sgd(step)) == np.float32(LR(step + 4))


@pytest.mark.parametrize(
    ("saved", "step", "message"),
    [
        (0, 4, "the saved optimizer's, 0, got 4; the 4 updates that are loaded would be counted twice."),
        (9, 0, "the saved optimizer's, 9, got 0; write KerasSchedule(..., step=9)."),
    ],
)
def test_a_count_is_never_loaded_on_top_of_another_step(tmp_path: Path, saved: int, step: int, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        rate_after_loading(tmp_path, scheduled_sgd(saved), scheduled_sgd(step))
    # Keras quotes it on a line of its own
    assert f"KerasSchedule.step must be {message}" in str(error.value).splitlines()


def told(loop: Callable[[], Any]) -> list[str]:
    """What a KerasSchedule warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop()
    return [text for each in caught if (text := str(each.message)).startswith("KerasSchedule")]


@pytest.mark.parametrize("batches", [1, 2])
def test_a_count_that_is_loaded_beside_the_step_of_a_plain_optimizer_is_told(tmp_path: Path, batches: int) -> None:
    def plain(step: int) -> Any:
        rate = KerasSchedule(LR, step=step, gradient_accumulation_steps=batches)
        model = model_with(keras.optimizers.SGD(rate, gradient_accumulation_steps=batches if batches > 1 else None))
        model.optimizer.build(model.trainable_variables)
        return model

    saved, loaded = plain(0), plain(4)
    train(saved, 0, 4 * batches)
    saved.save_weights(tmp_path / "a.weights.h5")
    loaded.load_weights(tmp_path / "a.weights.h5")
    assert told(lambda: train(loaded, 0, batches)) == [
        f"{loaded.optimizer._learning_rate!r}: the optimizer has made 4 updates already, which are counted beside step=4. "
        "That is right if the optimizer that counted them had this step too; if not, leave step out. One made by "
        "hyperparameters(optimizer) saves its step."
    ]
    assert told(lambda: train(loaded, 0, 2)) == []
    # No step, no count, or both of one file
    saved.load_weights(tmp_path / "a.weights.h5")
    loaded.save(tmp_path / "a.keras")
    for model in (saved, plain(4), keras.models.load_model(tmp_path / "a.keras")):
        assert told(lambda: train(model, 0, 2)) == []  # noqa: B023


KINDS = [
    name for name in sorted(vars(keras.optimizers)) if name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
]
KINDS = [name for name in KINDS if isinstance(getattr(keras.optimizers, name), type)]
KINDS = [name for name in KINDS if issubclass(getattr(keras.optimizers, name), keras.optimizers.Optimizer)]


@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy], ids=["pickle", "copy"])
def test_every_optimizer_can_be_pickled_and_copied(copied: Callable[[Any], Any]) -> None:
    for name in KINDS:
        optimizer = getattr(keras.optimizers, name)(KerasSchedule(LR, step=3))
        optimizer = hyperparameters(optimizer, weight_decay=Linear(0.1, end=0.0, steps=20))
        optimizer.scale = 0.5
        again = copied(optimizer)
        assert type(again) is type(optimizer)
        assert again.get_config() == optimizer.get_config()
        assert again.schedules == optimizer.schedules
        assert float(again.scale) == 0.5
    rate = copied(KerasSchedule(LR, step=3))
    assert (type(rate), rate.get_config()) == (KerasSchedule, KerasSchedule(LR, step=3).get_config())
