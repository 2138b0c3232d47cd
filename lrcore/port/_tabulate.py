"""A table of a live original's own values, for what no expression gives: `read(thing, exact=False)`."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from lrcore import Interpolate
from lrcore.port._part import Asked
from lrcore.port._reading import Reading, Refusal

_MOST = 1_000
"""Points in a table; the values of a longer run are thinned."""


def tabulated(thing: Any, asked: Asked, refusal: Refusal) -> Reading:
    """The values of a live original at every update, as far as the run goes, through few points where it is long."""
    if asked.updates is None:
        raise Refusal(f"{refusal} With exact=False, say how far the run goes as updates=.")
    step, several = _values(thing, asked.updates, refusal)
    rates, worst, until = [], 0.0, asked.updates - 1
    for values in several:
        known = [values[0]] * step + list(values)
        points = _points(known)
        table = Interpolate(points)
        peak = max(map(abs, known)) or 1.0
        worst = max(worst, max(abs(table(t) - value) for t, value in enumerate(known)) / peak)
        rates.append(table)
    same = all(rate == rates[0] for rate in rates)
    remarks: tuple[str, ...] = (f"A table of its values: {refusal}",)
    if step:
        remarks += (f"Before step {step:,}, where it is now, the table has the value of that step.",)
    return Reading(
        tuple(rates[:1] if same else rates),
        step=step,
        until=max(until, step),
        error=worst,
        exact=False,
        remarks=remarks,
        source=type(thing).__name__ if not hasattr(thing, "__name__") else thing.__qualname__,
    )


def _values(thing: Any, updates: int, refusal: Refusal) -> tuple[int, list[list[float]]]:
    """The step that it is at, and each group's value from there on."""
    if hasattr(thing, "optimizer") and hasattr(thing, "step") and hasattr(thing.optimizer, "param_groups"):
        return _run(thing, updates)
    values: Callable[[int], Any] | None = None
    if hasattr(thing, "_get_values"):  # timm's, a function of the step with noise and all
        return 0, [list(group) for group in zip(*(_numbers(thing._get_values(t)) for t in range(updates)), strict=True)]
    if callable(thing):
        values = thing
    if values is None:
        raise refusal
    return 0, [[float(values(t)) for t in range(updates)]]


def _numbers(values: Sequence[Any]) -> list[float]:
    return [float(value) for value in values]


def _run(scheduler: Any, updates: int) -> tuple[int, list[list[float]]]:
    """Step a copy of a PyTorch scheduler, on a copy of the groups' numbers."""
    groups = [{key: value for key, value in group.items() if key != "params"} for group in scheduler.optimizer.param_groups]
    stand_in = SimpleNamespace(
        param_groups=[
            {key: value.item() if hasattr(value, "item") else value for key, value in group.items()} for group in groups
        ],
        step=lambda: None,
        defaults=dict(scheduler.optimizer.defaults),
        _opt_called=True,
    )
    stand_in.step._wrapped_by_lr_sched = True
    twin = _twin(scheduler, stand_in)
    inner = twin
    while not isinstance(getattr(inner, "last_epoch", None), int):
        inner = inner._schedulers[0]
    step = inner.last_epoch
    rows = [[float(group["lr"]) for group in stand_in.param_groups]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(updates - step - 1):
            try:
                twin.step()
            except Exception as error:
                raise Refusal(
                    f"{type(scheduler).__name__} cannot be stepped to {step + len(rows):,} of updates={updates:,}: "
                    f"{str(error) or type(error).__name__}."
                ) from error
            rows.append([float(group["lr"]) for group in stand_in.param_groups])
    return step, [list(values) for values in zip(*rows, strict=True)]


def _twin(scheduler: Any, optimizer: Any) -> Any:
    twin = copy.copy(scheduler)
    twin.optimizer = optimizer
    if hasattr(scheduler, "_schedulers"):
        twin._schedulers = [_twin(inner, optimizer) for inner in scheduler._schedulers]
    return twin


def _points(values: Sequence[float]) -> list[tuple[int, float]]:
    """The steps to draw straight lines between: all, or those that keep nearest to the rest."""
    last = len(values) - 1
    if last == 0:
        return [(0, values[0]), (1, values[0])]
    if last < _MOST:
        return list(enumerate(values))
    kept = {0, last}
    spans = [_farthest(values, 0, last)]
    while len(kept) < _MOST:
        spans.sort()
        off, at, begin, end = spans.pop()
        if off == 0:
            break
        kept.add(at)
        spans += [_farthest(values, begin, at), _farthest(values, at, end)]
    return [(step, values[step]) for step in sorted(kept)]


def _farthest(values: Sequence[float], begin: int, end: int) -> tuple[float, int, int, int]:
    """The step whose value is farthest from the line between two others, and how far."""
    first, slope = values[begin], (values[end] - values[begin]) / (end - begin)
    off, at = max(((abs(values[t] - first - slope * (t - begin)), t) for t in range(begin + 1, end)), default=(0.0, begin))
    return off, at, begin, end
