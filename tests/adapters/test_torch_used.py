"""`ScheduleLR.used()` says what the last update used, wherever in the loop it is asked."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict

from lrcore import Constant, Cosine, Linear, OneCycle
from lrcore_torch import ScheduleLR
from torch_helpers import sgd

CYCLE, DECAY = OneCycle(0.1, steps=20), Linear(0.01, end=0.1, steps=20)
COUNTS = pytest.mark.parametrize("count", ["calls", "updates"])


def everything(optimizer: Any, **options: Any) -> ScheduleLR:
    return ScheduleLR(optimizer, CYCLE, momentum=CYCLE.momentum(), weight_decay=DECAY, **options)


def at(step: int) -> dict[str, float]:
    return {"lr": CYCLE(step), "momentum": CYCLE.momentum()(step), "weight_decay": DECAY(step)}


@COUNTS
def test_says_what_the_update_found_in_its_group_before_and_after_the_call_of_step(count: str) -> None:
    optimizer = sgd()
    found: list[dict[str, float]] = []
    optimizer.register_step_pre_hook(lambda o, *_: found.append({key: o.param_groups[0][key] for key in at(0)}))
    scheduler = everything(optimizer, count=count)
    for step in range(25):
        optimizer.step()
        assert scheduler.used() == found[-1] == at(step)
        scheduler.step()
        assert scheduler.used() == at(step)


@COUNTS
def test_before_the_first_update_and_after_a_load_it_is_the_coming_one(count: str) -> None:
    optimizer = sgd()
    scheduler = everything(optimizer, count=count)
    assert scheduler.used() == at(0)
    for _ in range(7):
        optimizer.step()
        scheduler.step()
    saved = copy.deepcopy(scheduler.state_dict())
    assert scheduler.used() == at(6)
    scheduler.load_state_dict(saved)
    assert scheduler.used() == at(7)
    assert everything(sgd(), count=count, step=7).used() == at(7)


def test_micro_steps_do_not_count() -> None:
    optimizer = sgd()
    scheduler = everything(optimizer, count="updates")
    seen = []
    for batch in range(12):
        if batch % 4 == 3:
            optimizer.step()
        scheduler.step()
        seen.append(scheduler.used())
    assert seen == [at(step) for step in (0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2)]


def test_a_schedule_in_epochs_is_the_present_epochs() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, CYCLE)
    for epoch in range(3):
        for _ in range(4):
            optimizer.step()
            assert scheduler.used() == {"lr": CYCLE(epoch)}
        scheduler.step()
        assert scheduler.used() == {"lr": CYCLE(epoch)}


def test_without_hooks_it_is_what_was_in_force_before_the_last_call() -> None:
    group = {"params": [], "lr": 0.5, "momentum": 0.9, "weight_decay": 0.0}
    scheduler = everything(SimpleNamespace(param_groups=[group]))
    for step in range(5):
        scheduler.step()
        assert scheduler.used() == at(step)


def test_groups_go_by_their_names_or_numbers_and_one_left_alone_is_left_out() -> None:
    optimizer = sgd(2)
    optimizer.param_groups[0]["name"] = "weights"
    del optimizer.param_groups[1]["name"]
    scheduler = ScheduleLR(optimizer, [CYCLE, Constant(0.5)], weight_decay=[DECAY, None])
    optimizer.step()
    assert scheduler.used() == {"lr/weights": CYCLE(0), "lr/1": 0.5, "weight_decay/weights": 0.01}


def test_groups_that_share_a_name_go_by_numbers_and_one_added_since_has_no_values_yet() -> None:
    optimizer = sgd(2)
    optimizer.param_groups[1]["name"] = optimizer.param_groups[0]["name"] = "head"
    scheduler = ScheduleLR(optimizer, CYCLE, weight_decay=DECAY)
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "name": "late"})
    assert scheduler.used() == {"lr/0": CYCLE(0), "lr/1": CYCLE(0), "weight_decay/0": 0.01, "weight_decay/1": 0.01}


def test_a_relative_rate_is_the_groups_own() -> None:
    optimizer = sgd(2)
    optimizer.param_groups[1]["lr"] = 0.001
    scheduler = ScheduleLR(optimizer, Cosine(1.0, steps=10), relative=True, step=5)
    assert scheduler.used() == {"lr/0": 0.1 * Cosine(1.0, steps=10)(5), "lr/1": 0.001 * Cosine(1.0, steps=10)(5)}


def test_the_values_are_plain_floats_also_of_tensor_rates_and_betas() -> None:
    adam = torch.optim.Adam([torch.nn.Parameter(torch.ones(1))], lr=torch.tensor(0.1))
    scheduler = ScheduleLR(adam, CYCLE, momentum=CYCLE.momentum())
    adam.step()
    scheduler.step()
    assert scheduler.used() == {"lr": CYCLE(0), "momentum": CYCLE.momentum()(0)}
    assert {type(value) for value in scheduler.used().values()} == {float}


@COUNTS
def test_an_update_that_a_checkpoint_rehearses_is_none(count: str) -> None:
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
    scheduler = everything(optimizer, count=count)
    get_optimizer_state_dict(model, optimizer)
    optimizer.step()
    assert scheduler.used() == at(0)
    assert scheduler.next_lr == [CYCLE(1 if count == "updates" else 0)]
