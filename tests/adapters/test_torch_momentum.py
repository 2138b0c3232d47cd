"""Momentum, betas and weight decay follow schedules in torch's own optimizers, and nothing else is touched."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from lrcore import Constant, Cosine, Linear, OneCycle
from lrcore_torch import ScheduleLR

CYCLE = OneCycle(0.1, steps=20)
MOMENTUM = CYCLE.momentum()
DECAY = Linear(0.01, end=0.1, steps=20)

OPTIMIZERS: dict[type[Any], dict[str, Any]] = {
    torch.optim.SGD: {"momentum": 0.3, "dampening": 0.1},
    torch.optim.RMSprop: {"momentum": 0.3, "alpha": 0.9},
    torch.optim.Adam: {"betas": (0.8, 0.97)},
    torch.optim.AdamW: {"betas": (0.8, 0.97), "amsgrad": True},
    torch.optim.NAdam: {"betas": (0.8, 0.97)},
    torch.optim.RAdam: {"betas": (0.8, 0.97)},
    torch.optim.Adamax: {"betas": (0.8, 0.97)},
}


class ThreeBetas(torch.optim.Optimizer):
    """An optimizer with three betas, as Adan has."""

    def __init__(self, params: Any, lr: float, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "betas": (0.8, 0.92, 0.99), "weight_decay": weight_decay})

    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data.add_(parameter.grad, alpha=-group["lr"] * group["betas"][0])


def fresh(kind: type[Any], **options: Any) -> Any:
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    return kind([parameter], lr=0.5, weight_decay=0.2, **options)


def fixed(group: dict[str, Any]) -> dict[str, Any]:
    """What no schedule may change."""
    scheduled = ("params", "lr", "initial_lr", "weight_decay", "momentum", "betas")
    kept = {key: value for key, value in group.items() if key not in scheduled}
    return {**kept, "other betas": group.get("betas", ())[1:]}


@pytest.mark.parametrize("kind", [*OPTIMIZERS, ThreeBetas])
def test_all_three_follow_their_schedules_and_the_others_stay(kind: type[Any]) -> None:
    optimizer = fresh(kind, **OPTIMIZERS.get(kind, {}))
    group = optimizer.param_groups[0]
    before = copy.deepcopy(fixed(group))
    scheduler = ScheduleLR(optimizer, CYCLE, momentum=MOMENTUM, weight_decay=DECAY)
    for u in range(30):
        momentum = group["betas"][0] if "betas" in group else group["momentum"]
        assert (group["lr"], momentum, group["weight_decay"]) == (CYCLE(u), MOMENTUM(u), DECAY(u))
        assert fixed(group) == before
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("kind", [*OPTIMIZERS, ThreeBetas])
def test_what_has_no_schedule_is_left_alone(kind: type[Any]) -> None:
    optimizer = fresh(kind, **OPTIMIZERS.get(kind, {}))
    group = optimizer.param_groups[0]
    before = copy.deepcopy({key: value for key, value in group.items() if key not in ("params", "lr", "initial_lr")})
    scheduler = ScheduleLR(optimizer, CYCLE)
    for _ in range(5):
        optimizer.step()
        scheduler.step()
    assert {key: value for key, value in group.items() if key not in ("params", "lr", "initial_lr")} == before


def test_weight_decay_reaches_the_weights() -> None:
    optimizer = fresh(torch.optim.SGD)
    parameter = optimizer.param_groups[0]["params"][0]
    scheduler = ScheduleLR(optimizer, Constant(0.5), weight_decay=DECAY)
    exact = torch.ones(2)
    for u in range(10):
        parameter.grad = torch.zeros(2)
        optimizer.step()
        scheduler.step()
        exact = exact - 0.5 * (DECAY(u) * exact)
    torch.testing.assert_close(parameter.data, exact, rtol=1e-6, atol=0)


def test_none_leaves_a_group_without_decay() -> None:
    parameters = [torch.nn.Parameter(torch.ones(1)) for _ in range(2)]
    optimizer = torch.optim.AdamW([{"params": parameters[:1]}, {"params": parameters[1:], "weight_decay": 0.0}], lr=0.1)
    scheduler = ScheduleLR(optimizer, Cosine(0.1, steps=9), weight_decay=[DECAY, None])
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    assert [group["weight_decay"] for group in optimizer.param_groups] == [DECAY(3), 0.0]


@pytest.mark.parametrize(
    ("kind", "what", "message"),
    [
        (
            torch.optim.Adagrad,
            "momentum",
            "ScheduleLR.momentum must be None for group 0, which has no 'momentum' and no 'betas', got Constant(0.5).",
        ),
        (
            torch.optim.Rprop,
            "weight_decay",
            "ScheduleLR.weight_decay must be None for group 0, which has no 'weight_decay', got Constant(0.5).",
        ),
    ],
)
def test_a_group_with_nothing_to_schedule_is_refused(kind: type[Any], what: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        ScheduleLR(kind([torch.nn.Parameter(torch.ones(1))]), Constant(0.1), **{what: Constant(0.5)})
    assert str(error.value) == message
