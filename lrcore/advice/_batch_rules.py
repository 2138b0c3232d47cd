"""How the peak follows the batch: the rules that are known, and where each holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class BatchRule:
    """How the peak follows the batch.

    Args:
        formula: in words, with B the batch, B0 the one before and N the noise scale.
        factor: what the peak is multiplied by, of (B0, B, N).
        holds: where the rule is known to hold.
        fails: where it is known to fail.
        source: where that is from.
        noise: whether it needs the noise scale.
    """

    formula: str
    factor: Callable[[float, float, float], float]
    holds: str
    fails: str
    source: str
    noise: bool = False


def _surge(batch: float, noise: float) -> float:
    return 2 / (math.sqrt(noise / batch) + math.sqrt(batch / noise))


BATCH_RULES: dict[str, BatchRule] = {
    "linear": BatchRule(
        "peak x B/B0",
        lambda before, after, noise: after / before,
        "SGD with momentum and a warmup, on images, up to a batch of about 8,000",
        "Adam; a batch above the critical one; small data",
        "Goyal et al., Accurate, Large Minibatch SGD (arXiv:1706.02677)",
    ),
    "sqrt": BatchRule(
        "peak x sqrt(B/B0), and 1 - beta x B/B0 for each beta of Adam, and its epsilon / sqrt(B/B0)",
        lambda before, after, noise: math.sqrt(after / before),
        "Adam and RMSprop, while the gradients' noise is larger than their mean",
        "a batch above the critical one, where the noise is small",
        "Malladi et al., On the SDEs and Scaling Rules for Adaptive Gradient Algorithms (arXiv:2205.10287)",
    ),
    "surge": BatchRule(
        "peak x s(B)/s(B0), s(B) = 2/(sqrt(N/B) + sqrt(B/N)), which rises up to B = N and falls from there",
        lambda before, after, noise: _surge(after, noise) / _surge(before, noise),
        "Adam, with a measured noise scale N",
        "where N is not known: it grows in the run",
        "Li et al., Surge Phenomenon in Optimal Learning Rate and Batch Size Scaling (arXiv:2405.14778)",
        noise=True,
    ),
    "saturating": BatchRule(
        "peak x (1 + N/B0)/(1 + N/B)",
        lambda before, after, noise: (1 + noise / before) / (1 + noise / after),
        "SGD, with a measured gradient noise scale N: linear below it, constant above",
        "where N is not known: it grows in the run",
        "McCandlish et al., An Empirical Model of Large-Batch Training (arXiv:1812.06162)",
        noise=True,
    ),
    "none": BatchRule(
        "the peak stays",
        lambda before, after, noise: 1.0,
        "small changes of the batch; Adam in some tunings, where the best peak hardly moves",
        "a batch that changes much: the run learns less from each sample",
        "Shallue et al., Measuring the Effects of Data Parallelism on Neural Network Training (arXiv:1811.03600)",
    ),
}
"""The rules that `rescaled` knows. It chooses none: which one holds is not to be seen in a plan."""

BatchRule.__module__ = "lrcore.advice"
