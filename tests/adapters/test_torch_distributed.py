"""Real processes over gloo: every rank's updates use the schedule, and its client logs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed
from torch.distributed.fsdp import fully_shard

from lrcore import Cosine
from lrcore_torch import ScheduleLR
from torch_helpers import two_processes

LR = Cosine(0.01, steps=20).warmup(4)


def ranks(how: str, count: str, folder: Path) -> list[Any]:
    """What the two processes wrote."""
    return two_processes("two_processes.py", folder, how, count)


@pytest.mark.parametrize("count", ["calls", "updates"])
def test_data_parallel_ranks_follow_the_schedule(count: str, tmp_path: Path) -> None:
    both = ranks("plain", count, tmp_path)
    for rank in both:
        assert rank["used"] == [[LR(u)] for u in range(24)]
        assert rank["logged"] == [LR(u) for u in range(24)]
    if count == "updates":  # in the same processes, since they take long to start
        found = [rank["found"] for rank in both]
        assert found[0] == found[1]
        assert found[0]["same"]
        assert found[0]["sweep"]["ended"] == "rise"
        assert found[0]["sweep"] == found[0]["trainer"]


def test_accelerates_two_processes_follow_the_schedule(tmp_path: Path) -> None:
    for rank in ranks("accelerate", "updates", tmp_path):
        assert rank["used"] == [[LR(u)] for u in range(6)]
        assert rank["logged"] == [LR(u) for u in range(6)]


def test_accelerate_does_step_twice_where_calls_are_counted(tmp_path: Path) -> None:
    for rank in ranks("accelerate", "calls", tmp_path):
        assert rank["used"] == [[LR(2 * u)] for u in range(6)]


@pytest.fixture
def alone() -> Iterator[None]:
    """A process group of one process."""
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


GIVEN: dict[str, Any] = {
    "one, relative": {"lr": LR, "relative": True},
    "list": {"lr": [LR, 2 * LR]},
    "dict, relative": {"lr": {"head": LR, "body": 2 * LR}, "relative": True},
}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("tensor", [False, True], ids=["float", "tensor"])
@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("count", ["calls", "updates"])
def test_groups_whose_parameters_fsdp_replaces_follow_as_before(count: str, given: str, tensor: bool) -> None:
    own = {"body": 0.5, "head": 0.25}
    model = torch.nn.ModuleDict({name: torch.nn.Linear(1, 1, bias=False).double() for name in own})
    rates = {name: torch.tensor(rate, dtype=torch.float64) if tensor else rate for name, rate in own.items()}
    groups = [{"params": model[name].parameters(), "name": name, "lr": rates[name]} for name in own]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    scheduler = ScheduleLR(optimizer, count=count, **GIVEN[given])

    def moved() -> dict[str, float]:
        """What an update takes off weights of 0 whose gradients are 1."""
        weights = {group["name"]: group["params"][0] for group in optimizer.param_groups}
        with torch.no_grad():
            for weight in weights.values():
                weight.zero_()
        sum(model[name](torch.ones(1, 1, dtype=torch.float64)).sum() for name in own).backward()  # type: ignore[union-attr]
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        return {name: -getattr(weight, "full_tensor", lambda w=weight: w)().item() for name, weight in weights.items()}

    def due(step: int) -> dict[str, float]:
        twice = {"one, relative": [], "list": ["head"], "dict, relative": ["body"]}[given]
        factors = own if "relative" in given else dict.fromkeys(own, 1.0)
        return {name: factors[name] * ((2 * LR)(step) if name in twice else LR(step)) for name in own}

    assert [moved() for _ in range(3)] == [due(step) for step in range(3)]
    for layer in model.values():
        fully_shard(layer)
    for group in optimizer.param_groups:  # as accelerate does, which keeps the optimizer
        group["params"] = list(model[group["name"]].parameters())
        assert type(group["params"][0]).__name__ == "DTensor"
    assert [moved() for _ in range(5)] == [due(step) for step in range(3, 8)]
    assert scheduler.base_lrs == list(own.values())
