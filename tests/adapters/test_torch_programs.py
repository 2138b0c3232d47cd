"""Programs at random: the rate that each update applies, read from a weight, is the schedule's, or somebody was told.

`--hypothesis-profile=deep` runs many more of them.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict

from lrcore import Constant, Cosine, InverseSqrt, Linear, StepDecay
from lrcore_torch import ScheduleLR


class Once(torch.optim.SGD):
    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


class Twice(Once):
    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


class Around:
    """A wrapper that fires no hooks."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer

    @property
    def param_groups(self) -> Any:
        return self.optimizer.param_groups

    def step(self) -> None:
        self.optimizer.step()


SCHEDULES = [
    Linear(0.5, end=0.25, steps=30),
    Cosine(0.5, steps=20, end=0.125).warmup(4),
    StepDecay(0.5, every=3, factor=0.5),
    InverseSqrt(0.5, timescale=4).warmup(4),
    Constant(0.25),
]
OPERATIONS = ["update"] * 6 + ["skip", "save", "load", "resume", "rebuild", "copy", "pickle", "rehearse", "scale", "write"]


class Program:
    """An optimizer, its scheduler, and what the schedule says: the step and the scale that are due."""

    def __init__(self, kind: Any, lr: Any, options: dict[str, Any], tensor: bool, groups: int, wrapped: bool) -> None:
        self.kind, self.lr, self.options, self.tensor, self.groups, self.wrapped = (
            kind,
            lr,
            options,
            tensor,
            groups,
            wrapped,
        )
        self.step, self.scale, self.foreign, self.wrong = 0, 1.0, False, False
        self.build()
        self.saved = self.state()

    def build(self, step: int = 0) -> None:
        weights = [torch.nn.Parameter(torch.zeros(1, dtype=torch.float64)) for _ in range(self.groups)]
        rates = [torch.tensor(0.5, dtype=torch.float64) if self.tensor else 0.5 for _ in weights]
        groups = [{"params": [weight], "lr": rate} for weight, rate in zip(weights, rates, strict=True)]
        self.inner = self.kind(groups)
        self.schedule(step)

    def schedule(self, step: int) -> None:
        optimizer = Around(self.inner) if self.wrapped else self.inner
        self.optimizer, self.scheduler = optimizer, ScheduleLR(optimizer, self.lr, step=step, **self.options)

    def state(self) -> Any:
        return copy.deepcopy((self.inner.state_dict(), self.scheduler.state_dict(), self.step, self.scale))

    def run(self, operation: str, number: float) -> None:
        getattr(self, operation)(number)

    def update(self, number: float) -> None:
        weights = [group["params"][0] for group in self.inner.param_groups]
        for weight in weights:
            weight.data.zero_()
            weight.grad = torch.ones_like(weight)
        self.optimizer.step()
        due = self.lr(self.step) * self.scale * (0.5 if self.options["relative"] else 1.0)
        moved = [-weight.item() for weight in weights]
        if moved != [due] * self.groups:
            assert self.foreign, (self.step, moved, due)
            self.wrong = True
        assert list(self.scheduler.used().values()) == moved
        self.foreign = False
        if self.options["count"] == "calls" or number > 0.5:
            self.scheduler.step()
        self.step += 1
        self.inner.zero_grad()

    def skip(self, number: float) -> None:
        if self.options["count"] == "updates":
            self.scheduler.step()

    def save(self, number: float) -> None:
        self.saved = self.state()

    def load(self, number: float) -> None:
        optimizer, scheduler, self.step, self.scale = copy.deepcopy(self.saved)
        if number > 0.5:
            self.inner.load_state_dict(optimizer)
            self.scheduler.load_state_dict(scheduler)
        else:
            self.scheduler.load_state_dict(scheduler)
            self.inner.load_state_dict(optimizer)
        self.foreign = False

    def resume(self, number: float) -> None:
        self.build()
        self.load(number)

    def rebuild(self, number: float) -> None:
        self.schedule(self.step)
        self.scale, self.foreign = 1.0, False

    def copy(self, number: float) -> None:
        self.optimizer, self.scheduler, self.inner = copy.deepcopy((self.optimizer, self.scheduler, self.inner))
        self.foreign = False

    def pickle(self, number: float) -> None:
        self.optimizer, self.scheduler, self.inner = pickle.loads(
            pickle.dumps((self.optimizer, self.scheduler, self.inner))
        )
        self.foreign = False

    def rehearse(self, number: float) -> None:
        if not self.wrapped:
            model = torch.nn.Module()
            for i, group in enumerate(self.inner.param_groups):
                model.register_parameter(str(i), group["params"][0])
            get_optimizer_state_dict(model, self.inner)

    def scale_(self, number: float) -> None:
        self.scheduler.scale = self.scale = number
        self.foreign = False

    def write(self, number: float) -> None:
        for group in self.inner.param_groups:
            group["lr"] = group["lr"] * number
        self.foreign = True


KINDS = st.sampled_from([torch.optim.SGD, Once, Twice])
RUNS = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.sampled_from([0.25, 0.75])), min_size=1, max_size=30)


@given(
    kind=KINDS,
    lr=st.sampled_from(SCHEDULES),
    count=st.sampled_from(["calls", "updates"]),
    relative=st.booleans(),
    tensor=st.booleans(),
    groups=st.integers(1, 3),
    wrapped=st.booleans(),
    operations=RUNS,
)
def test_every_update_applies_the_schedules_rate_or_somebody_is_told(
    kind: Any, lr: Any, count: str, relative: bool, tensor: bool, groups: int, wrapped: bool, operations: Any
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        program = Program(kind, lr, {"count": count, "relative": relative}, tensor, groups, wrapped)
        for operation, number in operations:
            program.run("scale_" if operation == "scale" else operation, number)
    told = [str(each.message) for each in caught if str(each.message).startswith("ScheduleLR")]
    assert all("something else writes it too" in text for text in told), told
    assert told or not program.wrong
    assert "write" in [operation for operation, _ in operations] or not told
