"""`torch.optim.lr_scheduler`, and `SWALR`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from lrcore import (
    Constant,
    Cosine,
    Custom,
    Cyclic,
    Exponential,
    Geometric,
    Interpolate,
    Linear,
    MultiStep,
    OneCycle,
    PiecewiseConstant,
    Polynomial,
    Schedule,
    StepDecay,
    WarmRestarts,
)
from lrcore.plateau import Plateau
from lrcore.port._join import joined
from lrcore.port._part import Asked, Base, Function, Library, Nested, Part, whole
from lrcore.port._reading import Refusal

_UNIT = Base()


def constant(optimizer: Base, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> Part:
    b, n = optimizer.lr, whole("ConstantLR.total_iters", total_iters)
    low = Constant(factor * b)
    return Part(low if factor == 1 or n < 1 else low.then(Constant(b), at=n), role="factor")


def linear(
    optimizer: Base,
    start_factor: float = 1 / 3,
    end_factor: float = 1.0,
    total_iters: int = 5,
    last_epoch: int = -1,
) -> Part:
    b, n = optimizer.lr, whole("LinearLR.total_iters", total_iters)
    start = start_factor * b
    return Part(Linear(start, end=end_factor * b, steps=n) if n > 0 else Constant(start), role="factor")


def step(optimizer: Base, step_size: int, gamma: float = 0.1, last_epoch: int = -1, *, asked: Asked) -> Part:
    every = whole("StepLR.step_size", step_size)
    if gamma > 1:
        n = _run("StepLR.gamma", gamma, asked) // every
        values = [optimizer.lr * gamma**i for i in range(n + 2)]
        stairs = PiecewiseConstant(values, boundaries=[every * i for i in range(1, n + 2)])
        return Part(stairs, until=n * every, role="factor")
    return Part(StepDecay(optimizer.lr, every=every, factor=gamma), role="factor")


def multi_step(optimizer: Base, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1) -> Part:
    counts = Counter(whole("MultiStepLR.milestones", milestone) for milestone in milestones)
    b = optimizer.lr * gamma ** counts.pop(0, 0)
    steps = sorted(milestone for milestone in counts if milestone > 0)
    if not steps:
        return Part(Constant(b), role="factor")
    if 0 < gamma <= 1 and all(counts[milestone] == 1 for milestone in steps):
        return Part(MultiStep(b, milestones=steps, factor=gamma), role="factor")
    values = [b * gamma**n for n in accumulate((counts[milestone] for milestone in steps), initial=0)]
    return Part(PiecewiseConstant(values, boundaries=steps), role="factor")


def exponential(optimizer: Base, gamma: float, last_epoch: int = -1, *, asked: Asked) -> Part:
    b = optimizer.lr
    if gamma > 1:
        n = _run("ExponentialLR.gamma", gamma, asked)
        return Part(Geometric(b, end=b * gamma**n, steps=n), until=n, role="factor")
    return Part(Exponential(b, factor=gamma), role="factor")


def polynomial(optimizer: Base, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> Part:
    b, n = optimizer.lr, whole("PolynomialLR.total_iters", total_iters)
    return Part(Polynomial(b, steps=n, power=power) if n > 0 and power else Constant(b), role="factor")


def cosine(optimizer: Base, T_max: int, eta_min: float = 0.0, last_epoch: int = -1, *, asked: Asked) -> Part:
    optimizer.needs_rate("CosineAnnealingLR.eta_min", eta_min)
    n = whole("CosineAnnealingLR.T_max", T_max)
    role = "own" if eta_min else "factor"
    if asked.last(n) > n:
        return Part(turning(optimizer.lr, eta_min, n, asked), role="own")
    return Part(Cosine(optimizer.lr, steps=n, end=eta_min), until=n, remarks=(rises(n),), role=role)


def rises(last: int) -> str:
    """What is said of a cosine that turns at its end."""
    return (
        f"The original rises again after step {last:,}, and this schedule stays at its end. If the run is longer, say so "
        "with updates=, and the rises are read too."
    )


def turning(start: float, end: float, half: int, asked: Asked) -> Schedule:
    """A cosine that goes down and up again, each in `half` steps."""
    wave = Interpolate([(0, start), (half, end), (2 * half, start)], shape="cosine")
    return wave.repeat(max(1000, math.ceil(asked.last(1) / (2 * half))))


def warm_restarts(optimizer: Base, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1) -> Part:
    optimizer.needs_rate("CosineAnnealingWarmRestarts.eta_min", eta_min)
    return Part(WarmRestarts(optimizer.lr, steps=whole("T_0", T_0), growth=T_mult, end=eta_min))


def one_cycle(
    optimizer: Base,
    max_lr: float | Sequence[float],
    total_steps: int | None = None,
    epochs: int | None = None,
    steps_per_epoch: int | None = None,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    cycle_momentum: bool = True,
    base_momentum: float | Sequence[float] = 0.85,
    max_momentum: float | Sequence[float] = 0.95,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    three_phase: bool = False,
    last_epoch: int = -1,
) -> Part:
    if total_steps is None:
        if epochs is None or steps_per_epoch is None:
            raise Refusal("OneCycleLR needs total_steps, or epochs and steps_per_epoch.")
        total_steps = epochs * steps_per_epoch
    cycle = OneCycle(
        _of_group(max_lr, optimizer),
        steps=total_steps,
        pct_start=pct_start,
        div_factor=div_factor,
        final_div_factor=final_div_factor,
        shape="cosine" if anneal_strategy == "cos" else anneal_strategy,
        three_phase=three_phase,
    )
    high, low = _of_group(max_momentum, optimizer), _of_group(base_momentum, optimizer)
    return Part(
        cycle,
        until=total_steps - 1,
        momentum=cycle.momentum(high=high, low=low) if cycle_momentum else None,
    )


def cyclic(
    optimizer: Base,
    base_lr: float | Sequence[float],
    max_lr: float | Sequence[float],
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    mode: str = "triangular",
    gamma: float = 1.0,
    scale_fn: Any = None,
    scale_mode: str = "cycle",
    cycle_momentum: bool = True,
    base_momentum: float | Sequence[float] = 0.8,
    max_momentum: float | Sequence[float] = 0.9,
    last_epoch: int = -1,
) -> Part:
    if scale_fn is not None:
        raise Refusal("CyclicLR.scale_fn is a function of your own: write the whole wave as lrcore.Custom(function).")
    wave = Cyclic(
        _of_group(base_lr, optimizer),
        high=_of_group(max_lr, optimizer),
        up=whole("CyclicLR.step_size_up", step_size_up),
        down=None if step_size_down is None else whole("CyclicLR.step_size_down", step_size_down),
        mode=mode,
        factor=gamma if mode == "exp_range" else 1.0,
    )
    high, low = _of_group(max_momentum, optimizer), _of_group(base_momentum, optimizer)
    return Part(wave, momentum=wave.momentum(high=high, low=low) if cycle_momentum else None)


def _of_group(value: Any, optimizer: Base) -> Any:
    return value[optimizer.group] if type(value) in (list, tuple) else value  # a `Function` is a tuple too


def sequential(
    optimizer: Base, schedulers: Sequence[Nested], milestones: Sequence[int], last_epoch: int = -1, *, asked: Asked
) -> Part:
    begins = [0, *(whole("SequentialLR.milestones", milestone) for milestone in milestones)]
    ends = [*begins[1:], None]
    clocks = [asked.within(begin, end) for begin, end in zip(begins, ends, strict=True)]
    *bases, initial = _built(schedulers, optimizer)
    parts = [scheduler.part(base, clock) for scheduler, base, clock in zip(schedulers, bases, clocks, strict=True)]
    if parts[0].role != "absolute" and bases[0].lr != initial.lr:
        parts[0] = schedulers[0].part(initial, clocks[0])
        if schedulers[0].name == "CosineAnnealingLR" and parts[0].until is None:
            raise Refusal(
                f"SequentialLR.schedulers[0], a CosineAnnealingLR, begins from {initial.lr!r}, which a scheduler built "
                f"after it has set, and turns by {bases[0].lr!r}, which it was built with: build that one first."
            )
    for i, part in enumerate(parts[1:], 1):
        if schedulers[i].name == "ConstantLR" and isinstance(part.rate, Constant):
            # Of no updates, it begins by its closed form here, which leaves the rate alone
            parts[i] = part._replace(rate=Constant(bases[i].lr))
        if part.role in ("steps", "continues"):
            raise Refusal(
                f"SequentialLR.schedulers[{i}], a {schedulers[i].name}, goes on from the rate that the scheduler before it "
                "left, and a schedule knows only its step: write that piece's curve from where it begins."
            )
    known = [
        begin + part.until
        for begin, part, end in zip(begins, parts, ends, strict=True)
        if part.until is not None and (end is None or begin + part.until < end - 1)
    ]
    last, momenta = parts[-1], [part.momentum for part in parts]
    calls = (OWN,) if any(OWN in part.remarks for part in parts[:-1]) and OWN not in last.remarks else ()
    return Part(
        joined([part.rate for part in parts], begins[1:]),
        until=min(known, default=None),
        remarks=(
            *calls,
            *([rises(begins[-1] + last.until)] * len(last.remarks) if last.until else last.remarks),
        ),
        momentum=joined([momentum for momentum in momenta if momentum], begins[1:]) if all(momenta) else None,
        role="continues",
    )


def _built(schedulers: Sequence[Nested], optimizer: Base) -> list[Base]:
    """The optimizer as each of several schedulers found it, and as they left it.

    A `OneCycleLR`, or a `CyclicLR` that comes first, sets the `initial_lr` that those built after it begin from. A live
    scheduler has kept what it found; in a text, they are built in the order of the list.
    """
    found = [scheduler.own(optimizer) for scheduler in schedulers]
    if any(base.lr != optimizer.lr for base in found):
        return [*found, optimizer]
    bases = [optimizer]
    for i, scheduler in enumerate(schedulers):
        sets = scheduler.name == "OneCycleLR" or (scheduler.name == "CyclicLR" and i == 0)
        base = bases[-1]
        bases.append(base._replace(lr=float(scheduler.part(base).rate(0)), known=True) if sets else base)
    return bases


def chained(schedulers: Sequence[Nested], optimizer: Base = _UNIT) -> Part:
    """Each multiplies the rate that those before it left; one that sets the rate itself undoes what they did."""
    last = len(schedulers) - 1
    parts = [scheduler.part(optimizer) for scheduler in schedulers]
    settled = max((i for i, part in enumerate(parts) if part.role not in ("factor", "steps")), default=None)
    if settled == last and parts[last].role == "absolute":
        return schedulers[last].part(schedulers[last].own(optimizer))
    if settled is not None:
        raise Refusal(
            f"ChainedScheduler.schedulers[{settled}], a {schedulers[settled].name}, does more than multiply the "
            "rate, so that "
            "the chain is no product of schedules: exact=False with updates= makes a table of its values."
        )
    product = parts[last].rate
    for scheduler in reversed(schedulers[:last]):
        product = scheduler.part(optimizer._replace(lr=1.0)).rate * product
    return Part(
        product,
        until=min((part.until for part in parts if part.until is not None), default=None),
        remarks=tuple(remark for part in parts for remark in part.remarks),
        role="steps",
    )


def of_lambda(optimizer: Base, lr_lambda: Any, last_epoch: int = -1) -> Part:
    own = _of_group(lr_lambda, optimizer)
    if hasattr(own, "part"):
        part: Part = own.part(optimizer)
        return part
    if isinstance(own, (int, float)):
        return Part(Constant(own * optimizer.lr))
    if isinstance(own, Function) and own.factor is not None:
        return Part(Exponential(optimizer.lr, factor=own.factor))
    function = _live("LambdaLR.lr_lambda", own, "lr * lrcore.Custom(function)")
    return Part(optimizer.lr * Custom(Whole(function)), error=0.0, remarks=(OWN,))


def multiplicative(optimizer: Base, lr_lambda: Any, last_epoch: int = -1) -> Part:
    own = _of_group(lr_lambda, optimizer)
    if isinstance(own, (int, float)):
        return Part(Exponential(optimizer.lr, factor=own), role="steps")
    function = _live(
        "MultiplicativeLR.lr_lambda",
        own,
        "lrcore.Exponential(lr, factor=f) where f does not depend on the step, else the product as lrcore.Custom",
    )
    return Part(Custom(Running(optimizer.lr, function)), remarks=(OWN,), role="steps")


OWN = (
    "It calls a function of your own, which runs here and cannot be saved or written in another framework: "
    "exact=False with updates= makes a table of its values."
)
"""What is said of a schedule that calls one."""


class Whole:
    """A function of whole steps, for a schedule, whose steps are floats."""

    def __init__(self, function: Callable[[int], Any]) -> None:
        self.function = function

    def __call__(self, t: float) -> float:
        return float(self.function(int(t)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Whole) and self.function is other.function

    def __hash__(self) -> int:
        return hash(self.function)


class Running:
    """The product of a function's values at the steps from 1 on, each taken once."""

    def __init__(self, start: float, function: Callable[[int], Any]) -> None:
        self._values, self._function = [start], function

    def __call__(self, t: float) -> float:
        while len(self._values) <= int(t):
            self._values.append(float(self._values[-1] * self._function(len(self._values))))
        return self._values[int(t)]


def _live(name: str, function: Any, instead: str) -> Callable[[int], Any]:
    call = function.call if isinstance(function, Function) else function
    if not callable(call):
        text = f", {function.text}" if isinstance(function, Function) else ""
        raise Refusal(f"{name} is a function of your own{text}, which is not run: write {instead}.")
    result: Callable[[int], Any] = call
    return result


def swa(
    optimizer: Base,
    swa_lr: float | Sequence[float],
    anneal_epochs: int = 10,
    anneal_strategy: str = "cos",
    last_epoch: int = -1,
) -> Part:
    end = _of_group(swa_lr, optimizer)
    optimizer.needs_rate("SWALR.swa_lr", end)
    if anneal_epochs == 0:
        return Part(Constant(end), role="continues")
    family = Cosine if anneal_strategy == "cos" else Linear
    return Part(family(optimizer.lr, end=end, steps=anneal_epochs), role="continues")


def plateau(
    optimizer: Base,
    mode: str | None = None,
    factor: float | None = None,
    patience: int | None = None,
    threshold: float | None = None,
    threshold_mode: str | None = None,
    cooldown: int | None = None,
    min_lr: float | Sequence[float] | None = None,
    eps: float | None = None,
    verbose: Any = None,
) -> Part:
    given = {"mode": mode, "factor": factor, "patience": patience, "threshold": threshold, "eps": eps}
    given |= {"threshold_mode": threshold_mode, "cooldown": cooldown, "min_lr": _of_group(min_lr, optimizer)}
    return stalling("torch", optimizer, given)


def stalling(library: str, optimizer: Base, given: Mapping[str, Any]) -> Part:
    """The rate that a rule about a metric multiplies, and the rule."""
    known = {name: value for name, value in given.items() if value is not None}
    rule = Plateau.like(library, lr=optimizer.lr if optimizer.known else None, **known)
    return Part(Constant(optimizer.lr), plateau=rule, role="own")


def _run(name: str, value: float, asked: Asked) -> int:
    """The updates of the run, for what would grow without end."""
    if asked.updates is None:
        raise Refusal(f"{name} is {value!r}, so that the rate grows without end: say how far the run goes as updates=.")
    return asked.updates


PYTORCH = Library(
    "PyTorch",
    ("torch",),
    1e-12,
    {
        "ConstantLR": constant,
        "LinearLR": linear,
        "StepLR": step,
        "MultiStepLR": multi_step,
        "ExponentialLR": exponential,
        "PolynomialLR": polynomial,
        "CosineAnnealingLR": cosine,
        "CosineAnnealingWarmRestarts": warm_restarts,
        "OneCycleLR": one_cycle,
        "CyclicLR": cyclic,
        "SequentialLR": sequential,
        "ChainedScheduler": chained,
        "LambdaLR": of_lambda,
        "MultiplicativeLR": multiplicative,
        "SWALR": swa,
        "ReduceLROnPlateau": plateau,
    },
)
"""With what its recursions add up to in some thousand updates."""
