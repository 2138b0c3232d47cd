"""Programs at random: the rate that each update applies, read from the weights, is the schedule's, or somebody was told.

Beside each optimizer runs a twin, made in the same way and of the same weights. It has no scheduler: the program writes
into its groups what is due. After every update the weights of both must be the same bits.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytorch_optimizer
import schedulefree
import torch
from accelerate import Accelerator
from accelerate.optimizer import AcceleratedOptimizer
from accelerate.state import AcceleratorState, GradientState
from hypothesis import strategies as st
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict, set_optimizer_state_dict

from lrcore import Constant, Cosine, InverseSqrt, Linear, Schedule, StepDecay
from lrcore_torch import ScheduleLR
from programs import draw, runs

SGD = torch.optim.SGD


class Once(SGD):
    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


class Twice(Once):
    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


class Bare(Once):
    """Which nobody makes, so that torch does not wrap its step."""

    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


class Alone(Bare):
    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


class Around:
    """A wrapper with so many of the three tables of hooks; as an optimizer by its class, it fires them."""

    def __init__(self, optimizer: Any, tables: int) -> None:
        self.optimizer = optimizer
        names = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks", "_optimizer_load_state_dict_post_hooks")
        for name in names[:tables]:
            setattr(self, name, OrderedDict())

    @property
    def param_groups(self) -> Any:
        return self.optimizer.param_groups

    def step(self, closure: Any = None) -> Any:
        return self.optimizer.step(closure) if closure else self.optimizer.step()


class Hooked(Around, torch.optim.Optimizer):
    def __init__(self, optimizer: Any, tables: int) -> None:
        Around.__init__(self, optimizer, tables)
        self._patch_step_function()


@dataclass(frozen=True)
class Kind:
    """An optimizer: how it is made of groups and a default rate, and what cannot be done with it."""

    make: Callable[[list[Any], Any], Any]
    copies: bool = True
    """Whether it can be copied, saved and wrapped: some cannot, for reasons of their own."""

    groups: bool = True
    """Whether it takes more than one."""

    scaler: bool = True
    """Whether it does without a closure, so that GradScaler may call it."""

    momentum: bool = False


def of(kind: Any, **options: Any) -> Kind:
    momentum = "betas" in kind([torch.zeros(1, 1)]).defaults or "momentum" in options
    return Kind(lambda groups, lr: kind(groups, lr=lr, **options), momentum=momentum)


def around(kind: Any, **options: Any) -> Kind:
    return Kind(lambda groups, lr: kind(SGD(groups, lr=lr), **options), copies=False)


def schedule_free(kind: Any) -> Kind:
    def make(groups: list[Any], lr: Any) -> Any:
        optimizer = kind(groups, lr=lr)
        optimizer.train()
        return optimizer

    return Kind(make, copies=False)


def lbfgs(groups: list[Any], lr: Any) -> Any:
    return torch.optim.LBFGS(groups, lr=lr, max_iter=3)


KINDS = {
    "SGD": of(SGD),
    "momentum": of(SGD, momentum=0.5, nesterov=True, weight_decay=0.125),
    "fused SGD": of(SGD, fused=True),  # a momentum's buffer is whatever was in memory once its first update is skipped
    "foreach SGD": of(SGD, momentum=0.5, foreach=True),
    "once": of(Once),
    "twice": of(Twice, momentum=0.5),
    "alone": of(Alone),
    "Adam": of(torch.optim.Adam, amsgrad=True),
    "fused AdamW": of(torch.optim.AdamW, fused=True),
    **{
        name: of(getattr(torch.optim, name))
        for name in ("Adadelta", "Adafactor", "Adagrad", "AdamW", "Adamax", "ASGD", "Muon", "NAdam", "RAdam", "RMSprop")
    },
    "LBFGS": Kind(lbfgs, copies=False, groups=False, scaler=False),
    "Lookahead": around(pytorch_optimizer.Lookahead, k=2),
    "TRAC": around(pytorch_optimizer.TRAC),
    "OrthoGrad": around(pytorch_optimizer.OrthoGrad),
    "SAM": Kind(lambda groups, lr: pytorch_optimizer.SAM(groups, SGD, lr=lr), copies=False, scaler=False),
    "SGDScheduleFree": schedule_free(schedulefree.SGDScheduleFree),
    "AdamWScheduleFree": schedule_free(schedulefree.AdamWScheduleFree),
}
WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "none": lambda optimizer: optimizer,
    **{f"around {n}": lambda optimizer, n=n: Around(optimizer, n) for n in (0, 2, 3)},  # type: ignore[misc]
    **{f"hooked {n}": lambda optimizer, n=n: Hooked(optimizer, n) for n in (2, 3)},  # type: ignore[misc]
    "around two": lambda optimizer: Around(Around(optimizer, 0), 0),
    "accelerate": lambda optimizer: AcceleratedOptimizer(optimizer, device_placement=False),
}
SCHEDULES = [
    Linear(0.5, end=0.25, steps=30),
    Cosine(0.5, steps=20, end=0.125).warmup(4),
    StepDecay(0.5, every=3, factor=0.5),
    InverseSqrt(0.5, timescale=4).warmup(4),
    Constant(0.25),
    Linear(0.5, end=0.0, steps=6),
]
OWN = [0.5, 0.25, 1.0, 0.125]
"""The rates of groups that differ: powers of two, so that products with them are exact."""


class Side:
    """An optimizer and its weights: the one with a scheduler, or its twin."""

    def __init__(self, kind: Kind, wrap: Callable[[Any], Any], groups: list[dict[str, Any]], rate: Any) -> None:
        self.rate, self.wrap = rate, wrap
        self.inner = kind.make([self._group(group) for group in groups], rate(0.5))
        self.outer = wrap(self.inner)

    def copied(self) -> Side:
        again = copy.copy(self)
        again.inner = copy.deepcopy(self.inner)
        again.outer = self.wrap(again.inner)
        return again

    def _group(self, group: dict[str, Any]) -> dict[str, Any]:
        weight = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float64))
        return {"params": [weight], **group, **({"lr": self.rate(group["lr"])} if "lr" in group else {})}

    @property
    def groups(self) -> Any:
        return self.inner.param_groups

    @property
    def weights(self) -> list[Any]:
        return [group["params"][0] for group in self.groups]

    def backward(self, gradient: float) -> Any:
        for i, weight in enumerate(self.weights):
            weight.grad = torch.tensor([[1.0, -0.5], [0.25, 2.0]], dtype=torch.float64) * gradient * (i + 1)
        return torch.tensor(1.0)

    def step(self, gradient: float, how: str = "") -> None:
        if how == "closure":
            self.outer.step(lambda: self.backward(gradient))
        elif how == "scaler":
            scaler = torch.amp.GradScaler("cpu", init_scale=2.0)
            scaler.scale(torch.ones(1))
            self.backward(2.0 * gradient)
            scaler.step(self.outer)
            scaler.update()
        else:
            self.backward(gradient)
            self.outer.step()
        self.inner.zero_grad()

    def write(self, name: str, values: list[Any]) -> None:
        for group, value in zip(self.groups, values, strict=bool(values)):
            if name == "lr":
                group["lr"] = self.rate(value)
            elif "betas" in group:
                group["betas"] = (value, *group["betas"][1:])
            else:
                group[name] = value

    def add(self, group: dict[str, Any]) -> None:
        self.inner.add_param_group(self._group(group))

    def drop(self) -> None:
        self.inner.state.pop(self.weights[0], None)
        del self.groups[0]

    def checkpoint(self, load: bool) -> None:
        """A distributed checkpoint of the optimizer, which may make its state by a step at a rate of 0."""
        model = torch.nn.Module()
        for i, weight in enumerate(self.weights):
            model.register_parameter(str(i), weight)
        state = get_optimizer_state_dict(model, self.inner)
        if load:
            set_optimizer_state_dict(model, self.inner, state)


def float_(value: float) -> Any:
    return value


def double(value: float) -> Any:
    return torch.tensor(value, dtype=torch.float64)


def single(value: float) -> Any:
    return torch.tensor(value, dtype=torch.float32)


TOLD = {
    "something else writes it too": "wrote",
    "was called before the first optimizer.step()": "early",
    "past the schedule's end at 6, uses rate 0": "ended",
    "and no group has that name": "dropped",
    "the schedule is not the saved one": "dropped",
}
"""What may be told, and what the program must have done before."""


class Program:
    """An optimizer, its scheduler and its twin, and what the schedule says: the step and the scale that are due."""

    def __init__(
        self,
        kind: str,
        wrapper: str,
        lr: Schedule,
        momentum: bool,
        given: str,
        count: str,
        relative: bool,
        rate: Any,
        groups: int,
    ) -> None:
        self.kind = KINDS[kind]
        self.wrapper = wrapper if self.kind.copies else "none"
        self.lr, self.given, self.relative = lr, given, relative
        self.rate = rate if self.kind.copies else float_  # some divide by it
        self.momentum = StepDecay(0.5, every=2, factor=0.5) if momentum and self.kind.momentum else None
        self.count = count
        self.names = [str(i) for i in range(groups if self.kind.groups else 1)]
        self.made, self.updates = len(self.names), 0
        self.did = {"ended": lr.length == 6, "wrote": False, "early": False, "dropped": False}
        self.wrong = False
        self.attic: list[Any] = []
        self.new()
        self.save(0)

    # What the user's program does

    def new(self) -> None:
        wrap = WRAPPERS[self.wrapper]
        groups = [self.group(name) for name in self.names]
        self.mine, self.twin = (Side(self.kind, wrap, groups, self.rate) for _ in range(2))
        self.haunting: list[Any] = []
        self.step = 0
        self.schedule()

    def schedule(self) -> None:
        each = {name: self.of_group(name) for name in self.names}
        lr: Any = {"one": self.lr, "list": list(each.values()), "dict": each}[self.given]
        options = {"count": self.count, "relative": self.relative, "step": self.step, "momentum": self.momentum}
        self.scheduler = ScheduleLR(self.mine.outer, lr, **options)
        self.scale = 1.0
        self.foreign = self.closed = False
        self.fresh = True

    def group(self, name: str) -> dict[str, Any]:
        own = {"lr": OWN[int(name) % 4]} if self.relative or self.given != "one" else {}
        return {"name": name, **own}

    def of_group(self, name: str) -> Schedule:
        return self.lr if self.given == "one" or name == "0" else SCHEDULES[int(name) % 3]

    def due(self) -> list[Any]:
        values = [(self.of_group(name)(self.step), OWN[int(name) % 4] if self.relative else 1.0) for name in self.names]
        return [value * own * self.scale for value, own in values]

    def run(self, operation: str, number: float) -> None:
        getattr(self, operation)(number)

    def update(self, number: float, *, calls: bool = True, how: str = "") -> None:
        """An update, which must apply what is due, or else what somebody else wrote; then a call of `step()`."""
        due, held = self.due(), [float(group["lr"]) for group in self.mine.groups]
        momenta = self.momenta()
        how = "closure" if not self.kind.scaler or number == 0.25 else how
        gradient = 1.0 + number
        self.foreign |= bool(self.haunting)
        before = self.twin.copied() if self.foreign and self.kind.copies else None
        self.mine.step(gradient, how)
        for rates in [due] if not (self.closed or self.foreign) else [held, due] if before else [held]:
            if rates is due and before is not None:
                self.twin = before
            self.twin.write("lr", rates)
            self.twin.write("momentum", momenta)
            self.twin.step(gradient, "" if how == "scaler" else how)
            if self.same():
                break
        assert self.same(), (self.step, rates, self.scheduler)
        self.wrong |= self.held(rates) != self.held(due) and not self.closed
        self.inform(rates, momenta, calls)

    def momenta(self) -> list[Any]:
        """What is due; or what is held, where another scheduler may write it, or none does."""
        if self.momentum is None:
            return []
        if self.closed or self.haunting:
            return [group["betas"][0] if "betas" in group else group["momentum"] for group in self.mine.groups]
        return [self.momentum(self.step)] * len(self.names)

    def held(self, rates: list[Any]) -> list[float]:
        """Rates as the groups hold them."""
        return [float(self.rate(rate)) for rate in rates]

    def same(self) -> bool:
        return all(torch.equal(mine, its) for mine, its in zip(self.mine.weights, self.twin.weights, strict=True))

    def inform(self, rates: list[Any], momenta: list[Any], calls: bool) -> None:
        """What follows an update that was made."""
        self.updates += 1
        if self.closed:
            return
        used = self.scheduler.used()
        assert self.held([used[key] for key in used if key.startswith("lr")]) == self.held(rates)
        assert self.haunting or [used[key] for key in used if key.startswith("momentum")] == momenta
        self.fresh = False
        if self.count == "updates":
            self.step += 1
            self.foreign = False
        if calls:
            self.call(1)

    def call(self, number: float) -> None:
        """A call of `step()`, before an update it may be."""
        if self.closed:
            return
        self.scheduler.step()
        if self.count == "calls":
            self.did["early"] |= self.fresh
            self.foreign = False
            self.step += 1

    def forget(self, number: float) -> None:
        """An update without a call of `step()` after it."""
        self.update(number, calls=False)

    def jump(self, number: float) -> None:
        if not self.closed and self.count == "calls":
            self.step += number
            self.scheduler.step(at=self.step)
            self.foreign, self.fresh = False, False

    def fail(self, number: float) -> None:
        """A step that raises in its closure."""

        def closure() -> Any:
            raise OSError

        try:
            self.mine.outer.step(closure)
        except OSError:
            return
        raise AssertionError

    def skip(self, number: float) -> None:
        """An update of GradScaler's, which leaves it out where the gradient is infinite."""
        if not self.kind.scaler or not self.kind.copies or self.wrapper == "accelerate":
            return
        if number > 0.5:
            self.update(number, how="scaler")
            return
        for side in (self.mine, self.twin):  # a fused one makes its state, without which a checkpoint makes another
            side.step(float("inf"), "scaler")
        assert self.same()
        self.call(1)

    def save(self, number: float) -> None:
        if self.kind.copies:
            sides = [copy.deepcopy(side.inner.state_dict()) for side in (self.mine, self.twin)]
            self.saved = sides, copy.deepcopy(self.scheduler.state_dict()), self.step, self.scale

    def load(self, number: float) -> None:
        """Load what was saved: both, in one order or the other, or the optimizer's or the scheduler's part alone."""
        if not self.kind.copies:
            return
        sides, scheduler, step, scale = copy.deepcopy(self.saved)
        for part in {0.25: "sl", 0.5: "ls", 0.75: "s", 1.0: "l"}[number]:
            if part == "s":
                self.mine.inner.load_state_dict(sides[0])
                self.twin.inner.load_state_dict(sides[1])
            else:
                self.scheduler.load_state_dict(scheduler)
                self.step, self.scale, self.fresh = step, scale, True
        self.foreign = False

    def resume(self, number: float) -> None:
        if self.kind.copies:
            self.new()
            self.load(0.25 if number < 0.6 else 0.5)

    def rebuild(self, number: float) -> None:
        """Another scheduler on the same optimizer: the former one is let go, or lives on and writes too."""
        if number == 1.0:
            self.haunting.append(self.scheduler)
            self.did["wrote"] = True
        elif number == 0.75:
            self.count = "updates" if self.count == "calls" else "calls"
            self.step = int(self.step)
        self.step = int(self.step)
        self.schedule()

    def copy(self, number: float) -> None:
        self.taken(lambda what: pickle.loads(pickle.dumps(what)) if number > 0.5 else copy.deepcopy(what), number)

    def taken(self, copied: Callable[[Any], Any], number: float) -> None:
        if not self.kind.copies or self.wrapper in ("hooked 2", "hooked 3", "accelerate"):
            return
        if number in (0.25, 1.0):
            self.attic.append((self.mine.inner, self.mine.outer, self.scheduler))
        self.mine.inner, self.mine.outer, self.scheduler = copied((self.mine.inner, self.mine.outer, self.scheduler))
        self.haunting = []
        if not self.closed:
            self.foreign = False

    def checkpoint(self, number: float) -> None:
        if self.kind.copies and self.kind.scaler and self.wrapper in ("none", "around 0") and not self.foreign:
            self.twin.write("momentum", self.momenta())  # which NAdam puts into its state
            for side in (self.mine, self.twin):
                # An added group has no state yet, which a checkpoint refuses to load
                side.checkpoint(number > 0.5 and len(side.inner.state) in (0, len(self.names)))

    def turn(self, number: float) -> None:
        if not self.closed:
            self.scheduler.scale = self.scale = number
            self.foreign = False

    def close(self, number: float) -> None:
        self.scheduler.close()
        self.closed = True

    def add(self, number: float) -> None:
        # Of a second scheduler, a group's own momentum is what the first wrote, and an added group's is another
        if self.kind.copies and self.kind.groups and self.made < 6 and not (self.momentum or self.haunting or self.closed):
            group = self.group(str(self.made))
            self.made += 1
            for side in (self.mine, self.twin):
                side.add(group)
            self.names.append(group["name"])
            if self.given != "one":
                self.rebuild(0)
            self.turn(self.scale)  # meets the group, which the state then has
            self.save(0)

    def drop(self, number: float) -> None:
        if self.kind.copies and len(self.names) > 1 and not (self.haunting or self.closed):
            for side in (self.mine, self.twin):
                side.drop()
            del self.names[0]
            self.did["dropped"] = True
            self.turn(self.scale)
            self.save(0)

    def write(self, number: float) -> None:
        """Somebody else writes the rates: by hand, in place, or by a scheduler of torch's."""
        optimizer = self.mine.inner
        for group in self.mine.groups:
            if number < 0.5:
                group["lr"] = self.rate(0.03125)
            elif number < 0.75:
                group["lr"] *= number
        if number == 0.75:
            torch.optim.swa_utils.SWALR(optimizer, swa_lr=0.0625, anneal_epochs=2).step()
        elif number == 1.0:
            torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=-1).step(1.0)
        self.foreign = self.did["wrote"] = True


OPERATIONS = ["update"] * 12 + [
    "forget", "call", "jump", "fail", "skip", "skip", "save", "load", "resume", "rebuild", "copy", "checkpoint", "turn",
    "close", "add", "drop", "write",
]  # fmt: skip
ONE = st.tuples(st.sampled_from(OPERATIONS), st.sampled_from([0.25, 0.5, 0.75, 1.0]))


def program(operations: Any, **arguments: Any) -> int:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = Program(**arguments)
        for operation, number in operations:
            made.run(operation, number)
    told = [str(each.message) for each in caught if str(each.message).startswith("ScheduleLR")]
    for text in told:
        assert any(part in text and made.did[cause] for part, cause in TOLD.items()), text
    assert not made.wrong or any("something else writes it too" in text for text in told), told
    return made.updates


def test_every_update_applies_the_schedules_rate_or_somebody_is_told(record_property: Any) -> None:
    Accelerator(cpu=True)
    draw(
        program,
        150,
        record_property,
        "PyTorch",
        kind=st.sampled_from(sorted(KINDS)),
        wrapper=st.sampled_from(["none"] * 6 + sorted(WRAPPERS)),
        lr=st.sampled_from(SCHEDULES),
        momentum=st.booleans(),
        given=st.sampled_from(["one", "one", "list", "dict"]),
        count=st.sampled_from(["calls", "updates"]),
        relative=st.booleans(),
        rate=st.sampled_from([float_, float_, double, single]),
        groups=st.integers(1, 3),
        operations=runs(ONE, 40),
    )
    AcceleratorState._reset_state(True)
    GradientState._reset_state()
