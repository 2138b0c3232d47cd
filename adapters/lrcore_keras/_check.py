"""`check`: what a compiled model, its data and its callbacks say of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from lrcore import Constant, Schedule
from lrcore._arguments import refuse
from lrcore.advice import DTYPES, Findings, check_groups, of_loop, optimizer_name
from lrcore.plateau import Plateau
from lrcore.port import read
from lrcore_keras._concrete import number
from lrcore_keras._plateau import ScaleOnPlateau
from lrcore_keras._schedule import KerasSchedule


def check(
    model: Any,
    data: Any = None,
    *,
    epochs: int | None = None,
    batch_size: int | None = None,
    callbacks: Iterable[Any] = (),
    ignore: Iterable[str] = (),
    every: bool = False,
    **known: Any,
) -> Findings:
    """Find what is wrong with a run before it begins, from what `fit` will be called with.

    Filled in are the schedule, the optimizer with its betas, momentum and weight decay, the accumulated batches, what the
    weights are kept in, the batches of an epoch, and of the callbacks a `ReduceLROnPlateau` or `ScaleOnPlateau`, an
    `EarlyStopping`, and a `LearningRateScheduler` with a schedule of lrcore's, which is in epochs then.

    Args:
        model: a compiled model, or an optimizer.
        data: what `fit` gets: an array, a tuple of arrays, or a dataset with a length.
        epochs: likewise.
        batch_size: likewise: 32 for arrays where `fit` is not told.
        callbacks: likewise.
        ignore: the names of rules whose findings are left out.
        every: ask also the rules that most runs would meet.
        known: other fields of `lrcore.advice.Plan`, such as `model` or `processes`. They come first.

    Raises:
        TypeError: it is neither a compiled model nor an optimizer.

    >>> import numpy as np
    >>> from lrcore import Cosine
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.AdamW(KerasSchedule(Cosine(1e-3, steps=90))), loss="mse")
    >>> found = check(model, np.zeros((6_400, 4)), batch_size=64, epochs=90)
    >>> [finding.rule for finding in found], found.fixed
    (['epochs-as-updates'], Cosine(0.001, steps=90).per_epoch(100, smooth=True))
    """
    optimizer = model if isinstance(model, keras.optimizers.Optimizer) else getattr(model, "optimizer", None)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        refuse("check", "model", "a compiled model or an optimizer", model, kind=True)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    several = _schedules(optimizer)
    callbacks = tuple(callbacks)
    filled = {**_of_optimizer(optimizer), **_of_data(data, batch_size), **_of_callbacks(callbacks, epochs)}
    filled["dtype"] = _dtype(model, optimizer)
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.LearningRateScheduler) and isinstance(callback.schedule, Schedule):
            several, filled["stepped"] = {"": callback.schedule}, "epoch"  # which Keras asks at each epoch
    plans = {}
    for name, schedule in several.items():
        plans[name] = of_loop(schedule, epochs=epochs, **{**filled, **known})
    return check_groups(plans, ignore=ignore, every=every)


def _schedules(optimizer: Any) -> dict[str, Schedule]:
    """The schedule of an optimizer, or of each of several in one."""
    if hasattr(optimizer, "optimizers"):
        inner = [(one.name, _schedules(one)) for one in optimizer.optimizers]
        return {name: next(iter(found.values())) for name, found in inner}
    rate = optimizer._learning_rate
    if isinstance(rate, KerasSchedule):
        return {"": rate.schedule.shift(rate.step) if rate.step else rate.schedule}
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        schedule, each = read(rate).schedule, optimizer.gradient_accumulation_steps
        return {"": schedule.per_sample(each) if each else schedule}  # Keras reads its own at every batch
    return {"": Constant(number(rate))}


def _of_optimizer(optimizer: Any) -> dict[str, Any]:
    first = optimizer.optimizers[0] if hasattr(optimizer, "optimizers") else optimizer
    momentum = getattr(first, "beta_1", getattr(first, "momentum", None))
    found = {"momentum": momentum, "beta2": getattr(first, "beta_2", None), "weight_decay": first.weight_decay}
    kinds = (kind.__name__.removeprefix("Scheduled") for kind in type(first).__mro__)
    return {
        **{name: None if value is None or value is False else number(value) for name, value in found.items()},
        "optimizer": optimizer_name(kinds),
        "accumulation": first.gradient_accumulation_steps or 1,
    }


def _of_data(data: Any, batch_size: int | None) -> dict[str, Any]:
    """The batches of an epoch, and the samples of arrays: nothing of a generator, whose length nobody knows."""
    first = _first(data)
    if first is None:
        return {"batch_size": batch_size}
    shape = getattr(first, "shape", None)
    if shape is not None and len(shape):  # arrays, which `fit` cuts into batches
        size, samples = batch_size or 32, int(shape[0])
        return {"batch_size": size, "dataset_size": samples, "batches": -(-samples // size)}
    try:
        batches = len(data)
    except TypeError:
        return {"batch_size": batch_size}
    sizes = tuple(getattr(_first(getattr(data, "element_spec", None)), "shape", ()) or ())
    told = batch_size or (sizes[0] if sizes else None) or getattr(data, "batch_size", None)
    return {"batch_size": told, "batches": batches or None}


def _first(data: Any) -> Any:
    """The first of several arrays, as models with more than one input or output take them."""
    while isinstance(data, (tuple, list, Mapping)) and data:
        data = next(iter(data.values())) if isinstance(data, Mapping) else data[0]
    return data


def _dtype(model: Any, optimizer: Any) -> str | None:
    """What the weights are kept in: the first one's."""
    weights = getattr(model, "trainable_variables", None) or getattr(optimizer, "_trainable_variables", None) or ()
    names = (keras.backend.standardize_dtype(weight.dtype) for weight in weights)
    return next((name for name in names if name in DTYPES), None)


def _of_callbacks(callbacks: Iterable[Any], epochs: int | None) -> dict[str, Any]:
    """The plateau and the early stopping among callbacks, which are told once an epoch."""
    found: dict[str, Any] = {}
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.ReduceLROnPlateau):
            known = callback.mode in ("min", "max")  # else Keras finds it by the metric's class
            found |= {"monitor": callback.monitor if known else None, "reports": epochs}
            found["plateau"] = Plateau.like(
                "keras",
                mode=callback.mode if known else "min",
                factor=callback.factor,
                patience=callback.patience,
                min_delta=callback.min_delta,
                cooldown=callback.cooldown,
            )
        elif isinstance(callback, ScaleOnPlateau):
            found |= {"plateau": callback.plateau, "monitor": callback.monitor, "reports": epochs}
        elif isinstance(callback, keras.callbacks.EarlyStopping):
            found["stop_patience"] = callback.patience
    return found
