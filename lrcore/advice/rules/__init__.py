"""The rules, in files by theme, each one function. Importing this registers them, in the order in which they are asked."""

from lrcore.advice.rules import (  # isort: skip
    shape,
    length,
    ends,
    warmup,
    peak,
    precision,
    weight_decay,
)

__all__ = ["ends", "length", "peak", "precision", "shape", "warmup", "weight_decay"]
