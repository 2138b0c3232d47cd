"""The rules of other libraries for a metric that stalls, as rows: what they are written with there and here.

`lrcore.plateau.Plateau.like(key, lr=lr, ...)` takes what stands on the left. Tests hold the two and the libraries together.
"""

from __future__ import annotations

from typing import NamedTuple


class PlateauRow(NamedTuple):
    """Two expressions, and the name by which `Plateau.like` knows the library."""

    library: str
    key: str
    theirs: str
    ours: str


# `lr` is the optimizer's own rate, `end` the floor of it; `factor`, `a` and `b` are fractions, `e` the smallest cut of the
# rate; `n` > 0 reports, `m` and `k` likewise.

_TORCH = "signed=True, infinite_is_best=True"
_TORCH_RATES = f"cooldown=m, floor=end / lr, smallest=e / lr, {_TORCH}"
_GREEDY = f"{_TORCH_RATES}, learn_in_cooldown=False, raise_by=1 / factor, ceiling=peak / lr, rest=k, restart=j"

PLATEAUS = (
    PlateauRow(
        "PyTorch",
        "torch",
        "ReduceLROnPlateau(optimizer, mode=mode, factor=factor, patience=n, threshold=a, cooldown=m, min_lr=end, eps=e)",
        f"Plateau(factor=factor, patience=n, mode=mode, rtol=a, {_TORCH_RATES})",
    ),
    PlateauRow(
        "PyTorch",
        "torch",
        'ReduceLROnPlateau(optimizer, factor=factor, patience=n, threshold=a, threshold_mode="abs", eps=0)',
        f"Plateau(factor=factor, patience=n, rtol=0, atol=a, {_TORCH})",
    ),
    PlateauRow(
        "Hugging Face",
        "huggingface",
        "get_reduce_on_plateau_schedule(optimizer, factor=factor, patience=n, threshold=a, cooldown=m, min_lr=end, eps=e)",
        f"Plateau(factor=factor, patience=n, rtol=a, {_TORCH_RATES})",
    ),
    PlateauRow(
        "Lightning",
        "lightning",
        "ReduceLROnPlateau(optimizer, mode=mode, factor=factor, patience=n, threshold=a, cooldown=m, min_lr=end, eps=e)",
        f"Plateau(factor=factor, patience=n, mode=mode, rtol=a, {_TORCH_RATES})",
    ),
    PlateauRow(
        "Ignite",
        "ignite",
        "ReduceLROnPlateauScheduler(optimizer, factor=factor, patience=n, threshold=a, cooldown=m, min_lr=end, eps=e)",
        f"Plateau(factor=factor, patience=n, rtol=a, cooldown=m, smallest=e / lr, {_TORCH})",
    ),
    PlateauRow(
        "Ignite",
        "ignite",
        "ReduceLROnPlateauScheduler(optimizer, factor=factor, patience=n, min_lr=end, eps=e, param_group_index=0)",
        f"Plateau(factor=factor, patience=n, floor=end / lr, smallest=e / lr, {_TORCH})",
    ),
    PlateauRow(
        "MMEngine",
        "mmengine",
        'ReduceOnPlateauParamScheduler(optimizer, rule="less", factor=factor, patience=n, threshold=a, cooldown=m, '
        "min_value=end, eps=e)",
        f"Plateau(factor=factor, patience=n, rtol=a, {_TORCH_RATES})",
    ),
    PlateauRow(
        "MMEngine",
        "mmengine",
        'ReduceOnPlateauParamScheduler(optimizer, rule="greater", factor=factor, patience=n, threshold=a, '
        'threshold_rule="abs", eps=0)',
        f'Plateau(factor=factor, patience=n, mode="max", rtol=0, atol=a, {_TORCH})',
    ),
    PlateauRow(
        "timm",
        "timm",
        "PlateauLRScheduler(optimizer, decay_rate=factor, patience_t=n, threshold=a, cooldown_t=m, lr_min=end)",
        f'Plateau(factor=factor, patience=n, mode="max", rtol=a, cooldown=m, floor=end / lr, smallest=1e-8 / lr, {_TORCH})',
    ),
    PlateauRow(
        "timm",
        "timm",
        "PlateauLRScheduler(optimizer, decay_rate=factor, patience_t=n, threshold=a, mode=mode)",
        f"Plateau(factor=factor, patience=n, mode=mode, rtol=a, smallest=1e-8 / lr, {_TORCH})",
    ),
    PlateauRow(
        "fairseq",
        "fairseq",
        "ReduceLROnPlateauLRSchedule(lr_shrink=factor, lr_threshold=a, lr_patience=n)",
        f"Plateau(factor=factor, patience=n, rtol=a, smallest=1e-8 / lr, {_TORCH})",
    ),
    PlateauRow(
        "fairseq",
        "fairseq",
        "ReduceLROnPlateauLRSchedule(lr_shrink=factor, maximize_best_checkpoint_metric=True)",
        f'Plateau(factor=factor, patience=0, mode="max", smallest=1e-8 / lr, {_TORCH})',
    ),
    PlateauRow(
        "Paddle",
        "paddle",
        "ReduceOnPlateau(mode=mode, factor=factor, patience=n, threshold=a, cooldown=m, min_lr=end, epsilon=e)",
        f"Plateau(factor=factor, patience=n, mode=mode, rtol=a, {_TORCH_RATES}, learn_in_cooldown=False, "
        'first_is_best=True, margin="difference")',
    ),
    PlateauRow(
        "Keras",
        "keras",
        "ReduceLROnPlateau(mode=mode, factor=factor, patience=n, min_delta=a, cooldown=m, min_lr=end)",
        "Plateau(factor=factor, patience=n - 1, mode=mode, rtol=0, atol=a, cooldown=max(m - 1, 0), floor=end / lr, "
        'infinite_is_best=True, first_is_best=True, margin="report", float32=True)',
    ),
    PlateauRow(
        "Optax",
        "optax",
        "reduce_on_plateau(factor=factor, patience=n, rtol=a, atol=b, cooldown=m, accumulation_size=k, min_scale=end / lr)",
        "Plateau(factor=factor, patience=n - 1, rtol=a, atol=b, cooldown=m, floor=end / lr, window=k, signed=True, "
        "infinite_is_best=True)",
    ),
    PlateauRow(
        "fastai",
        "fastai",
        "ReduceLROnPlateau(min_delta=a, patience=n, factor=1 / factor, min_lr=end)",
        "Plateau(factor=1 / (1 / factor), patience=n - 1, rtol=0, atol=a, floor=end / lr, infinite_is_best=True, "
        'margin="report")',
    ),
    PlateauRow(
        "fastai",
        "fastai",
        'ReduceLROnPlateau(monitor="accuracy", min_delta=a, patience=n)',
        'Plateau(factor=1 / 10, patience=n - 1, mode="max", rtol=0, atol=a, infinite_is_best=True, margin="report")',
    ),
    PlateauRow(
        "Hugging Face",
        "greedy",
        "GreedyLR(optimizer, mode=mode, factor=factor, patience=n, threshold=a, cooldown=m, warmup=k, min_lr=end, "
        "max_lr=peak, eps=e, smooth=True, window_size=i, reset_start=j)",
        f"Plateau(factor=factor, patience=n, mode=mode, rtol=0, atol=a, {_GREEDY}, moving=i)",
    ),
    PlateauRow(
        "Hugging Face",
        "greedy",
        'GreedyLR(optimizer, factor=factor, patience=n, threshold=a, threshold_mode="rel", cooldown=m, warmup=k, '
        "min_lr=end, max_lr=peak, eps=e, reset_start=j)",
        f"Plateau(factor=factor, patience=n, rtol=a, {_GREEDY})",
    ),
    PlateauRow(
        "SpeechBrain",
        "speechbrain",
        "NewBobScheduler(annealing_factor=factor, improvement_threshold=a, patient=n)",
        "Plateau(factor=factor, patience=n, rtol=a, previous=True, in_a_row=False)",
    ),
    PlateauRow(
        "OpenNMT (Lua)",
        "opennmt",
        "Optim(learning_rate_decay=factor, start_decay_at=n, start_decay_score_delta=a)",
        "Plateau(factor=factor, patience=0, rtol=0, atol=a, previous=True, sticky=True, always_from=n)",
    ),
    PlateauRow(
        "OpenNMT (Lua)",
        "opennmt",
        'Optim(learning_rate_decay=factor, start_decay_score_delta=a, decay="score_only")',
        "Plateau(factor=factor, patience=0, rtol=0, atol=a, previous=True)",
    ),
)
"""The table."""
