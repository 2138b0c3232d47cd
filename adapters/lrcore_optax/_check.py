"""`check`: what a schedule and the numbers of a loop say of a run."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

import jax

from lrcore import Constant, Schedule
from lrcore.advice import DTYPES, Findings, check_groups, of_loop
from lrcore.port import read


def check(
    schedule: Any,
    *,
    params: Any = None,
    epochs: int | None = None,
    batches: int | None = None,
    batch_size: int | None = None,
    ignore: Iterable[str] = (),
    every: bool = False,
    **known: Any,
) -> Findings:
    """Find what is wrong with a run before it begins, from a schedule and the loop's own numbers.

    An Optax optimizer is a pair of functions, and does not say what it was made of: name it.

    Args:
        schedule: a schedule of lrcore's, one of Optax's that `lrcore.port.read` can read, or a number.
        params: the parameters, which say what they are kept in.
        epochs: how often the loop goes over the data.
        batches: the batches of an epoch, to one process.
        batch_size: the samples of one of them.
        ignore: the names of rules whose findings are left out.
        every: ask also the rules that most runs would meet.
        known: other fields of `lrcore.advice.Plan`: `total`, `optimizer`, `weight_decay`, `model`, or `accumulation`, the
            `every_k_schedule` of `optax.MultiSteps`.

    >>> from lrcore import Cosine
    >>> found = check(Cosine(0.1, steps=39_000).warmup(200), epochs=100, batches=390, batch_size=128, optimizer="adamw")
    >>> print(found)
    warning: peak-range: the peak, 0.1, is above what adamw usually takes, 1e-06 to 0.01.
    """
    known.setdefault("dtype", _dtype(params))
    if isinstance(schedule, Real):
        schedule = Constant(float(schedule))
    several = [schedule] if isinstance(schedule, Schedule) else read(schedule).rates
    plans = {
        str(i): of_loop(one, epochs=epochs, batches=batches, batch_size=batch_size, **known)
        for i, one in enumerate(several)
    }
    return check_groups(plans, ignore=ignore, every=every)


def _dtype(params: Any) -> str | None:
    """What parameters are kept in: the first floating one's."""
    names = (str(getattr(leaf, "dtype", "")) for leaf in jax.tree.leaves(params))
    return next((name for name in names if name in DTYPES), None)
