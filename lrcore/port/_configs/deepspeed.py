"""DeepSpeed's `scheduler` block. Its warmups are one update late: the first two updates both have the lowest rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from lrcore import Constant, Cosine, Custom, InverseTime, Linear, PiecewiseConstant, Schedule, Sequence
from lrcore.port._configs.format import Data, Format, number, under
from lrcore.port._part import Asked, Part, whole
from lrcore.port._reading import Refusal

_LOGARITHM = "A logarithmic warmup is no family here: it is a Custom function, which no text holds."


def _fits(data: Data) -> bool:
    block = data.get("scheduler", data)
    return isinstance(block, Mapping) and isinstance(block.get("type"), str) and block["type"] in _TYPES


def _read(data: Data, asked: Asked) -> Part:
    block = data.get("scheduler", data)
    rate = under(data, "optimizer", "params", "lr")
    own = asked.lr if rate in (None, "auto") else number({"lr": rate}, "lr")
    params = dict(block.get("params") or {})
    for key in [key for key, value in params.items() if value == "auto"]:
        params[key] = _filled_in(key, own, asked)
    return _TYPES[block["type"]](params, own, asked)


def _filled_in(key: str, own: float | None, asked: Asked) -> float:
    """What Hugging Face's Trainer puts in the place of "auto"."""
    value, way = {
        "warmup_min_lr": (0.0, ""),
        "warmup_max_lr": (own, "say the optimizer's rate as lr="),
        "total_num_steps": (asked.updates, "say the updates of the run as updates="),
    }.get(key, (None, "write its number there"))
    if value is None:
        raise Refusal(f"{key} is 'auto', which the program that trains fills in: {way}.")
    return value


def _warmup(params: Data, own: float | None) -> tuple[float, float, int, str]:
    low = number(params, "warmup_min_lr", 0.0)
    high = number(params, "warmup_max_lr", 0.001 if own is None else own)
    W = max(2, whole("warmup_num_steps", number(params, "warmup_num_steps", 1000)))
    return low, high, W, "linear" if params.get("warmup_type") == "linear" else "log"


def _ramp(low: float, high: float, steps: int, shape: str) -> tuple[Schedule, tuple[str, ...]]:
    """The warmup from update 0 on, which reaches `high` at update `steps`, or one later as a line."""
    if shape == "linear":
        return Sequence([Constant(low), Linear(low, end=high, steps=steps)], boundaries=[1]), ()

    def rising(t: Any, xp: Any) -> Any:
        return low + (high - low) * xp.log(xp.minimum(xp.maximum(t, 1.0), steps)) / math.log(steps)

    return Custom(rising), (_LOGARITHM,)


def _warmup_lr(params: Data, own: float | None, asked: Asked) -> Part:
    low, high, W, shape = _warmup(params, own)
    ramp, remarks = _ramp(low, high, W, shape)
    if own is not None and "warmup_max_lr" not in params:
        remarks += (
            "Releases of DeepSpeed differ in what a missing warmup_max_lr is: 0.001, or the optimizer's rate as here.",
        )
    return Part(ramp, remarks=remarks)


def _warmup_decay(params: Data, own: float | None, asked: Asked) -> Part:
    low, high, W, shape = _warmup(params, None)
    T = whole("total_num_steps", number(params, "total_num_steps", asked.updates))
    ramp, remarks = _ramp(low, high, W, shape)
    return Part(ramp.then(Linear(high, end=low, steps=max(1, T - W)), at=W + 1), remarks=remarks)


def _warmup_cosine(params: Data, own: float | None, asked: Asked) -> Part:
    if own is None:
        raise Refusal("WarmupCosineLR has ratios of the optimizer's rate, which is not given: say it as lr=.")
    T = whole("total_num_steps", number(params, "total_num_steps", asked.updates))
    least, end = number(params, "warmup_min_ratio", 0.0), number(params, "cos_min_ratio", 0.0001)
    _, _, W, shape = _warmup(params, own)
    ramp, remarks = _ramp(least * own, own, W, shape)
    if least:
        ramp = Constant(0.0).then(ramp.shift(1), at=1)
    return Part(ramp.then(Cosine(own, steps=T - W, end=end * own).shift(1), at=W + 1), remarks=remarks)


def _one_cycle(params: Data, own: float | None, asked: Asked) -> Part:
    low, high = number(params, "cycle_min_lr"), number(params, "cycle_max_lr")
    up = whole("cycle_first_step_size", number(params, "cycle_first_step_size", 2000))
    down = whole("cycle_second_step_size", number(params, "cycle_second_step_size", up))
    if params.get("cycle_first_stair_count") or params.get("cycle_second_stair_count"):
        raise Refusal("OneCycle.cycle_first_stair_count makes stairs of a slope: write them as PiecewiseConstant.")

    def wave(first: float, middle: float) -> Schedule:
        return Linear(first, end=middle, steps=up).then(Linear(middle, end=first, steps=down))

    rate, every = wave(low, high), number(params, "decay_step_size", 0)
    if every and params.get("decay_lr_rate"):
        rate = rate.then(InverseTime(low, rate=number(params, "decay_lr_rate"), every=every), at=up + down)
    if params.get("cycle_momentum", True) is False:
        return Part(rate)
    if every and params.get("decay_mom_rate"):
        raise Refusal("OneCycle.decay_mom_rate lets the momentum grow without end: leave it out.")
    momentum = wave(number(params, "cycle_max_mom", 0.9), number(params, "cycle_min_mom", 0.8))
    return Part(rate, momentum=momentum, remarks=("DeepSpeed moves betas[0] only, and sets betas[1] to 0.99.",))


def _range_test(params: Data, own: float | None, asked: Asked) -> Part:
    low, rate = number(params, "lr_range_test_min_lr", 1e-3), number(params, "lr_range_test_step_rate", 1.0)
    every = whole("lr_range_test_step_size", number(params, "lr_range_test_step_size", 2000))
    if asked.updates is None:
        raise Refusal("LRRangeTest grows without end: say how far the run goes as updates=.")
    n = asked.updates
    if params.get("lr_range_test_staircase"):
        stairs = n // every + 1
        values = [low * (1 + rate * i) for i in range(stairs + 1)]
        return Part(PiecewiseConstant(values, boundaries=[every * i for i in range(1, stairs + 1)]), until=n)
    return Part(Linear(low, end=low * (1 + rate * n / every), steps=n), until=n)


_TYPES: Mapping[str, Callable[[Data, float | None, Asked], Part]] = {
    "WarmupLR": _warmup_lr,
    "WarmupDecayLR": _warmup_decay,
    "WarmupCosineLR": _warmup_cosine,
    "OneCycle": _one_cycle,
    "LRRangeTest": _range_test,
}

DEEPSPEED = Format("DeepSpeed's scheduler", _fits, _read)
