"""The page of JAX and Optax: its code runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from lrcore import Cosine

PAGE = Path(__file__).parents[2] / "docs" / "jax.md"


def test_the_page_of_jax_and_optax_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 7
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    lr = Cosine(3e-4, steps=1_000, end=3e-5).warmup(100)
    printed = capsys.readouterr().out.split()
    want = [1.0, *np.array([lr(0), lr(1), 0.1, lr(1) / 2]).astype(np.float32).tolist(), 1.0, 0.5]
    assert [float(word) for word in printed] == want
    peak = float(np.float32(3e-4))  # as the field is
    curve = Cosine(peak, steps=1_000).warmup(100)(np.arange(1_000))
    np.testing.assert_array_equal(names["population"][1], curve.astype(np.float32))  # type: ignore[index]
    assert float(names["slope"]) == np.float32(curve[500] / peak)  # type: ignore[arg-type]
