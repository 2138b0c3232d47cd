"""The page docs/pytorch.md runs as it stands."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

import lrcore
from lrcore.plateau import Plateau
from lrcore_torch import ScheduleLR

PAGE = (Path(__file__).parents[2] / "docs" / "pytorch.md").read_text()
SITUATIONS = re.findall(r"\*\*([^*]+?)\*\*(?:(?!\*\*).)*?```python\n(.*?)```", PAGE, re.DOTALL)


def names(tmp_path: Path) -> dict[str, Any]:
    """What a situation takes for granted."""
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    loader = [torch.ones(2) for _ in range(8)]

    def loss(batch: torch.Tensor) -> torch.Tensor:
        return model(batch).sum()

    return {
        **{name: getattr(lrcore, name) for name in lrcore.__all__},
        "torch": torch,
        "Plateau": Plateau,
        "ScheduleLR": ScheduleLR,
        "model": model,
        "loader": loader,
        "optimizer": optimizer,
        "scheduler": ScheduleLR(optimizer, lrcore.Cosine(3e-4, steps=1_000).warmup(100)),
        "backbone": torch.nn.Linear(2, 2),
        "head": torch.nn.Linear(2, 1),
        "path": tmp_path / "checkpoint.pt",
        "loss": loss,
        "validation_loss": 1.0,
        "run": SimpleNamespace(log=lambda values, step: print(step, values)),
        "step": 0,
    }


def test_the_situations_are_there() -> None:
    assert len(SITUATIONS) == 13


@pytest.mark.parametrize(("title", "code"), SITUATIONS, ids=[title for title, _ in SITUATIONS])
def test_a_situation_takes_at_most_seven_lines_and_runs(title: str, code: str, tmp_path: Path) -> None:
    assert len(code.splitlines()) <= 7
    space = names(tmp_path)
    exec(code, space)
    scheduler = space["scheduler"]
    assert scheduler.next_lr == scheduler.get_lr()


@pytest.mark.parametrize("title", ["A loop.", "Gradient accumulation, AMP, several processes."])
def test_every_update_of_a_loop_uses_the_gradient_of_its_own_batches(title: str, tmp_path: Path) -> None:
    (code,) = [code for each, code in SITUATIONS if each == title]
    for lines, right in ((code, True), ("\n".join(line for line in code.splitlines() if "zero_grad" not in line), False)):
        space = names(tmp_path)
        found: list[list[float]] = []

        def record(optimizer: Any, *_: Any, found: list[list[float]] = found) -> None:
            found.append(optimizer.param_groups[0]["params"][0].grad.flatten().tolist())

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            handle = register_optimizer_step_pre_hook(record)
            try:
                exec(lines, space)
            finally:
                handle.remove()
        assert len(found) > 1
        assert (found == [[1.0, 1.0]] * len(found)) is right  # the mean over the batches, which are ones


def test_what_it_says_is_logged_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = [code for title, code in SITUATIONS if title == "Logging."]
    exec(code, names(tmp_path))
    assert capsys.readouterr().out == f"0 {code.rpartition('# ')[2]}"
