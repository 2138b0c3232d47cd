"""Schedulers of `torch.optim.lr_scheduler`, by their attributes, and what accelerate wraps around them."""

from __future__ import annotations

import dis
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lrcore import Cosine
from lrcore.port._call import Call, Optimizer, call
from lrcore.port._call import reading as together
from lrcore.port._libraries.huggingface import PARTIALS
from lrcore.port._part import Asked, Base, Part, shortest
from lrcore.port._reading import Reading, Refusal

_NAMED: Mapping[str, tuple[str, ...]] = {
    "ConstantLR": ("factor", "total_iters"),
    "LinearLR": ("start_factor", "end_factor", "total_iters"),
    "StepLR": ("step_size", "gamma"),
    "ExponentialLR": ("gamma",),
    "PolynomialLR": ("total_iters", "power"),
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
}
"""The classes whose attributes are called like their arguments."""


def read_scheduler(scheduler: Any, asked: Asked) -> Reading:
    """A scheduler, from the step on that it is at."""
    if type(scheduler).__name__ == "ReduceLROnPlateau":
        return _stalling(scheduler, asked)
    step = _step(scheduler)
    asked = asked._replace(step=step)
    made = _call(scheduler, asked)
    reading = made.reading()
    bases = made.bases()
    parts = [made.part(base) for base in bases]
    now = [_number(group["lr"]) for group in scheduler.optimizer.param_groups]
    rounded = any(hasattr(group["lr"], "dtype") for group in scheduler.optimizer.param_groups)
    near = 1e-3 if rounded else 1e-6
    fitted = [_fitted(made, part, base, step, rate, near) for part, base, rate in zip(parts, bases, now, strict=True)]
    if fitted != parts:
        reading = together(fitted, reading.source, step)
    if rounded:
        remark = "The optimizer's rate is a tensor, and PyTorch rounds it to its dtype at every step."
        reading = replace(reading, error=max(reading.error, 1e-3), remarks=(*reading.remarks, remark))
    return reading


def _stalling(scheduler: Any, asked: Asked) -> Reading:
    """A rule about a metric, and what it remembers; the rates are those of now, and its scale begins from them."""
    words = ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "eps")
    now = tuple(_number(group["lr"]) for group in scheduler.optimizer.param_groups)
    if len(set(zip(now, scheduler.min_lrs, strict=True))) > 1:
        raise Refusal(
            f"ReduceLROnPlateau's groups have rates of their own, {now}, and a rule has shares of one: read each alone."
        )
    given = {word: getattr(scheduler, word) for word in words} | {
        "min_lr": scheduler.min_lrs[0],
        "optimizer": Optimizer(now),
    }
    made = call("ReduceLROnPlateau", [], given, asked).reading()
    assert made.plateau is not None
    state = made.plateau.start()._replace(
        best=scheduler.best,
        bad=scheduler.num_bad_epochs,
        wait=scheduler.cooldown_counter,
        reports=scheduler.last_epoch,
    )
    return replace(made, step=int(scheduler.last_epoch), plateau_state=state)


def _call(scheduler: Any, asked: Asked) -> Call:
    """The call that made it, with its own optimizer."""
    kind = type(scheduler)
    name = kind.__name__
    if name not in _ARGUMENTS or not kind.__module__.startswith("torch."):
        known = next((base.__name__ for base in kind.__mro__[1:] if base.__name__ in _ARGUMENTS), "LRScheduler")
        raise Refusal(
            f"{name} is a class of your own, made of {known}, and its get_lr may compute anything: exact=False "
            "with updates= "
            "makes a table of its values."
        )
    arguments = _ARGUMENTS[name](scheduler, asked)
    return call(name, [], {**arguments, "optimizer": _optimizer(scheduler)}, asked)


def _optimizer(scheduler: Any) -> Optimizer:
    if hasattr(scheduler, "_milestones"):  # begins anew from the rates that the last of its schedulers left as initial
        return _of_rates(scheduler, [group["initial_lr"] for group in scheduler.optimizer.param_groups])
    while not hasattr(scheduler, "base_lrs") and getattr(scheduler, "_schedulers", None):
        scheduler = scheduler._schedulers[0]
    rates = getattr(scheduler, "base_lrs", None) or [
        group.get("initial_lr", group["lr"]) for group in scheduler.optimizer.param_groups
    ]
    return _of_rates(scheduler, rates)


def _of_rates(scheduler: Any, rates: Sequence[Any]) -> Optimizer:
    default = getattr(scheduler.optimizer, "defaults", {}).get("lr")
    return Optimizer(tuple(_number(rate) for rate in rates), None if default is None else _number(default))


def _step(scheduler: Any) -> int:
    inner = getattr(scheduler, "_schedulers", None)
    if type(scheduler).__name__ == "ChainedScheduler" and inner:
        return _step(inner[0])
    return int(scheduler.last_epoch)


def _number(value: Any) -> float:
    return float(value.item() if hasattr(value, "item") else value)


# How each class keeps its arguments.


def _named(scheduler: Any, asked: Asked) -> dict[str, Any]:
    return {word: getattr(scheduler, word) for word in _NAMED[type(scheduler).__name__]}


def _multi_step(scheduler: Any, asked: Asked) -> dict[str, Any]:
    return {"milestones": sorted(scheduler.milestones.elements()), "gamma": scheduler.gamma}


def _one_cycle(scheduler: Any, asked: Asked) -> dict[str, Any]:
    """Its fractions as they were typed, out of the knots and rates that they gave."""
    groups, total = scheduler.optimizer.param_groups, scheduler.total_steps
    knot, group = scheduler._schedule_phases[0]["end_step"], groups[0]
    top, first, low = (_number(group[key]) for key in ("max_lr", "initial_lr", "min_lr"))
    return {
        "max_lr": [_number(group["max_lr"]) for group in groups],
        "total_steps": total,
        "pct_start": shortest((knot + 1) / total, lambda pct: float(pct * total) - 1 == knot),
        "div_factor": shortest(top / first, lambda ratio: top / ratio == first),
        "final_div_factor": shortest(first / low, lambda ratio: first / ratio == low),
        "anneal_strategy": scheduler._anneal_func_type,
        "three_phase": len(scheduler._schedule_phases) == 3,
        **_momenta(scheduler),
    }


def _cyclic(scheduler: Any, asked: Asked) -> dict[str, Any]:
    up = scheduler.total_size * scheduler.step_ratio
    up = float(round(up)) if abs(up - round(up)) < 1e-9 * scheduler.total_size else up
    return {
        "base_lr": [_number(rate) for rate in scheduler.base_lrs],
        "max_lr": [_number(rate) for rate in scheduler.max_lrs],
        "step_size_up": up,
        "step_size_down": None if up * 2 == scheduler.total_size else scheduler.total_size - up,
        "mode": scheduler.mode,
        "gamma": scheduler.gamma,
        "scale_fn": scheduler._scale_fn_custom,
        **_momenta(scheduler),
    }


def _momenta(scheduler: Any) -> dict[str, Any]:
    if not scheduler.cycle_momentum:
        return {"cycle_momentum": False}
    groups = scheduler.optimizer.param_groups
    return {
        "base_momentum": [group["base_momentum"] for group in groups],
        "max_momentum": [group["max_momentum"] for group in groups],
    }


def _schedulers(scheduler: Any, asked: Asked) -> dict[str, Any]:
    inner = {"schedulers": [_call(one, asked._replace(step=max(_step(one), 0))) for one in scheduler._schedulers]}
    return {**inner, "milestones": list(scheduler._milestones)} if hasattr(scheduler, "_milestones") else inner


def _lambdas(scheduler: Any, asked: Asked) -> dict[str, Any]:
    return {"lr_lambda": [_function(function, asked) for function in scheduler.lr_lambdas]}


def _function(function: Any, asked: Asked) -> Any:
    """The numbers in a partial of Hugging Face\'s; the number that a function gives which ignores its step; or itself."""
    inner = function.func if isinstance(function, partial) else function
    name = PARTIALS.get(getattr(inner, "__name__", ""))
    if name is None or not inner.__module__.startswith("transformers."):
        return _constant(function)
    given = dict(function.keywords) if isinstance(function, partial) else {}
    if "min_lr_rate" in given and name == "get_cosine_schedule_with_warmup":
        name = "get_cosine_with_min_lr_schedule_with_warmup"
    return call(name, [], {**given, "optimizer": Optimizer()}, asked)


def _constant(function: Any) -> Any:
    code = getattr(function, "__code__", None)
    if code is None or not {instruction.opname for instruction in dis.get_instructions(code)} <= _OF_A_CONSTANT:
        return function
    return function(1)


_OF_A_CONSTANT = {"RESUME", "LOAD_CONST", "RETURN_CONST", "LOAD_DEREF", "COPY_FREE_VARS", "RETURN_VALUE"}
"""What a function that gives one number is compiled to."""


def _swa(scheduler: Any, asked: Asked) -> dict[str, Any]:
    groups = scheduler.optimizer.param_groups
    return {
        "swa_lr": [_number(group["swa_lr"]) for group in groups],
        "anneal_epochs": scheduler.anneal_epochs,
        "anneal_strategy": scheduler._anneal_strategy,
    }


_ARGUMENTS: Mapping[str, Callable[[Any, Asked], dict[str, Any]]] = {
    **dict.fromkeys(_NAMED, _named),
    "MultiStepLR": _multi_step,
    "OneCycleLR": _one_cycle,
    "CyclicLR": _cyclic,
    "SequentialLR": _schedulers,
    "ChainedScheduler": _schedulers,
    "LambdaLR": _lambdas,
    "MultiplicativeLR": _lambdas,
    "SWALR": _swa,
}


def _fitted(made: Call, part: Part, base: Base, step: int, now: float, near: float) -> Part:
    """The part, if the optimizer's rate is what it says; else what PyTorch makes of the rate that is there."""
    expected = float(part.rate(step))
    if abs(now - expected) <= near * abs(expected) + 1e-9 * abs(base.lr):
        return part
    told = f"The optimizer's rate is {now:.6g} now, where {made.name} has {expected:.6g}: something else has set it"
    if part.role == "absolute":
        return part._replace(remarks=(*part.remarks, f"{told}, and the scheduler's next step sets it back."))
    onward = (*part.remarks, f"{told}, and PyTorch goes on from there.")
    if part.role in ("factor", "steps") and expected:
        return part._replace(rate=now / expected * part.rate, remarks=onward)
    if isinstance(part.rate, Cosine) and step < part.rate.steps:
        end, start = part.rate.end, part.rate.start
        moved = end + (now - end) * (start - end) / (expected - end)
        return part._replace(rate=Cosine(moved, steps=part.rate.steps, end=end), remarks=onward)
    if made.name == "SWALR":
        return part._replace(rate=_annealed(part, base, step, now), remarks=part.remarks)
    raise Refusal(
        f"{told}, and what {made.name} makes of it from here is no function of the step: exact=False with updates= makes a "
        "table of its values."
    )


def _annealed(part: Part, base: Base, step: int, now: float) -> Any:
    """SWALR begins from the rate that it finds, and keeps it nowhere: the start that leads to the present rate."""
    rate: Any = part.rate
    left = (rate(step) - rate.end) / (rate.start - rate.end) if rate.start != rate.end else 0.0
    if not left:
        raise Refusal("SWALR has reached its swa_lr, and the rate that it began with is kept nowhere.")
    return rate._with(start=rate.end + (now - rate.end) / left)
