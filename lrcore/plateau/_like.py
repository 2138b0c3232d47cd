"""The rules of other libraries: a function for each, with that library's arguments and defaults, that gives the fields.

`docs/coming-from.md` has them as rows, which tests run against the libraries or against what these once computed.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

from lrcore._arguments import (
    COUNT,
    FINITE,
    FRACTION,
    LARGEST,
    NON_NEGATIVE,
    POSITIVE,
    WHOLE,
    Rule,
    as_number,
    chosen,
    explain,
    refuse,
)

Fields = dict[str, Any]

_NO_RULE = {
    "trax": "its EvalAdjustingSchedule computes the rate anew from the whole history, and may raise it",
    "accelerate": "it has no rule: its step() calls that of the scheduler inside once for each process",
}


def fields_of(library: str, lr: float | None, arguments: dict[str, Any]) -> Fields:
    """The fields of the rule that a library makes of its arguments."""
    if not isinstance(library, str) or library not in _RULES:
        named, names = isinstance(library, str), ", ".join(map(repr, _RULES))
        hint = _NO_RULE.get(library, "") if named else ""
        refuse("Plateau.like", "library", f"one of {names}", library, kind=not named, hint=hint)
    rule, owner = _RULES[library], f"Plateau.like({library!r})"
    given = {name: value for name, value in arguments.items() if name not in _WITHOUT_EFFECT.get(library, ())}
    explain(owner, rule, (), list(given))
    if lr is not None:
        as_number("Plateau.like", "lr", lr, POSITIVE)
    for name, value in given.items():
        _check(library, name, value)
    fields = rule(**given)
    rates = [] if library in _SHARES else [name for name in _RATES if fields.get(name)]
    if rates and lr is None:
        eps = next((name for name in ("eps", "epsilon") if name in signature(rule).parameters), "")
        way_out = f"; {eps}=0 lets every cut be made" if eps and rates == ["smallest"] else ""
        told = f"its smallest cut of {fields['smallest']!r}" if rates == ["smallest"] else f"{fields[rates[0]]!r}"
        raise TypeError(f"{owner} needs lr=, since {told} is a rate there and a share of lr here{way_out}.")
    return fields | {name: fields[name] / lr for name in rates}


def _check(library: str, name: str, value: Any) -> None:
    """Refuse a value by the name that it was given by, before a field is made of it."""
    number = _ABOVE_1 if (library, name) == ("fastai", "factor") else _NUMBERS.get(name)
    if number is not None:
        as_number("Plateau.like", name, value, number)
    if name in _SWITCHES and not isinstance(value, bool):
        refuse("Plateau.like", name, "True or False", value, kind=True)


_ABOVE_1 = Rule("a number above 1, which divides the rate", False, lambda x: 1 < x <= LARGEST)

_NUMBERS = {
    **dict.fromkeys(("factor", "decay_rate", "lr_shrink", "annealing_factor", "learning_rate_decay"), FRACTION),
    **dict.fromkeys(("patience", "patience_t", "lr_patience", "patient", "cooldown", "cooldown_t", "warmup"), WHOLE),
    **dict.fromkeys(("reset_start", "start_decay_at"), WHOLE),
    **dict.fromkeys(("accumulation_size", "window_size"), COUNT),
    **dict.fromkeys(("threshold", "lr_threshold", "improvement_threshold", "rtol", "atol"), NON_NEGATIVE),
    **dict.fromkeys(("min_lr", "lr_min", "min_value", "min_scale", "max_lr", "eps", "epsilon"), NON_NEGATIVE),
    **dict.fromkeys(("min_delta", "start_decay_score_delta"), FINITE),
}
"""What an argument of that name must be, in whichever library."""

_SWITCHES = ("maximize_best_checkpoint_metric", "smooth")

_WITHOUT_EFFECT = {
    **dict.fromkeys(("torch", "huggingface", "lightning", "paddle", "keras", "greedy"), ("verbose",)),
    "ignite": ("metric_name", "trainer", "save_history"),
    "mmengine": ("param_name", "monitor", "by_epoch", "verbose"),
    "timm": ("initialize",),
    "fastai": ("reset_on_fit",),
}
"""Arguments that say nothing about the rule, but how it is told, logged or called."""

_RATES = ("floor", "smallest", "ceiling")
"""The fields that are shares of the rate, where the libraries have rates."""

_SHARES = ("optax",)
"""The libraries that have shares too."""


def _torch(
    *,
    mode: str = "min",
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    threshold_mode: str = "rel",
    cooldown: int = 0,
    min_lr: float = 0.0,
    eps: float = 1e-8,
) -> Fields:
    chosen("Plateau.like", "threshold_mode", threshold_mode, ("rel", "abs"))
    return {
        "factor": factor,
        "patience": patience,
        "mode": mode,
        "rtol": threshold if threshold_mode == "rel" else 0.0,
        "atol": threshold if threshold_mode == "abs" else 0.0,
        "cooldown": cooldown,
        "floor": min_lr,
        "smallest": eps,
        "signed": True,
        "infinite_is_best": True,
    }


def _ignite(
    *,
    param_group_index: int | None = None,
    mode: str = "min",
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    threshold_mode: str = "rel",
    cooldown: int = 0,
    min_lr: float = 0.0,
    eps: float = 1e-8,
) -> Fields:
    return _torch(
        mode=mode,
        factor=factor,
        patience=patience,
        threshold=threshold,
        threshold_mode=threshold_mode,
        cooldown=cooldown,
        min_lr=0.0 if param_group_index is None else min_lr,  # Ignite drops it then
        eps=eps,
    )


def _mmengine(
    *,
    rule: str = "less",
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    threshold_rule: str = "rel",
    cooldown: int = 0,
    min_value: float = 0.0,
    eps: float = 1e-8,
) -> Fields:
    chosen("Plateau.like", "rule", rule, ("less", "greater"))
    chosen("Plateau.like", "threshold_rule", threshold_rule, ("rel", "abs"))
    return _torch(
        mode="min" if rule == "less" else "max",
        factor=factor,
        patience=patience,
        threshold=threshold,
        threshold_mode=threshold_rule,
        cooldown=cooldown,
        min_lr=min_value,
        eps=eps,
    )


def _timm(
    *,
    decay_rate: float = 0.1,
    patience_t: int = 10,
    threshold: float = 1e-4,
    cooldown_t: int = 0,
    lr_min: float = 0.0,
    mode: str = "max",
) -> Fields:
    return _torch(
        mode=mode, factor=decay_rate, patience=patience_t, threshold=threshold, cooldown=cooldown_t, min_lr=lr_min
    )


def _fairseq(
    *,
    lr_shrink: float = 0.1,
    lr_threshold: float = 1e-4,
    lr_patience: int = 0,
    maximize_best_checkpoint_metric: bool = False,
) -> Fields:
    mode = "max" if maximize_best_checkpoint_metric else "min"
    return _torch(mode=mode, factor=lr_shrink, patience=lr_patience, threshold=lr_threshold)


def _paddle(
    *,
    mode: str = "min",
    factor: float = 0.1,
    patience: int = 10,
    threshold: float = 1e-4,
    threshold_mode: str = "rel",
    cooldown: int = 0,
    min_lr: float = 0.0,
    epsilon: float = 1e-8,
) -> Fields:
    fields = _torch(
        mode=mode,
        factor=factor,
        patience=patience,
        threshold=threshold,
        threshold_mode=threshold_mode,
        cooldown=cooldown,
        min_lr=min_lr,
        eps=epsilon,
    )
    margin = "difference" if threshold_mode == "rel" else "factor"
    return fields | {"learn_in_cooldown": False, "first_is_best": True, "margin": margin}


def _keras(
    *,
    monitor: str = "val_loss",
    factor: float = 0.1,
    patience: int = 10,
    mode: str = "auto",
    min_delta: float = 1e-4,
    cooldown: int = 0,
    min_lr: float = 0.0,
) -> Fields:
    if mode == "auto":
        if monitor.removeprefix("val_") != "loss":
            hint = "Keras finds it by the metric's class, which is not known here"
            refuse("Plateau.like", "mode", "'min' or 'max'", mode, hint=hint)
        mode = "min"
    return {
        "factor": factor,
        "patience": max(patience, 1) - 1,
        "mode": mode,
        "rtol": 0.0,
        "atol": abs(min_delta),
        "cooldown": max(cooldown, 1) - 1,
        "floor": min_lr,
        "infinite_is_best": True,
        "first_is_best": True,
        "margin": "report",
        "float32": True,
    }


def _optax(
    *,
    factor: float = 0.1,
    patience: int = 10,
    rtol: float = 1e-4,
    atol: float = 0.0,
    cooldown: int = 0,
    accumulation_size: int = 1,
    min_scale: float = 0.0,
) -> Fields:
    if patience == 0:
        hint = "with 0 Optax's rule cuts at improvements, and never on a plateau"
        refuse("Plateau.like", "patience", "a positive integer", patience, hint=hint)
    return {
        "factor": factor,
        "patience": patience - 1,
        "rtol": rtol,
        "atol": atol,
        "cooldown": cooldown,
        "floor": min_scale,
        "window": accumulation_size,
        "signed": True,
        "infinite_is_best": True,
    }


def _fastai(
    *, monitor: str = "valid_loss", comp: Any = None, min_delta: float = 0.0, patience: int = 1, factor: float = 10.0,
    min_lr: float = 0.0,
) -> Fields:  # fmt: skip
    compares = getattr(comp, "__name__", None)
    if comp is not None and compares not in ("less", "lt", "greater", "gt"):
        refuse("Plateau.like", "comp", "np.less or np.greater", comp, kind=True)
    lower = compares in ("less", "lt") if comp is not None else "loss" in monitor or "error" in monitor
    return {
        "factor": 1.0 / factor,
        "patience": max(patience, 1) - 1,
        "mode": "min" if lower else "max",
        "rtol": 0.0,
        "atol": min_delta,
        "floor": min_lr,
        "infinite_is_best": True,
        "margin": "report",
    }


def _greedy(
    *,
    mode: str = "min",
    factor: float = 0.95,
    patience: int = 10,
    threshold: float = 1e-6,
    threshold_mode: str = "abs",
    cooldown: int = 0,
    warmup: int = 0,
    min_lr: float = 1e-3,
    max_lr: float = 1.0,
    eps: float = 1e-8,
    smooth: bool = False,
    window_size: int = 50,
    reset_start: int = 500,
) -> Fields:
    fields = _torch(
        mode=mode,
        factor=factor,
        patience=patience,
        threshold=threshold,
        threshold_mode=threshold_mode,
        cooldown=cooldown,
        min_lr=min_lr,
        eps=eps,
    )
    return fields | {
        "learn_in_cooldown": False,
        "moving": window_size if smooth else 1,
        "raise_by": 1.0 / factor,
        "ceiling": max_lr,
        "rest": warmup,
        "restart": max(reset_start, 1),
    }


def _speechbrain(*, annealing_factor: float = 0.5, improvement_threshold: float = 0.0025, patient: int = 0) -> Fields:
    return {
        "factor": annealing_factor,
        "patience": patient,
        "rtol": improvement_threshold,
        "previous": True,
        "in_a_row": False,
    }


def _opennmt(
    *,
    learning_rate_decay: float = 0.7,
    start_decay_at: int = 9,
    start_decay_score_delta: float = 0.0,
    decay: str = "default",
) -> Fields:
    chosen("Plateau.like", "decay", decay, ("default", "score_only"))
    return {
        "factor": learning_rate_decay,
        "patience": 0,
        "rtol": 0.0,
        "atol": start_decay_score_delta,
        "previous": True,
        "sticky": decay == "default",
        "always_from": start_decay_at if decay == "default" else 0,
    }


_RULES: dict[str, Callable[..., Fields]] = {
    "torch": _torch,
    "huggingface": _torch,
    "lightning": _torch,
    "ignite": _ignite,
    "mmengine": _mmengine,
    "timm": _timm,
    "fairseq": _fairseq,
    "paddle": _paddle,
    "keras": _keras,
    "optax": _optax,
    "fastai": _fastai,
    "greedy": _greedy,
    "speechbrain": _speechbrain,
    "opennmt": _opennmt,
}
