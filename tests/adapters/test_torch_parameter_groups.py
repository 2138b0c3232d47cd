"""Parameter groups from one description: every weight moves by its factor's rate."""

from __future__ import annotations

import pytest
import torch

from lrcore import Linear
from lrcore.advice import GroupRates
from lrcore_torch import ScheduleLR, parameter_groups

RATES = GroupRates([("^1", 10.0), ("bias", 0.0)])


def test_every_weight_moves_by_the_rate_of_its_group() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    lr = Linear(0.5, end=0.0, steps=2)
    groups = parameter_groups(model, RATES)
    optimizer = torch.optim.SGD(groups)
    scheduler = ScheduleLR(optimizer, RATES.schedules(lr))
    for _ in range(2):
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        scheduler.step()
    for name, parameter in model.named_parameters():
        moved = (before[name] - parameter.detach()).mean().item()
        assert moved == pytest.approx(RATES.factor(name) * (lr(0) + lr(1)), abs=1e-5), name


def test_what_needs_no_gradient_is_in_no_group() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    model[0].weight.requires_grad_(False)
    assert sum(len(group["params"]) for group in parameter_groups(model, RATES)) == 3


def test_a_pattern_may_be_found_in_what_is_frozen_only() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    model[1].requires_grad_(False)
    groups = parameter_groups(model, RATES)
    assert [(group["name"], len(group["params"])) for group in groups] == [("x1.0", 1), ("x0.0", 1)]
    scheduler = ScheduleLR(torch.optim.SGD(groups), RATES.schedules(Linear(0.5, end=0.0, steps=2)))
    assert scheduler.get_last_lr() == [0.5, 0.0]
