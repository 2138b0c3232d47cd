"""ScheduleLR is an LRScheduler to everyone who looks at one."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import re
import weakref
from typing import Any

import pytest
import torch

from lrcore import Constant, Cosine, Custom, OneCycle
from lrcore_torch import ScheduleLR
from torch_helpers import record, sgd

LR = Cosine(0.1, steps=40).warmup(5)
pytestmark = pytest.mark.filterwarnings("ignore:ScheduleLR. an update at step [0-9]+, past")
COUNTS = pytest.mark.parametrize("count", ["calls", "updates"])


def run(optimizer: Any, scheduler: Any, updates: int) -> None:
    for _ in range(updates):
        optimizer.step()
        scheduler.step()


def test_is_what_trainers_look_for() -> None:
    optimizer = sgd(2)
    scheduler = ScheduleLR(optimizer, LR)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(sgd(2), 10)
    assert isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler)
    assert scheduler.optimizer is optimizer
    assert scheduler.base_lrs == theirs.base_lrs == [0.1, 0.1]
    assert scheduler.last_epoch == theirs.last_epoch == 0
    run(optimizer, scheduler, 3)
    assert scheduler.last_epoch == 3
    assert scheduler.get_last_lr() == scheduler._last_lr == scheduler.get_lr() == [LR(3), LR(3)]
    assert all(type(rate) is float for rate in scheduler.get_last_lr())
    assert not hasattr(scheduler, "total_steps")  # accelerate would stop calling step() there


@COUNTS
def test_optimizer_step_is_never_replaced(count: str) -> None:
    optimizer = sgd()
    before = dict(vars(optimizer))
    scheduler = ScheduleLR(optimizer, LR, count=count)
    run(optimizer, scheduler, 3)
    assert "step" not in vars(optimizer)
    assert set(vars(optimizer)) == set(before)
    theirs = sgd()
    torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 10)
    assert "step" in vars(theirs)


@COUNTS
def test_used_is_what_the_last_update_used_and_next_lr_what_the_next_will(count: str) -> None:
    optimizer = sgd(2)
    used = record(optimizer)
    scheduler = ScheduleLR(optimizer, LR, count=count)
    for u in range(50):
        assert scheduler.next_lr == [LR(u)] * 2
        run(optimizer, scheduler, 1)
        assert list(scheduler.used().values()) == used[-1] == [LR(u)] * 2


@COUNTS
def test_pickling_and_copying_go_on_alone(count: str) -> None:
    optimizer = sgd()
    cycle = OneCycle(0.1, steps=20)
    scheduler = ScheduleLR(optimizer, cycle, momentum=cycle.momentum(), count=count)
    run(optimizer, scheduler, 5)
    file = io.BytesIO()
    torch.save(scheduler, file)
    file.seek(0)
    for other in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler)), torch.load(file, weights_only=False)):
        assert other.optimizer is not optimizer
        assert other.state_dict() == scheduler.state_dict()
        for group in other.optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones(1)
        used = record(other.optimizer)
        run(other.optimizer, other, 5)
        assert used == [[cycle(u)] for u in range(5, 10)]
        assert other.optimizer.param_groups[0]["momentum"] == cycle.momentum()(10)
    assert scheduler.last_epoch == 5


def test_copied_together_with_the_optimizer_they_stay_together() -> None:
    optimizer = sgd(lr=torch.tensor(0.1))
    pair = copy.deepcopy({"scheduler": ScheduleLR(optimizer, LR, count="updates"), "optimizer": optimizer})
    assert pair["scheduler"].optimizer is pair["optimizer"]
    run(pair["optimizer"], pair["scheduler"], 2)
    assert pair["scheduler"].last_epoch == 2
    assert optimizer.param_groups[0]["lr"].item() == 0.0


@COUNTS
def test_there_is_no_reference_cycle(count: str) -> None:
    sgd().step()  # the first update of a process loads torch's compiler, which leaves cycles of its own
    gc.collect()
    gc.disable()
    try:
        optimizer = sgd()
        scheduler = ScheduleLR(optimizer, LR, count=count)
        run(optimizer, scheduler, 3)
        gone = weakref.ref(optimizer), weakref.ref(scheduler)
        del optimizer, scheduler
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


class Duck:
    """An optimizer by its param_groups alone."""

    def __init__(self) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": [], "lr": 0.5, "betas": [0.9, 0.99]}]


@COUNTS
def test_an_error_at_one_step_is_of_that_step_alone(count: str) -> None:
    asked: list[float] = []

    def fails_once(step: float) -> float:
        asked.append(step)
        if step == 5 and asked.count(5) == 1:
            raise OSError("not readable now")
        return 1.0 / (1 + step)

    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, Custom(fails_once), count=count)
    with pytest.raises(OSError, match="not readable now"):
        run(optimizer, scheduler, 9)
    assert scheduler.next_lr == [1 / 5]
    if count == "calls":
        scheduler.step()
    else:
        optimizer.step()
    run(optimizer, scheduler, 3)
    assert scheduler.next_lr == [1 / 9]


def test_anything_with_param_groups_is_accepted() -> None:
    optimizer = Duck()
    scheduler = ScheduleLR(optimizer, LR, momentum=Constant(0.5))
    scheduler.step()
    assert optimizer.param_groups == [{"params": [], "lr": LR(1), "initial_lr": 0.5, "betas": (0.5, 0.99)}]
    assert scheduler.used() == {"lr": LR(0), "momentum": 0.5}
    with pytest.raises(TypeError, match=r"^Duck is not an Optimizer$"):
        torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"optimizer": 3}, TypeError, "ScheduleLR.optimizer must be an object with param_groups, got 3."),
        ({"step": -1}, ValueError, "ScheduleLR.step must be an integer, 0 or more, got -1."),
        ({"step": 2.0}, TypeError, "ScheduleLR.step must be an integer, 0 or more, got 2.0; write 2."),
        ({"step": True}, TypeError, "ScheduleLR.step must be an integer, 0 or more, got True."),
        ({"step": torch.tensor(2)}, TypeError, "ScheduleLR.step must be an integer, 0 or more, got tensor(2)."),
        ({"relative": 1}, TypeError, "ScheduleLR.relative must be True or False, got 1."),
        ({"count": "epochs"}, ValueError, "ScheduleLR.count must be 'calls' or 'updates', got 'epochs'."),
        ({"count": None}, TypeError, "ScheduleLR.count must be 'calls' or 'updates', got None."),
        (
            {"momentum": 0.9},
            TypeError,
            "ScheduleLR.momentum must be a schedule, or one per group: a list, or a dict by the groups' names, got 0.9; "
            "write Constant(0.9).",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_bad_argument_is_named(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        ScheduleLR(**({"optimizer": sgd(), "lr": LR} | arguments))
