"""A plateau rule as a callback: the core's scales, in compiled steps, through whatever saves a model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from lrcore import Constant, Cosine
from lrcore.plateau import Plateau, read_metric
from lrcore_keras import KerasSchedule, LogSchedules, ScaleOnPlateau, hyperparameters

pytestmark = pytest.mark.filterwarnings("ignore:ScaleOnPlateau. val_(kl|loss) was nan")

BACKEND = keras.backend.backend()
JIT = BACKEND != "torch"
Linear_ = Callable[..., Any]
LR = Cosine(0.1, steps=40, end=1e-3)
RULE = Plateau(factor=0.3, patience=0, window=2, cooldown=1)
ONES = np.ones((2, 1))
VALUES = [float(np.float32(value)) for value in (3.1, 2.2, 1.7, 1.3, 1.9, 1.1, np.nan, 1.2, 1.3, 1.6, 1.4, 1.3, 1.2, 1.5)]


def scheduled(lr: Any = LR) -> Any:
    return hyperparameters(keras.optimizers.SGD(KerasSchedule(lr)))


def core(rule: Plateau = RULE) -> list[np.float32]:
    """The scale after each report, rounded once."""
    state, scales = rule.start(), []
    for value in VALUES:
        state = rule.update(state, value)
        scales.append(np.float32(state.scale))
    return scales


class Say(keras.callbacks.Callback):
    """Put a metric into the logs, and keep the scales that callbacks before it left."""

    def __init__(self, name: str = "val_kl") -> None:
        super().__init__()
        self.name = name

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs[self.name] = np.float32(VALUES[epoch])


def fit(model: Any, epochs: int, *callbacks: Any, **arguments: Any) -> list[float]:
    """The rates that were used, two updates an epoch."""
    several = [Say(), ScaleOnPlateau(RULE, "val_kl"), *callbacks, LogSchedules()]
    arguments = {"batch_size": 1, "verbose": 0, "callbacks": several, **arguments}
    history = model.fit(ONES, ONES, epochs=epochs, **arguments).history
    return list(history["lr"])


def rates(first: int, last: int) -> list[float]:
    """The last rate of each epoch: the scale is that of the reports before it."""
    scales = [np.float32(1), *core()]
    return [float(np.float32(LR(2 * epoch + 1)) * scales[epoch]) for epoch in range(first, last)]


def test_each_epoch_is_scaled_as_the_rule_says_and_nothing_is_traced_again(linear: Linear_) -> None:
    traces = []

    def loss(_: Any, prediction: Any) -> Any:
        traces.append(1)
        return keras.ops.mean(prediction)

    model = linear(scheduled(), [0.0])
    model.compile(model.optimizer, loss=loss, jit_compile=JIT)
    counted: list[int] = []
    count = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: counted.append(len(traces)))
    assert fit(model, len(VALUES), count) == rates(0, len(VALUES))
    assert len(set(core())) > 2
    replay = RULE.replay(read_metric(model.history, "val_kl"))  # the same rule over the log of the run
    assert [np.float32(scale) for scale in replay.scales] == core()
    if JIT:
        assert len(set(counted[1:])) == 1
    want = np.float32(0)
    for epoch, scale in enumerate([np.float32(1), *core()][: len(VALUES)]):
        for update in (2 * epoch, 2 * epoch + 1):
            want = want - np.float32(LR(update)) * scale
    assert model.get_weights()[0][0, 0] == want


def test_the_next_fit_and_a_loaded_model_go_on_in_mid_count(linear: Linear_, tmp_path: Path) -> None:
    model = linear(scheduled(), [0.0], jit_compile=JIT)
    assert fit(model, 5) == rates(0, 5)
    assert model.optimizer.plateau.read().seen == 1  # half a window
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", custom_objects={"mean_of_prediction": model.loss})
    for one in (model, again):
        assert fit(one, 9, initial_epoch=5) == rates(5, 9)


def test_an_interrupted_run_is_restored_beside_early_stopping_and_a_checkpoint(linear: Linear_, tmp_path: Path) -> None:
    def stop(epoch: int, logs: Any) -> None:
        if epoch == 7:
            raise KeyboardInterrupt

    def others() -> list[Any]:
        best = keras.callbacks.ModelCheckpoint(str(tmp_path / "best.keras"), "val_kl", mode="min", save_best_only=True)
        stopping = keras.callbacks.EarlyStopping("val_kl", mode="min", patience=4)
        return [keras.callbacks.BackupAndRestore(str(tmp_path / "backup")), stopping, best]

    model = linear(scheduled(), [0.0], jit_compile=JIT)
    with pytest.raises(KeyboardInterrupt):
        fit(model, 14, *others(), keras.callbacks.LambdaCallback(on_epoch_begin=stop))
    again = linear(scheduled(), [0.0], jit_compile=JIT)
    assert fit(again, 14, *others()) == rates(7, 12)  # the callback that stops the run early counts anew
    best = keras.models.load_model(tmp_path / "best.keras", custom_objects={"mean_of_prediction": model.loss}).optimizer
    assert int(best.iterations) == 16  # of the epoch of 1.2, the best that it has seen
    assert np.float32(best.plateau.read().scale) == float(best.scale) == core()[7]


def reported(linear: Linear_, rule: Plateau, values: list[Any], lr: Any = LR, name: str = "val_loss", **given: Any) -> Any:
    """The callback after epochs with these metrics, of two updates each, without training."""
    model = linear(scheduled(lr), [0.0])
    callback = ScaleOnPlateau(rule, name, **given)
    callback.set_params({"steps": 2})
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.optimizer.iterations.assign(2 * (epoch + 1))
        callback.on_epoch_end(epoch, {"loss": 0.0, name: value})
    return callback


def test_what_is_reported_during_the_warmup_sets_no_best_unless_asked_for(linear: Linear_) -> None:
    warm = Constant(0.1).warmup(5)
    values = [1.0, 0.5, 3.0, 2.0]
    assert reported(linear, Plateau(), values, warm).plateau_state.best == 2.0
    assert reported(linear, Plateau(), values, warm).plateau_state.reports == 2
    assert reported(linear, Plateau(), values, warm, after=0).plateau_state.best == 0.5
    assert reported(linear, Plateau(), values, after=8).plateau_state.reports == 1


def test_a_scale_that_is_set_by_hand_is_where_the_rule_goes_on_from(linear: Linear_) -> None:
    callback = reported(linear, Plateau(factor=0.3, patience=0), [1.0, 1.0, 1.0])
    optimizer: Any = callback.model.optimizer
    assert optimizer.scale == np.float32(0.3 * 0.3)
    assert callback.plateau_state.scale == 0.3 * 0.3  # in float64, whatever the variable is
    optimizer.scale = 0.5
    assert callback.plateau_state.scale == 0.5
    callback.on_epoch_end(3, {"val_loss": 1.0})
    assert callback.plateau_state.scale == 0.3 * 0.5


def test_every_number_that_a_rule_remembers_is_kept(linear: Linear_) -> None:
    for rule in (RULE, Plateau.like("greedy", lr=0.1, smooth=True, window_size=50)):
        state, callback = rule.start(), reported(linear, rule, VALUES)
        for value in VALUES:
            state = rule.update(state, value)
        np.testing.assert_array_equal(np.hstack(callback.plateau_state), np.hstack(state))
    callback.plateau = RULE  # another rule has other numbers, and goes on with those that it has too
    assert callback.plateau_state.more == ()
    assert callback.plateau_state.reports == len(VALUES)
    wide = Plateau.like("greedy", lr=0.1, smooth=True, window_size=120)
    message = "ScaleOnPlateau.plateau must be a rule that remembers fewer than 128 numbers, got 134."
    with pytest.raises(ValueError, match=message):
        reported(linear, wide, [1.0])


def test_a_loss_that_is_scaled_and_several_optimizers_are_followed(linear: Linear_) -> None:
    callback = reported(linear, Plateau(factor=0.5, patience=0), [1.0])
    inner, other = callback.model.optimizer, scheduled()
    callback.model.optimizer = keras.optimizers.LossScaleOptimizer(inner)
    callback.on_epoch_end(1, {"val_loss": 1.0})
    assert float(inner.scale) == 0.5
    callback.model.optimizer = type("Several", (), {"optimizers": [inner, other]})()
    callback.on_epoch_end(2, {"val_loss": 1.0})
    callback.on_epoch_end(3, {"val_loss": 1.0})
    assert (float(inner.scale), float(other.scale)) == (0.125, 0.5)


def test_a_metric_that_is_not_there_is_told_once(linear: Linear_) -> None:
    callback = reported(linear, Plateau(), [])
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        callback.on_epoch_end(0, {"loss": 1.0, "val_los": 1.0})
    assert (
        str(error.value) == "ScaleOnPlateau.monitor must be one of loss, val_los, got 'val_loss'; did you mean 'val_los'?"
    )
    message = "ScaleOnPlateau: epoch 0 has no 'val_loss', and nothing is reported until one has; give fit validation data."
    with pytest.warns(UserWarning, match=f"^{message}$"):
        callback.on_epoch_end(0, {"loss": 1.0})
    callback.on_epoch_end(1, {"loss": 1.0})
    callback.on_epoch_end(3, {"loss": 1.0, "val_loss": 1.0})
    callback.on_epoch_end(4, {"loss": 1.0})  # validation every second epoch
    assert callback.plateau_state.reports == 1


@pytest.mark.parametrize(
    ("rule", "does"),
    [
        (Plateau(), "is a bad report like others: Plateau(divergence=...) cuts at once"),
        (Plateau(divergence=9.0), "cuts at once, but for a cooldown"),
    ],
)
def test_a_metric_that_is_not_finite_is_told_once(linear: Linear_, rule: Plateau, does: str) -> None:
    message = f"ScaleOnPlateau: val_metric was nan, which {does}."
    callback = reported(linear, rule, [1.0], name="val_metric")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("ignore", DeprecationWarning)  # Keras's own
        warnings.simplefilter("always", UserWarning)
        callback.on_epoch_end(1, {"val_metric": np.float32(np.nan)})
        callback.on_epoch_end(2, {"val_metric": np.inf})
    assert [str(warning.message) for warning in told] == [message]
    assert callback.plateau_state.nonfinite == 2


def test_what_looks_like_a_mistake_is_a_warning(linear: Linear_) -> None:
    wrong = "ScaleOnPlateau: mode='min' takes a lower 'val_accuracy' for better: write mode='max'."
    never = "ScaleOnPlateau: patience=20 cannot cut before report 22, and there are 20: the rule never cuts."
    with pytest.warns(UserWarning, match="^ScaleOnPlateau: ") as told:
        reported(linear, Plateau(patience=20), [], name="val_accuracy")
    assert [str(warning.message) for warning in told] == [wrong, never]
    with pytest.warns(UserWarning, match="there are 17: the rule never cuts"):
        reported(linear, Plateau(patience=16), [], Cosine(0.1, steps=40).warmup(7))
    reported(linear, Plateau(patience=200), [], Constant(0.1))  # never ends


MISTAKES: list[tuple[Callable[[Linear_], Any], type[Exception], str]] = [
    (lambda _: ScaleOnPlateau(0.1), TypeError, "ScaleOnPlateau.plateau must be a Plateau, got 0.1."),  # type: ignore[arg-type]
    (lambda _: ScaleOnPlateau(RULE, None), TypeError, "ScaleOnPlateau.monitor must be the name of a metric, got None."),  # type: ignore[arg-type]
    (
        lambda _: ScaleOnPlateau(RULE, after=-1),
        ValueError,
        "ScaleOnPlateau.after must be an integer, 0 or more, got -1.",
    ),
    (
        lambda linear: reported(linear, RULE, ["low"]),
        TypeError,
        "ScaleOnPlateau.val_loss must be a number, got 'low'.",
    ),
    (
        lambda linear: fit(linear(hyperparameters(keras.optimizers.SGD(0.1)), [0.0]), 1),
        ValueError,
        "ScaleOnPlateau.optimizer must be made by hyperparameters, with a KerasSchedule as its learning rate, got 'SGD'; "
        "write hyperparameters(keras.optimizers.SGD(KerasSchedule(lr))).",
    ),
    (
        lambda linear: fit(linear(keras.optimizers.Adam(0.1), [0.0]), 1),
        ValueError,
        "ScaleOnPlateau.optimizer must be made by hyperparameters, with a KerasSchedule as its learning rate, got 'Adam'; "
        "write hyperparameters(keras.optimizers.Adam(KerasSchedule(lr))).",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_a_mistake_is_one_line(call: Callable[..., Any], kind: type[Exception], message: str, linear: Linear_) -> None:
    with pytest.raises(kind) as error:
        call(linear)
    assert str(error.value) == message
