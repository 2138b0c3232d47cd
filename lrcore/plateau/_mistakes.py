"""What looks like a mistake about a rule, in one line each; and from when on reports mean something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lrcore._arguments import refuse
from lrcore._schedule import Schedule

if TYPE_CHECKING:
    from lrcore.plateau._rule import Plateau

_LOWER = {"loss", "error", "err", "perplexity", "ppl", "mse", "mae", "rmse", "wer", "cer", "nll"}
_HIGHER = {"acc", "accuracy", "auc", "f1", "precision", "recall", "bleu", "rouge", "iou", "map", "r2", "score", "dice"}


def doubts(rule: Plateau, name: str, reports: int | None) -> Iterator[str]:
    """What is likely to be meant otherwise."""
    meant = _direction(name)
    if meant and meant != rule.mode:
        better = "higher" if rule.mode == "max" else "lower"
        yield f"mode={rule.mode!r} takes a {better} {name!r} for better: write mode={meant!r}"
    needed = first_cut(rule)
    if reports is not None and needed > reports:
        fields = f"patience={rule.patience}" + f" and window={rule.window}" * (rule.window > 1)
        yield f"{fields} cannot cut before report {needed}, and there are {reports}: the rule never cuts"


def _direction(name: str) -> str:
    """The mode that a metric's name asks for, or "" if it asks for none.

    A loss is one whatever it is the loss of, as in "iou_loss"; but "neg_log_loss" of scikit-learn is better if higher.
    """
    words = set(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name).lower()))
    if words & {"neg", "negative", "minus"}:
        return ""
    return "min" if words.intersection(_LOWER) else "max" if words.intersection(_HIGHER) else ""


def first_cut(rule: Plateau) -> int:
    """The reports of a finite metric after which there may be a cut at the earliest: the first is the best."""
    if rule.divergence is not None or rule.always_from:
        return 1
    return (rule.patience + 2) * rule.window


def nonfinite(rule: Plateau, name: str, value: float) -> str:
    """What a rule does with a report that is NaN or infinite, for an adapter to tell.

    >>> from lrcore.plateau import Plateau
    >>> nonfinite(Plateau(divergence=4), "val_loss", float("nan"))
    'val_loss was nan, which cuts at once, but for a cooldown'
    """
    if rule.divergence is None:
        return f"{name} was {value!r}, which is a bad report like others: Plateau(divergence=...) cuts at once"
    return f"{name} was {value!r}, which cuts at once, but for a cooldown"


def warmup_end(schedule: Schedule) -> int:
    """The step at which a schedule's warmup ends, 0 if it has none: reports before it say what warming up does.

    Raises:
        TypeError: it is not a schedule.

    >>> from lrcore import Cosine
    >>> warmup_end(Cosine(0.1, steps=100).warmup(5)), warmup_end(Cosine(0.1, steps=100))
    (5, 0)
    """
    if not isinstance(schedule, Schedule):
        refuse("warmup_end", "schedule", "a schedule", schedule, kind=True)
    edges = islice(schedule._edges(), 100)  # a schedule may have edges without end, and a warmup comes first
    return max((int(edge.step) for edge in edges if edge.kind == "warmup"), default=0)
