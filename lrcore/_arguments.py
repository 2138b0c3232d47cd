"""Every error about a bad argument: one rule, one wording.

    Cosine.steps must be a positive integer, got 0.

The wrong kind is a TypeError, the wrong value a ValueError. An array or tracer of a framework passes by, since its value
is not known yet; it only has to be a single number.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, NoReturn


@dataclass(frozen=True)
class Rule:
    """What a field must be, in words, and the test for it."""

    text: str
    whole: bool
    holds: Callable[[Any], bool]


LARGEST = sys.float_info.max
"""The largest finite float. An int may be beyond it, and is no more finite than infinity to a formula."""

NON_NEGATIVE = Rule("a finite number, 0 or more", False, lambda x: 0 <= x <= LARGEST)
POSITIVE = Rule("a finite number above 0", False, lambda x: 0 < x <= LARGEST)
FRACTION = Rule("a number above 0 and below 1", False, lambda x: 0 < x < 1)
FACTOR = Rule("a number above 0 and at most 1", False, lambda x: 0 < x <= 1)
COUNT = Rule("a positive integer", True, lambda x: x >= 1)
WHOLE = Rule("an integer, 0 or more", True, lambda x: x >= 0)


def refuse(owner: str, field: str, rule: str, value: object, *, kind: bool = False, hint: str = "") -> NoReturn:
    """Raise the one error: what must hold, what was given and, where there is one, the way out."""
    error = TypeError if kind else ValueError
    raise error(f"{owner}.{field} must be {rule}, got {value!r}{'; ' + hint if hint else ''}.")


def nearest(name: object, names: Iterable[str]) -> str:
    """How an error about a name that is not known ends: with the one that was meant, or a full stop."""
    from difflib import get_close_matches  # only an error needs it

    known = {other.lower(): other for other in names}
    close = get_close_matches(name.lower(), known, 1) if isinstance(name, str) else []
    return f"; did you mean {known[close[0]]!r}?" if close and known[close[0]] != name else "."


def is_number(value: object) -> bool:
    """A Python or NumPy real number; `bool` is none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_array(value: object) -> bool:
    """An array or tracer of a framework: its value may not be known yet."""
    return hasattr(value, "dtype") and hasattr(value, "shape") and type(value).__module__.partition(".")[0] != "numpy"


def plain(owner: str, field: str, value: Any, rule: Rule) -> Any:
    """`value` as a plain Python number that keeps `rule`, or a framework's array of one number.

    A tensor that can be written into is copied, or a schedule made of an optimizer's own rate would change with it. The
    copy is a function of the tensor, so that gradients reach it; not `detach`, which would cut them off.
    """
    if is_array(value):
        if len(value.shape):
            shape = tuple(value.shape)
            raise TypeError(
                f"{owner}.{field} must be a single number, got an array of shape {shape}; map over it with vmap."
            )
        return value.clone() if hasattr(value, "clone") else value
    if not is_number(value) or (rule.whole and not isinstance(value, Integral)):
        whole = is_number(value) and math.isfinite(value) and float(value).is_integer()
        refuse(owner, field, rule.text, value, kind=True, hint=f"write {int(value)}" if whole else "")
    number = int(value) if isinstance(value, Integral) else float(value)
    if not rule.holds(number):
        refuse(owner, field, rule.text, value)
    return number


def check(schedule: Any, **rules: Rule) -> None:
    """Hold fields of a schedule under construction to their rules, NumPy numbers becoming Python's."""
    for field, rule in rules.items():
        put(schedule, field, plain(type(schedule).__name__, field, getattr(schedule, field), rule))


def put(schedule: Any, field: str, value: object) -> None:
    """Set a field of a frozen dataclass under construction."""
    object.__setattr__(schedule, field, value)


def check_choice(schedule: Any, field: str, choices: Iterable[str]) -> None:
    """Hold a field to a set of words."""
    value = getattr(schedule, field)
    if not isinstance(value, str) or value not in choices:
        words = " or ".join(f"'{choice}'" for choice in choices)
        refuse(type(schedule).__name__, field, words, value, kind=not isinstance(value, str))


def check_schedule(schedule: Any, field: str) -> None:
    """Hold a field to being a schedule itself."""
    from lrcore._schedule import Schedule

    value = getattr(schedule, field)
    if not isinstance(value, Schedule):
        refuse(type(schedule).__name__, field, "a schedule", value, kind=True)


def check_bool(schedule: Any, field: str) -> None:
    """Hold a field to True or False."""
    value = getattr(schedule, field)
    if not isinstance(value, bool):
        refuse(type(schedule).__name__, field, "True or False", value, kind=True)


def check_many(schedule: Any, field: str, rule: Rule, *, at_least: int = 1, increasing: bool = False) -> None:
    """Hold each item of a sequence to a rule, and the sequence to an order."""
    owner = type(schedule).__name__
    values = getattr(schedule, field)
    if isinstance(values, str) or not isinstance(values, Iterable):
        refuse(owner, field, "a sequence of numbers", values, kind=True)
    numbers = tuple(plain(owner, f"{field}[{i}]", value, rule) for i, value in enumerate(values))
    if len(numbers) < at_least:
        refuse(owner, field, f"at least {at_least} number{'s' * (at_least > 1)}", values)
    if increasing and any(not is_array(a) and not is_array(b) and a >= b for a, b in itertools.pairwise(numbers)):
        refuse(owner, field, "in increasing order, each number once", values)
    put(schedule, field, numbers)


def check_step(step: Any) -> None:
    """Refuse a step whose value is known and that is negative, infinite or not a number."""
    number = step.item() if hasattr(step, "item") else step
    if not 0 <= number <= LARGEST:
        raise ValueError(f"step must be a finite number, 0 or more, got {number!r}.")
