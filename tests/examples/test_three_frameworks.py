"""The demo does what it says."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "three_frameworks.py"


def test_trains_in_each_framework_with_bit_equal_rates_and_draws_them(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLE), "--out", str(tmp_path / "figures" / "demo.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "The 420 rates of each framework are bit-equal to the core's, rounded once to float32." in done.stdout
    readme = (EXAMPLE.parents[1] / "README.md").read_text().splitlines()
    printed = [line for line in readme if line.startswith(("update ", "lr(", "bit-equal"))]
    assert len(printed) == 3
    lines = done.stdout.splitlines()
    assert [text for text in printed if not any(line.startswith(text) for line in lines)] == []  # MLX may be behind them
    (row,) = [line for line in lines if line.startswith("test accuracy")]
    accuracies = [float(word.rstrip("%")) for word in row.split()[2:]]
    assert len(accuracies) == 3 + (importlib.util.find_spec("mlx") is not None)
    assert min(accuracies) > 95
    assert (tmp_path / "figures" / "demo.png").read_bytes().startswith(b"\x89PNG")
