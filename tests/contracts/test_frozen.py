"""A schedule never changes after it is built, whatever happens to the array or the variable that it was made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from lrcore import Constant, Cosine, Interpolate, MultiStep, PiecewiseConstant, Schedule, Sequence

Holder = tuple[Any, Callable[[float], Any]]
"""What holds a number, and how it is written over."""


def tensor() -> Holder:
    held = torch.tensor(0.5, dtype=torch.float64)
    return held, held.fill_


def parameter() -> Holder:
    held = torch.nn.Parameter(torch.tensor(0.5))
    return held, held.data.fill_


def tensor_of_numpy() -> Holder:
    memory = np.array(0.5)
    return torch.from_numpy(memory), lambda value: memory.fill(value)


def tensorflow_variable() -> Holder:
    held = tf.Variable(0.5)
    return held, held.assign


def keras_variable() -> Holder:
    held = keras.Variable(0.5)
    return held, held.assign


def donated_jax_array() -> Holder:
    held = jnp.float32(0.5)
    return held, lambda value: jax.jit(lambda x: x + value, donate_argnums=0)(held)


MUTABLE = [tensor, parameter, tensor_of_numpy, tensorflow_variable, keras_variable]
MAKE: list[Callable[[Any], Schedule]] = [
    Constant,
    lambda x: Cosine(x, steps=10).warmup(5),
    lambda x: Cosine(1.0, steps=10, end=0.1).warmup(5, start=x),
    lambda x: Cosine(1.0, steps=10) * x,
    lambda x: Cosine(1.0, steps=10).clip(low=x),
    lambda x: PiecewiseConstant([0.1, x], boundaries=[3]),
    lambda x: Interpolate([(0, 0.1), (9, x)]),
    lambda x: Sequence([Constant(0.1), Constant(x)], boundaries=[2]),
]


def values(schedule: Schedule) -> list[float]:
    found = [schedule(step) for step in range(12)]
    return [value.item() if isinstance(value, torch.Tensor) else float(value) for value in found]


@pytest.mark.parametrize("hold", MUTABLE)
@pytest.mark.parametrize("make", MAKE, ids=range(len(MAKE)))
def test_what_it_was_made_of_may_be_written_over(hold: Callable[[], Holder], make: Callable[[Any], Schedule]) -> None:
    held, write = hold()
    schedule = make(held)
    before = values(schedule)
    write(9.0)
    assert values(schedule) == before
    assert values(make(held)) != before


def test_a_donated_array_that_is_gone_is_an_error_and_no_other_rate() -> None:
    held, write = donated_jax_array()
    schedule = Constant(held)
    assert float(schedule(0)) == 0.5
    write(9.0)
    if held.is_deleted():
        with pytest.raises(RuntimeError, match="deleted"):
            schedule(0)
    else:  # a backend that does not donate
        assert float(schedule(0)) == 0.5


def test_lists_and_numpy_arrays_are_copied() -> None:
    numbers, steps, points = [0.1, 0.2], np.array([3]), [[0, 0.1], [9, 0.2]]
    milestones = np.array([2, 4])
    made = [PiecewiseConstant(numbers, boundaries=steps), MultiStep(0.1, milestones=milestones)]
    made.append(Interpolate([tuple(point) for point in points]))
    before = [values(schedule) for schedule in made]
    numbers[0], steps[0], points[0][1], milestones[0] = 9.0, 1, 9.0, 1
    assert [values(schedule) for schedule in made] == before


@pytest.mark.parametrize("hold", [tensor, parameter])
def test_gradients_still_reach_a_tensor(hold: Callable[[], Holder]) -> None:
    held = hold()[0].detach().requires_grad_()
    Cosine(held, steps=10)(torch.tensor(5)).backward()
    assert held.grad == pytest.approx(0.5)
