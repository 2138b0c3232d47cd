"""The page docs/keras.md runs as it stands, on this backend."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import lrcore
import lrcore_keras

PAGE = (Path(__file__).parents[3] / "docs" / "keras.md").read_text(encoding="utf-8")
SITUATIONS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names(tmp_path: Path) -> dict[str, Any]:
    """What a situation takes for granted."""
    lr = lrcore.Cosine(3e-4, steps=1_000).warmup(100)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.AdamW(lrcore_keras.KerasSchedule(lr)), loss="mse")
    x, y = np.ones((16, 2), np.float32), np.ones((16, 1), np.float32)
    model.fit(x, y, batch_size=1, verbose=0)
    return {
        **{name: getattr(lrcore, name) for name in lrcore.__all__},
        **{name: getattr(lrcore_keras, name) for name in lrcore_keras.__all__},
        "keras": keras,
        "lr": lr,
        "model": model,
        "x": x,
        "y": y,
        "path": tmp_path / "model.keras",
        "folder": str(tmp_path),
    }


def run(code: str, tmp_path: Path) -> dict[str, Any]:
    space = names(tmp_path)
    exec(code.replace("model.fit(x, y", "model.fit(x, y, batch_size=1, verbose=0"), space)
    return space


def due(code: str) -> int:
    """The updates that the schedule has seen at the end of a situation, 16 batches being made before it."""
    if "gradient_accumulation_steps" in code:
        return 16 // 4
    before = 16 if "compile" not in code or "done" in code else 0
    return before + (16 if "model.fit" in code else 0)


def situation(*words: str) -> str:
    (code,) = [code for code in SITUATIONS if all(word in code for word in words)]
    return code


def test_the_situations_are_there() -> None:
    assert len(SITUATIONS) == 12


@pytest.mark.parametrize("i", range(len(SITUATIONS)))
def test_a_situation_runs_and_its_schedule_is_where_it_is_due(i: int, tmp_path: Path) -> None:
    code = SITUATIONS[i]
    assert len(code.splitlines()) <= 7
    assert max(map(len, code.splitlines())) <= 80
    space = run(code, tmp_path)
    if "model.fit" in code and "cycle" not in code:
        inner = getattr(space["model"].optimizer, "inner_optimizer", space["model"].optimizer)
        assert float(inner.learning_rate) == np.float32(space["lr"](due(code)))
    elif "model.fit" in code:
        assert float(space["optimizer"].momentum) == np.float32(space["cycle"].momentum()(15))


def test_the_scale_by_which_a_rate_is_reached(tmp_path: Path) -> None:
    space = run(situation("optimizer.scale = 0.5"), tmp_path)
    assert float(space["optimizer"].learning_rate) == pytest.approx(3e-5, rel=1e-6)
    assert float(space["optimizer"].scale) == pytest.approx(0.1, rel=1e-6)


def test_the_logs_have_what_was_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = run(situation("LogSchedules()"), tmp_path)
    assert space["history"]["lr"] == [np.float32(space["lr"](31))]
    capsys.readouterr()
    run(situation("print(used"), tmp_path)
    logged = {"lr": 0.0, "weight_decay": float(np.float32(0.01))}
    assert capsys.readouterr().out == f"{logged} 0.0\n"
