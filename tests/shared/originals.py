"""Other systems' formulas, and numbers for every name that the table of their words uses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st


@st.composite
def parameters(draw: Any) -> dict[str, Any]:
    """Values for every name that the expressions use."""
    fractions = st.floats(0.05, 0.95)
    lr, T = draw(st.floats(1e-4, 1)), draw(st.integers(40, 150))
    i = draw(st.integers(2, 40))
    return {
        "lr": lr,
        "end": lr * draw(st.just(0.0) | fractions),
        "start": lr * draw(st.just(0.0) | fractions),
        "T": T,
        "W": draw(st.integers(1, T // 3)),
        "C": draw(st.integers(1, T // 3)),
        "n": draw(st.integers(5, 60)),
        "i": i,
        "j": i + draw(st.integers(1, 40)),
        "k": draw(st.integers(1, 4)),
        "a": draw(fractions),
        "b": draw(fractions),
        "factor": draw(st.floats(0.1, 0.99)),
        "power": draw(st.floats(0.3, 4)),
        "pct": draw(st.floats(0.1, 0.45)),
        "m": draw(st.integers(1, 4)),
        "div": draw(st.floats(2, 30)),
        "final": draw(st.floats(2, 1e4)),
        "f": lambda t: 1 / (1 + t / 10),
    }


# timm and Megatron-LM, from their formulas: functions of t under the names and arguments of their classes.


def _after_warmup(over: int, start: float, lr: float, rest: Callable[[int], float]) -> Callable[[int], float]:
    return lambda t: start + t * (lr - start) / over if t < over else rest(t)


def timm(lr: float) -> dict[str, Any]:
    """The schedulers as functions of t, for an optimizer whose own rate is `lr`."""

    def warmed(prefix: bool, warmup_t: int, warmup_lr_init: float, rest: Callable[[int], float]) -> Callable[[int], float]:
        """The ramp that all of them have, then `rest`, on its own clock where the warmup comes before it."""
        shifted = (lambda t: rest(t - warmup_t)) if prefix else rest
        return _after_warmup(warmup_t, warmup_lr_init, lr, shifted)

    def cosine(
        _: Any,
        t_initial: int,
        *,
        lr_min: float = 0.0,
        cycle_mul: int = 1,
        cycle_decay: float = 1.0,
        cycle_limit: int = 1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        k_decay: float = 1.0,
    ) -> Callable[[int], float]:
        def rest(t: int) -> float:
            i, length = 0, t_initial
            while t >= length:  # by whole cycles, where timm takes a logarithm
                i, t, length = i + 1, t - length, length * cycle_mul
            if i >= cycle_limit:
                return lr_min
            peak = lr * cycle_decay**i
            return lr_min + 0.5 * (peak - lr_min) * (1 + math.cos(math.pi * t**k_decay / length**k_decay))

        return warmed(warmup_prefix, warmup_t, warmup_lr_init, rest)

    def poly(
        _: Any,
        t_initial: int,
        *,
        power: float,
        lr_min: float,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
        warmup_prefix: bool = False,
        k_decay: float = 1.0,
    ) -> Callable[[int], float]:
        def rest(t: int) -> float:
            return lr_min + (lr - lr_min) * (1 - t**k_decay / t_initial**k_decay) ** power if t < t_initial else lr_min

        return warmed(warmup_prefix, warmup_t, warmup_lr_init, rest)

    def tanh(
        _: Any,
        t_initial: int,
        *,
        lr_min: float,
        lb: float = -7.0,
        ub: float = 3.0,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
    ) -> Callable[[int], float]:
        def value(t: int) -> float:
            tr = t / t_initial
            return lr_min + 0.5 * (lr - lr_min) * (1 - math.tanh(lb * (1 - tr) + ub * tr)) if tr < 1 else lr_min

        # without a prefix the ramp leads to the curve, where the others' leads to the peak
        return _after_warmup(warmup_t, warmup_lr_init, value(warmup_t), value)

    def step(
        _: Any, *, decay_t: int, decay_rate: float, warmup_t: int = 0, warmup_lr_init: float = 0.0
    ) -> Callable[[int], float]:
        return warmed(True, warmup_t, warmup_lr_init, lambda t: lr * decay_rate ** (t // decay_t))

    def multi_step(
        _: Any, *, decay_t: list[int], decay_rate: float, warmup_t: int = 0, warmup_lr_init: float = 0.0
    ) -> Callable[[int], float]:
        passed = lambda t: sum(t + 1 >= milestone for milestone in decay_t)  # noqa: E731
        return warmed(True, warmup_t, warmup_lr_init, lambda t: lr * decay_rate ** passed(t))

    def wsd(
        _: Any,
        t_initial: int,
        *,
        decay_t: int,
        lr_min: float = 0.0,
        stable_fn: str = "constant",
        stable_timescale: float = 1.0,
        decay_fn: str = "1-sqrt",
        decay_power: float = 0.5,
        decay_ratio: float = 0.1,
        warmup_t: int = 0,
        warmup_lr_init: float = 0.0,
    ) -> Callable[[int], float]:
        decays: dict[str, Callable[[float], float]] = {
            "linear": lambda r: 1 - r,
            "1-sqrt": lambda r: 1 - math.sqrt(r),
            "power": lambda r: 1 - r**decay_power,
            "exp": lambda r: (decay_ratio**r - decay_ratio) / (1 - decay_ratio),
        }

        def rest(t: int) -> float:
            stable = max(lr * (1.0 if stable_fn == "constant" else (1 + t / stable_timescale) ** -0.5), lr_min)
            into = t - (t_initial - decay_t)
            return stable if into <= 0 else lr_min + (stable - lr_min) * decays[decay_fn](min(into / decay_t, 1.0))

        return warmed(True, warmup_t, warmup_lr_init, rest)

    return {
        "CosineLRScheduler": cosine,
        "PolyLRScheduler": poly,
        "TanhLRScheduler": tanh,
        "StepLRScheduler": step,
        "MultiStepLRScheduler": multi_step,
        "WSDLRScheduler": wsd,
    }


def megatron(
    _: Any,
    init_lr: float,
    max_lr: float,
    min_lr: float,
    lr_warmup_steps: int,
    lr_decay_steps: int,
    lr_decay_style: str,
    wsd_decay_steps: int = 0,
    lr_wsd_decay_style: str = "",
) -> Callable[[int], float]:
    """`OptimizerParamScheduler`, as a function of its steps."""
    W, T = lr_warmup_steps, lr_decay_steps
    shapes = {
        "linear": lambda r: 1 - r,
        "cosine": lambda r: 0.5 * (math.cos(math.pi * r) + 1),
        "exponential": lambda r: 2 * 0.5**r - 1,
        "minus_sqrt": lambda r: 1 - math.sqrt(r),
    }

    def value(n: int) -> float:
        if n <= W:
            return init_lr + (max_lr - init_lr) * n / W
        if n > T:
            return min_lr
        if lr_decay_style == "inverse-square-root":
            return max(min_lr, max_lr * math.sqrt(max(W, 1)) / math.sqrt(max(n, 1)))
        if lr_decay_style == "WSD":
            begin = T - wsd_decay_steps
            shape = shapes[lr_wsd_decay_style]
            return max_lr if n <= begin else min_lr + (max_lr - min_lr) * shape((n - begin) / wsd_decay_steps)
        return min_lr + (max_lr - min_lr) * shapes[lr_decay_style]((n - W) / (T - W))

    return value


P = {"lr": 0.1, "end": 0.01, "start": 0.0, "T": 90, "W": 9, "C": 20, "n": 17, "i": 5, "j": 31, "k": 3} | {
    "a": 0.5,
    "b": 0.3,
    "factor": 0.7,
    "power": 2.0,
    "pct": 0.3,
    "m": 2,
    "div": 10.0,
    "final": 100.0,
    "f": lambda t: 1 / (1 + t / 10),
}
