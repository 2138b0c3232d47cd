"""`timm.scheduler`: functions of a step that the caller counts, in epochs unless told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lrcore import (
    Constant,
    Cosine,
    Custom,
    InverseSqrt,
    Linear,
    MultiStep,
    OneMinusPower,
    Polynomial,
    Schedule,
    ShiftedExponential,
    StepDecay,
    WarmRestarts,
    shapes,
    wsd,
)
from lrcore.port._libraries.pytorch import stalling
from lrcore.port._part import Base, Library, Part, whole
from lrcore.port._reading import Refusal

_FORMULA = "It is a Custom function here, which no text holds."


def cosine(
    optimizer: Base,
    t_initial: int,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    t_in_epochs: bool = True,
    noise_range_t: Any = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    k_decay: float = 1.0,
    initialize: bool = True,
) -> Part:
    n, b = _checked("CosineLRScheduler", optimizer, t_initial, lr_min, noise_range_t), optimizer.lr
    remarks: tuple[str, ...] = ()
    rest: Schedule
    if cycle_limit != 1:
        if k_decay != 1 or cycle_mul != int(cycle_mul):
            raise Refusal(
                "CosineLRScheduler has cycles that begin between updates, or a k_decay in each: exact=False makes a table."
            )
        if lr_min and cycle_decay != 1:
            rest = _shrinking(b, n, lr_min, int(cycle_mul), cycle_decay, cycle_limit)
        else:
            cycles = cycle_limit or None
            rest = WarmRestarts(b, steps=n, end=lr_min, growth=int(cycle_mul), decay=cycle_decay, cycles=cycles)
    elif k_decay == 1:
        rest = Cosine(b, steps=n, end=lr_min)
    else:

        def k_cosine(t: Any, xp: Any) -> Any:
            return lr_min + (b - lr_min) * (1 + xp.cos(xp.pi * xp.power(xp.minimum(t, n) / n, k_decay))) / 2

        rest, remarks = Custom(k_cosine), (_FORMULA,)
    return Part(_warmed(b, rest, warmup_t, warmup_lr_init, warmup_prefix), remarks=remarks)


def _shrinking(b: float, n: int, end: float, growth: int, decay: float, cycles: int) -> Schedule:
    """Timm multiplies the peak, where `WarmRestarts` multiplies its height above the end."""
    if not cycles:
        raise Refusal(
            "CosineLRScheduler.cycle_decay with an lr_min and without a cycle_limit has no end: give cycle_limit."
        )
    schedule: Schedule = Cosine(b, steps=n, end=end)
    begin = n
    for i in range(1, cycles):
        schedule = schedule.then(Cosine(b * decay**i, steps=n * growth**i, end=end), at=begin)
        begin += n * growth**i
    return schedule


def tanh(
    optimizer: Base,
    t_initial: int,
    lb: float = -7.0,
    ub: float = 3.0,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    t_in_epochs: bool = True,
    noise_range_t: Any = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    initialize: bool = True,
) -> Part:
    n, b = _checked("TanhLRScheduler", optimizer, t_initial, lr_min, noise_range_t), optimizer.lr
    _one_cycle("TanhLRScheduler", cycle_limit)

    def falling(t: Any, xp: Any) -> Any:
        # Below 0 there is nothing to compute: a step before the warmup's end is not this piece's
        return lr_min + (b - lr_min) * (1 - xp.tanh(lb * (1 - t / n) + ub * t / n)) / 2

    rest = Custom(falling).then(Constant(lr_min), at=n)
    reached = b if warmup_prefix else rest(warmup_t)  # where the ramp of this one ends, alone of all
    return Part(_warmed(reached, rest, warmup_t, warmup_lr_init, warmup_prefix), remarks=(_FORMULA,))


def poly(
    optimizer: Base,
    t_initial: int,
    power: float = 0.5,
    lr_min: float = 0.0,
    cycle_mul: float = 1.0,
    cycle_decay: float = 1.0,
    cycle_limit: int = 1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = False,
    t_in_epochs: bool = True,
    noise_range_t: Any = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    k_decay: float = 1.0,
    initialize: bool = True,
) -> Part:
    n, b = _checked("PolyLRScheduler", optimizer, t_initial, lr_min, noise_range_t), optimizer.lr
    _one_cycle("PolyLRScheduler", cycle_limit)
    remarks: tuple[str, ...] = ()
    rest: Schedule
    if k_decay == 1:
        rest = Polynomial(b, steps=n, end=lr_min, power=power)
    elif power == 1:
        rest = OneMinusPower(b, steps=n, end=lr_min, power=k_decay)
    else:

        def k_poly(t: Any, xp: Any) -> Any:
            return lr_min + (b - lr_min) * xp.power(1 - xp.power(xp.minimum(t, n) / n, k_decay), power)

        rest, remarks = Custom(k_poly), (_FORMULA,)
    return Part(_warmed(b, rest, warmup_t, warmup_lr_init, warmup_prefix), remarks=remarks)


def step(
    optimizer: Base,
    decay_t: float,
    decay_rate: float = 1.0,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = True,
    t_in_epochs: bool = True,
    noise_range_t: Any = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    initialize: bool = True,
) -> Part:
    n = _checked("StepLRScheduler", optimizer, decay_t, 0.0, noise_range_t)
    rest = StepDecay(optimizer.lr, every=n, factor=decay_rate)
    return Part(_warmed(optimizer.lr, rest, warmup_t, warmup_lr_init, warmup_prefix))


def multi_step(
    optimizer: Base,
    decay_t: Sequence[int],
    decay_rate: float = 1.0,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    warmup_prefix: bool = True,
    t_in_epochs: bool = True,
    noise_range_t: Any = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    initialize: bool = True,
) -> Part:
    _checked("MultiStepLRScheduler", optimizer, 1, 0.0, noise_range_t)
    passed = sum(milestone <= 1 for milestone in decay_t)
    later = [milestone - 1 for milestone in sorted(decay_t) if milestone > 1]
    b = optimizer.lr * decay_rate**passed
    rest = MultiStep(b, milestones=later, factor=decay_rate) if later else Constant(b)
    return Part(_warmed(optimizer.lr, rest, warmup_t, warmup_lr_init, warmup_prefix))


def stable_decay(
    optimizer: Base,
    t_initial: int,
    decay_t: int,
    lr_min: float = 0.0,
    stable_fn: str = "constant",
    stable_timescale: float | None = None,
    stable_power: float = 0.5,
    decay_fn: Any = "1-sqrt",
    decay_power: float = 0.5,
    decay_ratio: float = 0.1,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    t_in_epochs: bool = True,
    noise_range_t: Any = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    initialize: bool = True,
) -> Part:
    n, b = _checked("WSDLRScheduler", optimizer, t_initial, lr_min, noise_range_t), optimizer.lr
    W, C = whole("WSDLRScheduler.warmup_t", warmup_t), whole("WSDLRScheduler.decay_t", decay_t)
    if stable_fn != "constant":
        if stable_fn != "rsqrt" or lr_min or decay_fn not in shapes:
            raise Refusal(
                f"WSDLRScheduler.stable_fn {stable_fn!r} with decay_fn {decay_fn!r} and lr_min {lr_min!r} has no "
                "expression here: write it as lrcore.Custom(function), or read it with exact=False."
            )
        factor = Constant(1.0).then(shapes[decay_fn](1.0, end=0.0, steps=C), at=W + n - C)
        scale = W if stable_timescale is None else stable_timescale
        return Part((InverseSqrt(b, timescale=scale) * factor).warmup(W, start=warmup_lr_init))
    match decay_fn:
        case "linear" | "1-sqrt" | "cosine" if not warmup_lr_init and n > C:
            return Part(wsd(b, steps=W + n, warmup=W, cooldown=C, end=lr_min, shape=decay_fn))
        case "linear" | "1-sqrt" | "cosine":
            held: Schedule = Constant(b).cooldown(at=W + n - C, steps=C, end=lr_min, shape=decay_fn)
        case "power":
            held = Constant(b).then(OneMinusPower(b, steps=C, end=lr_min, power=decay_power), at=W + n - C)
        case "exp":
            held = Constant(b).then(ShiftedExponential(b, steps=C, end=lr_min, base=decay_ratio), at=W + n - C)
        case _:
            raise Refusal("WSDLRScheduler.decay_fn is a function of your own: write the decay as lrcore.Custom(function).")
    return Part(held.warmup(W, start=warmup_lr_init))


def plateau(
    optimizer: Base,
    decay_rate: float | None = None,
    patience_t: int | None = None,
    threshold: float | None = None,
    cooldown_t: int | None = None,
    warmup_t: int = 0,
    warmup_lr_init: float = 0.0,
    lr_min: float | None = None,
    mode: str | None = None,
    noise_range_t: Any = None,
    noise_type: str = "normal",
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int | None = None,
    initialize: bool = True,
) -> Part:
    _checked("PlateauLRScheduler", optimizer, 1, 0.0, noise_range_t)
    if warmup_t:
        raise Refusal(
            "PlateauLRScheduler.warmup_t holds its rule back: write Constant(lr).warmup(n), and Plateau.like('timm')."
        )
    given = {"decay_rate": decay_rate, "patience_t": patience_t, "threshold": threshold, "cooldown_t": cooldown_t}
    return stalling("timm", optimizer, given | {"lr_min": lr_min, "mode": mode})


def _checked(owner: str, optimizer: Base, steps: Any, lr_min: float, noise: Any) -> int:
    if noise is not None:
        raise Refusal(f"{owner}.noise_range_t adds noise, and a schedule is a function of the step alone: leave it out.")
    optimizer.needs_rate(f"{owner}.lr_min", lr_min)
    return whole(f"{owner}'s length", steps)


def _one_cycle(owner: str, limit: int) -> None:
    if limit != 1:
        raise Refusal(f"{owner}.cycle_limit must be 1 to be read, got {limit!r}: write .repeat(times), or a piece a cycle.")


def _warmed(b: float, rest: Schedule, warmup: int, start: float, prefix: bool) -> Schedule:
    """The ramp that all of them have: before the schedule, or instead of its first steps."""
    W = whole("warmup_t", warmup)
    if W == 0:
        return rest
    if not prefix:
        return Linear(start, end=b, steps=W).then(rest.shift(W), at=W)
    if isinstance(rest, (Cosine, Polynomial, OneMinusPower)):
        return rest._with(steps=rest.steps + W).warmup(W, start=start)
    if rest(0) != b or isinstance(rest, Custom) or rest.length is not None:
        return Linear(start, end=b, steps=W).then(rest, at=W)
    return rest.warmup(W, start=start)


TIMM = Library(
    "timm",
    ("timm",),
    1e-14,
    {
        "CosineLRScheduler": cosine,
        "TanhLRScheduler": tanh,
        "PolyLRScheduler": poly,
        "StepLRScheduler": step,
        "MultiStepLRScheduler": multi_step,
        "WSDLRScheduler": stable_decay,
        "PlateauLRScheduler": plateau,
    },
)
