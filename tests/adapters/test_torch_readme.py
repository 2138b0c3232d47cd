"""The PyTorch section of adapters/README.md runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import lrcore
from lrcore_torch import ScheduleLR

README = (Path(__file__).parents[2] / "adapters" / "README.md").read_text()
SECTION = README.partition("## PyTorch\n")[2].partition("\n## ")[0]
SITUATIONS = re.findall(r"\*\*([^*]+?)\*\*(?:(?!\*\*).)*?```python\n(.*?)```", SECTION, re.DOTALL)


def names(tmp_path: Path) -> dict[str, Any]:
    """What a situation takes for granted."""
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    loader = [torch.ones(2) for _ in range(8)]

    def loss(batch: torch.Tensor) -> torch.Tensor:
        return model(batch).sum()

    def train(batch: torch.Tensor, optimizer: Any) -> None:
        loss(batch).backward()
        optimizer.step()

    return {
        **{name: getattr(lrcore, name) for name in lrcore.__all__},
        "torch": torch,
        "ScheduleLR": ScheduleLR,
        "model": model,
        "loader": loader,
        "optimizer": optimizer,
        "scheduler": ScheduleLR(optimizer, lrcore.Cosine(3e-4, steps=1_000).warmup(100)),
        "backbone": torch.nn.Linear(2, 2),
        "head": torch.nn.Linear(2, 1),
        "path": tmp_path / "checkpoint.pt",
        "loss": loss,
        "train": train,
        "run": SimpleNamespace(log=lambda values, step: print(step, values)),
        "step": 0,
    }


def test_the_section_is_there() -> None:
    assert len(SITUATIONS) == 11


@pytest.mark.parametrize(("title", "code"), SITUATIONS, ids=[title for title, _ in SITUATIONS])
def test_a_situation_takes_at_most_five_lines_and_runs(title: str, code: str, tmp_path: Path) -> None:
    assert len(code.splitlines()) <= 5
    space = names(tmp_path)
    exec(code, space)
    scheduler = space["scheduler"]
    assert scheduler.next_lr == scheduler.get_lr()


def test_what_it_says_is_logged_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = [code for title, code in SITUATIONS if title == "Logging."]
    exec(code, names(tmp_path))
    assert capsys.readouterr().out == f"0 {code.rpartition('; ')[2]}"
