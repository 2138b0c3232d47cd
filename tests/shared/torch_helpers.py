"""Small optimizers, and updates that can be watched."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

Rates = list[float]


def sgd(groups: int = 1, **options: Any) -> torch.optim.SGD:
    """An optimizer of `groups` groups named "0", "1", ..., each of one parameter with a gradient."""
    parameters = [torch.nn.Parameter(torch.ones(1)) for _ in range(groups)]
    for parameter in parameters:
        parameter.grad = torch.ones(1)
    options = {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.01} | options
    return torch.optim.SGD([{"params": [p], "name": str(i)} for i, p in enumerate(parameters)], **options)


def record(optimizer: Any) -> list[Rates]:
    """A list that grows, at each update, by the rates that the groups had when it began."""
    used: list[Rates] = []

    def hook(optimizer: Any, args: Any, kwargs: Any) -> None:
        used.append([float(group["lr"]) for group in optimizer.param_groups])

    optimizer.register_step_pre_hook(hook)
    return used


def told(loop: Callable[[], Any]) -> list[str]:
    """What a loop is told by warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop()
    return [str(each.message) for each in caught]


def two_processes(program: str, folder: Path, *arguments: str) -> list[Any]:
    """What two processes of a program of this folder, that share a group of torch's, wrote: `<rank>.json` each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rendezvous = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "ACCELERATE_USE_CPU": "true"}
    processes = [
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(program)), *arguments, str(folder)],
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
