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

SUGGESTED = {
    "fastai, valley": {
        "smooth": 0.00069183,
        "noise": 0.0043652,
        "nothing to learn": 0.00069183,
        "range too low": 0.033113,
        "no rise before NaN": 9.1201e-05,
        "early divergence": 2.51e-05,
        "two descents": 0.000692,
    },
    "fastai, slide": {
        "smooth": 0.0075858,
        "noise": 0.0075858,
        "nothing to learn": 0.0091201,
        "range too low": 0.20893,
        "no rise before NaN": 3.02e-05,
        "early divergence": 9.12e-05,
        "two descents": 0.0191,
    },
    "fastai, minimum": {
        "smooth": 0.091201,
        "noise": 0.091201,
        "nothing to learn": 2.7542e-07,
        "range too low": 0.33113,
        "no rise before NaN": 0.0019055,
        "early divergence": 0.000145,
        "two descents": 0.0912,
    },
    "fastai, steep": {
        "smooth": 0.013183,
        "noise": 0.013183,
        "nothing to learn": 1.0965e-06,
        "range too low": 0.43652,
        "no rise before NaN": 0.013183,
        "early divergence": 0.000275,
        "two descents": 0.0331,
    },
    "torch_lr_finder, steepest": {
        "smooth": 0.012328,
        "noise": 0.017886,
        "nothing to learn": 2.3645e-06,
        "range too low": 0.29151,
        "no rise before NaN": 0.017886,
        "early divergence": 0.000298,
        "two descents": 0.0313,
    },
    "Lightning": {
        "smooth": 0.001,
        "noise": 1.2023e-05,
        "nothing to learn": 0.0052481,
        "range too low": 0.019055,
        "no rise before NaN": 0.001,
        "early divergence": 7.59e-05,
        "two descents": 3.02e-05,
    },
    "ignite": {
        "smooth": 0.015849,
        "noise": 0.019055,
        "nothing to learn": 3.6308e-07,
        "range too low": 1.0965,
        "no rise before NaN": 0.022909,
        "early divergence": 0.000331,
        "two descents": 0.0398,
    },
}
"""What other finders suggest on these curves, to three digits or more. On the negative one, all of them fail."""
