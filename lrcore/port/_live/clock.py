"""What counts epochs, in updates."""

from __future__ import annotations

from dataclasses import replace

from lrcore.port._reading import Reading


def in_updates(made: Reading, steps_per_epoch: int | None) -> Reading:
    """A reading in epochs, each of whose values is held for an epoch's updates; told so where their number is not known."""
    n = steps_per_epoch
    if n is None:
        remark = "It counts epochs: steps_per_epoch= reads it in updates."
        return replace(made, remarks=(*made.remarks, remark))
    return replace(
        made,
        rates=tuple(rate.per_epoch(n) for rate in made.rates),
        momenta=tuple(momentum.per_epoch(n) for momentum in made.momenta),
        weight_decays=tuple(decay.per_epoch(n) for decay in made.weight_decays),
        step=made.step * n,
        until=None if made.until is None else (made.until + 1) * n - 1,
    )
