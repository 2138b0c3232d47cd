"""`keras.optimizers.schedules`: classes whose `get_config` has their arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lrcore import Cosine, Exponential, InverseTime, PiecewiseConstant, Polynomial, Schedule, StepDecay, WarmRestarts
from lrcore.port._libraries.pytorch import stalling
from lrcore.port._part import Asked, Base, Library, Part, whole
from lrcore.port._reading import Refusal


def cosine_decay(
    initial_learning_rate: float,
    decay_steps: int,
    alpha: float = 0.0,
    name: str = "CosineDecay",
    warmup_target: float | None = None,
    warmup_steps: int = 0,
) -> Schedule:
    n = whole("CosineDecay.decay_steps", decay_steps)
    if warmup_target is None:
        return Cosine(initial_learning_rate, steps=n, end=alpha * initial_learning_rate)
    W = whole("CosineDecay.warmup_steps", warmup_steps)
    return Cosine(warmup_target, steps=W + n, end=alpha * warmup_target).warmup(W, start=initial_learning_rate)


def cosine_decay_restarts(
    initial_learning_rate: float,
    first_decay_steps: int,
    t_mul: float = 2.0,
    m_mul: float = 1.0,
    alpha: float = 0.0,
    name: str = "SGDRDecay",
) -> Part:
    if t_mul != int(t_mul):
        raise Refusal(
            f"CosineDecayRestarts.t_mul is {t_mul!r}, and its cycles begin between updates, where those of "
            "WarmRestarts begin "
            "at one: exact=False makes a table of it."
        )
    n = whole("CosineDecayRestarts.first_decay_steps", first_decay_steps)
    restarts = WarmRestarts(
        initial_learning_rate, steps=n, end=alpha * initial_learning_rate, growth=1 if t_mul == 1 else t_mul, decay=m_mul
    )
    if t_mul == 1:
        return Part(restarts)
    return Part(
        restarts,
        remarks=(
            "Keras finds a cycle by a logarithm in float32 and misses some late restarts: that update has the "
            "floor there, and "
            "the new peak here.",
        ),
    )


def polynomial_decay(
    initial_learning_rate: float,
    decay_steps: int,
    end_learning_rate: float = 0.0001,
    power: float = 1.0,
    cycle: bool = False,
    name: str = "PolynomialDecay",
    *,
    asked: Asked,
) -> Schedule | Part:
    n = whole("PolynomialDecay.decay_steps", decay_steps)

    def piece(k: int) -> Schedule:
        return Polynomial(initial_learning_rate, steps=k * n, end=end_learning_rate, power=power)

    if not cycle:
        return piece(1)
    # Each cycle touches the end at a multiple of n and is longer than the one before: a piece for each, joined a step later
    cycles = max(2, math.ceil(asked.last(2 * n) / n))
    schedule = piece(1)
    for k in range(2, cycles + 1):
        schedule = schedule.then(piece(k).shift((k - 1) * n + 1), at=(k - 1) * n + 1)
    remark = f"Keras's goes on with longer cycles after step {cycles * n:,}: a run of more updates= is read with them."
    return Part(schedule, until=cycles * n, remarks=(remark,))


def exponential_decay(
    initial_learning_rate: float,
    decay_steps: float,
    decay_rate: float,
    staircase: bool = False,
    name: str = "ExponentialDecay",
) -> Schedule:
    if staircase and decay_steps == int(decay_steps):
        return StepDecay(initial_learning_rate, every=int(decay_steps), factor=decay_rate)
    return Exponential(initial_learning_rate, factor=decay_rate, every=decay_steps, staircase=staircase)


def inverse_time_decay(
    initial_learning_rate: float,
    decay_steps: float,
    decay_rate: float,
    staircase: bool = False,
    name: str = "InverseTimeDecay",
) -> Schedule:
    return InverseTime(initial_learning_rate, rate=decay_rate, every=decay_steps, staircase=staircase)


def piecewise_constant_decay(
    boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
) -> Schedule:
    return PiecewiseConstant(values, boundaries=[math.floor(boundary) + 1 for boundary in boundaries])


def plateau(
    monitor: str | None = None,
    factor: float | None = None,
    patience: int | None = None,
    verbose: Any = 0,
    mode: str | None = None,
    min_delta: float | None = None,
    cooldown: int | None = None,
    min_lr: float | None = None,
    *,
    asked: Asked,
) -> Part:
    given = {"monitor": monitor, "factor": factor, "patience": patience, "mode": mode, "min_delta": min_delta}
    base = Base() if asked.lr is not None else Base(known=False)
    made = stalling("keras", base._replace(lr=asked.lr or 1.0), given | {"cooldown": cooldown, "min_lr": min_lr})
    remark = "The rate is not given: a rate of 1 stands for it, and lr= says it."
    return made if base.known else made._replace(remarks=(remark,))


KERAS = Library(
    "Keras",
    ("keras", "tf_keras", "tensorflow"),
    4e-6,
    {
        "CosineDecay": cosine_decay,
        "CosineDecayRestarts": cosine_decay_restarts,
        "PolynomialDecay": polynomial_decay,
        "ExponentialDecay": exponential_decay,
        "InverseTimeDecay": inverse_time_decay,
        "PiecewiseConstantDecay": piecewise_constant_decay,
        "callbacks.ReduceLROnPlateau": plateau,
    },
)
"""In float32."""
