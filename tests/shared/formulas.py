"""Formulas of a user, for `Custom`."""

from __future__ import annotations

from typing import Any

from lrcore.arrays import Namespace


def formula(t: Any, xp: Namespace) -> Any:
    """A bit of everything that `xp` has."""
    wave = xp.sin(t) ** 2 + xp.cos(t) ** 2 + xp.tanh(0.1 * t) + xp.exp(-t) + xp.log(1 + t) + xp.sqrt(t)
    stairs = xp.take([1.0, 0.5, 0.25], xp.searchsorted([3, 6], t)) + xp.floor(t / 4)
    bounded = xp.minimum(xp.maximum(wave * stairs, 1.0), 9.0)
    pieces = xp.piecewise(t, [4], [lambda t: xp.power(t, 0.5), lambda t: xp.full(t, xp.pi)])
    return xp.where(t < 2, xp.float64(0.5), 0.1 * bounded + pieces)
