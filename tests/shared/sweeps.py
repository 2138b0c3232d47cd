"""Loss curves of a sweep from 1e-7 to 10 in 100 updates, and what other finders suggest on them.

The curves are formulas of the update's number i and of u, the decimal logarithm of its rate. The suggestions are those of
each finder's own code where it could be run (torch_lr_finder 0.2.2, fastai 2.8.12, Lightning 2.6.6, ignite 0.5.5).
"""

from __future__ import annotations

from typing import Any

import numpy as np

RATES = 1e-7 * 1e8 ** (np.arange(100) / 99)


def _logistic(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def curve(name: str, rates: Any = RATES) -> Any:
    """The losses of a curve at rates, one for each update."""
    i, u = np.arange(len(rates)), np.log10(rates)
    a = 2.3 - 2 * _logistic((u + 2.5) / 0.35) + 10 ** (2 * u)
    curves = {
        "smooth": a,
        "noise": a + 0.08 * np.sin(1.7 * i) + 0.05 * np.sin(0.37 * i**2),
        "early divergence": np.where(
            rates > 0.03, np.nan, 2.3 - _logistic((u + 4) / 0.25) + 10.0 ** np.minimum(3 * (u + 2.7), 300)
        ),
        "nothing to learn": 0.7 + 0.01 * np.sin(1.7 * i) + 10 ** (2 * (u + 0.5)),
        "two descents": 3 - _logistic((u + 4.5) / 0.2) - 1.2 * _logistic((u + 1.8) / 0.15) + 10 ** (3 * u),
        "negative": a - 3,
        "range too low": 2.3 - 0.1 * _logistic((u + 1) / 0.5) + 0.02 * np.sin(1.7 * i),
        "no rise before NaN": np.where(rates > 0.02, np.nan, 2.3 - 2 * _logistic((u + 2.5) / 0.35)),
    }
    return curves[name]


STEEPEST = {
    "smooth": 3.16e-3,
    "noise": 3.16e-3,
    "early divergence": 1e-4,
    "two descents": 1.6e-2,
    "negative": 3.16e-3,
    "no rise before NaN": 3.16e-3,
}
"""Where each curve falls fastest with the logarithm of the rate, by its formula."""
