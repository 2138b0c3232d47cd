"""What moves the schedule on: the optimizer's real updates, or calls of `step()`."""

from __future__ import annotations

import gc
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from accelerate.scheduler import AcceleratedScheduler
from accelerate.state import AcceleratorState, GradientState

from lrcore import Cosine, OneCycle
from lrcore_torch import ScheduleLR
from torch_helpers import record, sgd, told

LR = Cosine(0.1, steps=40).warmup(5)


def curve(updates: int) -> list[list[float]]:
    return [[LR(u)] for u in range(updates)]


@pytest.mark.parametrize("calls", [0, 1, 8])
@pytest.mark.parametrize(("batches", "window"), [(24, 1), (24, 4), (27, 4)], ids=["every batch", "of 4", "ragged last"])
def test_gradient_accumulation_cannot_shift_the_schedule(batches: int, window: int, calls: int) -> None:
    optimizer = sgd()
    used = record(optimizer)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    for batch in range(batches):
        if (batch + 1) % window == 0 or batch == batches - 1:
            optimizer.step()
        for _ in range(calls):
            scheduler.step()
    assert used == curve(-(-batches // window))
    assert [scheduler.used()["lr"]] == used[-1]
    assert scheduler.next_lr == [optimizer.param_groups[0]["lr"]] == [LR(len(used))]


def test_counted_calls_would_be_shifted_by_it() -> None:
    optimizer = sgd()
    used = record(optimizer)
    scheduler = ScheduleLR(optimizer, LR)

    def loop() -> None:
        for batch in range(8):
            if (batch + 1) % 4 == 0:
                optimizer.step()
            scheduler.step()

    (message,) = told(loop)
    assert message.startswith("ScheduleLR: scheduler.step() was called before the first optimizer.step()")
    assert used != curve(2)


def test_momentum_is_counted_with_the_updates() -> None:
    cycle = OneCycle(0.1, steps=10)
    optimizer = sgd()
    ScheduleLR(optimizer, cycle, momentum=cycle.momentum(), count="updates")  # not kept: nothing counts any more
    scheduler = ScheduleLR(optimizer, cycle, momentum=cycle.momentum(), count="updates")
    for u in range(12):
        assert optimizer.param_groups[0]["momentum"] == cycle.momentum()(u)
        optimizer.step()
    assert scheduler.last_epoch == 12


@pytest.mark.parametrize("calls", [0, 1, 2])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (torch.optim.SGD, {}),
        (torch.optim.AdamW, {}),
        (torch.optim.AdamW, {"fused": True}),
        (torch.optim.SGD, {"fused": True}),
    ],
    ids=["SGD", "AdamW", "fused AdamW", "fused SGD"],
)
def test_updates_that_the_scaler_skips_are_none(kind: Any, options: Any, calls: int) -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = kind([parameter], lr=1.0, **options)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    made = 0
    for attempt in range(12):
        before = parameter.detach().clone()
        rate = optimizer.param_groups[0]["lr"]
        loss = parameter.sum() * (float("inf") if attempt in (0, 3, 4) else 1.0)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        for _ in range(calls):
            scheduler.step()
        optimizer.zero_grad()
        assert rate == LR(made)
        if attempt in (0, 3, 4):
            assert torch.equal(parameter, before)
        else:
            made += 1
            assert scheduler.used() == {"lr": rate}
    assert made == scheduler.last_epoch == 9


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("processes", [1, 2, 8])
def test_accelerates_stepping_for_every_process_cannot_shift_it(
    processes: int, split: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    monkeypatch.setattr(AcceleratorState, "num_processes", processes, raising=False)
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    used = record(optimizer)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    prepared = AcceleratedScheduler(scheduler, accelerator.prepare(optimizer), split_batches=split)
    for _ in range(21):
        with accelerator.accumulate(model):
            prepared.optimizers[0].step()
            prepared.step()
    assert len(used) == 10
    assert used == curve(10)
    AcceleratorState._reset_state(True)
    GradientState._reset_state()


def test_counted_calls_are_torchs_contract_per_batch_and_per_epoch() -> None:
    theirs, ours = sgd(), sgd()
    their_used, our_used = record(theirs), record(ours)
    torchs = torch.optim.lr_scheduler.LinearLR(theirs, 1.0, 0.5, total_iters=5)
    lrcores = ScheduleLR(ours, Cosine(0.1, steps=10))
    for _ in range(4):
        for _ in range(3):
            theirs.step()
            ours.step()
        torchs.step()
        lrcores.step()
    assert our_used == [[Cosine(0.1, steps=10)(batch // 3)] for batch in range(12)]
    assert [len(set(map(tuple, used[i : i + 3]))) for used in (our_used, their_used) for i in (0, 3, 6, 9)] == [1] * 8
    assert lrcores.last_epoch == torchs.last_epoch == 4
    assert lrcores._step_count == torchs._step_count == 5


def test_a_step_can_be_named_where_calls_are_counted() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, LR)
    optimizer.step()
    scheduler.step(20)
    assert scheduler.get_last_lr() == [LR(20)]
    scheduler.step()
    assert scheduler.get_last_lr() == [LR(21)]
    scheduler.step(at=0.5)
    assert scheduler.get_last_lr() == [LR(0.5)]
    with pytest.raises(ValueError, match=r"^step must be a finite number, 0 or more, got -1\.$"):
        scheduler.step(-1)
    assert scheduler.last_epoch == 0.5
    counted = ScheduleLR(sgd(), LR, count="updates")
    with pytest.raises(ValueError, match=r"^ScheduleLR\.step\.epoch must be None where .* counted, got 3\.$"):
        counted.step(3)


def test_what_is_logged_between_update_and_step_is_what_the_update_used() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    for u in range(10):
        assert scheduler.get_last_lr() == [LR(u)]
        optimizer.step()
        assert scheduler.get_last_lr() == [scheduler.used()["lr"]] == [LR(u)]
        assert scheduler.next_lr == [optimizer.param_groups[0]["lr"]] == [LR(u + 1)]
        scheduler.step()
        assert scheduler.get_last_lr() == [LR(u + 1)]


def test_lbfgs_counts_its_step_once() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.LBFGS([parameter], lr=0.1)
    scheduler = ScheduleLR(optimizer, LR, count="updates")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (parameter**2).sum()
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    assert scheduler.last_epoch == 3


def test_a_scheduler_that_is_gone_leaves_no_hook_behind() -> None:
    optimizer = sgd()
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    assert len(optimizer._optimizer_step_post_hooks) == 1
    del scheduler
    gc.collect()
    assert len(optimizer._optimizer_step_post_hooks) == len(optimizer._optimizer_step_pre_hooks) == 0
    assert len(optimizer._optimizer_load_state_dict_post_hooks) == 0


class NoHooks:
    """An optimizer by its param_groups alone."""

    def __init__(self) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": [], "lr": 0.5}]


def test_updates_cannot_be_counted_without_hooks() -> None:
    scheduler = ScheduleLR(NoHooks(), LR)
    scheduler.step()
    assert scheduler.optimizer.param_groups[0]["lr"] == LR(1)
    with pytest.raises(TypeError) as error:
        ScheduleLR(NoHooks(), LR, count="updates")
    assert str(error.value) == (
        "ScheduleLR.count must be 'calls' for an optimizer that has no hooks to tell of its updates, got 'updates'."
    )


def test_updates_are_counted_through_a_prepared_optimizer() -> None:
    accelerator = Accelerator(cpu=True)
    inner = sgd()
    used = record(inner)
    optimizer = accelerator.prepare(inner)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    for _ in range(6):
        optimizer.step()
    assert used == curve(6)
    assert scheduler.last_epoch == 6
    AcceleratorState._reset_state(True)
    GradientState._reset_state()
