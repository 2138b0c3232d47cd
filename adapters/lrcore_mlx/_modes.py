"""How MLX is verified: arrays of steps, compiled and not, and the updates that an optimizer makes."""

from __future__ import annotations

from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
import numpy as np

from lrcore import Schedule
from lrcore.modes import Steps, Values, of_rates, slow


def arrays(schedule: Schedule, steps: Steps) -> Values:
    """The whole as one array of int64."""
    many = mx.array(steps.many)
    return steps.many, np.array(schedule(many)), np.array(schedule(many, "float64"))


@slow
def compiled(schedule: Schedule, steps: Steps) -> Values:
    """The same as an optimizer's count, under `mx.compile`, which makes C++ of it where the machine has a compiler."""
    function: Any = mx.compile(schedule)
    single = function(mx.array(steps.many.astype(np.uint64)))
    return steps.many, np.array(single), None


@of_rates
def sgd(schedule: Schedule, steps: Steps) -> Values:
    """Updates of `mlx.optimizers.SGD`, each at the count that its state has been set to."""
    weight, gradient = mx.zeros(()), mx.ones(())

    def applied(count: mx.array) -> Any:
        optimizer = optim.SGD(schedule)
        optimizer.state["step"] = count
        return -optimizer.apply_gradients({"weight": gradient}, {"weight": weight})["weight"]

    rates: Any = mx.vmap(applied)(mx.array(steps.many.astype(np.uint64)))
    return steps.many, np.array(rates), None


MODES = {"MLX": arrays, "MLX compile": compiled, "MLX SGD": sgd}
