"""The shapes of warmups, cooldowns and segments, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lrcore._arguments import one_of, refuse
from lrcore._families.cosine import COSINE, Cosine
from lrcore._families.decay import Decay
from lrcore._families.exponential import ShiftedExponential
from lrcore._families.linear import LINEAR, Linear
from lrcore._families.polynomial import OneMinusPower, OneMinusSqrt
from lrcore._numeric.segments import Shape
from lrcore._schedule import Schedule

Falling = Callable[..., Schedule]
"""A family that goes from a value to another over some steps, called as `family(start, steps=steps, end=end)`."""


def _one_minus_square(start: float, *, steps: int, end: float) -> Decay:
    return OneMinusPower(start, steps=steps, end=end, power=2)


shapes: Mapping[str, Falling] = MappingProxyType(
    {
        "linear": Linear,
        "cosine": Cosine,
        "1-sqrt": OneMinusSqrt,
        "1-square": _one_minus_square,
        "exponential": ShiftedExponential,
    }
)
"""The shapes of warmups and cooldowns, by name. A cooldown may also be any family that goes from a value to another, called
as `family(start, steps=steps, end=end)`: `functools.partial(OneMinusPower, power=3)`."""

SEGMENTS: Mapping[str, Shape] = MappingProxyType({"linear": LINEAR, "cosine": COSINE})
"""Those that look the same from both ends, which the segments of a curve may have."""


def falling(owner: str, shape: str | Falling) -> Falling:
    """The family of that name, or the one given."""
    if callable(shape):
        return shape
    if not isinstance(shape, str) or shape not in shapes:
        hint = meant(shape)
        refuse(owner, "shape", f"{one_of(shapes)}, or a family", shape, kind=not isinstance(shape, str), hint=hint)
    return shapes[shape]


def meant(shape: object) -> str:
    """What to write for a family, or for its name, where a shape goes by another name."""
    name = shape if isinstance(shape, str) else getattr(shape, "_name", None)
    same = next((word for word, family in shapes.items() if name == getattr(family, "_name", "")), None)
    return f'write shape="{same}"' if same else ""
