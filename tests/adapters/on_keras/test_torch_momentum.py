"""With `torch_momentum`, SGD goes where PyTorch's goes, from a rate of 0 and through one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import torch

from lrcore import Constant, Cosine, Cyclic, Linear, OneCycle, Schedule
from lrcore_keras import KerasSchedule, hyperparameters

CURVATURE = np.geomspace(0.02, 0.5, 6).astype(np.float32)[:, None]
RANDOM = np.random.default_rng(3)
START = RANDOM.normal(size=(6, 1)).astype(np.float32)
Row = tuple[Schedule, Schedule, int, bool]
ROWS: dict[str, Row] = {
    "a long run that warms up": (Cosine(0.1, steps=400).warmup(100), Constant(0.9), 400, False),
    "a heavy momentum": (Cosine(0.1, steps=400).warmup(100), Constant(0.99), 400, False),
    "a short run": (Linear(0.1, end=0.01, steps=40).warmup(5), Constant(0.95), 40, False),
    "cycles that touch 0": (Cyclic(0.0, high=0.5, up=3), Constant(0.9), 60, False),
    "a rest in the middle": (Constant(0.3).then(Constant(0.0), at=20).then(Constant(0.2), at=25), Constant(0.9), 60, False),
    "Nesterov's": (Cyclic(0.0, high=0.5, up=3), Constant(0.9), 60, True),
    "a momentum that moves": (OneCycle(0.5, steps=60), OneCycle(0.5, steps=60).momentum(), 60, False),
}


def pull(step: int) -> Any:
    """A gradient of a bowl that is shaken."""
    return np.random.default_rng(step).normal(size=(6, 1)).astype(np.float32)


def in_torch(lr: Schedule, momentum: Schedule, updates: int, nesterov: bool) -> Any:
    w = torch.nn.Parameter(torch.tensor(START))
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9, nesterov=nesterov)
    for step in range(updates):
        optimizer.param_groups[0].update(lr=lr(step), momentum=momentum(step))
        w.grad = torch.tensor(CURVATURE) * w.detach() + torch.tensor(pull(step))
        optimizer.step()
    return w.detach().numpy()


def in_keras(lr: Schedule, momentum: Schedule, updates: int, nesterov: bool, *, like_torch: bool = True) -> Any:
    w = keras.Variable(START)
    optimizer = keras.optimizers.SGD(KerasSchedule(lr), nesterov=nesterov)
    hyperparameters(optimizer, momentum=momentum, torch_momentum=like_torch)
    for step in range(updates):
        gradient = CURVATURE * keras.ops.convert_to_numpy(w) + pull(step)
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [w])
    return keras.ops.convert_to_numpy(w)


@pytest.mark.parametrize("row", ROWS)
def test_sgd_goes_where_pytorch_s_goes(row: str) -> None:
    found, want = in_keras(*ROWS[row]), in_torch(*ROWS[row])
    # Two orders of rounding: some ulp of the largest weight
    assert np.abs(found - want).max() <= 16 * np.spacing(np.abs(want).max())


def test_keras_s_own_momentum_goes_elsewhere_where_the_rate_was_0() -> None:
    row = ROWS["cycles that touch 0"]
    found, want = in_keras(*row, like_torch=False), in_torch(*row)
    assert np.abs(found - want).max() > 0.05 * np.abs(want).max()


def test_it_stays_when_more_hyperparameters_follow() -> None:
    optimizer = keras.optimizers.SGD(KerasSchedule(Constant(0.1)))
    hyperparameters(optimizer, momentum=Constant(0.9), torch_momentum=True)
    hyperparameters(optimizer, weight_decay=Constant(0.1))
    assert optimizer.torch_momentum
    assert type(optimizer).from_config(optimizer.get_config()).torch_momentum


class Own(keras.optimizers.SGD):
    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        self.assign_sub(variable, learning_rate * gradient)


@pytest.mark.parametrize("make", [keras.optimizers.RMSprop, keras.optimizers.Muon, Own])
def test_optimizers_whose_momentum_is_another_are_refused(make: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared below)
        hyperparameters(make(KerasSchedule(Constant(0.1))), momentum=Constant(0.9), torch_momentum=True)
    assert str(error.value) == (
        "hyperparameters.torch_momentum must be False without a schedule of momentum, and for optimizers other than "
        "keras.optimizers.SGD, got True."
    )
