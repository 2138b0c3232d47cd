"""Checkpoints of Keras averaged in place of a decay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import ml_dtypes
import numpy as np
import pytest

from lrcore import OneMinusSqrt
from lrcore.theory import averaging_weights
from lrcore_keras import average

WEIGHTS = averaging_weights(OneMinusSqrt(1.0, steps=4), 3)


def model() -> Any:
    normalization = keras.layers.Normalization()
    normalization.build((None, 3))
    return keras.Sequential([keras.Input((3,)), normalization, keras.layers.Dense(2)])


def test_the_average_of_weights_is_set_with_counts_from_the_last(tmp_path: Path) -> None:
    made = model()
    assert [value.shape for value in made.get_weights() if value.dtype.kind == "i"] == [()]  # what it has counted

    def checkpoints() -> Iterator[Any]:
        for i in range(4):
            path = tmp_path / f"{i}.weights.h5"
            made.set_weights([np.full_like(value, i) for value in made.get_weights()])
            made.save_weights(path)
            made.load_weights(path)
            yield made.get_weights()

    found = average(checkpoints(), WEIGHTS)
    made.set_weights(found)
    expected = float(WEIGHTS @ np.arange(4))
    for value in made.get_weights():
        known = expected if value.dtype.kind == "f" else 3
        np.testing.assert_allclose(value, known, rtol=3e-7)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_sums_are_in_float32_or_wider(dtype: Any) -> None:
    values = np.linspace(0.5, 1, 50).astype(dtype)
    (found,) = average(([value[None]] for value in values), [1 / 50] * 50)
    assert found.dtype == dtype
    exact = values.astype(np.float64).mean().astype(dtype)
    np.testing.assert_allclose(found[0].astype(float), exact.astype(float), rtol=0 if values.itemsize == 2 else 1e-6)


def test_other_shapes_are_told_whole() -> None:
    with pytest.raises(ValueError, match="shapes") as found:
        average([[np.ones(1)], [np.ones(2)]], [0.5, 0.5])
    assert str(found.value) == "average.checkpoints must be lists of arrays of the shapes [(1,)], got [(2,)]."
