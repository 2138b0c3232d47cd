"""The door to `lrcore/_parity.py`, which is loaded when it is asked for: an import of lrcore is to be short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrcore._schedule import Schedule

if TYPE_CHECKING:
    from lrcore._parity import Verification


def verify(schedule: Schedule) -> Verification:
    """Compare a schedule's values in every framework that is installed with the core's own, bit for bit.

    The steps are some 16,000: all the first ones, those around each boundary and the end, some over the whole length, and
    logarithmically more beyond it, past 2**24 and 2**31. The core evaluates them one at a time, as Python numbers; NumPy,
    PyTorch, JAX under jit (steps of an int32), and TensorFlow eager, in a graph and under XLA take them as one array.
    In a shell it is `lrcore verify "Cosine(3e-4, steps=1000).warmup(100)"`, with exit code 1 where anything differs.

    Raises:
        TypeError: `schedule` is not a schedule, or a `Custom` function in it takes Python numbers only.
        ValueError: a field of it is an array.

    >>> from lrcore import Cosine
    >>> report = verify(Cosine(3e-4, steps=1000).warmup(100))
    >>> report.mismatches
    0
    """
    from lrcore._parity import verification

    return verification(schedule)
