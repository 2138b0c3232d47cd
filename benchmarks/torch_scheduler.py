"""`ScheduleLR` against torch's own schedulers of the same curves: a step, a train step, a whole curve, memory.

Memory is what Python allocates for one, by `tracemalloc`, the mean of many; what is saved is counted as it is pickled.
"""

from __future__ import annotations

import math
import pickle
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import torch._inductor.config
from torch.optim import lr_scheduler

from lrcore import Cosine, Exponential, Linear, MultiStep, OneCycle, Polynomial, Schedule, StepDecay
from lrcore_torch import ScheduleLR
from measure import MILLION, QUICK, compare, count, same

T = 10**7
STEPPED = 2_000
Make = Callable[[Any], Any]

CLOSED_FORMS: dict[str, tuple[Schedule, Make]] = {
    "linear": (Linear(0.1, end=0.01, steps=1000), lambda sgd: lr_scheduler.LinearLR(sgd, 1.0, 0.1, total_iters=1000)),
    "polynomial": (Polynomial(0.1, steps=1000, power=0.9), lambda sgd: lr_scheduler.PolynomialLR(sgd, 1000, 0.9)),
    "cosine": (Cosine(0.1, steps=1000), lambda sgd: lr_scheduler.CosineAnnealingLR(sgd, 1000)),
    "exponential": (Exponential(0.1, factor=0.9), lambda sgd: lr_scheduler.ExponentialLR(sgd, 0.9)),
    "stairs": (StepDecay(0.1, every=5, factor=0.9), lambda sgd: lr_scheduler.StepLR(sgd, 5, 0.9)),
    "milestones": (MultiStep(0.1, milestones=[3, 6, 9]), lambda sgd: lr_scheduler.MultiStepLR(sgd, [3, 6, 9])),
}


def warmup_cosine(sgd: Any) -> Any:
    warmup = lr_scheduler.LinearLR(sgd, 0.01, 1.0, total_iters=100)
    return lr_scheduler.SequentialLR(sgd, [warmup, lr_scheduler.CosineAnnealingLR(sgd, T - 100)], [100])


CYCLE = OneCycle(0.1, steps=T)
STEPPING: dict[str, tuple[Schedule, Make, Make]] = {
    "cosine": (
        Cosine(0.1, steps=T),
        lambda sgd: ScheduleLR(sgd, Cosine(0.1, steps=T)),
        lambda sgd: lr_scheduler.CosineAnnealingLR(sgd, T),
    ),
    "warmup + cosine": (
        Cosine(0.1, steps=T).warmup(100, start=0.001),
        lambda sgd: ScheduleLR(sgd, Cosine(0.1, steps=T).warmup(100, start=0.001)),
        warmup_cosine,
    ),
    "one-cycle, momentum": (
        CYCLE,
        lambda sgd: ScheduleLR(sgd, CYCLE, momentum=CYCLE.momentum()),
        lambda sgd: lr_scheduler.OneCycleLR(sgd, 0.1, total_steps=T),
    ),
}


def sgd(groups: int = 1) -> torch.optim.SGD:
    return torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(groups)], lr=0.1, momentum=0.9)


def under_way(scheduler: Any) -> Any:
    """A scheduler, 200 steps on."""
    for _ in range(200):
        scheduler.optimizer.step()
        scheduler.step()
    return scheduler


def one_step() -> None:
    for name, (lr, make) in CLOSED_FORMS.items():
        theirs = make(sgd())
        theirs.last_epoch = 7
        same(lr(7), theirs._get_closed_form_lr()[0])
        compare("one step, lr(7)", name, "torch's closed form", partial(lr, 7), theirs._get_closed_form_lr)


def a_million() -> None:
    steps = np.arange(MILLION)

    def stepped(scheduler: Any) -> list[float]:
        rates = []
        for _ in range(STEPPED):
            rates.append(scheduler.get_last_lr()[0])
            scheduler.step()
        return rates

    for name, (lr, _, make) in STEPPING.items():
        theirs = under_way(make(sgd()))
        against, times = f"torch stepped ({STEPPED:,}, scaled)", MILLION // STEPPED
        compare("a million steps", name, against, partial(lr, steps), partial(stepped, theirs), calls=1, times=times)


def scheduler_step() -> None:
    for groups in (1, 8, 64):
        for name, (_, mine, make) in STEPPING.items():
            ours, theirs = under_way(mine(sgd(groups))), under_way(make(sgd(groups)))
            same(ours.get_last_lr()[0], theirs.get_last_lr()[0])
            what = f"{name}, {groups} group{'s' * (groups > 1)}"
            compare("ScheduleLR.step()", what, "torch's scheduler", ours.step, theirs.step)


def train_step(make: Make | None) -> Callable[[], None]:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    scheduler = make(optimizer) if make else None
    x = torch.ones(32, 64)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), x).backward()
        optimizer.step()
        if scheduler:
            scheduler.step()

    return step


def train_steps() -> None:
    for name in ("cosine", "warmup + cosine"):
        _, mine, make = STEPPING[name]
        compare("a train step", name, "torch's scheduler", train_step(mine), train_step(make), rounds=31)
    ours = train_step(STEPPING["cosine"][1])
    compare("a train step", "cosine, torch", "no schedule", ours, train_step(None), rounds=31)


def allocated(make: Make, of: list[Any]) -> int:
    """Bytes of what `make` makes of one of these, which are there already."""
    make(of.pop())
    tracemalloc.start()
    kept = [make(each) for each in of]
    size = tracemalloc.get_traced_memory()[0] // len(kept)
    tracemalloc.stop()
    return size


def hooked(optimizer: Any) -> Any:
    """What any scheduler has to do that hears of updates and of loaded state, and keeps `initial_lr` as torch's do."""
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    return (
        optimizer.register_step_pre_hook(hooked),
        optimizer.register_step_post_hook(hooked),
        optimizer.register_load_state_dict_post_hook(hooked),
    )


def first_call() -> None:
    """Tracing and compiling, forgotten each time: with what TorchInductor keeps on disk, and without."""
    lr, step = Cosine(0.1, steps=1000), torch.tensor(7)

    def by_hand(step: Any) -> Any:
        return (0.05 * (1 + torch.cos(math.pi * torch.clamp(step.double() / 1000, max=1.0)))).float()

    def compiled(function: Any) -> Any:
        torch._dynamo.reset()
        return torch.compile(lambda step: function(step), backend="inductor", fullgraph=True)(step)

    same(compiled(lr), compiled(by_hand))
    ours, theirs, least = (partial(compiled, function) for function in (lr, by_hand, lambda step: step + 1))
    compare("first call, compiled", "cosine", "torch by hand", ours, theirs, calls=1, rounds=9)
    compare("floor of a first call: an addition", "PyTorch", "torch by hand", least, theirs, calls=1, rounds=9)
    if not QUICK:
        with torch._inductor.config.patch(force_disable_caches=True), warnings.catch_warnings(action="ignore"):
            compare("first call, compiled", "cosine, no cache", "torch by hand", ours, theirs, calls=1, rounds=5)


def memory(many: int = 3 if QUICK else 300) -> None:
    floor = allocated(hooked, [sgd() for _ in range(many)])
    for name, (lr, mine, make) in STEPPING.items():
        pickled = pickle.dumps(lr)
        schedule = allocated(pickle.loads, [pickled] * many)
        ours, theirs = (allocated(each, [sgd() for _ in range(many)]) for each in (mine, make))
        count("memory: the schedule", name, "torch's scheduler", schedule, theirs, "bytes")
        count("memory: ScheduleLR", name, "torch's scheduler", ours, theirs, "bytes")
        count("floor of memory: three hooks", name, "torch's scheduler", floor, theirs, "bytes")
        saved = [len(pickle.dumps(each(sgd()).state_dict())) for each in (mine, make)]
        count("memory: its saved state", name, "torch's scheduler", *saved, "bytes")


def main() -> None:
    one_step()
    a_million()
    scheduler_step()
    train_steps()
    first_call()
    memory()


if __name__ == "__main__":
    main()
