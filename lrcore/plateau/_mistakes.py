"""What looks like a mistake about a rule, in one line each; and from when on reports mean something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lrcore._schedule import Schedule

if TYPE_CHECKING:
    from lrcore.plateau._rule import Plateau

_LOWER = {"loss", "error", "err", "perplexity", "ppl", "mse", "mae", "rmse", "wer", "cer", "nll"}
_HIGHER = {"acc", "accuracy", "auc", "f1", "precision", "recall", "bleu", "rouge", "iou", "map", "r2", "score", "dice"}


def doubts(rule: Plateau, name: str, reports: int | None) -> Iterator[str]:
    """What is likely to be meant otherwise."""
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    meant, against, agreed = ("min", _LOWER, _HIGHER) if rule.mode == "max" else ("max", _HIGHER, _LOWER)
    if words & against and not words & agreed:  # a "dice_loss" is a loss
        better = "higher" if rule.mode == "max" else "lower"
        yield f"mode={rule.mode!r} takes a {better} {name!r} for better: write mode={meant!r}"
    needed = first_cut(rule)
    if reports is not None and needed > reports:
        fields = f"patience={rule.patience}" + f" and window={rule.window}" * (rule.window > 1)
        yield f"{fields} cannot cut before report {needed}, and there are {reports}: the rule never cuts"


def first_cut(rule: Plateau) -> int:
    """The reports of a finite metric after which there may be a cut at the earliest: the first is the best."""
    if rule.divergence is not None or rule.always_from:
        return 1
    return (rule.patience + 2) * rule.window


def warmup_end(schedule: Schedule) -> int:
    """The step at which a schedule's warmup ends, 0 if it has none: reports before it say what warming up does.

    >>> from lrcore import Cosine
    >>> warmup_end(Cosine(0.1, steps=100).warmup(5)), warmup_end(Cosine(0.1, steps=100))
    (5, 0)
    """
    edges = islice(schedule._edges(), 100)  # a schedule may have edges without end, and a warmup comes first
    return max((int(edge.step) for edge in edges if edge.kind == "warmup"), default=0)
