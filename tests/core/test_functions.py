"""A user's own function: the same bits in an array as for a number, and a text that tells it from another function."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrcore import Custom

STEPS = np.linspace(0, 40, 4001)


@pytest.mark.parametrize("name", ["sin", "cos", "tanh", "exp", "log", "sqrt", "floor"])
def test_an_array_has_the_bits_of_its_numbers(name: str) -> None:
    lr = Custom(lambda t, xp: getattr(xp, name)(0.1 + 0.37 * t))
    assert lr(STEPS).tolist() == [lr(step) for step in STEPS.tolist()]


def factor(k: float) -> Callable[[float], float]:
    return lambda t: k * t


def test_other_code_defaults_and_closures_have_another_text() -> None:
    functions: list[Any] = [
        *(lambda t: 0.1 * t, lambda t: 0.2 * t, lambda t: 0.1 + t, lambda t, xp: xp.sin(t), lambda t, xp: xp.cos(t)),
        *(factor(1.0), factor(2.0), lambda t, k=1.0: k * t, lambda t, k=2.0: k * t, abs, factor),
        *(lambda t: (lambda u: u + 1)(t), lambda t: (lambda u: u + 2)(t), lambda t: t in {1, 2}, lambda t: t in {1, 3}),
    ]
    assert len({repr(Custom(function)) for function in functions}) == len(functions)


def test_the_same_code_has_the_same_text_in_another_process() -> None:
    program = "from lrcore import Custom\nk = [object()]\nprint(Custom(lambda t: 0.1 if t in {'a', 'b', 3} else len(k)))"
    command = [sys.executable, "-I", "-c", program]
    texts = {subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(texts) == 1
    assert Custom(factor(1.0)).diff(Custom(factor(1.0))) != {}  # two functions, though of one text
    assert repr(Custom(factor(1.0))) == repr(Custom(factor(1.0)))
