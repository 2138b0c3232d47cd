"""Inside Hugging Face Trainer, Lightning and accelerate: what the client logs is the schedule, resumed runs included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState, PartialState
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, Dataset
from transformers import Trainer, TrainingArguments

from lrcore import Cosine, Linear
from lrcore_torch import ScheduleLR
from torch_helpers import record

LR = Cosine(0.01, steps=20).warmup(4)
pytestmark = pytest.mark.filterwarnings("ignore:ScheduleLR. an update at step [0-9]+, past")
COUNTS = pytest.mark.parametrize("count", ["calls", "updates"])


@pytest.fixture(autouse=True)
def _fresh_accelerate() -> Iterator[None]:
    yield
    AcceleratorState._reset_state(True)
    GradientState._reset_state()
    PartialState._reset_state()


class Points(Dataset[Any]):
    def __len__(self) -> int:
        return 48

    def __getitem__(self, i: int) -> dict[str, torch.Tensor]:
        return {"x": torch.full((2,), i / 48), "labels": torch.tensor([i / 24])}


class Model(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"loss": torch.nn.functional.mse_loss(self.layer(x), labels)}


def trainer(path: Path, count: str, steps: int, accumulate: int) -> tuple[Trainer, ScheduleLR, list[Any]]:
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    scheduler = ScheduleLR(optimizer, LR, weight_decay=Linear(0.0, end=0.1, steps=20), count=count)
    arguments = TrainingArguments(
        output_dir=str(path),
        max_steps=steps,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=accumulate,
        logging_steps=1,
        save_steps=7,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    used = record(optimizer)
    return Trainer(model, arguments, train_dataset=Points(), optimizers=(optimizer, scheduler)), scheduler, used


@pytest.mark.parametrize("accumulate", [1, 4])
@COUNTS
def test_hugging_face_trainer_logs_and_resumes_the_schedule(tmp_path: Path, count: str, accumulate: int) -> None:
    first, scheduler, used = trainer(tmp_path, count, 10, accumulate)
    first.train()
    assert used == [[LR(u)] for u in range(10)]
    assert scheduler.last_epoch == 10
    logged = [entry["learning_rate"] for entry in first.state.log_history if "learning_rate" in entry]
    assert logged == [LR(u) for u in range(10)]

    again, scheduler, used = trainer(tmp_path, count, 24, accumulate)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-7"))
    assert used == [[LR(u)] for u in range(7, 24)]
    assert again.optimizer.param_groups[0]["weight_decay"] == 0.1
    logged = [entry["learning_rate"] for entry in again.state.log_history if "learning_rate" in entry]
    assert logged == [LR(u) for u in range(24)]


class Module(lightning.LightningModule):
    def __init__(self, count: str, interval: str) -> None:
        super().__init__()
        self.model = Model()
        self.count = count
        self.interval = interval
        self.used: list[list[float]] = []

    def training_step(self, batch: Any, i: int) -> torch.Tensor:
        return self.model(**batch)["loss"]

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=1.0)
        self.used = record(optimizer)
        scheduler = ScheduleLR(optimizer, LR, count=self.count)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": self.interval}}


def logged(rows: list[dict[str, str]]) -> set[tuple[int, float]]:
    """The update and the rate of each row: one row a batch, so that accumulation logs an update's rate more than once."""
    return {(int(row["step"]), float(row["lr-AdamW"])) for row in rows if row.get("lr-AdamW")}


@pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers")
@pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before the epoch ended")
@pytest.mark.filterwarnings("ignore:The dirpath has changed")
@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated")
@pytest.mark.parametrize(
    ("count", "interval", "accumulate"),
    [("calls", "step", 1), ("calls", "step", 4), ("updates", "step", 1), ("updates", "step", 4), ("updates", "epoch", 1)],
)
def test_lightning_logs_and_resumes_the_schedule(tmp_path: Path, count: str, interval: str, accumulate: int) -> None:
    def fit(steps: int, checkpoint: Path | None = None) -> tuple[Module, list[dict[str, str]]]:
        module = Module(count, interval)
        logger = CSVLogger(str(tmp_path), name=f"log{steps}", version="0")
        lightning.Trainer(
            accelerator="cpu",
            max_steps=steps,
            max_epochs=-1,
            accumulate_grad_batches=accumulate,
            logger=logger,
            log_every_n_steps=1,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[
                LearningRateMonitor(logging_interval="step"),
                ModelCheckpoint(str(tmp_path / f"to{steps}"), filename="at-{step}", every_n_train_steps=7, save_top_k=-1),
            ],
        ).fit(module, DataLoader(Points(), batch_size=4), ckpt_path=str(checkpoint) if checkpoint else None)
        rows = (Path(logger.log_dir) / "metrics.csv").read_text().splitlines()
        names = rows[0].split(",")
        return module, [dict(zip(names, row.split(","), strict=True)) for row in rows[1:]]

    module, rows = fit(9)
    assert module.used == [[LR(u)] for u in range(9)]
    assert logged(rows) == {(u, LR(u)) for u in range(9)}
    module, rows = fit(16, tmp_path / "to9" / "at-step=7.ckpt")
    assert module.used == [[LR(u)] for u in range(7, 16)]
    assert logged(rows) == {(u, LR(u)) for u in range(7, 16)}


@pytest.mark.parametrize("accumulate", [1, 4])
@COUNTS
def test_accelerate_logs_saves_and_resumes_the_schedule(tmp_path: Path, count: str, accumulate: int) -> None:
    def prepared() -> tuple[Accelerator, Any, Any, Any, Any, list[Any]]:
        accelerator = Accelerator(cpu=True, gradient_accumulation_steps=accumulate)
        model = Model()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
        used = record(optimizer)
        scheduler = ScheduleLR(optimizer, LR, count=count)
        loader = DataLoader(Points(), batch_size=4)
        return accelerator, *accelerator.prepare(model, optimizer, scheduler, loader), used

    def epoch(accelerator: Any, model: Any, optimizer: Any, scheduler: Any, loader: Any) -> list[float]:
        logged = []
        for batch in loader:
            with accelerator.accumulate(model):
                accelerator.backward(model(**batch)["loss"])
                optimizer.step()
                if accelerator.sync_gradients:
                    logged.append(scheduler.get_last_lr()[0])
                scheduler.step()
                optimizer.zero_grad()
        return logged

    accelerator, *parts, used = prepared()
    updates = 12 // accumulate
    assert epoch(accelerator, *parts) == [LR(u) for u in range(updates)]
    assert used == [[LR(u)] for u in range(updates)]
    accelerator.save_state(str(tmp_path))
    AcceleratorState._reset_state(True)
    GradientState._reset_state()

    accelerator, *parts, used = prepared()
    accelerator.load_state(str(tmp_path))
    assert epoch(accelerator, *parts) == [LR(u) for u in range(updates, 2 * updates)]
    assert used == [[LR(u)] for u in range(updates, 2 * updates)]


def test_states_that_trainers_write_are_json(tmp_path: Path) -> None:
    first, *_ = trainer(tmp_path, "calls", 7, 1)
    first.train()
    state = torch.load(tmp_path / "checkpoint-7" / "scheduler.pt", weights_only=True)
    assert state["step"] == 7
    assert json.loads(state["schedule"])["lr"] == LR.to_dict()
