"""Megatron-LM's `OptimizerParamScheduler`: it counts what its caller counts, usually samples."""

from __future__ import annotations

from lrcore import Constant, Cosine, InverseSqrt, Linear, Schedule
from lrcore.port._part import Base, Library, Part, whole
from lrcore.port._reading import Refusal

_SHAPES = {"linear": "linear", "cosine": "cosine", "exponential": "exponential", "minus_sqrt": "1-sqrt"}


def scheduler(
    optimizer: Base,
    init_lr: float,
    max_lr: float,
    min_lr: float,
    lr_warmup_steps: int,
    lr_decay_steps: int,
    lr_decay_style: str,
    start_wd: float | None = None,
    end_wd: float | None = None,
    wd_incr_steps: int | None = None,
    wd_incr_style: str = "constant",
    use_checkpoint_opt_param_scheduler: bool = True,
    override_opt_param_scheduler: bool = False,
    wsd_decay_steps: int | None = None,
    lr_wsd_decay_style: str | None = None,
) -> Part:
    W, D = whole("lr_warmup_steps", lr_warmup_steps), whole("lr_decay_steps", lr_decay_steps)
    decay: Schedule
    match lr_decay_style:
        case "constant":
            decay = Constant(max_lr)
        case "linear":
            decay = Linear(max_lr, end=min_lr, steps=D)
        case "cosine":
            decay = Cosine(max_lr, steps=D, end=min_lr)
        case "inverse-square-root":
            decay = InverseSqrt(max_lr, timescale=max(W, 1)).clip(low=min_lr)
        case "WSD":
            if not wsd_decay_steps or lr_wsd_decay_style not in _SHAPES:
                raise Refusal("the style WSD needs wsd_decay_steps and lr_wsd_decay_style.")
            shape = _SHAPES[lr_wsd_decay_style]
            decay = Constant(max_lr).cooldown(at=D - wsd_decay_steps, steps=wsd_decay_steps, end=min_lr, shape=shape)
        case _:
            raise Refusal(
                f"lr_decay_style must be constant, linear, cosine, inverse-square-root or WSD, got {lr_decay_style!r}."
            )
    rate = decay.warmup(W, start=init_lr)
    if lr_decay_style == "inverse-square-root":
        rate = rate.then(Constant(min_lr), at=D + 1)
    return Part(rate, weight_decay=_weight_decay(start_wd, end_wd, wd_incr_steps, wd_incr_style))


def _weight_decay(start: float | None, end: float | None, steps: int | None, style: str) -> Schedule | None:
    if start is None or end is None:
        return None
    if style == "constant" or not steps:
        return Constant(end)
    return Linear(start, end=end, steps=steps) if style == "linear" else Cosine(start, end=end, steps=steps)


MEGATRON = Library("Megatron-LM", ("megatron",), 1e-14, {"OptimizerParamScheduler": scheduler})
