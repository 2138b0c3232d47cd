"""`lrcore verify` with every framework, in a process of its own: what it prints, and that nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lrcore import parse
from lrcore._cli import run
from lrcore._verify import _installed_modes, steps_of
from lrcore_torch._arrays import Torch

LR = "Cosine(3e-4, steps=1000).warmup(100)"


def test_every_framework_has_its_row_and_none_spoils_stderr(tmp_path: Path) -> None:
    loud = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0", "COLUMNS": "80"}
    command = [sys.executable, "-m", "lrcore", "verify", LR]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=loud, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    evaluations = f"{len(steps_of(parse(LR)).many):,}"
    for name in ("NumPy", "PyTorch", "TensorFlow eager", "TensorFlow graph", "TensorFlow XLA"):
        (cells,) = (line.removeprefix(name).split() for line in done.stdout.splitlines() if line.startswith(f"{name}  "))
        assert cells[1:4] == [evaluations, "0", "0"]
    assert "JAX jit" in done.stdout
    assert "not installed" not in done.stdout


def test_a_sine_in_float32_is_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for framework in set(_installed_modes()) - {"torch"}:
        monkeypatch.setitem(sys.modules, framework, None)
    monkeypatch.setattr(Torch, "sin_squared", lambda self, p, q: torch.sin((p - q).float()).double() ** 2)
    assert run(["verify", LR]) == 1
    assert "values are not the core's" in capsys.readouterr().out
