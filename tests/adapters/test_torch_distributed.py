"""Two real processes over gloo: every rank's updates use the schedule, and its client logs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrcore import Cosine
from torch_helpers import two_processes

LR = Cosine(0.01, steps=20).warmup(4)


def ranks(how: str, count: str, folder: Path) -> list[Any]:
    """What the two processes wrote."""
    return two_processes("two_processes.py", folder, how, count)


@pytest.mark.parametrize("count", ["calls", "updates"])
def test_data_parallel_ranks_follow_the_schedule(count: str, tmp_path: Path) -> None:
    both = ranks("plain", count, tmp_path)
    for rank in both:
        assert rank["used"] == [[LR(u)] for u in range(24)]
        assert rank["logged"] == [LR(u) for u in range(24)]
    if count == "updates":  # in the same processes, since they take long to start
        found = [rank["found"] for rank in both]
        assert found[0] == found[1]
        assert found[0]["same"]
        assert found[0]["sweep"]["ended"] == "rise"


def test_accelerates_two_processes_follow_the_schedule(tmp_path: Path) -> None:
    for rank in ranks("accelerate", "updates", tmp_path):
        assert rank["used"] == [[LR(u)] for u in range(6)]
        assert rank["logged"] == [LR(u) for u in range(6)]


def test_accelerate_does_step_twice_where_calls_are_counted(tmp_path: Path) -> None:
    for rank in ranks("accelerate", "calls", tmp_path):
        assert rank["used"] == [[LR(2 * u)] for u in range(6)]
