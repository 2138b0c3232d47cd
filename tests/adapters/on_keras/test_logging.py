"""The logs of `fit` show the values that were used."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Cosine, Linear
from lrcore_keras import KerasSchedule, LogSchedules, hyperparameters, used

BACKEND = keras.backend.backend()
JIT = BACKEND != "torch"
LR = Cosine(0.1, steps=40, end=1e-3).warmup(5, start=0.02)
FALLING = Linear(0.9, end=0.0, steps=10)
X, Y = np.ones((6, 1)), np.ones((6, 1))


def single(schedule: Any, *steps: int) -> list[float]:
    return [float(np.float32(schedule(step))) for step in steps]


def scheduled(**arguments: Any) -> Any:
    return hyperparameters(keras.optimizers.SGD(KerasSchedule(LR), **arguments), momentum=FALLING)


@pytest.mark.parametrize("optimizer", [scheduled, lambda: keras.optimizers.SGD(KerasSchedule(LR))], ids=["all", "rate"])
def test_history_has_the_last_values_of_each_epoch(linear: Callable[..., Any], optimizer: Callable[[], Any]) -> None:
    model = linear(optimizer(), [0.0], jit_compile=JIT)
    history = model.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=[LogSchedules()]).history
    assert history["lr"] == single(LR, 2, 5, 8)
    assert history.get("momentum", single(FALLING, 2, 5, 8)) == single(FALLING, 2, 5, 8)
    assert len(history) == 2 + hasattr(model.optimizer, "schedules")


def test_every_update_has_its_values(linear: Callable[..., Any]) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    log = LogSchedules(per="update")
    history = model.fit(X, Y, batch_size=1, epochs=2, verbose=0, callbacks=[log]).history
    assert log.values == {"lr": single(LR, *range(12)), "momentum": single(FALLING, *range(12))}
    assert history["lr"] == single(LR, 5, 11)


def test_the_values_are_those_of_the_last_whole_update(linear: Callable[..., Any]) -> None:
    model = linear(scheduled(gradient_accumulation_steps=4), [0.0], jit_compile=JIT)
    log = LogSchedules(per="update")
    model.fit(X, Y, batch_size=1, epochs=2, verbose=0, callbacks=[log])
    assert log.values["lr"] == single(LR, *[0] * 7, *[1] * 4, 2)
    assert log.values["momentum"] == single(FALLING, *[0] * 7, *[1] * 4, 2)


def test_a_scale_that_changes_after_an_update_is_not_in_its_rate(linear: Callable[..., Any]) -> None:
    optimizer = scheduled()
    model = linear(optimizer, [0.0], jit_compile=JIT)
    plateau = keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9, factor=0.5)
    history = model.fit(X, Y, batch_size=6, epochs=4, verbose=0, callbacks=[plateau, LogSchedules()]).history
    want = [np.float32(LR(step)) * np.float32(scale) for step, scale in enumerate([1, 1, 0.5, 0.25])]
    assert history["lr"] == [float(rate) for rate in want]
    assert float(optimizer.scale) == 0.125


def test_a_scaled_loss_and_several_optimizers(linear: Callable[..., Any]) -> None:
    inner = scheduled()
    linear(keras.optimizers.LossScaleOptimizer(inner), [0.0], jit_compile=JIT).fit(X, Y, batch_size=2, verbose=0)
    assert used(inner) == {"lr": single(LR, 2)[0], "momentum": single(FALLING, 2)[0]}
    assert used(keras.optimizers.LossScaleOptimizer(inner)) == used(inner)
    one, other = scheduled(name="one"), keras.optimizers.SGD(0.25, name="other")
    several = keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(one, {"nothing": other}))
    assert used(several) == {"lr/one": single(LR, 0)[0], "momentum/one": single(FALLING, 0)[0], "lr/other": 0.25}


def test_the_progress_bar_shows_them(linear: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    model.fit(X, Y, batch_size=2, epochs=1, verbose=2, callbacks=[LogSchedules()])
    shown = capsys.readouterr().out
    assert f"lr: {LR(2):.4f}" in shown
    assert f"momentum: {FALLING(2):.4f}" in shown


def test_tensorboard_gets_them(linear: Callable[..., Any], tmp_path: Path) -> None:
    from tensorflow import make_ndarray
    from tensorflow.compat.v1.train import summary_iterator

    model = linear(scheduled(), [0.0], jit_compile=JIT)
    board = keras.callbacks.TensorBoard(str(tmp_path), update_freq=1, write_graph=False)
    model.fit(X, Y, batch_size=3, epochs=2, verbose=0, callbacks=[LogSchedules(per="update"), board])
    found: dict[str, list[float]] = {}
    for file in sorted((tmp_path / "train").iterdir()):
        for event in summary_iterator(str(file)):
            for value in event.summary.value:
                if value.HasField("tensor"):
                    array = make_ndarray(value.tensor)
                    if array.dtype == np.float32 and array.ndim == 0:
                        found.setdefault(value.tag, []).append(float(array))
    assert found["epoch_lr"] == single(LR, 1, 3)
    assert found["epoch_momentum"] == single(FALLING, 1, 3)
    assert found["batch_lr"] == single(LR, 0, 1, 2, 3)
    # What Keras logs of itself is the coming rate
    assert found["epoch_learning_rate"] == single(LR, 2, 4)
    assert math.isfinite(found["epoch_loss"][0])


def test_adam_s_beta_1_is_called_momentum_as_in_every_adapter(linear: Callable[..., Any]) -> None:
    adam = keras.optimizers.AdamW(KerasSchedule(LR))
    hyperparameters(adam, beta_1=FALLING, beta_2=FALLING, weight_decay=FALLING)
    model = linear(adam, [0.0], jit_compile=JIT)
    history = model.fit(X, Y, batch_size=2, verbose=0, callbacks=[LogSchedules()]).history
    falling = single(FALLING, 2)
    assert {**history, "loss": []} == {
        "lr": single(LR, 2),
        "momentum": falling,
        "beta_2": falling,
        "weight_decay": falling,
        "loss": [],
    }


def test_single_updates_that_keras_does_not_show_are_not_said_to_be_logged(linear: Callable[..., Any]) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT, steps_per_execution=4)
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        model.fit(X, Y, batch_size=1, verbose=0, callbacks=[LogSchedules(per="update")])
    if BACKEND == "torch":
        assert str(error.value).startswith("`steps_per_execution` must be 1 with the PyTorch backend")  # Keras's own
        return
    assert str(error.value) == (
        "LogSchedules.per must be 'epoch' with steps_per_execution=4, got 'update'; compile the model with "
        "steps_per_execution=1 to see every update."
    )
    history = model.fit(X, Y, batch_size=1, epochs=2, verbose=0, callbacks=[LogSchedules()]).history
    assert history["lr"] == single(LR, 5, 11)
