"""What counts as an update: the outermost `step()` that was really made, whatever stands around it."""

from __future__ import annotations

import inspect
import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
import pytorch_optimizer
import schedulefree
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict, set_optimizer_state_dict

from lrcore import Constant, Linear
from lrcore_torch import ScheduleLR
from torch_helpers import record, told

LR = Linear(0.5, end=0.25, steps=256)
SGD = torch.optim.SGD


def parameters(n: int = 1) -> list[torch.nn.Parameter]:
    made = [torch.nn.Parameter(torch.ones(2, 2)) for _ in range(n)]
    for parameter in made:
        parameter.grad = torch.full((2, 2), 0.01)
    return made


def closure() -> torch.Tensor:
    return torch.tensor(1.0)


def counts(optimizer: Any, step: Callable[[], Any], each: int = 1) -> None:
    """Assert that three calls of `step` are `each` updates each, and that every one uses the schedule's rate."""
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    for call in range(3):
        assert float(optimizer.param_groups[0]["lr"]) == LR(call * each)
        step()
        assert scheduler.used() == {"lr": LR((call + 1) * each - 1)}
    assert scheduler.last_epoch == 3 * each


TORCHS = sorted(
    (kind for kind in vars(torch.optim).values() if inspect.isclass(kind) and issubclass(kind, torch.optim.Optimizer)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", [kind for kind in TORCHS if kind is not torch.optim.Optimizer])
def test_every_optimizer_of_torch_counts_one(kind: Any) -> None:
    (parameter,) = parameters()
    if kind is torch.optim.SparseAdam:
        parameter.grad = torch.eye(2).to_sparse()
    optimizer = kind([parameter], lr=0.1)
    counts(optimizer, lambda: optimizer.step(closure if kind is torch.optim.LBFGS else None))


def deeper(base: Any) -> Any:
    class Deeper(base):  # type: ignore[misc]
        def step(self, closure: Any = None) -> Any:
            return super().step(closure)

    return Deeper


@pytest.mark.parametrize("plain", list(itertools.product([False, True], repeat=3)), ids=str)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_step_that_calls_its_bases_is_one_whichever_of_them_torch_has_wrapped(depth: int, plain: Any) -> None:
    kinds = [deeper(SGD)]
    for _ in range(depth - 1):
        kinds.append(deeper(kinds[-1]))
    for kind, alive in zip([SGD, *kinds], plain, strict=False):
        if alive:
            kind(parameters(), lr=0.1)  # torch wraps the step of a class when it makes one
    optimizer = kinds[-1](parameters(), lr=0.1)
    fired = record(optimizer)
    counts(optimizer, optimizer.step)
    assert len(fired) >= 3 * (1 + plain[0])


@pytest.mark.parametrize("caught", [False, True], ids=["outside", "inside"])
def test_a_step_that_raised_is_none_and_hides_none(caught: bool) -> None:
    class Fails(deeper(SGD)):  # type: ignore[misc]
        fails = 0

        def step(self, closure: Any = None) -> Any:
            if not caught:
                return super().step(closure)
            try:
                return super().step(closure)
            except OSError:
                return None

    def failing() -> Any:
        raise OSError

    SGD(parameters(), lr=0.1)
    optimizer = Fails(parameters(), lr=0.1)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    optimizer.step()
    if caught:
        optimizer.step(failing)
        assert scheduler.last_epoch == 2  # the outer one went through
    else:
        with pytest.raises(OSError):  # noqa: PT011
            optimizer.step(failing)
        assert scheduler.last_epoch == 1
    before = scheduler.last_epoch
    optimizer.step()
    optimizer.step()
    assert scheduler.last_epoch == before + 2


def test_a_compiled_step_that_calls_its_base_is_one() -> None:
    SGD(parameters(), lr=0.1)
    torch._dynamo.reset()
    optimizer = deeper(deeper(SGD))(parameters(), lr=torch.tensor(0.1))
    counts(optimizer, torch.compile(optimizer.step, backend="eager"))
    torch._dynamo.reset()


class Wrapper:
    """Around an optimizer: without hooks, with all of their tables, or with some."""

    def __init__(self, inner: Any, tables: int, name: str = "optimizer", times: int = 1) -> None:
        setattr(self, name, inner)
        self.inner, self.times = (lambda: inner), times
        for table in TABLES[:tables]:
            setattr(self, table, OrderedDict())

    @property
    def param_groups(self) -> Any:
        return self.inner().param_groups

    def step(self) -> None:
        for _ in range(self.times):
            self.inner().step()


TABLES = ["_optimizer_step_pre_hooks", "_optimizer_step_post_hooks", "_optimizer_load_state_dict_post_hooks"]


class Hooked(Wrapper, torch.optim.Optimizer):
    """Likewise, an optimizer by its class, whose step torch has wrapped."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        Wrapper.__init__(self, *arguments, **options)
        self._patch_step_function()


@pytest.mark.parametrize("name", ["optimizer", "base", "base_optimizer", "anything"])
@pytest.mark.parametrize("tables", [0, 2, 3])
@pytest.mark.parametrize("times", [1, 2])
def test_a_wrapper_counts_where_it_fires_the_hooks_and_else_what_it_wraps_does(tables: int, name: str, times: int) -> None:
    optimizer = Wrapper(SGD(parameters(), lr=0.1), tables, name, times)
    counts(optimizer, optimizer.step, each=times)
    if tables:
        optimizer = Hooked(SGD(parameters(), lr=0.1), tables, name, times)
        counts(optimizer, optimizer.step)


def test_wrappers_are_looked_through_however_many() -> None:
    inner = SGD(parameters(), lr=0.1)
    counts(Wrapper(Wrapper(Wrapper(inner, 0), 0, "base"), 0), inner.step)


def test_optimizers_side_by_side_are_refused_where_nothing_tells_when_all_are_done() -> None:
    class Both:
        def __init__(self) -> None:
            self.a, self.b = SGD(parameters(), lr=0.1), SGD(parameters(), lr=0.1)
            self.param_groups = self.a.param_groups + self.b.param_groups

        def step(self) -> None:
            self.a.step()
            self.b.step()

    with pytest.raises(TypeError, match=r"^ScheduleLR.count must be 'calls' for an optimizer that has no hooks"):
        ScheduleLR(Both(), LR, count="updates")


def test_the_wrappers_of_pytorch_optimizer_count_one() -> None:
    def wrapped(kind: Any, **options: Any) -> Any:
        return kind(SGD(parameters(), lr=0.1), **options)

    for kind in (pytorch_optimizer.Lookahead, pytorch_optimizer.TRAC, pytorch_optimizer.OrthoGrad):
        optimizer = wrapped(kind)
        counts(optimizer, optimizer.step)
    optimizer = wrapped(pytorch_optimizer.ScheduleFreeWrapper)
    optimizer.train()
    counts(optimizer, optimizer.step)


def test_sams_two_steps_are_one_update_however_they_are_called() -> None:
    made = parameters()
    optimizer = pytorch_optimizer.SAM(made, SGD, lr=0.1)

    def gradient() -> torch.Tensor:
        made[0].grad = torch.full((2, 2), 0.01)
        return torch.tensor(1.0)

    def both() -> None:
        gradient()
        optimizer.first_step(zero_grad=True)
        gradient()
        optimizer.second_step(zero_grad=True)

    def one() -> None:
        gradient()
        optimizer.step(gradient)

    counts(optimizer, both)
    counts(optimizer, one)


@pytest.mark.parametrize("kind", ["SGDScheduleFree", "AdamWScheduleFree", "RAdamScheduleFree", "ScheduleFreeWrapper"])
def test_schedulefree_counts_one(kind: str) -> None:
    made = getattr(schedulefree, kind)
    optimizer = made(SGD(parameters(), lr=0.1)) if kind == "ScheduleFreeWrapper" else made(parameters(), lr=0.1)
    optimizer.train()
    counts(optimizer, optimizer.step)


def test_accelerates_and_lightnings_wrappers_count_one() -> None:
    optimizer = Accelerator(cpu=True).prepare(SGD(parameters(), lr=0.1))
    counts(optimizer, optimizer.step)
    counts(optimizer.optimizer, optimizer.step)
    AcceleratorState._reset_state(True)
    GradientState._reset_state()
    inner = SGD(parameters(), lr=0.1)
    counts(LightningOptimizer(inner), inner.step)
    counts(inner, inner.step)


KINDS = pytest.mark.parametrize("kind", [SGD, torch.optim.AdamW, deeper(SGD)], ids=["SGD", "AdamW", "a subclass"])


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled, unavailable or uninitialized:UserWarning")
@pytest.mark.parametrize("tensor", [False, True], ids=["float", "tensor"])
@pytest.mark.parametrize("start", [0.0, 0.25])
@KINDS
def test_the_rehearsals_of_a_distributed_checkpoint_are_none_before_between_and_after(
    kind: Any, start: float, tensor: bool
) -> None:
    model = torch.nn.Linear(2, 1)
    optimizer = kind(model.parameters(), lr=torch.tensor(0.1) if tensor else 0.1)
    lr = Linear(start, end=0.5, steps=4)
    scheduler = ScheduleLR(optimizer, lr, count="updates")
    for update in range(6):
        state = get_optimizer_state_dict(model, optimizer)
        assert scheduler.last_epoch == update
        assert float(optimizer.param_groups[0]["lr"]) == lr(update)
        set_optimizer_state_dict(model, optimizer, state)
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        assert scheduler.used() == {"lr": lr(update)}


ZEROS: dict[str, Callable[[Any], Any]] = {
    "SWALR": lambda optimizer: torch.optim.swa_utils.SWALR(optimizer, swa_lr=0.05),
    "LambdaLR": lambda optimizer: torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 0.0),
    "times one": lambda optimizer: optimizer.param_groups[0].update(lr=optimizer.param_groups[0]["lr"] * 1.0),
    "by hand": lambda optimizer: optimizer.param_groups[0].update(lr=0),
}


@pytest.mark.parametrize("calls", [0, 1])
@pytest.mark.parametrize("writes", ZEROS)
@pytest.mark.parametrize("gradient", [0.0, 1.0])
def test_an_update_at_a_rate_of_0_that_another_wrote_is_an_update(writes: str, calls: int, gradient: float) -> None:
    made = parameters()
    made[0].grad = torch.full((2, 2), gradient)
    optimizer = SGD(made, lr=0.1)
    scheduler = ScheduleLR(optimizer, Constant(0.1).warmup(10), count="updates")
    ZEROS[writes](optimizer)
    for update in range(50):
        optimizer.step()
        for _ in range(calls):
            scheduler.step()
        assert scheduler.last_epoch == update + 1
        assert scheduler.next_lr == [optimizer.param_groups[0]["lr"]] == [Constant(0.1).warmup(10)(update + 1)]


def test_a_wrapper_whose_groups_are_copies_is_told() -> None:
    class Copies:
        def __init__(self, optimizer: Any, each_time: bool) -> None:
            self.optimizer = optimizer
            self.groups = [dict(group) for group in optimizer.param_groups]
            self.each_time = each_time

        @property
        def param_groups(self) -> Any:
            return [dict(group) for group in self.groups] if self.each_time else self.groups

    with pytest.raises(TypeError, match=r"^ScheduleLR.optimizer must be one whose param_groups are no copies, .*inside\.$"):
        ScheduleLR(Copies(SGD(parameters(), lr=0.1), True), LR)
    wrapper = Copies(SGD(parameters(), lr=0.1), False)
    ScheduleLR(wrapper, LR, count="updates")
    scheduler = ScheduleLR(wrapper, LR, count="updates")
    assert told(wrapper.optimizer.step) == [
        "ScheduleLR: SGD inside Copies steps at the rate 0.1, where this scheduler wrote 0.5: their param_groups are not "
        "the same. Give ScheduleLR the one inside."
    ]
    assert scheduler.last_epoch == 1


def test_updates_that_nothing_tells_of_are_told() -> None:
    class Silent(torch.optim.Optimizer):
        def __init__(self, made: Any) -> None:
            super().__init__(made, {"lr": 0.1})

        def step(self, closure: Any = None) -> None: ...

        def fused_step(self) -> None:
            for parameter in self.param_groups[0]["params"]:
                parameter.data.add_(parameter.grad, alpha=-self.param_groups[0]["lr"])

    made = parameters()
    optimizer = Silent(made)
    scheduler = ScheduleLR(optimizer, LR, count="updates")
    for _ in range(100):  # micro-batches
        scheduler.step()

    def loop() -> None:
        for _ in range(10):
            with torch.no_grad():
                made[0].add_(0.1)
            scheduler.step()

    assert told(loop) == [
        "ScheduleLR: the weights change, and no update of the optimizer is heard of, so that count='updates' does not move "
        "the schedule: write count='calls' and call scheduler.step() after each update."
    ]
