"""`check` of a live scheduler: what is filled in from its optimizer, its loader and its run."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from lrcore import Constant, Cosine, Linear
from lrcore.plateau import Plateau
from lrcore_torch import ScheduleLR, check


def loader(samples: int = 6_400, size: int = 64) -> Any:
    return DataLoader(TensorDataset(torch.zeros(samples, 2)), batch_size=size)


def adamw(**options: Any) -> Any:
    return torch.optim.AdamW(torch.nn.Linear(2, 1).parameters(), **options)


def test_a_plan_is_filled_in_from_the_optimizer_and_the_loader() -> None:
    scheduler = ScheduleLR(adamw(betas=(0.8, 0.95), weight_decay=0.2), Cosine(1e-3, steps=1_000))
    plan = check(scheduler, loader=loader(), epochs=10, accumulation=2).plan
    assert (plan.optimizer, plan.momentum, plan.beta2, plan.weight_decay) == ("adamw", 0.8, 0.95, 0.2)
    assert (plan.dtype, plan.batch, plan.dataset_size) == ("float32", 128, 6_400)
    assert (plan.steps_per_epoch, plan.total, plan.accumulation, plan.stepped) == (50, 500, 2, "update")


def test_what_is_said_comes_before_what_is_seen() -> None:
    scheduler = ScheduleLR(adamw(), Cosine(1e-3, steps=1_000))
    plan = check(scheduler, loader=loader(), optimizer="other", total=77, batch=32).plan
    assert (plan.optimizer, plan.total, plan.batch) == ("other", 77, 32)


def test_a_stream_has_no_length_and_that_is_no_error() -> None:
    class Stream(IterableDataset[Any]):
        def __iter__(self) -> Any:
            return iter(())

    plan = check(ScheduleLR(adamw(), Cosine(1e-3, steps=1_000)), loader=DataLoader(Stream(), batch_size=8)).plan
    assert (plan.batch, plan.steps_per_epoch, plan.dataset_size) == (8, None, None)


@pytest.mark.filterwarnings("ignore:ScheduleLR. after 300 updates the run ended")
def test_a_scheduler_that_was_stepped_once_an_epoch_is_seen() -> None:
    optimizer = adamw()
    scheduler = ScheduleLR(optimizer, Cosine(1e-3, steps=1_000))
    for _ in range(3):
        for _ in range(100):
            optimizer.zero_grad()
            optimizer.param_groups[0]["params"][0].grad = torch.zeros(1, 2)
            optimizer.step()
        scheduler.step()
    found = check(scheduler, loader=loader(), epochs=10)
    assert found.plan.stepped == "epoch"
    assert [finding.rule for finding in found] == ["updates-as-epochs"]


def test_each_group_with_a_schedule_of_its_own_is_checked() -> None:
    groups = [{"params": [torch.zeros(1)], "name": "body"}, {"params": [torch.zeros(1)], "name": "head"}]
    scheduler = ScheduleLR(torch.optim.SGD(groups), {"body": Cosine(0.1, steps=1_000), "head": Cosine(0.1, steps=100)})
    found = check(scheduler, total=1_000)
    assert [finding.rule for finding in found] == ["dead-tail"]
    assert found[0].message.startswith("group head: the schedule ends at 100")
    assert (found.plan.schedule, found.fixed) == (Cosine(0.1, steps=100), Cosine(0.1, steps=1_000))


def test_a_relative_schedule_is_that_of_each_groups_rate() -> None:
    groups = [{"params": [torch.zeros(1)], "lr": 1e-3}, {"params": [torch.zeros(1)], "lr": 0.1}]
    scheduler = ScheduleLR(torch.optim.Adam(groups), Linear(1.0, end=0.0, steps=1_000), relative=True)
    found = check(scheduler, total=1_000)
    assert [finding.message.partition(",")[0] for finding in found] == ["group 1: the peak"]


def test_parameters_in_bfloat16_are_seen() -> None:
    optimizer = torch.optim.AdamW(torch.nn.Linear(2, 1).bfloat16().parameters())
    found = check(ScheduleLR(optimizer, Cosine(2e-5, steps=1_000)), total=1_000)
    assert [finding.rule for finding in found.of("warning")] == ["update-rounds-away"]


@pytest.mark.parametrize(("rate", "moves"), [(3e-5, False), (1e-4, True)])
def test_what_the_rule_calls_rounded_away_leaves_the_weights_as_they_are(rate: float, moves: bool) -> None:
    weights = torch.full((8,), 0.02, dtype=torch.bfloat16, requires_grad=True)
    optimizer = torch.optim.AdamW([weights], weight_decay=0.0)
    scheduler = ScheduleLR(optimizer, Constant(rate))
    found = check(scheduler, total=1_000, ignore=["never-decays"])
    assert ("update-rounds-away" in [finding.rule for finding in found]) is not moves
    before = weights.detach().clone()
    for _ in range(100):
        weights.grad = torch.ones_like(weights)
        optimizer.step()
        scheduler.step()
    assert bool((weights != before).any()) is moves


def test_a_scheduler_of_pytorchs_is_read() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=90)
    found = check(scheduler, loader=loader(), epochs=90)
    assert [finding.rule for finding in found] == ["epochs-as-updates"]
    assert found.fixed == Cosine(0.1, steps=90).per_epoch(100, smooth=True)


@pytest.mark.parametrize(
    "build",
    [
        lambda optimizer: torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer),
        lambda optimizer: ScheduleLR(optimizer, Constant(1e-3), plateau=Plateau(patience=10)),
    ],
    ids=["PyTorch's", "ScheduleLR"],
)
def test_a_plateau_is_read(build: Any) -> None:
    found = check(build(adamw(weight_decay=0.0)), reports=8, monitor="val_accuracy")
    assert [finding.rule for finding in found] == ["plateau-never", "plateau-direction"]


def test_what_is_no_scheduler_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^check\.scheduler must be a scheduler with an optimizer, got 0\.1\.$"):
        check(0.1)


def test_epochs_and_a_loader_that_are_none_are_refused_whatever_else_is_known() -> None:
    scheduler = ScheduleLR(torch.optim.SGD([torch.zeros(1)], lr=0.1), Cosine(0.1, steps=90))
    with pytest.raises(TypeError, match=r"^check\.epochs must be a positive integer, got 'x'\.$"):
        check(scheduler, epochs="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^check\.loader must be a DataLoader, or what else a loop goes over, got 3\.$"):
        check(scheduler, loader=3)
