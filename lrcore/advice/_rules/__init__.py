"""The rules, in files by theme, each one function. Importing this registers them, in the order in which they are asked."""

from lrcore.advice._rules import (  # isort: skip
    shape,
    length,
    ends,
    warmup,
    peak,
    precision,
    weight_decay,
    plateau,
)

__all__ = ["ends", "length", "peak", "plateau", "precision", "shape", "warmup", "weight_decay"]
