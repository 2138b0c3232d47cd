"""`check` of a schedule and the numbers of a loop."""

from __future__ import annotations

import jax.numpy as jnp
import optax

from lrcore import Constant, Cosine
from lrcore_optax import check


def test_a_plan_is_filled_in_from_the_loop_and_the_parameters() -> None:
    params = {"w": jnp.zeros((2, 2), jnp.bfloat16), "n": jnp.zeros((), jnp.int32)}
    found = check(
        Cosine(2e-5, steps=5_000), params=params, epochs=10, batches=1_000, batch_size=8, accumulation=2, optimizer="adamw"
    )
    plan = found.plan
    assert (plan.dtype, plan.batch, plan.total, plan.steps_per_epoch) == ("bfloat16", 16, 5_000, 500)
    assert [finding.rule for finding in found] == ["update-rounds-away"]


def test_micro_batches_of_multi_steps_are_no_updates() -> None:
    found = check(Cosine(1e-3, steps=10_000), epochs=10, batches=1_000, accumulation=4)
    assert [finding.rule for finding in found] == ["accumulation"]
    assert found.fixed == Cosine(1e-3, steps=2_500)


def test_a_schedule_of_optaxs_is_read() -> None:
    found = check(optax.warmup_cosine_decay_schedule(0.0, 0.1, 5, 90), total=9_000, steps_per_epoch=100)
    assert [finding.rule for finding in found] == ["epochs-as-updates"]


def test_a_number_is_a_constant_rate() -> None:
    assert check(1e-3, total=500).plan.schedule == Constant(1e-3)
