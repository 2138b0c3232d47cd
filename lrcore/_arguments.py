"""Every error about a bad argument: one rule, one wording.

    Cosine.steps must be a positive integer, got 0.

The wrong kind is a TypeError, the wrong value a ValueError. An array or tracer of a framework passes by, since its value
is not known yet; it only has to be a single number.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from types import FunctionType
from typing import Any, NoReturn, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """What a field must be, in words, and the test for it."""

    text: str
    whole: bool
    holds: Callable[[Any], bool]


LARGEST = sys.float_info.max
"""The largest finite float. An int may be beyond it, and is no more finite than infinity to a formula."""

FINITE = Rule("a finite number", False, lambda x: -LARGEST <= x <= LARGEST)
NON_NEGATIVE = Rule("a finite number, 0 or more", False, lambda x: 0 <= x <= LARGEST)
POSITIVE = Rule("a finite number above 0", False, lambda x: 0 < x <= LARGEST)
FRACTION = Rule("a number above 0 and below 1", False, lambda x: 0 < x < 1)
SHARE = Rule("a number, 0 or more and below 1", False, lambda x: 0 <= x < 1)
FACTOR = Rule("a number above 0 and at most 1", False, lambda x: 0 < x <= 1)
COUNT = Rule("a positive integer", True, lambda x: x >= 1)
WHOLE = Rule("an integer, 0 or more", True, lambda x: x >= 0)


_LONGEST = 200
"""The characters that an error shows of a value which is written over several lines."""


def refuse(owner: str, field: str, rule: str, value: object, *, kind: bool = False, hint: str = "") -> NoReturn:
    """Raise the one error: what must hold, what was given and, where there is one, the way out."""
    error = TypeError if kind else ValueError
    raise error(f"{owner}.{field} must {_verb(rule)}, got {_shown(value)}{'; ' + hint if hint else ''}.")


def _verb(rule: str) -> str:
    return rule if rule.startswith("have ") else f"be {rule}"


def _shown(value: object) -> str:
    if isinstance(value, int) and abs(value) >= 10**40:  # Python writes no more than 4,300 digits, and nobody reads them
        return f"an integer of about {int(abs(value).bit_length() * math.log10(2)) + 1} digits"
    text = repr(value)
    if "\n" not in text:
        return text
    text = " ".join(text.split())  # an error is one line, and what takes many is as long as it likes
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def owner(value: Any) -> str:
    """What an error calls the owner of a field: a class, or the method that the user typed, as in `Cosine.warmup`."""
    receiver = next(iter(vars(value).values()), None)
    name = getattr(receiver, "_name", None) if value._method else None
    return f"{name}.{value._method}" if name else str(value._name)


def nearest(name: object, names: Iterable[str], otherwise: str = ".") -> str:
    """How an error about a name that is not known ends: with the one that was meant, or with where they all are."""
    from difflib import get_close_matches  # only an error needs it

    known = {other.lower(): other for other in names}
    close = get_close_matches(name.lower(), known, 1) if isinstance(name, str) else []
    return f"; did you mean {known[close[0]]!r}?" if close and known[close[0]] != name else otherwise


def is_number(value: object) -> bool:
    """A Python or NumPy real number, which a `bool` is not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_array(value: object) -> bool:
    """An array or tracer of a framework: its value may not be known yet."""
    return hasattr(value, "dtype") and hasattr(value, "shape") and type(value).__module__.partition(".")[0] != "numpy"


def as_number(owner: str, field: str, value: Any, rule: Rule) -> Any:
    """`value` as a plain Python number that keeps `rule`, or a framework's array of one number.

    What can be written into is read or copied, or a schedule made of an optimizer's own rate would change with it. The
    copy is a function of the tensor, so that gradients reach it; not `detach`, which would cut them off.
    """
    if is_array(value):
        value = read_variable(value)
        if len(value.shape):
            shape = tuple(value.shape)
            raise TypeError(
                f"{owner}.{field} must be a single number, got an array of shape {shape}; map over it with vmap."
            )
        if hasattr(value, "clone"):
            return value.clone()
        if not hasattr(value, "__iadd__"):
            return value
        return value.__copy__() if hasattr(value, "__copy__") else value * 1  # `+=` writes into such an array
    if not is_number(value) or (rule.whole and not isinstance(value, Integral)):
        refuse(owner, field, rule.text, value, kind=True, hint=_number_meant(value))
    number = int(value) if isinstance(value, Integral) else float(value)
    if not rule.holds(number):
        refuse(owner, field, rule.text, value)
    if abs(number) > LARGEST:
        refuse(owner, field, f"{rule.text}, of a size that a float can hold", value)
    return number


def read_variable(value: Any) -> Any:
    """What a variable of TensorFlow's or Keras's holds, which may be one of its backend's; any other value as it is."""
    while hasattr(value, "assign") and is_array(value):
        value = value.read_value() if hasattr(value, "read_value") else value.value
    return value


def _number_meant(value: Any) -> str:
    """The number that a float or a text stands for, where one was not expected."""
    if is_number(value) and math.isfinite(value) and float(value).is_integer():
        return f"write {int(value)}"
    if isinstance(value, str):
        try:
            meant = float(value)
        except ValueError:
            return ""
        in_yaml = ", and in YAML 3.0e-4 where you mean 3e-4" if "e" in value.lower() else ""
        return (
            f"that is text: write {int(meant) if meant.is_integer() else meant!r}{in_yaml}" if math.isfinite(meant) else ""
        )
    return ""


def check(schedule: Any, **rules: Rule) -> None:
    """Hold fields of a schedule under construction to their rules, NumPy numbers becoming Python's."""
    for field, rule in rules.items():
        set_field(schedule, field, as_number(owner(schedule), field.rstrip("_"), getattr(schedule, field), rule))


def set_field(schedule: Any, field: str, value: object) -> None:
    """Set a field of a frozen dataclass under construction."""
    object.__setattr__(schedule, field, value)


def one_of(choices: Iterable[str]) -> str:
    """Words to choose from: 'a', 'b' or 'c'."""
    *first, last = (f"'{choice}'" for choice in choices)
    return f"{', '.join(first)} or {last}" if first else last


def check_choice(schedule: Any, field: str, choices: Iterable[str], hint: str = "") -> None:
    """Hold a field to one of some words."""
    chosen(owner(schedule), field, getattr(schedule, field), choices, hint)


def chosen(owner: str, field: str, value: Any, choices: Iterable[str], hint: str = "") -> None:
    """Refuse what is not one of some words."""
    if not isinstance(value, str) or value not in choices:
        refuse(owner, field, one_of(choices), value, kind=not isinstance(value, str), hint=hint)


def check_schedule(schedule: Any, field: str, kind: type) -> None:
    """Hold a field to being a schedule, which is what `kind` is: this module stands below the one that defines it."""
    value = getattr(schedule, field)
    if not isinstance(value, kind):
        refuse(owner(schedule), field, "a schedule", value, kind=True)


def check_bool(schedule: Any, field: str) -> None:
    """Hold a field to True or False."""
    value = getattr(schedule, field)
    if not isinstance(value, bool):
        refuse(owner(schedule), field, "True or False", value, kind=True)


def check_many(schedule: Any, field: str, rule: Rule, *, at_least: int = 1, increasing: bool = False) -> None:
    """Hold each item of a field to a rule, and the field to an order."""
    values = getattr(schedule, field)
    set_field(schedule, field, as_numbers(owner(schedule), field, values, rule, at_least=at_least, increasing=increasing))


def as_numbers(
    name: str, field: str, values: Any, rule: Rule, *, at_least: int = 1, increasing: bool = False
) -> tuple[Any, ...]:
    """A sequence as plain numbers, each of which keeps a rule, and together an order."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        refuse(name, field, "a sequence of numbers", values, kind=True)
    numbers = tuple(as_number(name, f"{field}[{i}]", value, rule) for i, value in enumerate(values))
    if len(numbers) < at_least:
        refuse(name, field, f"have at least {at_least} number{'s' * (at_least > 1)}", values)
    if increasing and any(not is_array(a) and not is_array(b) and a >= b for a, b in itertools.pairwise(numbers)):
        refuse(name, field, "in increasing order, each number once", values)
    return numbers


def check_length(schedule: Any) -> None:
    """Refuse a composition whose length no float can hold: its parts may each be in range."""
    length = schedule.length
    if isinstance(length, int) and length > LARGEST:
        refuse(owner(schedule), "length", "of a size that a float can hold", length)


JOINED = "optax.join_schedules asks its pieces for such steps: write first.then(second, at=boundary) instead"
"""The way out for a number or NumPy array of steps below 0. JAX steps below 0 read as 0, since Optax's own code asks so."""


def check_step(step: Any, hint: str = "") -> None:
    """Refuse a step whose value is known and that is infinite, not a number, or negative, for which there may be a hint."""
    number = step.item() if hasattr(step, "item") else step
    if not 0 <= number <= LARGEST:
        way_out = f"; {hint}" if hint and number < 0 else ""
        raise ValueError(f"step must be a finite number, 0 or more, got {_shown(number)}{way_out}.")


def check_real(steps: Any) -> None:
    """Refuse NumPy's arrays of truth values, complex numbers and objects."""
    if steps.dtype.kind not in "iuf":
        raise TypeError(f"step must hold real numbers, got an array of {steps.dtype}.")


def explained(function: _Function) -> _Function:
    """`function`, a call of which that does not fit its arguments is told so by `explain`.

    For a constructor and a method the owner is named by the class of the object, as the user typed it. Nothing is looked at
    before a call has failed, and then only if `function` was never entered: its own errors pass.
    """
    tell = _explain_python

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                tell(function, args, kwargs)
            raise

    # With the globals of `function`: doctest asks them whether a function belongs to the module it looks at.
    known = FunctionType(call.__code__, function.__globals__, closure=call.__closure__)
    return cast(_Function, functools.update_wrapper(known, function))


def _explain_python(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """`explain` for a call in Python, where a method's first argument is its object."""
    name = function.__name__
    if not args or "self" not in function.__code__.co_varnames[:1]:
        return explain(name, function, args, list(kwargs))
    kind = type(args[0])
    typed = kind.__name__ if name == "__init__" else f"{getattr(kind, '_name', kind.__name__)}.{name}"
    return explain(typed, function.__get__(args[0]), args[1:], list(kwargs))


def explain(
    owner: str,
    function: Callable[..., Any],
    args: Sequence[Any],
    names: Sequence[str],
    show: Callable[[Any], str] = repr,
) -> None:
    """Say in our words how a call does not fit a function; nothing where it does.

    Args:
        owner: what the user typed: `Cosine`, `Cosine.warmup`.
        function: what is called.
        args: the positional arguments.
        names: the names of the others.
        show: the text of a positional argument.

    Raises:
        TypeError: an argument that the function does not have, with what other libraries' word it is or the nearest of the
            names that there are; positional ones that must be named; one given twice; one that is missing.
    """
    known = parameters_of(function)
    parameters = {name: p for name, p in known.items() if p.kind is not p.VAR_KEYWORD}
    any_name = len(parameters) < len(known)
    places = [name for name, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    unknown = [name for name in names if name not in parameters]
    if unknown and not any_name:
        raise TypeError(f"{owner} has no argument {unknown[0]!r}{_meant(owner, unknown, list(parameters))}")
    if len(args) > len(places):
        others = [name for name in parameters if name not in places and name not in names]
        raise TypeError(f"{owner} takes {_places(places)}{_named(others, args[len(places) :], show)}.")
    given = places[: len(args)]
    twice = [name for name in given if name in names]
    if twice:
        raise TypeError(f"{owner} has {twice[0]} twice, by its place and by its name.")
    missing = [p for name, p in parameters.items() if p.default is p.empty and name not in (*given, *names)]
    if missing:
        raise TypeError(f"{owner} needs {_listed([p.name + '=' * (p.kind is p.KEYWORD_ONLY) for p in missing])}.")


def parameters_of(function: Callable[..., Any]) -> Mapping[str, Any]:
    """The parameters of a function by their names, without the object of a method."""
    plain = getattr(function, "__func__", function)
    known = _parameters(plain)
    return known if plain is function else dict(itertools.islice(known.items(), 1, None))


@functools.cache
def _parameters(function: Callable[..., Any]) -> Mapping[str, Any]:
    from inspect import signature  # only an error and the reader of text need it, and it is slow

    return signature(function).parameters


def _meant(owner: str, unknown: Sequence[str], parameters: Sequence[str]) -> str:
    """How an error about an argument that is not there ends: another library's word, the nearest name, or all of them."""
    from lrcore._elsewhere import argument

    elsewhere = argument(owner, unknown[0], unknown, parameters)
    if elsewhere:
        return f"; {elsewhere}."
    near = nearest(unknown[0], parameters)
    if near == ".":
        near = f"; it has {', '.join(parameters)}." if parameters else "; it takes none."
    return near


def _places(places: Sequence[str]) -> str:
    """How many arguments go by their place, and which."""
    counts = ("no positional argument", "one positional argument", "two positional arguments", "three positional arguments")
    count = counts[len(places)] if len(places) < len(counts) else f"{len(places)} positional arguments"
    return f"{count}, {_listed(places)}" if places else count


def _named(names: Sequence[str], values: Sequence[Any], show: Callable[[Any], str]) -> str:
    """How the values that have no place are written, as far as there are names for them."""
    if len(values) > len(names):
        return f", got {len(values)} more"
    texts = [show(value) for value in values]
    short = (text if len(text) <= 40 and text.isprintable() else "..." for text in texts)
    return f"; write {', '.join(f'{name}={text}' for name, text in zip(names, short, strict=False))}"


def _listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
