"""The code that `choose` writes runs in its framework, and its optimizer follows the schedule."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from lrcore.advice import FRAMEWORKS, choose

CASES = [
    ("language-model", None, 1_000),
    ("image-classification", "sgd", "90 epochs of 10"),
    ("fine-tuning", "adafactor", None),
    ("image-classification", "lamb", 1_000),
]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(("task", "optimizer", "budget"), CASES, ids=str)
def test_the_code_runs(task: str, optimizer: str | None, budget: Any, framework: str) -> None:
    found = choose(task, optimizer=optimizer, budget=budget)
    code = found.code(framework)
    if "of a library of its own" in code:
        assert (optimizer, framework) == ("lamb", "torch")
        return
    names: dict[str, Any] = {"model": torch.nn.Linear(2, 1)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a framework, as it is imported
        exec(code, names)
    assert names["lr"] == found.schedule
    if framework == "torch":
        assert names["optimizer"].param_groups[0]["lr"] == found.schedule(0)
    elif framework == "keras":
        assert float(names["optimizer"].learning_rate) == pytest.approx(found.schedule(0), rel=1e-6)
