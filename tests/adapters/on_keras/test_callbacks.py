"""Keras's callbacks beside a schedule do what the page says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Cosine
from lrcore_keras import KerasSchedule, LogSchedules, check, hyperparameters, used

BACKEND = keras.backend.backend()
JIT = BACKEND != "torch"
Linear_ = Callable[..., Any]
LR = Cosine(0.1, steps=20, end=1e-3).warmup(5, start=0.02)
ONES = np.ones((1, 1))


def scheduled(**arguments: Any) -> Any:
    return hyperparameters(keras.optimizers.SGD(KerasSchedule(LR), **arguments))


def fit(model: Any, epochs: int, *callbacks: Any, **arguments: Any) -> list[float]:
    """The rates that were used, an update each epoch."""
    log = [*callbacks, LogSchedules()]
    history = model.fit(ONES, ONES, epochs=epochs, verbose=0, callbacks=log, **arguments).history
    return list(history["lr"])


def rates(first: int, last: int, scale: float = 1.0) -> list[float]:
    return [float(np.float32(LR(update)) * np.float32(scale)) for update in range(first, last)]


def test_reduce_lr_on_plateau_works_through_the_scale(linear: Callable[..., Any]) -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)))
    model = linear(optimizer, [0.0], jit_compile=BACKEND != "torch")
    plateau = keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9, factor=0.5)
    weights: list[Any] = []
    reader = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0][0, 0]))
    model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=5, verbose=0, callbacks=[reader, plateau])
    want, weight = [], np.float32(0)
    for update, scale in enumerate([1.0, 1.0, 0.5, 0.25, 0.125]):
        weight = weight - np.float32(LR(update)) * np.float32(scale)
        want.append(weight)
    assert weights == want


def test_backup_and_restore_brings_the_count_and_the_scale_back(linear: Linear_, tmp_path: Path) -> None:
    def stop(epoch: int, logs: Any) -> None:
        if epoch == 3:
            raise KeyboardInterrupt

    model = linear(scheduled(), [0.0], jit_compile=JIT)
    model.optimizer.scale = 0.5
    backup = keras.callbacks.BackupAndRestore(str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        fit(model, 6, backup, keras.callbacks.LambdaCallback(on_epoch_begin=stop))
    again = linear(scheduled(), [0.0], jit_compile=JIT)
    assert fit(again, 6, keras.callbacks.BackupAndRestore(str(tmp_path))) == rates(3, 6, 0.5)


def test_early_stopping_restores_weights_and_leaves_the_schedule_where_it_is(linear: Linear_) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    stopping = keras.callbacks.EarlyStopping("loss", mode="max", patience=2, restore_best_weights=True)
    assert fit(model, 9, stopping) == rates(0, 3)
    assert model.get_weights()[0][0, 0] == -np.float32(LR(0))
    assert fit(model, 2) == rates(3, 5)


@pytest.mark.parametrize("only", [True, False])
def test_a_checkpoint_brings_the_count_and_the_scale_back(linear: Linear_, tmp_path: Path, only: bool) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    model.optimizer.scale = 0.25
    path = str(tmp_path / ("last.weights.h5" if only else "last.keras"))
    fit(model, 4, keras.callbacks.ModelCheckpoint(path, save_weights_only=only))
    if only:
        again = linear(scheduled(), [0.0], jit_compile=JIT)
        again.optimizer.build(again.trainable_variables)
        again.load_weights(path)
    else:
        custom = {"mean_of_prediction": model.loss}
        again = keras.models.load_model(path, custom_objects=custom)
    assert fit(again, 3) == rates(4, 7, 0.25)


def test_averaged_weights_are_swapped_in_and_the_schedule_goes_on(linear: Linear_) -> None:
    model = linear(scheduled(use_ema=True, ema_momentum=0.5), [0.0], jit_compile=JIT)
    assert fit(model, 5, keras.callbacks.SwapEMAWeights()) == rates(0, 5)
    average = weight = -rates(0, 1)[0]  # Keras's average begins with the first update's weight
    for rate in rates(1, 5):
        weight -= rate
        average = 0.5 * average + 0.5 * weight
    assert model.get_weights()[0][0, 0] == pytest.approx(average, rel=1e-6)
    # On JAX, Keras leaves weight and average in one buffer, which its next fit gives away twice
    model.set_weights(model.get_weights())
    assert fit(model, 2) == rates(5, 7)


def test_another_scheduler_sets_the_scale_or_is_refused(linear: Linear_) -> None:
    other = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.03)
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    assert fit(model, 4, other) == pytest.approx([0.03] * 4, rel=1e-6)
    bare = linear(keras.optimizers.SGD(KerasSchedule(LR)), [0.0], jit_compile=JIT)
    for callback in (other, keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9)):
        with pytest.raises(TypeError, match=r"SGD\.learning_rate must be a KerasSchedule while it follows one"):
            fit(bare, 4, callback)


def test_the_schedule_follows_the_optimizer_s_count_and_no_number_of_epochs(linear: Linear_) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    assert fit(model, 6, initial_epoch=4) == rates(0, 2)
    again = linear(hyperparameters(keras.optimizers.SGD(KerasSchedule(LR, step=4))), [0.0], jit_compile=JIT)
    assert fit(again, 6, initial_epoch=4) == rates(4, 6)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("iteration", used),
        ("iteration", lambda optimizer: optimizer.learning_rate),
        ("iteration", lambda optimizer: LR(optimizer.iterations)),
        ("iteration", lambda optimizer: setattr(optimizer, "learning_rate", 0.01)),
        ("iteration", lambda optimizer: setattr(optimizer, "learning_rate", KerasSchedule(LR))),
        ("scale", lambda optimizer: float(optimizer.scale)),
        ("scale", lambda optimizer: setattr(optimizer, "scale", 0.5)),
        ("plateau", lambda optimizer: optimizer.plateau.read()),
        ("momentum", check),
    ],
)
@pytest.mark.filterwarnings("ignore:ScheduledSGD.learning_rate")  # what is compiled goes on with its rate
def test_an_optimizer_whose_values_fit_has_taken_says_how_it_is_reached(
    linear: Linear_, name: str, ask: Callable[[Any], object]
) -> None:
    optimizer = hyperparameters(keras.optimizers.SGD(KerasSchedule(LR)), momentum=Cosine(0.9, steps=9))
    asked = 0

    class Ask(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            nonlocal asked
            asked += 1
            if BACKEND == "jax":
                with pytest.raises(RuntimeError) as told:
                    ask(optimizer)
                assert str(told.value) == (
                    f"{optimizer.name}/{name} has no value here: on JAX, fit keeps an optimizer's values to itself until a "
                    "callback asks for self.model; write self.model.optimizer."
                )
            model: Any = self.model
            ask(model.optimizer)

    linear(optimizer, [0.0], jit_compile=JIT).fit(
        np.ones((3, 1)), np.ones((3, 1)), batch_size=1, verbose=0, callbacks=[Ask()]
    )
    assert asked == 3
