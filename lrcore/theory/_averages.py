"""An average of checkpoints, as the decay that it stands for.

For fixed gradients g, x_t = x_0 - Σ_{i<=t} η·g_i at a constant rate η. An average Σ_j c_j·x_j of the iterates, with weights
that sum to 1, is then x_0 - Σ_i η·w_i·g_i with w_i = Σ_{j>=i} c_j: where a run with the rates η·w_i would have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from lrcore._arguments import COUNT, FINITE, as_number, refuse
from lrcore._families.interpolate import Interpolate
from lrcore._schedule import Schedule
from lrcore._view.curve import values

if TYPE_CHECKING:
    from lrcore.theory._rates import Floats

T = TypeVar("T")

_ROUNDING = 1e-6


def averaging_weights(decay: Schedule, checkpoints: int) -> Floats:
    """The weights with which checkpoints of a run at a constant rate are averaged, so that the average is a decay.

        w_i = decay(i)    i = 1 .. k,
        c_0 = 1 - w_1,    c_j = w_j - w_{j+1},    c_k = w_k

    with k = `checkpoints`. Checkpoint 0 is where the decay begins, and the others follow it in equal intervals. For fixed
    gradients, Σ_j c_j·x_j is the last iterate of a run whose rate was multiplied by `decay(i)` in the i-th interval.
    Gradients move with the weights, so on a real loss the two are alike and not equal. No weight is below 0 if the decay
    never rises and stays between 0 and 1, and only then.

    Args:
        decay: the rate as a share of the constant one: a schedule from 1 down to 0, on a clock of checkpoints. With
            `steps=k + 1` its last interval still has a rate above 0.
        checkpoints: k, how many checkpoints follow the first.

    Returns:
        k + 1 weights, which sum to 1, the first checkpoint's first.

    Raises:
        ValueError: `checkpoints` is below 1.
        TypeError: `decay` is not a schedule, or has a field that is an array.

    Reference: WSM (arXiv:2507.17634).

    >>> from lrcore import Linear, OneMinusSqrt
    >>> averaging_weights(Linear(1.0, end=0.0, steps=4), 3)
    array([0.25, 0.25, 0.25, 0.25])
    >>> averaging_weights(OneMinusSqrt(1.0, steps=4), 3).round(3)
    array([0.5  , 0.207, 0.159, 0.134])
    """
    import numpy as np

    if not isinstance(decay, Schedule):
        refuse("averaging_weights", "decay", "a schedule", decay, kind=True)
    if decay._array is not None:
        refuse("averaging_weights", "decay", "a schedule of known numbers, without arrays or tracers", decay, kind=True)
    count = as_number("averaging_weights", "checkpoints", checkpoints, COUNT)
    shares = values(decay, np.arange(1, count + 1))
    found: Floats = np.append(1.0, shares) - np.append(shares, 0.0)  # and no -0, as the negative of a difference has
    return found


def equivalent_decay(weights: Sequence[float] | Floats) -> Schedule:
    """The decay that an average of checkpoints stands for: the inverse of `averaging_weights`.

        decay(0) = 1,    decay(i) = Σ_{j>=i} c_j    i = 1 .. k,    decay(k + 1) = 0

    on a clock of checkpoints, with straight lines between them.

    Args:
        weights: c_0 to c_k, which sum to 1.

    Raises:
        ValueError: there are no weights, one is not finite, or their sum differs from 1 by more than 1e-6.

    >>> equivalent_decay([0.25, 0.25, 0.25, 0.25])
    Interpolate([[0, 1.0], [1, 0.75], [2, 0.5], [3, 0.25], [4, 0.0]])
    """
    import numpy as np

    known = _weights("equivalent_decay", weights)
    shares = np.cumsum(known[:0:-1])[::-1].tolist()
    return Interpolate([(0, 1.0), *enumerate(shares, 1), (len(known), 0.0)])


def add_up(
    owner: str, checkpoints: Iterable[T], weights: Sequence[float] | Floats, add: Callable[[T, float], object]
) -> None:
    """Call `add(checkpoint, weight)` for one checkpoint after another: for an adapter, which sums them.

    Nothing here holds a checkpoint when the next one is taken, so that a generator may read them from files.

    Args:
        owner: what an error calls the function that averages.
        checkpoints: as many as there are weights.
        weights: which sum to 1.
        add: what to do with each.

    Raises:
        ValueError: there are fewer checkpoints than weights, or more, or the weights do not sum to 1.

    >>> add_up("average", ["first", "second"], [0.25, 0.75], print)
    first 0.25
    second 0.75
    """
    known = _weights(owner, weights).tolist()
    rule = f"{len(known)} checkpoint{'s' * (len(known) > 1)}, one for each weight"
    given, end = iter(checkpoints), object()

    def take(count: int) -> Any:
        checkpoint: Any = next(given, end)
        if checkpoint is end:
            refuse(owner, "checkpoints", rule, count)
        return checkpoint

    for i, weight in enumerate(known):
        add(take(i), weight)
    if next(given, end) is not end:
        refuse(owner, "checkpoints", rule, len(known) + 1, hint="there may be more")


def _weights(owner: str, weights: Any) -> Floats:
    import numpy as np

    if isinstance(weights, str) or not isinstance(weights, Iterable):
        refuse(owner, "weights", "a sequence of numbers", weights, kind=True)
    items = weights.tolist() if isinstance(weights, np.ndarray) else weights
    known = np.array([as_number(owner, f"weights[{i}]", weight, FINITE) for i, weight in enumerate(items)])
    if not known.size:
        refuse(owner, "weights", "have at least 1 number", weights)
    total = float(known.sum())
    if abs(total - 1) > _ROUNDING:
        refuse(owner, "weights", "numbers that sum to 1", weights, hint=f"their sum is {total!r}")
    return known
