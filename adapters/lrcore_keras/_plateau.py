"""A plateau rule as a callback: after each epoch it looks at a metric, and sets the optimizer's scale."""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras
import numpy as np

from lrcore._arguments import WHOLE, as_number, nearest, refuse
from lrcore.plateau import Plateau, PlateauState, nonfinite, warmup_end
from lrcore_keras._concrete import number
from lrcore_keras._schedule import KerasSchedule
from lrcore_keras._scheduled import Scheduled


class ScaleOnPlateau(keras.callbacks.Callback):
    """Make the learning rate smaller when a metric stalls, by a rule of `lrcore.plateau`.

        state = plateau.update(state, logs[monitor])      after each epoch that has the metric
        applied rate = lr(step)·state.scale

    It sets the `scale` of an optimizer that `hyperparameters` made: a variable, so that nothing is compiled again. The
    state of the rule is kept in the optimizer, not here: it is saved and loaded with the model, comes back by
    `BackupAndRestore`, and the next `fit` goes on from it. Put this callback before those that save.

    Whether lower or higher is better is the rule's `mode`, and is not guessed from the metric's name; a name that seems to
    say the opposite is a warning. A scale that you set yourself is where the rule goes on from.

    Args:
        plateau: the rule.
        monitor: the name of the metric in the logs of `fit`, as Keras's callbacks have it.
        after: the updates at the beginning during which nothing is reported; None for those of the schedule's warmup. A
            metric that improves because the rate rises sets no useful best.

    Attributes:
        plateau_state: what the rule remembers: `scale`, `best`, `bad`, the reports since the best one, and more.

    Raises:
        TypeError: `plateau` is not a rule, or `monitor` not a name; or, in training, the metric is not a number.
        ValueError: in training, an epoch's logs have no such metric, or the optimizer has no scale.

    >>> from lrcore import Constant
    >>> from lrcore_keras import KerasSchedule, hyperparameters
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    >>> model.compile(hyperparameters(keras.optimizers.SGD(KerasSchedule(Constant(0.0)))), loss="mse")
    >>> callback = ScaleOnPlateau(Plateau(factor=0.5, patience=1), monitor="loss")
    >>> history = model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=4, verbose=0, callbacks=[callback])
    >>> callback.plateau_state.scale, callback.plateau_state.bad
    (0.5, 1)
    """

    def __init__(self, plateau: Plateau, monitor: str = "val_loss", *, after: int | None = None) -> None:
        super().__init__()
        if not isinstance(plateau, Plateau):
            refuse("ScaleOnPlateau", "plateau", "a Plateau", plateau, kind=True)
        if not isinstance(monitor, str):
            refuse("ScaleOnPlateau", "monitor", "the name of a metric", monitor, kind=True)
        self.plateau = plateau
        self.monitor = monitor
        self.after = after if after is None else as_number("ScaleOnPlateau", "after", after, WHOLE)
        self._seen = self._warned = False

    @property
    def plateau_state(self) -> PlateauState:
        """What the rule remembers; its beginning before there was a report."""
        return _state(self._optimizers()[0], self.plateau)

    def on_train_begin(self, logs: Any = None) -> None:
        first, *_ = self._optimizers()
        for doubt in self.plateau.doubts(self.monitor, self._reports(first)):
            self._warn(f"{doubt}.")
        self._seen = self._warned = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        metric = self._metric(epoch, logs or {})
        if metric is None:
            return
        for optimizer in self._optimizers():
            if _step(optimizer) < self._after(optimizer):
                continue
            state = self.plateau.update(_state(optimizer, self.plateau), metric)
            optimizer.plateau.write(state)
            optimizer.scale = state.scale

    def _metric(self, epoch: int, logs: dict[str, Any]) -> float | None:
        """The metric of an epoch, or None if the epoch has no validation."""
        if self.monitor not in logs:
            if not self._seen:
                self._missing(epoch, logs)
            return None
        self._seen = True
        value = logs[self.monitor]
        try:
            metric = float(value)
        except (TypeError, ValueError):
            refuse("ScaleOnPlateau", self.monitor, "a number", value, kind=True)
        if not math.isfinite(metric) and not self._warned:
            self._warned = True
            self._warn(f"{nonfinite(self.plateau, self.monitor, metric)}.")
        return metric

    def _missing(self, epoch: int, logs: dict[str, Any]) -> None:
        """Tell of a metric that no epoch has had yet: an error, unless it may come with the first validation."""
        if self.monitor.startswith("val_") and not any(name.startswith("val_") for name in logs):
            hint = "give fit validation data"
            self._warn(f"epoch {epoch} has no {self.monitor!r}, and nothing is reported until one has; {hint}.")
            self._seen = True  # once is enough
            return
        names = ", ".join(sorted(logs))
        raise ValueError(
            f"ScaleOnPlateau.monitor must be one of {names}, got {self.monitor!r}{nearest(self.monitor, logs)}"
        )

    def _warn(self, text: str) -> None:
        warnings.warn(f"ScaleOnPlateau: {text}", stacklevel=3)

    def _optimizers(self) -> list[Any]:
        """The optimizers that update weights, each with a scale."""
        model: Any = self.model
        optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
        several = list(getattr(optimizer, "optimizers", [optimizer]))
        for one in several:
            rate: Any = one._learning_rate
            if not isinstance(one, Scheduled) or not isinstance(rate, KerasSchedule):
                rule = "made by hyperparameters, with a KerasSchedule as its learning rate"
                kind = one._kind if isinstance(one, Scheduled) else type(one)
                hint = f"write hyperparameters(keras.optimizers.{kind.__name__}(KerasSchedule(lr)))"
                refuse("ScaleOnPlateau", "optimizer", rule, kind.__name__, hint=hint)
        return several

    def _after(self, optimizer: Any) -> int:
        return warmup_end(optimizer._learning_rate.schedule) if self.after is None else self.after

    def _reports(self, optimizer: Any) -> int | None:
        """The epochs from the end of the warmup to the end of the schedule, where both are known."""
        length, batches = optimizer._learning_rate.schedule.length, (self.params or {}).get("steps")
        if length is None or not batches:
            return None
        first, last = (update * optimizer._batches / batches for update in (self._after(optimizer), length))
        return int(last) - max(int(np.ceil(first)), 1) + 1


def _step(optimizer: Any) -> int:
    """The schedule's step: the updates that were made, and those of before."""
    first: int = optimizer._learning_rate.step
    return first + int(number(optimizer.iterations))


def _state(optimizer: Any, plateau: Plateau) -> PlateauState:
    """The state that an optimizer keeps for a rule, with the scale that the optimizer has."""
    start = plateau.start()
    state = optimizer.plateau.read() or start
    if len(state.more) != len(start.more):  # of another rule
        state = state._replace(more=start.more)
    scale = number(optimizer.scale)
    return state if np.float32(state.scale) == np.float32(scale) else state._replace(scale=scale)
