"""Checkpoints of PyTorch averaged in place of a decay."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lrcore import OneMinusSqrt
from lrcore.theory import averaging_weights
from lrcore_torch import average

WEIGHTS = averaging_weights(OneMinusSqrt(1.0, steps=4), 3)


def model(value: float) -> torch.nn.Module:
    made = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1).double())
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.fill_(value)
        made[1].num_batches_tracked.fill_(int(value))
        made[1].running_mean.fill_(value)
    return made


def test_the_average_of_state_dicts_loads_with_counts_from_the_last() -> None:
    found = average((model(float(i)).state_dict() for i in range(4)), WEIGHTS)
    made = model(9.0)
    made.load_state_dict(found)
    expected = float(WEIGHTS @ np.arange(4))
    for parameter in (*made.parameters(), made[1].running_mean):
        torch.testing.assert_close(parameter, torch.full_like(parameter, expected), rtol=3e-7, atol=0)
    assert made[1].num_batches_tracked == 3


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64])
def test_sums_are_in_float32_or_wider(dtype: torch.dtype) -> None:
    values = torch.linspace(0.5, 1, 300, dtype=torch.float64).to(dtype)
    found = average(({"w": value[None]} for value in values), [1 / 300] * 300)["w"]
    exact = values.to(torch.complex128 if dtype.is_complex else torch.float64).mean().to(dtype)
    assert found.dtype == dtype
    torch.testing.assert_close(found[0], exact, rtol=0 if dtype.itemsize == 2 else 1e-6, atol=0)


def test_one_checkpoint_is_in_memory_at_a_time(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.pt" for i in range(4)]
    for i, path in enumerate(paths):
        torch.save(model(float(i)).state_dict(), path)
    alive: list[weakref.ref[torch.Tensor]] = []

    def loaded() -> Iterator[Any]:
        for path in paths:
            assert [ref for ref in alive if ref() is not None] == []
            state = torch.load(path)
            alive.extend(weakref.ref(value) for value in state.values())
            yield state
            del state

    average(loaded(), WEIGHTS)
    assert len(alive) == 4 * len(model(0.0).state_dict())


def test_what_is_kept_is_a_copy() -> None:
    state = {"count": torch.tensor(1), "w": torch.ones(1), "note": "text"}
    found = average([state], [1.0])
    state["count"].add_(5)
    state["w"].add_(5)
    assert found == {"count": torch.tensor(1), "w": torch.ones(1), "note": "text"}


@pytest.mark.parametrize(
    ("checkpoints", "kind", "message"),
    [
        (
            [{"a": torch.ones(1)}, {"b": torch.ones(1)}],
            ValueError,
            "average.checkpoints must be state_dicts with the same names, got ['a', 'b']; only some have these.",
        ),
        (
            [{"a": torch.ones(1)}, {"a": torch.ones(2)}],
            ValueError,
            "average.checkpoints must be of one shape (1,) at 'a', got (2,).",
        ),
        ({"a": torch.ones(1), "b": 2}, TypeError, "average.checkpoints must be state_dicts, got 'a'."),
        (
            [{"a": torch.ones(1)}],
            ValueError,
            "average.checkpoints must be 2 checkpoints, one for each weight, got 1.",
        ),
    ],
)
def test_a_mistake_is_told_whole(checkpoints: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as found:
        average(checkpoints, [0.5, 0.5])
    assert str(found.value) == message
