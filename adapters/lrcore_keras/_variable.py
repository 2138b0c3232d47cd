"""Keras variables as steps of the core: `lr(optimizer.iterations)`."""

from __future__ import annotations

from typing import Any

import keras

from lrcore.arrays import Formula, library_of
from lrcore_keras._concrete import value_of


def evaluate(formula: Formula, step: Any, dtype: str | None = None) -> Any:
    """The formula at the value of a variable, by the library of the backend."""
    if not isinstance(step, keras.Variable):
        raise TypeError(f"step must be an array or a variable of Keras, got {type(step).__name__}, which has no value yet.")
    value = value_of(step)
    return library_of(value)(formula, value, dtype)
