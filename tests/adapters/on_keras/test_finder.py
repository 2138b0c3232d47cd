"""The finder in Keras: whatever is given, it sweeps, and everything is as it was."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.backend.common import global_state

import sweeping
from lrcore import Cosine, OneCycle
from lrcore.finder import Grid, Sweep, Sweeps
from lrcore_keras import KerasSchedule, find_lr, hyperparameters
from sweeping import assert_same
from training import WEIGHTS

X = np.random.default_rng(0).normal(size=(128, 8)).astype("float32")
Y = (X @ np.arange(8.0, dtype="float32"))[:, None] / 4
BATCHES = [(X[i : i + 16], Y[i : i + 16]) for i in range(0, 128, 16)]


def training(optimizer: Any) -> Any:
    """A model with everything that training changes: weights, statistics of a BatchNormalization, a dropout's seeds."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(16), keras.layers.BatchNormalization(), keras.layers.ReLU(), keras.layers.Dropout(0.2)]
    model = keras.Sequential([keras.Input((8,)), *layers, keras.layers.Dense(1)])
    model.compile(optimizer, "mse", metrics=["mae"])
    return model


def followed() -> Any:
    optimizer = keras.optimizers.AdamW(KerasSchedule(Cosine(1e-3, steps=60).warmup(5)))
    return hyperparameters(optimizer, weight_decay=Cosine(0.01, steps=60))


def accumulating() -> Any:
    return keras.optimizers.AdamW(1e-3, gradient_accumulation_steps=2)


def run(model: Any, epochs: int) -> None:
    for _ in range(epochs):
        for x, y in BATCHES:
            model.train_on_batch(x, y)


def state(model: Any) -> list[Any]:
    """Every bit of it, and of what random numbers come next."""
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    values = [np.asarray(keras.ops.convert_to_numpy(variable)).tobytes() for variable in variables]
    return [values, random.getstate(), np.random.get_state()[1].tobytes(), model.train_function is None]


def find(model: Any, data: Any = BATCHES, **options: Any) -> Any:
    return find_lr(model, data, **{"show": False, "updates": 30} | options)


SEARCHES = (
    {},
    {"high": 1e9},
    {"repeats": 2, "updates": 12},
    {"keep": "disk", "updates": 12},
    {"method": "grid", "updates": 4, "low": 0.01, "high": 0.1},
    {"validation": BATCHES[:1], "updates": 12},
)
OPTIMIZERS = {"a rate": lambda: keras.optimizers.AdamW(1e-3), "a schedule": followed, "accumulation": accumulating}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_training_goes_on_as_if_nothing_had_been(optimizer: str) -> None:
    make = OPTIMIZERS[optimizer]
    model = training(make())
    find(model, updates=10)  # before it has begun, too
    run(model, 1)
    function, held, before = model.train_function, model.optimizer._learning_rate, state(model)
    for search in SEARCHES if optimizer == "a rate" else SEARCHES[:1]:  # one model, since each is compiled anew
        found = find(model, **search)
        assert isinstance(found, Sweep | Sweeps | Grid)
        assert state(model) == before, search
    for error in KeyboardInterrupt(), RuntimeError("out of memory"):
        with pytest.raises(type(error)):
            find(model, Breaking(error))
        assert state(model) == before, error
    assert model.train_function is function
    assert model.optimizer._learning_rate is held
    run(model, 1)
    after = state(model)
    other = training(make())
    run(other, 2)
    assert state(other) == after
    if optimizer == "a schedule":
        assert "KerasSchedule was paused" in find(model, updates=3).notes


class Breaking:
    """Batches that raise in the second round."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.rounds = error, 0

    def __iter__(self) -> Any:
        self.rounds += 1
        if self.rounds > 2:  # the first is looked at before the sweep
            raise self.error
        return iter(BATCHES)


@pytest.fixture(scope="module")
def linear() -> Any:
    """One model for all: a sweep leaves it as it was."""
    return made_linear()


def made_linear(**options: Any) -> Any:
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.5, **options), "mse", metrics=["mae"])
    return model


def test_the_losses_are_those_of_each_batch_and_the_rates_are_applied(linear: Any) -> None:
    found = find(linear, updates=60)
    weights, bias, losses = np.zeros((8, 1)), np.zeros(1), []
    for i, rate in enumerate(found.rates):
        x, y = BATCHES[i % 8]
        error = x @ weights + bias - y
        losses.append(float(np.mean(error**2)))
        weights, bias = weights - rate * 2 * x.T @ error / len(x), bias - rate * 2 * error.mean(0)
    np.testing.assert_allclose(found.losses[:-3], losses[:-3], rtol=1e-4)
    assert found.suggestion is not None
    assert found.notes == (f"the data has fewer batches than the sweep, which began it {math.ceil(len(losses) / 8)} times",)


def test_accumulation_records_the_mean_of_the_batches_of_an_update(linear: Any) -> None:
    halves = [half for x, y in BATCHES for half in ((x[:8], y[:8]), (x[8:], y[8:]))]
    found = find(made_linear(gradient_accumulation_steps=2), halves)
    np.testing.assert_allclose(found.losses[:20], find(linear).losses[:20], rtol=1e-4)


def test_arrays_and_a_dataset_of_keras_s_are_taken(linear: Any) -> None:
    class Data(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 8

        def __getitem__(self, i: int) -> Any:
            return BATCHES[i]

    assert find(linear, Data()).losses == find(linear).losses
    assert find(linear, (X, Y), batch_size=16, updates=60).suggestion is not None
    arrays, batches = (find(linear, updates=5, validation=each).losses for each in ((X, Y), BATCHES))
    assert arrays == pytest.approx(batches, rel=1e-5)


def test_the_grid_finds_the_peak_of_short_trainings(linear: Any) -> None:
    found = find(linear, method="grid", updates=20, low=0.001, high=2.0)
    assert found.shape == OneCycle(1.0, steps=20)
    assert found.bracket is not None


def test_the_copies_on_disk_leave_no_file(linear: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    find(linear, keep="disk", updates=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda _: find(keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])),
            r"^find_lr\.model must be a compiled model, got .*; call model\.compile\(optimizer, loss\)\.$",
        ),
        (
            lambda m: find(m, []),
            r"^find_lr\.data must be arrays, or batches that can be gone through again, and it is empty\.$",
        ),
        (
            lambda linear: find(linear, [3]),
            r"^find_lr\.data must be batches \(x, y\) or \(x, y, sample_weight\), got 'int'\.$",
        ),
        (lambda m: find(m, (X, Y[:9])), r"^find_lr\.data must be arrays of one length, got \[128, 9\]\.$"),
        (lambda m: find(m, 3), r"^find_lr\.data must be arrays \(x, y\), or batches, got 'int'\.$"),
        (
            lambda m: find(m, validation=[3]),
            r"^find_lr\.validation must be batches \(x, y\) or \(x, y, sample_weight\), got 'int'\.$",
        ),
        (lambda m: find(m, keep="tape"), r"^find_lr\.keep must be 'memory' or 'disk', got 'tape'\.$"),
    ],
    ids=["model", "empty", "batches", "lengths", "data", "validation", "keep"],
)
def test_a_mistake_is_one_line(linear: Any, call: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        call(linear)


def test_it_finds_what_the_other_frameworks_find() -> None:
    first, second = keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(3)
    model = keras.Sequential([keras.Input((8,)), first, second])
    for weight, value in zip(model.weights, WEIGHTS, strict=True):
        weight.assign(value)
    model.compile(keras.optimizers.SGD(), "mse")
    assert_same(find_lr(model, sweeping.BATCHES, show=False, **sweeping.OPTIONS))


def test_keras_s_own_seeds_are_left_unmade_where_they_were() -> None:
    global_state.set_global_attribute("global_seed_generator", None)
    noisy = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    noisy.compile("sgd", lambda y, p: keras.ops.mean((y - p) ** 2))

    def measure() -> float:
        return float(keras.random.uniform(()))

    find(noisy, updates=3, validation=measure)
    assert global_state.get_global_attribute("global_seed_generator") is None
