"""`transformers.get_*`, and `get_scheduler` by a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from lrcore import Constant, Cosine, InverseSqrt, Linear, Polynomial, Schedule, shapes, wsd
from lrcore.port._libraries.pytorch import plateau, rises, stalling, turning
from lrcore.port._part import Asked, Base, Library, Part, whole
from lrcore.port._reading import Refusal


def constant(optimizer: Base, last_epoch: int = -1) -> Part:
    return Part(Constant(optimizer.lr), error=0.0)


def constant_with_warmup(optimizer: Base, num_warmup_steps: int, last_epoch: int = -1) -> Schedule:
    return Constant(optimizer.lr).warmup(whole("num_warmup_steps", num_warmup_steps))


def linear(optimizer: Base, num_warmup_steps: int, num_training_steps: int, last_epoch: int = -1) -> Part:
    return _decay(Linear, optimizer.lr, 0.0, num_warmup_steps, num_training_steps)


def cosine(
    optimizer: Base,
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
    *,
    asked: Asked,
) -> Part:
    return _cosine(optimizer, num_warmup_steps, num_training_steps, num_cycles, 0.0, asked)


def cosine_with_min_lr(
    optimizer: Base,
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    *,
    asked: Asked,
) -> Part:
    end = _lowest(optimizer, min_lr, min_lr_rate)
    return _cosine(optimizer, num_warmup_steps, num_training_steps, num_cycles, end, asked)


def cosine_from_a_rate(
    optimizer: Base,
    num_warmup_steps: int,
    num_training_steps: int,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
    min_lr: float | None = None,
    min_lr_rate: float | None = None,
    warmup_lr_rate: float | None = None,
) -> Part:
    W, T = whole("num_warmup_steps", num_warmup_steps), whole("num_training_steps", num_training_steps)
    b, end = optimizer.lr, _lowest(optimizer, min_lr, min_lr_rate)
    _half_a_wave(num_cycles)
    remark = (rises(T - 1),)
    if W == 0:
        return Part(Cosine(b, steps=T, end=end).shift(1), until=T - 1, remarks=remark)
    if W == 1 and warmup_lr_rate is not None:
        rest = Cosine(b, steps=T - 1, end=end).shift(1)
        return Part(Constant(warmup_lr_rate * b).then(rest, at=1), until=T - 1, remarks=remark)
    start = b / W if warmup_lr_rate is None else warmup_lr_rate * b
    return Part(Cosine(b, steps=T - 1, end=end).warmup(W - 1, start=start), until=T - 1, remarks=remark)


def cosine_with_restarts(
    optimizer: Base, num_warmup_steps: int, num_training_steps: int, num_cycles: int = 1, last_epoch: int = -1
) -> Schedule | Part:
    W, T = whole("num_warmup_steps", num_warmup_steps), whole("num_training_steps", num_training_steps)
    cycles = whole("num_cycles", num_cycles)
    if cycles == 1:
        return _decay(Cosine, optimizer.lr, 0.0, W, T)
    if (T - W) % cycles:
        raise Refusal(
            f"get_cosine_with_hard_restarts_schedule_with_warmup has {cycles} cycles of {(T - W) / cycles:g} "
            "updates, which "
            "begin between updates: exact=False makes a table of them, and cycles of whole updates are "
            "Cosine(lr, steps=n).repeat(k).warmup(W)."
        )
    return Cosine(optimizer.lr, steps=(T - W) // cycles).repeat(cycles).warmup(W)


def polynomial(
    optimizer: Base,
    num_warmup_steps: int,
    num_training_steps: int,
    lr_end: float = 1e-7,
    power: float = 1.0,
    last_epoch: int = -1,
    *,
    lr_init: float | None = None,
) -> Part:
    optimizer.needs_rate("lr_end", lr_end)
    default = lr_init or optimizer.default or optimizer.lr
    end = lr_end if default == optimizer.lr else lr_end * optimizer.lr / default
    decay = lambda start, *, end, steps: Polynomial(start, end=end, steps=steps, power=power)  # noqa: E731
    return _decay(decay, optimizer.lr, end, num_warmup_steps, num_training_steps)


def inverse_sqrt(optimizer: Base, num_warmup_steps: int, timescale: int | None = None, last_epoch: int = -1) -> Schedule:
    W = whole("num_warmup_steps", num_warmup_steps)
    return InverseSqrt(optimizer.lr, timescale=timescale or W or 10_000).warmup(W)


def warmup_stable_decay(
    optimizer: Base,
    num_warmup_steps: int,
    num_decay_steps: int,
    num_training_steps: int | None = None,
    num_stable_steps: int | None = None,
    warmup_type: str = "linear",
    decay_type: str = "cosine",
    min_lr_ratio: float = 0,
    num_cycles: float = 0.5,
    last_epoch: int = -1,
) -> Schedule:
    W, C = whole("num_warmup_steps", num_warmup_steps), whole("num_decay_steps", num_decay_steps)
    if num_stable_steps is None:
        if num_training_steps is None:
            raise Refusal("get_wsd_schedule needs num_training_steps or num_stable_steps.")
        num_stable_steps = whole("num_training_steps", num_training_steps) - W - C
    hold, b, end = whole("num_stable_steps", num_stable_steps), optimizer.lr, min_lr_ratio * optimizer.lr
    if decay_type == "cosine":
        _half_a_wave(num_cycles)
    if hold > 0 and C > 0 and not min_lr_ratio and warmup_type == "linear":
        return wsd(b, steps=W + hold + C, warmup=W, cooldown=C, shape=decay_type)
    if C == 0:
        held: Schedule = Constant(b).then(Constant(end), at=W + hold)
    elif hold:
        held = Constant(b).cooldown(at=W + hold, steps=C, end=end, shape=decay_type)
    else:
        held = shapes[decay_type](b, steps=W + C, end=end)
    return held.warmup(W, start=end, shape=warmup_type)


def by_name(
    name: str,
    optimizer: Base,
    num_warmup_steps: int | None = None,
    num_training_steps: int | None = None,
    scheduler_specific_kwargs: Mapping[str, Any] | None = None,
    *,
    asked: Asked,
) -> Part | Schedule:
    """`get_scheduler`: which of the others is meant, with what it takes of the two numbers."""
    function = NAMES.get(getattr(name, "value", name))
    if function is None:
        raise Refusal(f"get_scheduler has no {name!r}; it has {', '.join(NAMES)}.")
    accepted = signature(function).parameters
    numbers: dict[str, Any] = {
        "num_warmup_steps": num_warmup_steps,
        "num_training_steps": num_training_steps,
        "asked": asked,
    }
    given = {key: value for key, value in numbers.items() if key in accepted}
    for key, value in given.items():
        if value is None:
            raise Refusal(f"get_scheduler({name!r}) needs {key}.")
    return function(optimizer, **given, **(scheduler_specific_kwargs or {}))


def greedy(
    optimizer: Base,
    mode: str | None = None,
    factor: float | None = None,
    patience: int | None = None,
    threshold: float | None = None,
    threshold_mode: str | None = None,
    cooldown: int | None = None,
    warmup: int | None = None,
    min_lr: float | None = None,
    max_lr: float | None = None,
    eps: float | None = None,
    smooth: bool | None = None,
    window_size: int | None = None,
    reset_start: int | None = None,
) -> Part:
    given = {name: value for name, value in locals().items() if name != "optimizer"}
    return stalling("greedy", optimizer, given)


def _decay(family: Callable[..., Schedule], start: float, end: float, warmup: int, total: int) -> Part:
    W, T = whole("num_warmup_steps", warmup), whole("num_training_steps", total)
    if W < T:
        return Part(family(start, end=end, steps=T).warmup(W))
    ramp = Linear(0.0, end=start, steps=W)
    return Part(ramp.then(Constant(end), at=W) if family is Linear else ramp, until=None if family is Linear else T)


def _cosine(optimizer: Base, warmup: int, total: int, cycles: float, end: float, asked: Asked) -> Part:
    W, T = whole("num_warmup_steps", warmup), whole("num_training_steps", total)
    b = optimizer.lr
    if W < T and (cycles != 0.5 or asked.last(T) > T):
        half = (T - W) / (2 * cycles) if cycles > 0 else 0.5
        if half != int(half):
            raise Refusal(
                f"num_cycles is {cycles!r}, and its waves turn every {half:g} updates, between two of them: "
                "exact=False makes "
                "a table of them."
            )
        wave = turning(b, end, int(half), asked)
        return Part(Linear(0.0, end=b, steps=W).then(wave, at=W) if W else wave)
    part = _decay(Cosine, b, end, W, T)
    return part._replace(until=T, remarks=(rises(T),))


def _half_a_wave(cycles: float) -> None:
    if cycles != 0.5:
        raise Refusal(f"num_cycles must be 0.5, half a wave, to be read here, got {cycles!r}: exact=False makes a table.")


def _lowest(optimizer: Base, min_lr: float | None, min_lr_rate: float | None) -> float:
    """The floor as a rate."""
    if min_lr is None:
        if min_lr_rate is None:
            raise Refusal("min_lr or min_lr_rate must be given.")
        return min_lr_rate * optimizer.lr
    optimizer.needs_rate("min_lr", min_lr)
    default = optimizer.default or optimizer.lr
    return min_lr if default == optimizer.lr else min_lr * optimizer.lr / default


NAMES: Mapping[str, Callable[..., Part | Schedule]] = {
    "linear": linear,
    "cosine": cosine,
    "cosine_with_restarts": cosine_with_restarts,
    "polynomial": polynomial,
    "constant": constant,
    "constant_with_warmup": constant_with_warmup,
    "inverse_sqrt": inverse_sqrt,
    "reduce_lr_on_plateau": plateau,
    "cosine_with_min_lr": cosine_with_min_lr,
    "cosine_warmup_with_min_lr": cosine_from_a_rate,
    "warmup_stable_decay": warmup_stable_decay,
    "greedy": greedy,
}
"""By the name that `get_scheduler` and `TrainingArguments.lr_scheduler_type` have for it."""

PARTIALS: Mapping[str, str] = {
    "_get_constant_lambda": "get_constant_schedule",
    "_get_constant_schedule_with_warmup_lr_lambda": "get_constant_schedule_with_warmup",
    "_get_linear_schedule_with_warmup_lr_lambda": "get_linear_schedule_with_warmup",
    "_get_cosine_schedule_with_warmup_lr_lambda": "get_cosine_schedule_with_warmup",
    "_get_cosine_with_hard_restarts_schedule_with_warmup_lr_lambda": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "_get_polynomial_decay_schedule_with_warmup_lr_lambda": "get_polynomial_decay_schedule_with_warmup",
    "_get_inverse_sqrt_schedule_lr_lambda": "get_inverse_sqrt_schedule",
    "_get_cosine_with_min_lr_schedule_with_warmup_lr_rate_lambda": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "_get_wsd_scheduler_lambda": "get_wsd_schedule",
}
"""The function that its lambda belongs to, by the lambda's name: what a live LambdaLR of Hugging Face's has."""

HUGGING_FACE = Library(
    "Hugging Face",
    ("transformers",),
    1e-13,
    {
        "get_constant_schedule": constant,
        "get_constant_schedule_with_warmup": constant_with_warmup,
        "get_linear_schedule_with_warmup": linear,
        "get_cosine_schedule_with_warmup": cosine,
        "get_cosine_with_min_lr_schedule_with_warmup": cosine_with_min_lr,
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": cosine_from_a_rate,
        "get_cosine_with_hard_restarts_schedule_with_warmup": cosine_with_restarts,
        "get_polynomial_decay_schedule_with_warmup": polynomial,
        "get_inverse_sqrt_schedule": inverse_sqrt,
        "get_wsd_schedule": warmup_stable_decay,
        "get_scheduler": by_name,
        "get_reduce_on_plateau_schedule": plateau,
        "get_greedy_schedule": greedy,
        "GreedyLR": greedy,
    },
)
