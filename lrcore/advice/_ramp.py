"""A batch that grows in stairs, as large runs begin."""

from __future__ import annotations

import math
from fractions import Fraction

from lrcore._arguments import COUNT, as_number, refuse
from lrcore._families.step_decay import PiecewiseConstant


def batch_ramp(start: int, end: int, *, increment: int, samples: int) -> PiecewiseConstant:
    """A batch that grows from `start` to `end` in equal stairs, over so many samples: a schedule of it, in updates.

        batch = start + increment·floor(n·k/samples)    n < samples, n the samples seen before the update
        batch = end                                     n >= samples

    with k = (end - start)/increment, the number of stairs.

    Args:
        start: the first batch.
        end: the last one.
        increment: the height of a stair.
        samples: the samples over which the batch grows.

    Raises:
        ValueError: `increment` does not divide what is between the two, or a number is out of range.

    Reference: Brown et al., Language Models are Few-Shot Learners (arXiv:2005.14165), table 2.1 and appendix B.
    Megatron-LM's name: `--rampup-batch-size start increment samples`.

    >>> batch = batch_ramp(16, 64, increment=16, samples=960)
    >>> batch
    PiecewiseConstant([16, 32, 48, 64], boundaries=[20, 30, 37])
    >>> from lrcore import Cosine
    >>> Cosine(6e-4, steps=10_000).per_sample(batch).samples_at(37)
    976
    """
    first, last, height, over = (
        as_number("batch_ramp", name, value, COUNT)
        for name, value in (("start", start), ("end", end), ("increment", increment), ("samples", samples))
    )
    if last <= first or (last - first) % height:
        refuse("batch_ramp", "end", f"start and a number of increments, {first} + n·{height}", end)
    stairs = (last - first) // height
    each = Fraction(over, stairs)
    seen = update = 0
    sizes, boundaries = [], []
    while seen < over:
        stair = math.floor(seen / each)
        size = first + stair * height
        updates = math.ceil(((stair + 1) * each - seen) / size)
        sizes.append(size)
        seen, update = seen + updates * size, update + updates
        boundaries.append(update)
    return PiecewiseConstant([*sizes, last], boundaries=boundaries)
