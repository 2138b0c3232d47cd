"""An optimizer for each group of variables whose rates differ: what Keras has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lrcore import Schedule
from lrcore.advice import GroupRates
from lrcore_keras._schedule import KerasSchedule


def multi_optimizer(model: Any, rates: GroupRates, lr: Schedule, make: Callable[[KerasSchedule], Any]) -> Any:
    """A `keras.optimizers.MultiOptimizer` with one optimizer for each group of a model's variables.

    Keras's optimizers have no groups. This one has an optimizer of its own, with its own schedule, for each factor; it is
    saved and loaded as any other. Callbacks that read `optimizer.learning_rate` cannot be used with it.

    Args:
        model: a model that is built: its variables' paths are the names.
        rates: the factors by name: a `lrcore.advice.GroupRates`, such as `layerwise(12)`.
        lr: the schedule, which each factor multiplies.
        make: makes an optimizer of a learning rate: `keras.optimizers.AdamW`, or a function around it.

    Raises:
        ValueError: a rule is found in no variable's path, or the model has no variables yet.

    >>> from lrcore import Cosine
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1, name="head")])
    >>> optimizer = multi_optimizer(model, GroupRates([("head", 10.0)]), Cosine(1e-4, steps=100), keras.optimizers.AdamW)
    >>> [round(float(one.learning_rate), 6) for one in optimizer.optimizers]
    [0.0001, 0.001]
    """
    paths = [variable.path for variable in model.trainable_variables]
    if not paths:
        raise ValueError("multi_optimizer needs a model that is built: this one has no trainable variables yet.")
    schedules = rates.schedules(lr)
    chosen = {label: make(KerasSchedule(schedules[label])) for label in rates.groups(paths)}
    by_path = {path: chosen[rates.label(path)] for path in paths}
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(next(iter(chosen.values())), by_path))
