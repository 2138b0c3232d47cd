"""JAX: on four devices, by `pmap` and `shard_map`, bit-equal to the core rounded once; and a plateau rule there.

JAX is told how many devices there are before it starts, so this file runs itself in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__)

TOGETHER = 16
"""Cases in one program: compiling it takes some twenty milliseconds for a program, and two for a schedule in it."""


def check(bend: float) -> int:
    """How many results equal the core's, times `bend`, which is 1 but in the test of this test."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax.sharding import NamedSharding, PartitionSpec

    from cases import CASES, steps_of
    from lrcore import PiecewiseConstant

    assert len(jax.devices()) == 4
    mesh = jax.make_mesh((4,), ("x",), axis_types=(jax.sharding.AxisType.Auto,))
    split = NamedSharding(mesh, PartitionSpec("x"))
    explicit = jax.make_mesh((4,), ("x",))  # with axes that types carry, JAX's default
    compared = 0
    for first in range(0, len(CASES), TOGETHER):
        cases = CASES[first : first + TOGETHER]
        steps = []
        for case in cases:
            of = np.array([step for step in steps_of(case, 4) if step < 2**31])
            steps.append(np.resize(of, (4, -(-len(of) // 4))).astype(np.int32))

        def rates_of(steps: list[Any], cases: list[Any] = cases) -> list[Any]:
            return [case.schedule(its) for case, its in zip(cases, steps, strict=True)]

        counts = jax.device_put(steps, split)
        over_shards = jax.shard_map(rates_of, mesh=mesh, in_specs=PartitionSpec("x"), out_specs=PartitionSpec("x"))
        with jax.set_mesh(explicit):
            typed = jax.jit(rates_of)(jax.device_put(steps, PartitionSpec("x")))
        for rates in (jax.pmap(rates_of)(steps), jax.jit(over_shards)(counts), jax.jit(rates_of)(counts), typed):
            for case, its, found in zip(cases, steps, rates, strict=True):
                want = np.array([[case.schedule(int(step)) for step in row] for row in its]).astype(np.float32)
                want = np.where(want < np.finfo(np.float32).tiny, 0, want * np.float32(bend))
                assert found.dtype == jnp.float32
                got = np.asarray(found)
                np.testing.assert_array_equal(np.where(got < np.finfo(np.float32).tiny, 0, got), want, err_msg=case.name)
                compared += want.size
    # Many edges, each step on a device of its own: a binary search is a loop that cannot carry such steps
    many = PiecewiseConstant([1.0 / (i + 1) for i in range(5001)], boundaries=range(3, 15_003, 3))
    counts = np.arange(0, 16_000, 40, np.int32)
    with jax.set_mesh(explicit):
        rates = jax.jit(many)(jax.device_put(counts, PartitionSpec("x")))
    assert rates.sharding.spec == PartitionSpec("x")
    np.testing.assert_array_equal(rates, many(counts).astype(np.float32) * np.float32(bend))
    everywhere = jax.device_put(jnp.asarray(7, jnp.int32), NamedSharding(mesh, PartitionSpec()))
    assert float(CASES[1].schedule(everywhere)) == np.float32(CASES[1].schedule(7))
    return compared


def check_plateau() -> None:
    """A rule on parameters that are spread over the devices, its metric the mean over them: one scale, the core's."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax
    from jax.sharding import NamedSharding, PartitionSpec

    from lrcore import Cosine
    from lrcore.plateau import Plateau
    from lrcore_optax import scale_on_plateau, used

    mesh = jax.make_mesh((4,), ("x",), axis_types=(jax.sharding.AxisType.Auto,))
    split = NamedSharding(mesh, PartitionSpec("x"))
    lr, rule = Cosine(0.5, steps=30), Plateau(factor=0.3, patience=0, window=2)
    optimizer = optax.chain(optax.sgd(lr), scale_on_plateau(rule))
    params = jax.device_put(jnp.ones(8), split)
    losses = np.random.default_rng(0).normal(1, 0.1, (20, 4)).astype(np.float32)

    @jax.jit
    def train(params, state, losses):  # type: ignore[no-untyped-def]
        loss = jnp.mean(losses)
        updates, state = optimizer.update(params, state, params, value=loss)
        return updates, state, loss

    state, expected = jax.jit(optimizer.init)(params), rule.start()
    for step, row in enumerate(losses):
        updates, state, loss = train(params, state, jax.device_put(row, split))
        expected = rule.update(expected, float(loss))
        assert used(state)["scale"].sharding.is_fully_replicated
        assert updates.sharding.is_equivalent_to(split, 1)
        np.testing.assert_array_equal(updates, -np.float32(lr(step)) * np.float32(expected.scale))
    assert expected.cuts > 3


def run(bend: float) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    environment["PYTHONPATH"] = str(HERE.parent.parent / "shared")
    command = [sys.executable, str(HERE), str(bend)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_equals_the_core_on_four_devices() -> None:
    done = run(1.0)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5_000


@pytest.mark.parametrize("bend", [1.000001])
def test_a_result_that_is_off_would_be_caught(bend: float) -> None:
    done = run(bend)
    assert done.returncode == 1
    assert "AssertionError" in done.stderr


if __name__ == "__main__":
    print(check(float(sys.argv[1])))
    check_plateau()
