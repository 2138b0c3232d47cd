"""Tensor rates are written in place, and compiled or captured updates see the schedule."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch._dynamo.testing import CompileCounter

from cases import CASES, Case, numbers, steps_of
from lrcore import Cosine, OneCycle
from lrcore_torch import ScheduleLR
from torch_helpers import told

pytestmark = pytest.mark.filterwarnings("ignore:ScheduleLR. an update at step [0-9]+, past")
LR = Cosine(0.1, steps=1000).warmup(100)
CYCLE = OneCycle(0.1, steps=1000)


@pytest.fixture(autouse=True)
def _fresh_compiler() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def parameters() -> list[torch.nn.Parameter]:
    parameter = torch.nn.Parameter(torch.ones(3))
    parameter.grad = torch.ones(3)
    return [parameter]


@pytest.mark.parametrize("case", CASES, ids=numbers)
def test_a_tensor_rate_is_written_in_place_within_half_an_ulp(case: Case) -> None:
    rate = torch.tensor(0.5)
    optimizer = torch.optim.SGD(parameters(), lr=rate)
    place = (rate.data_ptr(), rate.dtype, rate.device)
    scheduler = ScheduleLR(optimizer, case.schedule)
    steps = [*steps_of(case)[::7], *(random.Random(case.name).randrange(10**k) for k in range(1, 13))]
    for step in steps:
        scheduler.step(step)
        held = optimizer.param_groups[0]["lr"]
        assert held is rate
        assert (held.data_ptr(), held.dtype, held.device) == place
        exact = case.schedule(step)
        if exact >= 2.0**-126:  # below, float32 numbers are subnormal
            spacing = 2.0 ** (math.frexp(exact)[1] - 24)
            assert abs(held.item() - exact) <= spacing / 2
    assert scheduler.get_last_lr() == [case.schedule(steps[-1])]


def compiled(optimizer: Any) -> tuple[Any, CompileCounter]:
    counter = CompileCounter()
    return torch.compile(optimizer.step, backend=counter), counter


@pytest.mark.parametrize("count", ["calls", "updates"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (torch.optim.SGD, {}),
        (torch.optim.SGD, {"momentum": 0.9}),
        (torch.optim.Adam, {"betas": (0.9, 0.99)}),
        (torch.optim.AdamW, {"weight_decay": 0.1}),
    ],
    ids=["SGD", "SGD momentum", "Adam", "AdamW"],
)
def test_a_compiled_update_compiles_once_over_1000_scheduled_updates(kind: Any, options: Any, count: str) -> None:
    def counted(updates: int, scheduled: bool) -> int:
        torch._dynamo.reset()
        optimizer = kind(parameters(), lr=torch.tensor(0.5), foreach=False, **options)
        optimizer.param_groups[0]["params"][0].grad = torch.full((3,), 1e-3)
        step, counter = compiled(optimizer)
        scheduler = ScheduleLR(optimizer, LR, count=count) if scheduled else None
        for u in range(updates):
            if scheduler is not None:
                assert optimizer.param_groups[0]["lr"].item() == torch.tensor(LR(u), dtype=torch.float64).float().item()
            step()
            if scheduler is not None:
                scheduler.step()
        return counter.frame_count

    # torch compiles SGD with momentum a second time by itself, once the momentum buffers exist
    alone = counted(10, scheduled=False)
    assert alone == (2 if "momentum" in options else 1)
    assert counted(1000, scheduled=True) == alone


def test_a_compiled_adam_compiles_no_more_with_its_first_beta_scheduled() -> None:
    def counted(scheduled: bool) -> tuple[int, Any]:
        torch._dynamo.reset()
        betas = (torch.tensor(0.9), torch.tensor(0.99))
        optimizer = torch.optim.Adam(parameters(), lr=torch.tensor(0.1), betas=betas, capturable=False, foreach=False)
        step, counter = compiled(optimizer)
        if scheduled:
            scheduler = ScheduleLR(optimizer, CYCLE, momentum=CYCLE.momentum(), count="updates")
        for _ in range(1000 if scheduled else 10):
            step()
        if scheduled:
            beta = optimizer.param_groups[0]["betas"][0]
            assert beta is betas[0]
            assert beta.item() == torch.tensor(CYCLE.momentum()(1000), dtype=torch.float64).float().item()
            assert scheduler.last_epoch == 1000
        return counter.frame_count, optimizer

    assert counted(True)[0] == counted(False)[0]


def test_a_float_rate_compiles_once_more_at_most() -> None:
    optimizer = torch.optim.SGD(parameters(), lr=0.5)
    step, counter = compiled(optimizer)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    for _ in range(200):
        step()
    assert scheduler.last_epoch == 200
    assert counter.frame_count <= 2


def test_a_compiled_update_moves_by_the_scheduled_rate() -> None:
    optimizer = torch.optim.SGD(parameters(), lr=torch.tensor(0.5))
    (parameter,) = optimizer.param_groups[0]["params"]
    step = torch.compile(optimizer.step, backend="eager")
    scheduler = ScheduleLR(optimizer, LR)
    for u in range(200):
        before = parameter.detach().clone()
        step()
        scheduler.step()
        assert torch.equal(parameter.detach(), before - torch.tensor(LR(u), dtype=torch.float64).float())


def test_can_be_built_after_a_compiled_step() -> None:
    optimizer = torch.optim.SGD(parameters(), lr=torch.tensor(0.5))
    optimizer.step = torch.compile(optimizer.step, backend="eager")
    optimizer.step()
    mine = optimizer.step
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    optimizer.step()
    assert scheduler.last_epoch == 1
    assert optimizer.step is mine


CAPTURABLE: dict[str, Callable[[torch.nn.Parameter, torch.Tensor], torch.optim.Optimizer]] = {
    # torch's other SGDs read a tensor rate on the host, which no capture allows
    "SGD, fused": lambda parameter, lr: torch.optim.SGD([parameter], lr=lr, fused=True),
    "AdamW": lambda parameter, lr: torch.optim.AdamW([parameter], lr=lr, capturable=True),
    "AdamW, fused": lambda parameter, lr: torch.optim.AdamW([parameter], lr=lr, capturable=True, fused=True),
}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", CAPTURABLE)
def test_a_captured_graph_replays_the_scheduled_rates(name: str) -> None:
    parameters, optimizers = [], []
    for _ in range(2):  # one to be captured, and one that is not
        parameters.append(torch.nn.Parameter(torch.ones(3, device="cuda")))
        parameters[-1].grad = torch.tensor([1.0, -2.0, 0.5], device="cuda")
        optimizers.append(CAPTURABLE[name](parameters[-1], torch.tensor(0.5, device="cuda")))
    captured, plain = (ScheduleLR(optimizer, LR) for optimizer in optimizers)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        optimizers[0].step()  # at a rate of 0: it only makes the state
    torch.cuda.current_stream().wait_stream(stream)
    optimizers[1].step()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        optimizers[0].step()
    for u in range(1, 200):
        for scheduler in (captured, plain):
            scheduler.step()
            assert scheduler.get_last_lr() == [LR(u)]
        graph.replay()
        optimizers[1].step()
        assert torch.equal(*parameters)
    assert not torch.equal(parameters[0], torch.ones(3, device="cuda"))


def test_a_capture_counts_no_update_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer = torch.optim.SGD(parameters(), lr=torch.tensor(0.5))
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    optimizer.step()
    monkeypatch.setattr("lrcore_torch._updates.capturing", lambda: True)
    assert told(optimizer.step) == [
        "ScheduleLR: a CUDA graph was captured, whose replays tell of no update, so that count='updates' does not move the "
        "schedule: write count='calls' and call scheduler.step() after each replay."
    ]
    assert scheduler.last_epoch == 1
