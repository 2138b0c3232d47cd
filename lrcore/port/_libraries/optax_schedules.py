"""`optax.schedules`: functions that make schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrcore import Constant, Cosine, Custom, Exponential, Interpolate, Linear, PiecewiseConstant, Polynomial, Schedule
from lrcore.port._join import joined
from lrcore.port._part import Base, Library, Nested, Part, whole
from lrcore.port._reading import Refusal


def constant(value: float) -> Part:
    return Part(Constant(value), error=0.0)


def polynomial(
    init_value: float, end_value: float, power: float, transition_steps: int, transition_begin: int = 0
) -> Schedule:
    n = whole("transition_steps", transition_steps)
    if n <= 0 or power == 0:
        return Constant(init_value)
    decay: Schedule = (
        Linear(init_value, end=end_value, steps=n)
        if power == 1
        else Polynomial(init_value, end=end_value, steps=n, power=power)
    )
    return _begun(init_value, decay, transition_begin)


def linear(init_value: float, end_value: float, transition_steps: int, transition_begin: int = 0) -> Schedule:
    return polynomial(init_value, end_value, 1, transition_steps, transition_begin)


def _begun(value: float, schedule: Schedule, begin: int) -> Schedule:
    begin = whole("transition_begin", begin)
    return Constant(value).then(schedule, at=begin) if begin > 0 else schedule


def cosine_decay(init_value: float, decay_steps: int, alpha: float = 0.0, exponent: float = 1.0) -> Schedule | Part:
    n = whole("decay_steps", decay_steps)
    if exponent == 1:
        return Cosine(init_value, steps=n, end=alpha * init_value)

    def raised(t: Any, xp: Any) -> Any:
        half = (1 + xp.cos(xp.pi * xp.minimum(t, n) / n)) / 2
        return init_value * (alpha + (1 - alpha) * xp.power(half, exponent))

    return Part(
        Custom(raised), remarks=("A power of a cosine is no family here: it is a Custom function, which no text holds.",)
    )


def exponential_decay(
    init_value: float,
    transition_steps: int,
    decay_rate: float,
    transition_begin: int = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Schedule:
    if transition_steps <= 0 or decay_rate == 0:
        return Constant(init_value)
    if decay_rate > 1:
        if end_value is None or init_value <= 0 or staircase:
            raise Refusal(
                f"exponential_decay grows without end, with decay_rate {decay_rate!r}: lrcore.Geometric(start, "
                "end=, steps=) "
                "is such a curve up to a value."
            )
        raise Refusal(
            f"exponential_decay.decay_rate is {decay_rate!r}, and its growth stops at end_value between two updates: "
            "lrcore.Geometric(start, end=, steps=) reaches its end at a step."
        )
    first, decay = init_value, _falling(init_value, decay_rate, transition_steps, staircase)
    if end_value is not None:
        first, decay = max(init_value, end_value), decay.clip(low=end_value)
    return _begun(first, decay, transition_begin)


def _falling(start: float, factor: float, every: float, staircase: bool) -> Schedule:
    return Exponential(start, factor=factor, every=every, staircase=staircase)


def piecewise_constant(init_value: float, boundaries_and_scales: Mapping[int, float] | None = None) -> Schedule:
    values, scale = [init_value], 1.0
    begins: list[int] = []
    for begin, factor in sorted((boundaries_and_scales or {}).items()):
        scale = factor if not begins and scale == 1.0 else scale * factor
        if begin <= 0:
            values = [scale * init_value]
        else:
            begins.append(whole("boundaries", begin))
            values.append(scale * init_value)
    return PiecewiseConstant(values, boundaries=begins) if begins else Constant(values[0])


def piecewise_interpolate(
    interpolate_type: str, init_value: float, boundaries_and_scales: Mapping[int, float] | None = None
) -> Schedule:
    points, scale = {0: init_value}, 1.0
    for begin, factor in sorted((boundaries_and_scales or {}).items()):
        scale = factor if scale == 1.0 else scale * factor
        points[whole("boundaries", begin)] = scale * init_value
    return _through(points, interpolate_type)


def _through(points: Mapping[int, float], shape: str) -> Schedule:
    if len(points) == 1:
        return Constant(*points.values())
    return Interpolate(sorted(points.items()), shape=shape)


def cosine_onecycle(
    transition_steps: int,
    peak_value: float,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Schedule:
    start = peak_value / div_factor
    knots = {0: start, int(pct_start * transition_steps): peak_value, int(transition_steps): start / final_div_factor}
    return _through(knots, "cosine")


def linear_onecycle(
    transition_steps: int,
    peak_value: float,
    pct_start: float = 0.3,
    pct_final: float = 0.85,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Schedule:
    start, n = peak_value / div_factor, int(transition_steps)
    knots = {0: start, int(pct_start * n): peak_value, int(pct_final * n): start, n: start / final_div_factor}
    return _through(knots, "linear")


def warmup_constant(init_value: float, peak_value: float, warmup_steps: int) -> Schedule:
    if warmup_steps <= 0:
        return Constant(init_value)
    return Constant(peak_value).warmup(whole("warmup_steps", warmup_steps), start=init_value)


def warmup_cosine_decay(
    init_value: float,
    peak_value: float,
    warmup_steps: int,
    decay_steps: int,
    end_value: float = 0.0,
    exponent: float = 1.0,
) -> Schedule | Part:
    W = whole("warmup_steps", warmup_steps)
    if exponent == 1:
        decay: Schedule = Cosine(peak_value, steps=decay_steps - W, end=end_value)
        return joined([linear(init_value, peak_value, W), decay], [W])
    part = cosine_decay(peak_value, decay_steps - W, end_value / peak_value if peak_value else 0.0, exponent)
    assert isinstance(part, Part)
    return part._replace(rate=joined([linear(init_value, peak_value, W), part.rate], [W]))


def warmup_exponential_decay(
    init_value: float,
    peak_value: float,
    warmup_steps: int,
    transition_steps: int,
    decay_rate: float,
    transition_begin: int = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Schedule:
    decay = exponential_decay(peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)
    W = whole("warmup_steps", warmup_steps)
    return joined([linear(init_value, peak_value, W), decay], [W])


def sgdr(cosine_kwargs: Sequence[Mapping[str, Any]]) -> Schedule:
    pieces, ends = [], [0]
    for arguments in cosine_kwargs:
        piece = warmup_cosine_decay(**arguments)
        pieces.append(piece.rate if isinstance(piece, Part) else piece)
        ends.append(ends[-1] + whole("decay_steps", arguments["decay_steps"]))
    return joined(pieces, ends[1:-1])


def join(schedules: Sequence[Nested | float], boundaries: Sequence[int]) -> Part:
    parts = [Part(Constant(piece)) if isinstance(piece, (int, float)) else piece.part(Base()) for piece in schedules]
    begins = [whole("boundaries", boundary) for boundary in boundaries]
    remarks = tuple(remark for part in parts for remark in part.remarks)
    return Part(joined([part.rate for part in parts], begins), remarks=remarks)


OPTAX = Library(
    "Optax",
    ("optax",),
    4e-6,
    {
        "constant_schedule": constant,
        "linear_schedule": linear,
        "polynomial_schedule": polynomial,
        "cosine_decay_schedule": cosine_decay,
        "exponential_decay": exponential_decay,
        "piecewise_constant_schedule": piecewise_constant,
        "piecewise_interpolate_schedule": piecewise_interpolate,
        "cosine_onecycle_schedule": cosine_onecycle,
        "linear_onecycle_schedule": linear_onecycle,
        "warmup_constant_schedule": warmup_constant,
        "warmup_cosine_decay_schedule": warmup_cosine_decay,
        "warmup_exponential_decay_schedule": warmup_exponential_decay,
        "sgdr_schedule": sgdr,
        "join_schedules": join,
    },
)
"""In float32."""
