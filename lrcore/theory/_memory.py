"""How far back AdamW's weights remember: weight decay, read as an average of updates."""

from __future__ import annotations

from typing import NamedTuple

from lrcore._arguments import NON_NEGATIVE, as_number, refuse
from lrcore._schedule import Schedule
from lrcore.theory._rates import rates, values


class Memory(NamedTuple):
    """What `memory` gives. As text it is a sentence or two.

    Args:
        total: the updates of the run.
        start: how much of the initial weights is left at the end, from 0 to 1.
        updates: the least number of last updates that make up 1 - 1/e = 63% of the weights; None if all do not.
        tenths: what each tenth of the run makes up; with `start` they sum to 1.
        timescale: 1/(highest rate · weight decay), the updates in which weights are forgotten at the peak.
    """

    total: int
    start: float
    updates: int | None
    tenths: tuple[float, ...]
    timescale: float

    def __str__(self) -> str:
        if self.timescale == float("inf"):
            return "There is no weight decay, and nothing of the initial weights is forgotten."
        if self.start > 0.9:
            return (
                f"The weight decay does next to nothing: it forgets in {self.timescale:,.3g} updates at the peak, and the "
                f"run has {self.total:,}. {self.start:.3g} of the initial weights is left."
            )
        last = f"{100 * self.tenths[-1]:.2g}% of the weights come from the last tenth of the run"
        left = "nothing" if self.start < 1e-4 else f"{self.start:.3g}"
        if self.updates is None:
            return (
                f"The weights remember the whole run of {self.total:,} updates, and {left} of the initial weights is left; "
                f"{last}."
            )
        return (
            f"The weights remember about the last {self.updates:,} of {self.total:,} updates, which make up 63% of them; "
            f"{left} of the initial weights is left, and {last}."
        )


def memory(lr: Schedule, weight_decay: float | Schedule, total: int) -> Memory:
    """What AdamW's weights are made of after a run: the share of each update, and of the initial weights.

        x_t = (1 - α_t)·x_{t-1} + α_t·(-u_t/λ_t),    α_t = η_t·λ_t
        share of update i = α_i·Π_{j>i} (1 - α_j),    share of the start = Π_j (1 - α_j)

    with u_t the update of Adam, η_t the rate and λ_t the weight decay: the shares sum to 1. This is the decoupled weight
    decay of PyTorch's, Keras's and Optax's AdamW, which multiply it by the rate of the update.

    Args:
        lr: the schedule of the learning rate.
        weight_decay: λ, a number or a schedule.
        total: the updates of the whole run.

    Raises:
        ValueError: a rate or the weight decay is below 0, or their product is 1 or more at some update.

    Reference: Wang and Aitchison (arXiv:2405.13698); Bergsma et al. (arXiv:2502.15938).

    >>> from lrcore import Linear
    >>> print(memory(Linear(1e-3, end=0.0, steps=100_000), 0.1, 100_000))
    The weights remember about the last 44,721 of 100,000 updates, which make up 63% of them; 0.00674 of the initial weights
    is left, and 4.9% of the weights come from the last tenth of the run.
    >>> print(memory(Linear(2e-5, end=0.0, steps=10_000), 0.01, 10_000))
    The weight decay does next to nothing: it forgets in 5e+06 updates at the peak, and the run has 10,000. 0.999 of the
    initial weights is left.
    """
    import numpy as np

    mine = rates("memory", "lr", lr, total)
    if isinstance(weight_decay, Schedule):
        mine = mine * values("memory", "weight_decay", weight_decay, total)
    else:
        mine = mine * as_number("memory", "weight_decay", weight_decay, NON_NEGATIVE)
    if mine.max() >= 1:
        step = int(mine.argmax())
        refuse("memory", "lr * weight_decay", "below 1 at every update", float(mine[step]), hint=f"that is at step {step}")
    kept = np.append(np.cumsum(np.log1p(-mine)[::-1])[::-1], 0.0)  # of what was there before update i, its logarithm
    shares = mine * np.exp(kept[1:])
    enough = np.flatnonzero(kept <= -1)  # 1 - exp(-1) comes from what follows
    count = len(mine)
    parts = np.array_split(np.arange(count), 10)
    return Memory(
        total=count,
        start=float(np.exp(kept[0])),
        updates=count - int(enough[-1]) if enough.size else None,
        tenths=tuple(float(shares[part].sum()) for part in parts),
        timescale=1 / float(mine.max()) if mine.any() else float("inf"),
    )
