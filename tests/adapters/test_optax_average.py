"""Checkpoints of JAX averaged in place of a decay."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrcore import OneMinusSqrt
from lrcore.theory import averaging_weights
from lrcore_optax import average

WEIGHTS = averaging_weights(OneMinusSqrt(1.0, steps=4), 3)


def test_the_average_of_pytrees_has_their_structure_with_counts_from_the_last() -> None:
    optimizer = optax.adam(1e-3)

    def tree(i: int) -> Any:
        parameters = {
            "w": jnp.full((2, 3), float(i)),
            "b": np.full(2, float(i)),
            "scale": float(i),
            "key": jax.random.key(i),
        }
        state = optimizer.init({"w": parameters["w"]})
        return parameters, (state[0]._replace(count=jnp.asarray(i)), *state[1:])

    found, state = average((tree(i) for i in range(4)), WEIGHTS)
    expected = float(WEIGHTS @ np.arange(4))
    np.testing.assert_allclose(found["w"], np.full((2, 3), expected), rtol=3e-7)
    assert found["b"].dtype == np.float64
    np.testing.assert_allclose(found["b"], expected, rtol=1e-15)
    assert found["scale"] == pytest.approx(expected)
    assert found["key"] == jax.random.key(3)
    assert state[0].count == 3
    assert jax.tree.structure((found, state)) == jax.tree.structure(tree(0))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16, jnp.float32, jnp.complex64])
def test_sums_are_in_float32_or_wider(dtype: Any) -> None:
    values = jnp.linspace(0.5, 1, 50).astype(dtype)
    found = average((value[None] for value in values), [1 / 50] * 50)
    assert found.dtype == dtype
    exact = np.asarray(values).astype(complex).mean()
    np.testing.assert_allclose(np.asarray(found[0]).astype(complex), exact, rtol=float(jnp.finfo(dtype).eps))


def test_one_checkpoint_is_in_memory_at_a_time() -> None:
    alive: list[weakref.ref[Any]] = []

    def restored() -> Iterator[Any]:
        for i in range(4):
            assert [ref for ref in alive if ref() is not None] == []
            leaf = jnp.full(3, float(i))
            alive.append(weakref.ref(leaf))
            yield {"w": leaf}
            del leaf

    average(restored(), WEIGHTS)
    assert len(alive) == 4


@pytest.mark.parametrize(
    ("checkpoints", "message"),
    [
        (
            [{"a": jnp.ones(1)}, {"b": jnp.ones(1)}],
            "average.checkpoints must be of one structure, PyTreeDef({'a': *}), got PyTreeDef({'b': *}).",
        ),
        ([jnp.ones(1), jnp.ones(2)], "average.checkpoints must be of one shape (1,) at leaf 0, got (2,)."),
        ([jnp.ones(1)], "average.checkpoints must be 2 checkpoints, one for each weight, got 1."),
    ],
)
def test_a_mistake_is_told_whole(checkpoints: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"^average\.checkpoints") as found:
        average(checkpoints, [0.5, 0.5])
    assert str(found.value) == message
