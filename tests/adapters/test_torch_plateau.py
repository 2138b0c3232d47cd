"""`ScheduleLR` with a rule: the product of schedule and scale, reports, state, clients, several processes, and mistakes."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from lrcore import Constant, Cosine, Schedule
from lrcore.plateau import Plateau, PlateauState
from lrcore_torch import ScheduleLR
from torch_helpers import record, sgd, told, two_processes

LR = Cosine(0.1, steps=100).warmup(10)
RULE = Plateau(factor=0.5, patience=1)


def updated(scheduler: ScheduleLR, optimizer: Any, times: int = 1) -> ScheduleLR:
    for _ in range(times):
        optimizer.step()
    return scheduler


TENTH = Constant(0.1)


def built(lr: Schedule = TENTH, rule: Plateau = RULE, **options: Any) -> tuple[Any, ScheduleLR]:
    optimizer = sgd()
    return optimizer, ScheduleLR(optimizer, lr, plateau=rule, **options)


# What it applies.


def test_each_update_uses_the_schedules_rate_times_the_scale() -> None:
    optimizer, scheduler = built(LR)
    used, state, reports = record(optimizer), RULE.start(), [1.0, 1.0, 0.5, 0.6, 0.6, 0.4, 0.6] * 4
    for update in range(100):
        optimizer.step()
        assert used[-1] == [LR(update) * state.scale]
        if update % 4 == 3:
            metric = reports[update // 4]
            before, state = state, RULE.update(state, metric) if update + 1 >= 10 else state
            assert scheduler.report(metric) == (state.cuts > before.cuts)
    assert state.cuts > 5


def test_nan_is_a_bad_report_and_told_once() -> None:
    def loop(rule: Plateau) -> None:
        optimizer, scheduler = built(rule=rule)
        for metric in (1.0, math.nan, math.nan):
            updated(scheduler, optimizer).report(metric, name="val_loss")
        assert scheduler.plateau_state.nonfinite == 2

    assert told(lambda: loop(RULE)) == [
        "ScheduleLR: val_loss was nan, which is a bad report like others: Plateau(divergence=...) cuts at once."
    ]
    assert told(lambda: loop(Plateau(divergence=9))) == [
        "ScheduleLR: val_loss was nan, which cuts at once, but for a cooldown."
    ]


def test_groups_keep_their_ratios() -> None:
    optimizer = sgd(2)
    optimizer.param_groups[1]["lr"] = 0.4
    scheduler = ScheduleLR(optimizer, Constant(1.0), relative=True, plateau=RULE)
    for _ in range(4):
        updated(scheduler, optimizer).report(1.0)
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.2]


def test_reports_in_the_warmup_do_nothing() -> None:
    optimizer, scheduler = built(LR)
    for _ in range(9):
        assert not updated(scheduler, optimizer).report(0.001)
    assert scheduler.plateau_state == RULE.start()
    updated(scheduler, optimizer).report(1.0)
    assert scheduler.plateau_state.best == 1.0
    optimizer, scheduler = built(LR, plateau_after=0)
    updated(scheduler, optimizer).report(0.001)
    assert scheduler.plateau_state.best == 0.001


def test_calls_may_be_counted_too() -> None:
    optimizer, scheduler = built(LR, count="calls", plateau_after=0)
    for _ in range(5):
        optimizer.step()
        scheduler.step()
        scheduler.report(torch.tensor(1.0))
    assert (scheduler.last_epoch, scheduler.scale) == (5, 0.25)
    assert optimizer.param_groups[0]["lr"] == LR(5) * 0.25


def test_a_scale_that_is_set_is_what_the_rule_goes_on_from() -> None:
    optimizer, scheduler = built()
    scheduler.scale = 0.8
    for _ in range(3):
        updated(scheduler, optimizer).report(1.0)
    assert scheduler.scale == scheduler.plateau_state.scale == 0.4


def test_the_same_metric_twice_without_an_update_between_is_one_report() -> None:
    optimizer, scheduler = built()
    for _ in range(3):
        updated(scheduler, optimizer)
        for _ in range(4):
            scheduler.step(1.0)
    assert scheduler.plateau_state.reports == 3


# What it is.


def test_it_is_torchs_class_of_plateau_schedulers_only_with_a_rule() -> None:
    _, scheduler = built()
    assert isinstance(scheduler, ScheduleLR)
    assert isinstance(scheduler, ReduceLROnPlateau)
    assert not isinstance(ScheduleLR(sgd(), LR), ReduceLROnPlateau)
    assert repr(scheduler) == (
        "ScheduleLR(lr=Constant(0.1), step=0, count='updates', plateau=Plateau(factor=0.5, patience=1))"
    )


def test_a_subclass_may_have_a_rule_too() -> None:
    class Own(ScheduleLR):
        pass

    optimizer = sgd()
    scheduler = Own(optimizer, LR, plateau=RULE, plateau_after=0)
    assert isinstance(scheduler, Own)
    assert isinstance(scheduler, ReduceLROnPlateau)
    assert not updated(scheduler, optimizer).report(1.0)


# State.


def test_a_state_saved_in_mid_count_goes_on_and_is_applied_at_once() -> None:
    optimizer, scheduler = built(LR, plateau_after=0)
    for metric in (1.0, 1.0, 1.0, 1.0):
        updated(scheduler, optimizer).report(metric)
    saved = json.loads(json.dumps(scheduler.state_dict()))
    other, again = built(LR, plateau_after=0)
    again.load_state_dict(saved)
    assert other.param_groups[0]["lr"] == LR(4) * 0.5
    assert again.plateau_state == scheduler.plateau_state == PlateauState(0.5, 1.0, 1, 0, 1, 0, 4, exact=0.5)
    assert updated(again, other).report(1.0)
    assert torch.load(_written(saved), weights_only=True) == saved


def _written(state: Any) -> Any:
    import io

    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return file


def test_copies_and_pickles_go_on_by_themselves() -> None:
    optimizer, scheduler = built(LR, plateau_after=0)
    for _ in range(2):
        updated(scheduler, optimizer).report(1.0)
    for twin in (pickle.loads(pickle.dumps(scheduler)), copy.deepcopy(scheduler)):
        twin.optimizer.step()
        assert twin.report(1.0)
        assert twin.optimizer.param_groups[0]["lr"] == LR(3) * 0.5
    assert scheduler.plateau_state.cuts == 0


def test_a_changed_rule_stays_and_is_told() -> None:
    optimizer, scheduler = built()
    updated(scheduler, optimizer).report(1.0)
    saved = scheduler.state_dict()
    _, other = built(rule=Plateau(factor=0.5, patience=3))
    with pytest.warns(UserWarning, match=r"the schedule is not the saved one: plateau.patience is 3, was 1\.$"):
        other.load_state_dict(saved)
    assert other.plateau_state.best == 1.0
    with pytest.raises(ValueError, match=r"plateau.patience is 3, was 1\.$"):
        built(rule=Plateau(factor=0.5, patience=3))[1].load_state_dict(saved, strict=True)
    with pytest.warns(UserWarning, match=r"plateau is none, was Plateau\(factor=0.5, patience=1\)\.$"):
        ScheduleLR(sgd(), Constant(0.1)).load_state_dict(saved)
    with pytest.warns(UserWarning, match=r"plateau is Plateau\(factor=0.5, patience=1\), was none\.$"):
        built()[1].load_state_dict(ScheduleLR(sgd(), Constant(0.1)).state_dict())


# Clients.


@pytest.fixture(autouse=True)
def _fresh_accelerate() -> Iterator[None]:
    yield
    AcceleratorState._reset_state(True)
    GradientState._reset_state()
    PartialState._reset_state()


class Model(torch.nn.Module):
    """One whose loss does not fall."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"loss": self.layer(x).sum() * 0 + 1.0, "logits": labels}


POINTS: Any = [{"x": torch.full((2,), i / 48), "labels": torch.tensor([i / 24])} for i in range(48)]
CLIENT_LR = Cosine(0.01, steps=24).warmup(4)


def scaled(updates: range, every: int, missing: int = 0) -> list[Any]:
    """The rates of updates where each `every` of them is followed by a report that is not better, after the warmup."""
    rates, state = [], RULE.start()
    for update in range(updates.stop):
        rates.append([CLIENT_LR(update) * state.scale])
        if (update + 1) % every == 0 and update + 1 >= 4 and update + 1 != missing:
            state = RULE.update(state, 1.0)
    return rates[updates.start :]


def trainer(path: Path, steps: int) -> tuple[Trainer, list[Any]]:
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    arguments = TrainingArguments(
        output_dir=str(path),
        max_steps=steps,
        per_device_train_batch_size=4,
        per_device_eval_batch_size=48,
        eval_strategy="steps",
        eval_steps=2,
        save_steps=7,
        metric_for_best_model="loss",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    used = record(optimizer)
    optimizers: Any = (optimizer, ScheduleLR(optimizer, CLIENT_LR, plateau=RULE))
    return Trainer(model, arguments, train_dataset=POINTS, eval_dataset=POINTS, optimizers=optimizers), used


def test_trainer_reports_its_metric_and_resumes(tmp_path: Path) -> None:
    first, used = trainer(tmp_path, 12)
    first.train()
    assert used == scaled(range(12), 2)
    assert used[-1] == [CLIENT_LR(11) * 0.5]
    again, used = trainer(tmp_path, 20)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-7"))
    assert used == scaled(range(7, 20), 2)


class Module(lightning.LightningModule):
    def __init__(self, frequency: int) -> None:
        super().__init__()
        self.model, self.frequency, self.used = Model(), frequency, list[Any]()

    def training_step(self, batch: Any, i: int) -> torch.Tensor:
        return self.model(**batch)["loss"]

    def validation_step(self, batch: Any, i: int) -> None:
        self.log("val_loss", self.model(**batch)["loss"])

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=1.0)
        self.used = record(optimizer)
        scheduler = ScheduleLR(optimizer, CLIENT_LR, plateau=RULE)
        told_to: dict[str, Any] = {"scheduler": scheduler, "monitor": "val_loss", "frequency": self.frequency}
        return {"optimizer": optimizer, "lr_scheduler": told_to | {"interval": "epoch"}}


@pytest.mark.filterwarnings("ignore:The '[a-z]*_dataloader' does not have many workers")
@pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before the epoch ended")
@pytest.mark.filterwarnings("ignore:The dirpath has changed")
@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize("frequency", [1, 2])
def test_lightning_reports_its_monitor_and_resumes(tmp_path: Path, frequency: int) -> None:
    def fit(epochs: int, checkpoint: Path | None = None) -> list[Any]:
        module = Module(frequency)
        save = ModelCheckpoint(str(tmp_path / f"to{epochs}"), filename="at-{step}", every_n_train_steps=7, save_top_k=-1)
        loop = lightning.Trainer(
            accelerator="cpu",
            max_epochs=epochs,
            limit_train_batches=2,
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[save],
        )
        loader = DataLoader(POINTS, batch_size=24)
        loop.fit(module, loader, DataLoader(POINTS, batch_size=48), ckpt_path=str(checkpoint) if checkpoint else None)
        return module.used

    assert fit(6) == scaled(range(12), 2 * frequency)
    # Lightning does not hand over the metric of the epoch in whose middle it resumes, to torch's scheduler either
    assert fit(10, tmp_path / "to6" / "at-step=7.ckpt") == scaled(range(7, 20), 2 * frequency, missing=8)


# Several processes.


def test_two_processes_decide_alike_or_are_refused(tmp_path: Path) -> None:
    first, second = two_processes("reporting_processes.py", tmp_path)
    assert first == second
    assert first["equal"] == [1.0, 1.0, 0.5]
    assert first["nan"] == [1.0, 0.5]
    assert first["unequal"] == (
        "ScheduleLR.report: val_loss must be the same in every process, got 1.0 in process 0 and 1.5 in process 1; write "
        "report(val_loss, reduce='mean'), or reduce it before."
    )
    assert first["mean"] == [1.0, 1.0, 0.5]
    assert first["max"] == [1.0, 1.0, 1.0]
    assert first["own"] == [1.0, 1.0, 0.5]
    assert first["accelerate"] == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]


# Mistakes.


def after_an_update(**options: Any) -> ScheduleLR:
    optimizer, scheduler = built(**options)
    return updated(scheduler, optimizer)


WRONG: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: built()[1].report(1.0, name="val_loss"),
        "ScheduleLR.report: val_loss was reported before the first update; report after an evaluation of a trained model.",
    ),
    (
        lambda: ScheduleLR(sgd(), LR).report(1.0),
        "ScheduleLR.report needs a rule: build it by ScheduleLR(optimizer, lr, plateau=Plateau(...)).",
    ),
    (
        lambda: ScheduleLR(sgd(), LR, plateau=0.5),  # type: ignore[arg-type]
        "ScheduleLR.plateau must be a Plateau, got 0.5; write lrcore.plateau.Plateau(...).",
    ),
    (
        lambda: ScheduleLR(sgd(), LR, plateau_after=5),
        "ScheduleLR.plateau_after must be None where no plateau is given, got 5.",
    ),
    (
        lambda: built(LR, Plateau(patience=89)),
        "ScheduleLR.plateau: patience=89 cannot cut before report 91, and there are 90: the rule never cuts.",
    ),
    (
        lambda: built(LR, Plateau(patience=3, window=30)),
        "ScheduleLR.plateau: patience=3 and window=30 cannot cut before report 150, and there are 90: the rule never cuts.",
    ),
    (
        lambda: ScheduleLR(sgd(), Plateau()),  # type: ignore[arg-type]
        "ScheduleLR.lr must be a schedule, or one per group: a list, or a dict by the groups' names, got Plateau(); a rule "
        "goes beside a schedule: ScheduleLR(optimizer, lr, plateau=...).",
    ),
    (lambda: after_an_update().report(None, name="val_loss"), "ScheduleLR.report.val_loss must be a number, got None."),
    (lambda: after_an_update().step("0.7"), "ScheduleLR.report.value must be a number, got '0.7'."),
    (
        lambda: after_an_update().report({"eval_loss": 1.0}),
        "ScheduleLR.report.value must be a number, got {'eval_loss': 1.0}; write report(metrics['eval_loss']).",
    ),
    (
        lambda: after_an_update().report(torch.zeros(2), name="val_loss"),
        "ScheduleLR.report.val_loss must be a number, got tensor([0., 0.]).",
    ),
    (
        lambda: after_an_update().report(1.0, reduce="median"),
        "ScheduleLR.report.reduce must be 'mean', 'min', 'max' or a function, got 'median'.",
    ),
    (
        lambda: built()[1].load_state_dict(built()[1].state_dict() | {"plateau": "[]"}),
        "ScheduleLR.load_state_dict.plateau must be the JSON text that state_dict() wrote, got '[]'.",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_mistakes_are_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        call()


def test_a_wrong_direction_is_told_once() -> None:
    def loop() -> None:
        optimizer, scheduler = built(rule=Plateau(mode="max"))
        for _ in range(3):
            updated(scheduler, optimizer).report(1.0, name="val_loss")

    assert told(loop) == ["ScheduleLR: mode='max' takes a higher 'val_loss' for better: write mode='min'."]


def test_reports_that_come_too_seldom_for_a_cut_are_told_once() -> None:
    def loop(every: int) -> None:
        optimizer, scheduler = built(LR, Plateau(patience=5))
        for _ in range(100 // every):
            updated(scheduler, optimizer, every).report(1.0)

    assert told(lambda: loop(20)) == [
        "ScheduleLR: patience=5 cannot cut before report 7, and there are 5: the rule never cuts."
    ]
    assert told(lambda: loop(10)) == []


def test_each_doubt_is_told() -> None:
    def loop() -> None:
        optimizer, scheduler = built(LR, Plateau(patience=5, mode="max"))
        for _ in range(5):
            updated(scheduler, optimizer, 20).report(1.0, name="{loss}")

    assert told(loop) == [
        "ScheduleLR: mode='max' takes a higher '{loss}' for better: write mode='min'.",
        "ScheduleLR: patience=5 cannot cut before report 7, and there are 5: the rule never cuts.",
    ]


def test_the_rule_is_nothing_to_a_scheduler_without_one() -> None:
    assert ScheduleLR.step is not type(built()[1]).step
    assert not {"plateau", "_state", "_after"} & set(vars(ScheduleLR(sgd(), LR)))
    assert "plateau" not in ScheduleLR(sgd(), LR).state_dict()
