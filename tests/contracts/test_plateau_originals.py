"""The rules of PyTorch, Hugging Face, Keras and Optax against the libraries themselves, report by report."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import ReduceLROnPlateau
from transformers.optimization import GreedyLR, get_reduce_on_plateau_schedule

from lrcore.plateau import Plateau
from plateaus import examples, fractions, margins, metrics, modes, patiences, scales, waits

# All at a rate of 1, of which a share is the same bits as a rate.

torch_arguments = st.fixed_dictionaries(
    {},
    optional={
        "mode": modes,
        "factor": fractions,
        "patience": patiences,
        "threshold": margins,
        "threshold_mode": st.sampled_from(["rel", "abs"]),
        "cooldown": waits,
        "min_lr": st.sampled_from([0.0, 0.01, 0.3]),
        "eps": st.sampled_from([0.0, 1e-8, 0.05]),
    },
)


@pytest.mark.parametrize(
    ("key", "original", "own"),
    [
        ("torch", ReduceLROnPlateau, "optimizer"),
        ("keras", keras.callbacks.ReduceLROnPlateau, "kwargs"),
        ("optax", optax.contrib.reduce_on_plateau, ""),
        ("greedy", GreedyLR, "optimizer"),
    ],
)
def test_every_argument_of_the_original_is_taken_with_its_default(key: str, original: Any, own: str) -> None:
    defaults = {name: each.default for name, each in inspect.signature(original).parameters.items() if name != own}
    assert Plateau.like(key, lr=1.0, **defaults) == Plateau.like(key, lr=1.0)


def torch_rates(make: Callable[[Any], Any], reports: list[float]) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler, rates = make(optimizer), []
    for report in reports:
        scheduler.step(report)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@given(torch_arguments, metrics())
@examples(100)
def test_pytorchs_rule(arguments: dict[str, Any], reports: list[float]) -> None:
    rates = torch_rates(lambda optimizer: ReduceLROnPlateau(optimizer, **arguments), reports)
    for library in ("torch", "lightning"):
        assert scales(Plateau.like(library, lr=1.0, **arguments), reports) == rates


@given(torch_arguments, metrics())
@examples(50)
def test_hugging_faces_rule(arguments: dict[str, Any], reports: list[float]) -> None:
    rates = torch_rates(lambda optimizer: get_reduce_on_plateau_schedule(optimizer, **arguments), reports)
    assert scales(Plateau.like("huggingface", lr=1.0, **arguments), reports) == rates


def test_one_report_more_of_patience_would_be_seen() -> None:
    rates = torch_rates(lambda optimizer: ReduceLROnPlateau(optimizer, patience=2), [1.0] * 9)
    assert scales(Plateau.like("torch", lr=1.0, patience=2), [1.0] * 9) == rates
    assert scales(Plateau.like("torch", lr=1.0, patience=3), [1.0] * 9) != rates


greedy_arguments = st.fixed_dictionaries(
    {"factor": st.sampled_from([0.5, 0.25])},  # whose inverse is exact
    optional={
        "mode": modes,
        "patience": patiences,
        "threshold": margins,
        "threshold_mode": st.sampled_from(["rel", "abs"]),
        "cooldown": waits,
        "warmup": waits,
        "min_lr": st.sampled_from([1e-3, 0.3, 2.0]),
        "max_lr": st.sampled_from([1.0, 4.0]),
        "eps": st.sampled_from([1e-8, 0.05]),
        "smooth": st.booleans(),
        "window_size": st.integers(2, 4),
        "reset_start": st.integers(0, 3),
    },
)


@given(greedy_arguments, metrics(size=40))
@examples(100)
def test_greedy_lrs_rule(arguments: dict[str, Any], reports: list[float]) -> None:
    rates = torch_rates(lambda optimizer: GreedyLR(optimizer, **arguments), reports)
    assert scales(Plateau.like("greedy", lr=1.0, **arguments), reports) == rates


class Model:
    """What Keras's callback needs of a model."""

    def __init__(self) -> None:
        self.optimizer = keras.optimizers.SGD(1.0)
        self.metrics: list[Any] = []


def keras_rates(arguments: dict[str, Any], reports: list[float]) -> list[float]:
    callback, model, rates = keras.callbacks.ReduceLROnPlateau(**arguments), Model(), []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, report in enumerate(reports):
        callback.on_epoch_end(epoch, {"val_loss": report})
        rates.append(float(model.optimizer.learning_rate))
    return rates


@given(
    st.fixed_dictionaries(
        {"factor": st.sampled_from([0.1, 0.3, 0.5])},
        optional={
            "mode": modes,
            "patience": patiences,
            "min_delta": margins,
            "cooldown": waits,
            "min_lr": st.sampled_from([0.0, 0.01, 0.3]),
        },
    ),
    metrics(single=True),
)
@examples(25)
def test_kerass_rule(arguments: dict[str, Any], reports: list[float]) -> None:
    rates = keras_rates(arguments, reports)
    # Keras holds the rate in float32, and the minimum is compared with as one: no cut is made twice or left out
    np.testing.assert_allclose(scales(Plateau.like("keras", lr=1.0, **arguments), reports), rates, rtol=4e-6)


optax_arguments = st.fixed_dictionaries(
    {"factor": fractions, "patience": st.integers(1, 4), "rtol": st.sampled_from([1e-4, 0.01, 0.5])},
    optional={
        "atol": margins,
        "cooldown": waits,
        "accumulation_size": st.integers(1, 4),
        "min_scale": st.sampled_from([0.0, 0.01, 0.3]),
    },
)


def optax_scales(arguments: dict[str, Any], series: list[list[float]]) -> list[list[float]]:
    """The scales of several series of reports, compiled together: they are made equally long."""
    rule = optax.contrib.reduce_on_plateau(**arguments)
    length = max(map(len, series))
    with jax.enable_x64(True):
        state = rule.init(jnp.zeros((), jnp.float64))

        def step(state: Any, report: Any) -> tuple[Any, Any]:
            after = rule.update(jnp.zeros(()), state, value=report)[1]
            return after, after.scale

        run = jax.jit(jax.vmap(lambda reports: jax.lax.scan(step, state, reports)[1]))
        found = run(jnp.array([reports + [0.0] * (length - len(reports)) for reports in series]))
    return [scales[: len(reports)].tolist() for scales, reports in zip(found, series, strict=True)]


@given(optax_arguments, st.lists(metrics(), min_size=1, max_size=10))
@examples(4, many=1_000)  # of up to ten series each
def test_optaxs_rule(arguments: dict[str, Any], series: list[list[float]]) -> None:
    rule = Plateau.like("optax", **arguments)
    assert [scales(rule, reports) for reports in series] == optax_scales(arguments, series)


def test_optaxs_rule_with_patience_0_is_refused_since_it_cuts_at_improvements() -> None:
    assert optax_scales({"patience": 0, "factor": 0.5}, [[1.0, 1.0, 1.0, 0.5]]) == [[0.5, 0.5, 0.5, 0.25]]
    with pytest.raises(ValueError, match=r"cuts at improvements, and never on a plateau\.$"):
        Plateau.like("optax", patience=0)


def test_nan_first_is_keras_best_for_ever() -> None:
    reports = [math.nan, 1.0, 0.5, 0.25]
    assert keras_rates({"patience": 1, "factor": 0.5}, reports) == [1.0, 0.5, 0.25, 0.125]
    assert scales(Plateau.like("keras", patience=1, factor=0.5), reports) == [1.0, 0.5, 0.25, 0.125]
    assert scales(Plateau(patience=1, factor=0.5), reports) == [1.0, 1.0, 1.0, 1.0]
