"""The scales of a rule are the same bits in Python, NumPy, PyTorch, JAX and TensorFlow, also under `jit`, `vmap` and XLA.

With `--hypothesis-profile=deep` these are a million reports in each, and 10,000 series against each library beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow as tf
import torch
from jax import lax

from lrcore import Cosine
from lrcore.plateau import Plateau, PlateauState
from plateaus import DEEP, random_metrics, random_rule, scales

Reports = Any
"""Of float64, one row for each report and one column for each run. float32 holds them exactly."""


def in_python(rule: Plateau, reports: Reports) -> Any:
    return np.array([scales(rule, run.tolist()) for run in reports.T]).T


def in_numpy(rule: Plateau, reports: Reports) -> Any:
    return np.array(_stepped(rule, list(reports)))


def in_torch(rule: Plateau, reports: Reports) -> Any:
    return torch.stack(_stepped(rule, list(torch.tensor(reports, dtype=torch.float32)))).numpy()


def _stepped(rule: Plateau, reports: list[Any]) -> list[Any]:
    state, found = rule.start(), []
    for report in reports:
        state = rule.update(state, report)
        found.append(state.exact)
    return found


def in_jax_scan(rule: Plateau, reports: Reports) -> Any:
    return jax.jit(lambda reports: _scanned(rule, reports))(jnp.asarray(reports, jnp.float32))


def in_jax_vmap(rule: Plateau, reports: Reports) -> Any:
    return jax.jit(jax.vmap(lambda run: _scanned(rule, run), 1, 1))(jnp.asarray(reports, jnp.float32))


def _scanned(rule: Plateau, reports: Any) -> Any:
    def step(state: PlateauState, report: Any) -> tuple[PlateauState, Any]:
        state = rule.update(state, report)
        return state, state.exact

    return lax.scan(step, rule.start(reports[0]), reports)[1]


def in_tensorflow_graph(rule: Plateau, reports: Reports, *, xla: bool = False) -> Any:
    @tf.function(jit_compile=xla)
    def run(reports: Any) -> Any:
        state = rule.start(reports[0])
        found = tf.TensorArray(tf.float64, size=len(reports))
        for i in tf.range(len(reports)):
            state = rule.update(state, reports[i])
            found = found.write(i, state.exact)
        return found.stack()

    return run(tf.constant(reports, tf.float32)).numpy()


def in_tensorflow_xla(rule: Plateau, reports: Reports) -> Any:
    return in_tensorflow_graph(rule, reports, xla=True)


BACKENDS: list[Callable[[Plateau, Reports], Any]] = [
    in_numpy,
    in_torch,
    in_jax_scan,
    in_jax_vmap,
    in_tensorflow_graph,
    in_tensorflow_xla,
]


def bits(values: Any) -> Any:
    values = np.asarray(values)
    assert values.dtype == np.float64
    return values.view(np.int64)


@pytest.mark.parametrize("seed", range(200 if DEEP else 3))
@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.__name__)
def test_random_reports_give_the_same_bits(
    backend: Callable[[Plateau, Reports], Any], seed: int, record_property: Callable[[str, object], None]
) -> None:
    chance = Random(seed)
    rule = random_rule(chance)
    reports = np.array([random_metrics(chance, 100) for _ in range(50)]).T
    np.testing.assert_array_equal(bits(backend(rule, reports)), bits(in_python(rule, reports)), str(rule))
    record_property("evaluations", {backend.__name__.removeprefix("in_"): reports.size})


def test_another_bit_would_be_seen() -> None:
    reports = np.ones((8, 1))
    rules = Plateau(factor=0.3, patience=0), Plateau(factor=float(np.nextafter(0.3, 1)), patience=0)
    assert (bits(in_numpy(rules[0], reports)) != bits(in_python(rules[1], reports))).any()


def test_the_scale_has_the_dtype_of_a_schedule_so_that_the_two_multiply() -> None:
    lr, rule = Cosine(0.1, steps=10).warmup(3), Plateau(factor=0.3, patience=0)
    expected = np.float32(lr(5)) * np.float32(0.3)
    for one, step in ((torch.ones(2), torch.tensor(5)), (jnp.ones(2), jnp.array(5)), (tf.ones(2), tf.constant(5))):
        state = rule.update(rule.update(rule.start(), one), one)
        rate = lr(step) * state.scale
        assert rate.dtype == state.scale.dtype == lr(step).dtype
        assert np.asarray(rate).tolist() == [expected, expected]
    state = rule.update(rule.update(rule.start(), np.ones(2)), np.ones(2))
    assert (lr(np.array([5, 5])) * state.scale).tolist() == [lr(5) * 0.3] * 2


def test_a_variable_is_a_metric() -> None:
    rule = Plateau(patience=0)
    state = rule.update(rule.update(rule.start(), tf.Variable(1.0)), tf.Variable(1.0))
    assert float(state.exact) == 0.1


def test_no_gradient_goes_through_a_metric() -> None:
    state = Plateau().update(Plateau().start(), torch.ones((), requires_grad=True))
    assert not any(isinstance(value, torch.Tensor) and value.requires_grad for value in state)
    assert jax.grad(lambda x: Plateau(patience=0).update(Plateau().start(), x).scale * x)(2.0) == 1.0


def test_a_library_without_the_function_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from lrcore.arrays import library_of

    monkeypatch.delitem(vars(library_of(torch.ones(1))), "compute")
    with pytest.raises(TypeError, match=r"^the adapter of torch brings no lrcore\.arrays\.Compute: write float"):
        Plateau().update(Plateau().start(), torch.ones(1))
