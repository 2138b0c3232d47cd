"""Other writers of the rate are noticed, `scale` turns ours down, `close` ends it; and the rates that are a group's own."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
from typing import Any

import lightning
import pytest
import torch
from torch.utils.data import DataLoader

from lrcore import Constant, Cosine, Linear
from lrcore_torch import ScheduleLR
from torch_helpers import record, sgd, told

LR = Linear(0.5, end=0.25, steps=256)
COUNTS = pytest.mark.parametrize("count", ["calls", "updates"])
TENSOR = pytest.mark.parametrize("tensor", [False, True], ids=["float", "tensor"])
OTHER = (
    "ScheduleLR: group 0 has the rate {found!r}, where this scheduler wrote {rate!r}: something else writes it too. Turn "
    "the rate down by scheduler.scale, end the schedule by scheduler.close(), or write one schedule: a * b, a.then(b)."
)


def make(tensor: bool, **options: Any) -> Any:
    return sgd(lr=torch.tensor(0.125) if tensor else 0.125, momentum=0.0, weight_decay=0.0, **options)


def run(optimizer: Any, scheduler: Any, updates: int) -> list[float]:
    """The rates that the weights moved by: their gradient is 1."""
    weight, moved = optimizer.param_groups[0]["params"][0], []
    for _ in range(updates):
        with torch.no_grad():
            weight.zero_()
        optimizer.step()
        scheduler.step()
        moved.append(-weight.item())
    return moved


def theirs(updates: Any) -> list[float]:
    return torch.tensor([LR(u) for u in updates], dtype=torch.float64).float().tolist()


WRITERS: dict[str, Any] = {
    "by hand": lambda optimizer: optimizer.param_groups[0].update(lr=0.03125),
    "in place": lambda optimizer: optimizer.param_groups[0].update(lr=optimizer.param_groups[0]["lr"] * 0.5),
    "SWALR": lambda optimizer: torch.optim.swa_utils.SWALR(optimizer, swa_lr=0.0625, anneal_epochs=0),
    "ReduceLROnPlateau": lambda optimizer: torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=-1).step(1.0),
    "ExponentialLR": lambda optimizer: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5).step(),
}


@pytest.mark.parametrize("when", ["before an update", "after it"])
@pytest.mark.parametrize("writer", WRITERS)
@TENSOR
@COUNTS
def test_another_writer_is_told_once_and_used_says_what_was_used(count: str, tensor: bool, writer: str, when: str) -> None:
    optimizer = make(tensor)
    scheduler = ScheduleLR(optimizer, LR, count=count)
    run(optimizer, scheduler, 3)
    found: list[float] = []

    def loop() -> None:
        if when == "after it":
            optimizer.step()
        WRITERS[writer](optimizer)
        found.append(float(optimizer.param_groups[0]["lr"]))
        if when == "after it":
            scheduler.step()
        applied = run(optimizer, scheduler, 1)
        assert applied == [pytest.approx(scheduler.used()["lr"], rel=1e-7)]
        WRITERS[writer](optimizer)
        run(optimizer, scheduler, 2)

    ours = [text for text in told(loop) if "Detected call of" not in text]  # ExponentialLR tells, too
    rate = LR(3 if count == "calls" or when == "before an update" else 4)
    assert ours == [OTHER.format(found=found[0], rate=rate)]


@TENSOR
@COUNTS
def test_nothing_is_told_where_nobody_writes_anything_else(count: str, tensor: bool) -> None:
    optimizer = make(tensor)
    scheduler = ScheduleLR(optimizer, LR, count=count)
    run(optimizer, scheduler, 2)
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * 1.0  # the same rate, another object
    run(optimizer, scheduler, 2)
    optimizer.load_state_dict(optimizer.state_dict())
    run(optimizer, scheduler, 2)
    optimizer, scheduler = pickle.loads(pickle.dumps((optimizer, scheduler)))
    optimizer.param_groups[0]["params"][0].grad = torch.ones(1)
    assert run(optimizer, scheduler, 3) == theirs(range(6, 9))


@pytest.mark.parametrize("schedules", [LR, [LR]], ids=["one", "a list"])
@TENSOR
@COUNTS
def test_a_scale_is_a_factor_at_once_is_saved_and_is_in_used(count: str, tensor: bool, schedules: Any) -> None:
    optimizer = make(tensor)
    scheduler = ScheduleLR(optimizer, schedules, count=count)
    assert run(optimizer, scheduler, 3) == theirs(range(3))
    scheduler.scale = 0.5
    assert scheduler.used() == {"lr": LR(2)}
    assert run(optimizer, scheduler, 3) == [0.5 * rate for rate in theirs(range(3, 6))]
    assert scheduler.used() == {"lr": 0.5 * LR(5)}
    assert scheduler.next_lr == scheduler.get_lr() == [0.5 * LR(6)]
    saved = scheduler.state_dict()
    for again in (copy.deepcopy(scheduler), ScheduleLR(make(tensor), schedules, count=count)):
        again.load_state_dict(saved)
        assert (again.scale, again.next_lr) == (0.5, [0.5 * LR(6)])
    scheduler.scale = 1
    assert run(optimizer, scheduler, 1) == theirs([6])
    for value, error in ((-1.0, ValueError), (float("nan"), ValueError), ("half", TypeError)):
        with pytest.raises(error, match=r"^ScheduleLR\.scale must be a finite number, 0 or more, got "):
            scheduler.scale = value


@TENSOR
@COUNTS
def test_closed_it_leaves_no_hook_and_writes_nothing_again(count: str, tensor: bool) -> None:
    optimizer = make(tensor)
    scheduler = ScheduleLR(optimizer, LR, count=count)
    run(optimizer, scheduler, 3)
    scheduler.close()
    tables = [table for name, table in vars(optimizer).items() if name.endswith("_hooks")]
    assert len(tables) > 3
    assert not any(tables)
    swa = torch.optim.swa_utils.SWALR(optimizer, swa_lr=0.0625, anneal_epochs=0)
    run(optimizer, swa, 1)
    for each in (scheduler, copy.deepcopy(scheduler)):
        each.scale = 0.5
        each.load_state_dict(scheduler.state_dict())
        for _ in range(3):
            optimizer.step()
            each.step()
        assert float(each.optimizer.param_groups[0]["lr"]) == 0.0625
        assert each.last_epoch == 3


@COUNTS
def test_a_plateau_turns_the_schedule_down_through_its_scale(count: str) -> None:
    optimizer = make(False)
    scheduler = ScheduleLR(optimizer, LR, count=count)
    knob = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(knob, factor=0.5, patience=0)
    scales = []
    for loss in (1.0, 1.0, 0.5, 0.5):
        run(optimizer, scheduler, 5)
        plateau.step(loss)
        scheduler.scale = plateau.get_last_lr()[0]
        scales.append(scheduler.scale)
    assert scales == [1.0, 0.5, 0.5, 0.25]
    assert scheduler.next_lr == [0.25 * LR(20)]


class HandOver(lightning.Callback):
    def on_train_epoch_start(self, trainer: Any, module: Any) -> None:
        if trainer.current_epoch == 2:
            module.scheduler.close()


class Module(lightning.LightningModule):
    def __init__(self, count: str) -> None:
        super().__init__()
        self.layer, self.count = torch.nn.Linear(1, 1), count

    def training_step(self, batch: Any, i: int) -> torch.Tensor:
        return self.layer(batch).mean()

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), lr=1.0)
        self.scheduler, self.rates = ScheduleLR(optimizer, LR, count=self.count), record(optimizer)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": self.scheduler, "interval": "epoch"}}


@pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers")
@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize("handed", [True, False])
@COUNTS
def test_lightnings_weight_averaging_takes_over_where_the_schedule_is_closed(
    count: str, handed: bool, tmp_path: Any
) -> None:
    swa = lightning.pytorch.callbacks.StochasticWeightAveraging(0.0625, swa_epoch_start=3, annealing_epochs=1)
    options = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False, "enable_checkpointing": False}
    callbacks = [HandOver(), swa] if handed else [swa]
    module = Module(count)
    trainer = lightning.Trainer(accelerator="cpu", max_epochs=5, callbacks=callbacks, default_root_dir=tmp_path, **options)
    texts = told(lambda: trainer.fit(module, DataLoader(torch.ones(8, 1), batch_size=2)))
    ours = [text for text in texts if text.startswith("ScheduleLR: group 0 has the rate")]
    assert len(ours) == (0 if handed else 1)
    rates = [LR(epoch if count == "calls" else 4 * epoch + i) for epoch in range(2) for i in range(4)]
    assert [rate for (rate,) in module.rates[:8]] == rates
    if handed:
        assert [rate for (rate,) in module.rates[-4:]] == [0.0625] * 4


# A group's own rate.


SHAPE = Cosine(1.0, steps=1000).warmup(100)
ORDERS = list(itertools.permutations(["load the optimizer", "load the scheduler", "build again"]))


@pytest.mark.parametrize("order", ORDERS, ids="; ".join)
@TENSOR
@COUNTS
def test_relative_is_the_same_after_any_constructions_in_any_order_with_loading(
    count: str, tensor: bool, order: tuple[str, ...]
) -> None:
    def fresh() -> Any:
        optimizer = sgd(2)
        for group, rate in zip(optimizer.param_groups, (0.1, 0.001), strict=True):
            group["lr"] = torch.tensor(rate) if tensor else rate
        return optimizer

    own = [group["lr"].item() if tensor else group["lr"] for group in fresh().param_groups]
    old = fresh()
    for saved_at in (0, 37):
        before = ScheduleLR(old, SHAPE, relative=True, count=count)
        run(old, before, saved_at)
        saved = copy.deepcopy((old.state_dict(), before.state_dict()))
        optimizer = fresh()
        for _ in range(2):
            scheduler = ScheduleLR(optimizer, SHAPE, relative=True, count=count)
        assert scheduler.base_lrs == own
        for what in order:
            if what == "build again":
                step = scheduler.last_epoch
                scheduler = ScheduleLR(optimizer, SHAPE, relative=True, count=count, step=step)
            elif what == "load the optimizer":
                optimizer.load_state_dict(saved[0])
            else:
                scheduler.load_state_dict(saved[1])
        assert scheduler.base_lrs == own
        assert scheduler.next_lr == [SHAPE(saved_at) * rate for rate in own]
        run(optimizer, scheduler, 5)
        assert list(scheduler.used().values()) == [SHAPE(saved_at + 4) * rate for rate in own]


def test_an_absolute_schedule_leaves_the_initial_rate_to_a_relative_one_built_later() -> None:
    optimizer = sgd(lr=0.1)
    ScheduleLR(optimizer, Constant(0.5).warmup(5))
    assert ScheduleLR(optimizer, SHAPE, relative=True).base_lrs == [0.1]


def added(optimizer: Any, **options: Any) -> None:
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.grad = torch.ones(1)
    optimizer.add_param_group({"params": [parameter], **options})


@pytest.mark.parametrize("when", [0, 3])
@TENSOR
@COUNTS
def test_an_added_group_is_treated_as_at_construction(count: str, tensor: bool, when: int) -> None:
    for own in ({}, {"lr": 1e-5}):
        optimizer = make(tensor)
        scheduler = ScheduleLR(optimizer, LR, count=count)
        run(optimizer, scheduler, when)
        added(optimizer, **own)
        if own:
            with pytest.raises(ValueError, match=r"^ScheduleLR\.lr must be one schedule per group where .* 1e-05\] do"):
                optimizer.step()
        else:
            run(optimizer, scheduler, 2)
            assert scheduler.next_lr == [LR(when + 2)] * 2


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("given", ["one", "list", "dict"])
@COUNTS
def test_a_group_that_is_taken_away_or_moved_takes_its_schedule_along(count: str, given: str, relative: bool) -> None:
    each = [Linear(0.5, end=0.25, steps=64), Linear(0.25, end=0.125, steps=64), Linear(0.125, end=0.5, steps=64)]
    schedules: Any = {"one": LR, "list": each, "dict": {str(i): lr for i, lr in enumerate(each)}}[given]
    optimizer = sgd(3)
    scheduler = ScheduleLR(optimizer, schedules, count=count, relative=relative)
    run(optimizer, scheduler, 3)
    del optimizer.param_groups[0]
    optimizer.param_groups.reverse()
    run(optimizer, scheduler, 4)
    factor = 0.1 if relative else 1.0
    expected = [factor * (LR if given == "one" else each[i])(7) for i in (2, 1)]
    assert scheduler.next_lr == [group["lr"] for group in optimizer.param_groups] == expected


def test_a_schedule_of_the_optimizers_own_rate_tensor_does_not_feed_on_itself() -> None:
    rate = torch.tensor(1e-3)
    optimizer = make(True)
    optimizer.param_groups[0]["lr"] = rate
    scheduler = ScheduleLR(optimizer, Constant(rate).warmup(10))
    run(optimizer, scheduler, 50)
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == torch.tensor(1e-3).item()


def test_a_schedule_with_a_tensor_for_a_field_leaves_a_float_rate_a_float() -> None:
    adamw = torch.optim.AdamW([torch.nn.Parameter(torch.ones(1))], lr=0.5, foreach=True)
    adamw.param_groups[0]["params"][0].grad = torch.ones(1)
    scheduler = ScheduleLR(adamw, Linear(torch.tensor(0.5), end=0.0, steps=4))
    for step in range(4):
        assert type(adamw.param_groups[0]["lr"]) is float
        assert adamw.param_groups[0]["lr"] == 0.5 - 0.125 * step
        adamw.step()
        scheduler.step()


def test_gradients_reach_a_field_and_the_field_stays_what_it_was() -> None:
    peak = torch.tensor(0.5, requires_grad=True)
    lr = Linear(peak, end=0.0, steps=4)
    lr(torch.tensor(1)).backward()
    assert peak.grad == torch.tensor(0.75)
    with torch.no_grad():
        peak.fill_(9.0)
    assert lr(torch.tensor(1)).item() == 0.375


def test_many_schedulers_on_one_optimizer_leave_it_to_the_last() -> None:
    optimizer = make(False)
    for _ in range(3):
        scheduler = ScheduleLR(optimizer, LR, count="updates")
    gc.collect()
    assert run(optimizer, scheduler, 4) == theirs(range(4))
