"""`check`: what a live scheduler, its optimizer and its loader say of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lrcore import Schedule
from lrcore._arguments import refuse
from lrcore.advice import DTYPES, Findings, check_groups, of_loop, optimizer_name
from lrcore.plateau import Plateau
from lrcore.port import read
from lrcore_torch._processes import processes
from lrcore_torch._scheduler import ScheduleLR


def check(
    scheduler: Any,
    *,
    loader: Any = None,
    epochs: int | None = None,
    ignore: Iterable[str] = (),
    every: bool = False,
    **known: Any,
) -> Findings:
    """Find what is wrong with a run before it begins, from the objects that will run it.

    Filled in are the schedule of each parameter group, and the plateau; the optimizer, its betas, momentum and weight
    decay; what its parameters are kept in; the processes of `torch.distributed`; and of a loader the batches of an epoch,
    the batch and the samples. A scheduler that has been stepped tells whether that is once an update or once an epoch.

    Args:
        scheduler: a `ScheduleLR`, or one of `torch.optim.lr_scheduler` that `lrcore.port.read` can read.
        loader: the `DataLoader` that the loop goes over.
        epochs: how often it does.
        ignore: the names of rules whose findings are left out.
        every: ask also the rules that most runs would meet.
        known: other fields of `lrcore.advice.Plan`, such as `total`, `model` or `accumulation`. They come first.

    Raises:
        TypeError: it is not a scheduler with an optimizer, or the loader is nothing that a loop goes over.

    >>> import torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> from lrcore import Cosine
    >>> model = torch.nn.Linear(4, 1)
    >>> scheduler = ScheduleLR(torch.optim.AdamW(model.parameters()), Cosine(1e-3, steps=90))
    >>> loader = DataLoader(TensorDataset(torch.zeros(6_400, 4)), batch_size=64)
    >>> found = check(scheduler, loader=loader, epochs=90)
    >>> [finding.rule for finding in found], found.fixed
    (['epochs-as-updates'], Cosine(0.001, steps=90).per_epoch(100, smooth=True))
    """
    optimizer: Any = getattr(scheduler, "optimizer", None)
    if not hasattr(optimizer, "param_groups"):
        refuse("check", "scheduler", "a scheduler with an optimizer", scheduler, kind=True)
    if loader is not None and not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
        refuse("check", "loader", "a DataLoader, or what else a loop goes over", loader, kind=True)
    several, plateau = _schedules(scheduler)
    filled = {"plateau": plateau, **_of_optimizer(optimizer), **_of_loader(loader), **known}
    plans = {}
    for name, schedule in _apart(optimizer.param_groups, several).items():
        plan = of_loop(schedule, epochs=epochs, **filled)
        if "stepped" not in known and plan.epoch is not None and _stepped_per_epoch(scheduler, plan.epoch):
            plan = of_loop(schedule, epochs=epochs, **filled, stepped="epoch")
        plans[name] = plan
    return check_groups(plans, ignore=ignore, every=every)


def _schedules(scheduler: Any) -> tuple[list[Schedule | None], Plateau | None]:
    """The schedule of each group, and the plateau, if there is one."""
    if not isinstance(scheduler, ScheduleLR):
        found = read(scheduler)
        return list(found.rates), found.plateau
    several: list[Any] = [member.schedule for member in scheduler._lr.members]
    if scheduler._lr.relative:
        several = [float(own) * schedule for own, schedule in zip(scheduler.base_lrs, several, strict=True)]
    return several, getattr(scheduler, "plateau", None)


def _apart(groups: Sequence[Any], several: Sequence[Schedule | None]) -> dict[str, Schedule]:
    """The schedule of each group that has one of its own, by the group's name or number."""
    names = [str(groups[i].get("name", i)) if i < len(groups) else str(i) for i in range(len(several))]
    apart: dict[Schedule, str] = {}
    for name, schedule in zip(names, several, strict=True):
        if schedule is not None:
            apart.setdefault(schedule, name)
    return {name: schedule for schedule, name in apart.items()}


def _of_optimizer(optimizer: Any) -> dict[str, Any]:
    """What an optimizer says, or the one inside a wrapper."""
    group = optimizer.param_groups[0]
    inner = getattr(optimizer, "optimizer", optimizer)
    betas = group.get("betas")
    betas = [float(beta) for beta in betas] if isinstance(betas, (tuple, list)) and len(betas) == 2 else None
    parameters = (parameter for each in optimizer.param_groups for parameter in each["params"])
    first = next((parameter for parameter in parameters if parameter.is_floating_point()), None)
    dtype = "" if first is None else str(first.dtype).removeprefix("torch.")
    decays = [float(each["weight_decay"]) for each in optimizer.param_groups if each.get("weight_decay") is not None]
    return {
        "optimizer": optimizer_name(kind.__name__ for kind in type(inner).__mro__),
        "momentum": betas[0] if betas else group.get("momentum"),
        "beta2": betas[1] if betas else None,
        "weight_decay": max(decays, default=None),
        "dtype": dtype if dtype in DTYPES else None,
        "processes": processes(),
    }


def _of_loader(loader: Any) -> dict[str, Any]:
    """What a loader says: nothing of a stream, whose length nobody knows."""
    found = {"batches": _length(loader), "dataset_size": _length(getattr(loader, "dataset", None))}
    sampler = getattr(loader, "batch_sampler", None)
    return {**found, "batch_size": getattr(loader, "batch_size", None) or getattr(sampler, "batch_size", None)}


def _length(sized: Any) -> int | None:
    try:
        return len(sized) or None
    except TypeError:
        return None


def _stepped_per_epoch(scheduler: Any, epoch: int) -> bool:
    """Whether a run that has begun has stepped its scheduler once for each epoch of updates."""
    counts = [int(state["step"]) for state in scheduler.optimizer.state.values() if "step" in state]
    updates, calls = max(counts, default=0), scheduler.last_epoch
    return epoch > 1 and calls > 0 and updates >= epoch and abs(updates / epoch - calls) <= 1
