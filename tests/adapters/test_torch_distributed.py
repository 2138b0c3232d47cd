"""Two real processes over gloo: every rank's updates use the schedule, and its client logs it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lrcore import Cosine

LR = Cosine(0.01, steps=20).warmup(4)
PROGRAM = Path(__file__).parents[1] / "shared" / "two_processes.py"


def ranks(how: str, count: str, folder: Path) -> list[dict[str, Any]]:
    """What the two processes wrote."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rendezvous = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "ACCELERATE_USE_CPU": "true"}
    processes = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), how, count, str(folder)],
            env={**os.environ, **rendezvous, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        outputs = [process.communicate(timeout=240)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], "\n".join(outputs)
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


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
