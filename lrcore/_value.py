"""A value: frozen, equal by its fields, printed as the expression that rebuilds it, saved, compared.

A schedule is a value that is also a function of the step. Other things that people save and compare are values only.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import Field, dataclass, fields
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from lrcore._arguments import explained, is_array, refuse

V = TypeVar("V", bound="Value")


@dataclass_transform(frozen_default=True, eq_default=False)
def value_class(kind: type[V]) -> type[V]:
    """Make a subclass of `Value` a frozen dataclass that says it comes from its public module: `lrcore`, or a tool's.

    A pickle names a class by its module: with the public one it survives every move between our files.
    """
    made = dataclass(frozen=True, eq=False, repr=False)(kind)
    move(made)
    made.__init__ = _prepared(explained(made.__init__))  # type: ignore[method-assign]
    return made


def move(kind: type[Any]) -> None:
    """Say that a class comes from its public module, with annotations that hold there.

    Whoever reads them, as configuration systems do, looks their names up in the module that the class says it is of.
    """
    names, told = vars(sys.modules[kind.__module__]), kind.__annotations__
    told.pop("_", None)  # the marker of the keywords, which has done its work
    for field, text in told.items():
        if text not in _ANYWHERE:  # evaluating takes its time at import
            told[field] = eval(text, names)
    kind.__module__ = kind.__module__.partition("._")[0]


_ANYWHERE = frozenset({"float", "int", "str", "bool", "int | None", "float | None", "Schedule"})
"""Annotations that mean the same in every module, or in lrcore."""


def _prepared(init: Callable[..., None]) -> Callable[..., None]:
    """A constructor that ends with what the class computes once."""

    @functools.wraps(init)
    def construct(self: Value, *args: Any, **fields: Any) -> None:
        init(self, *args, **fields)
        self._prepare()

    return construct


@dataclass(frozen=True, eq=False, repr=False)
class Value:
    """Fields that never change, and what follows from them.

    One `__eq__` here, not one that `dataclass` compiles for each class: that would be a third of the import's time.
    """

    _name: ClassVar[str] = ""
    """What text, data and errors call the class: its own name, unless it says another."""

    _method: ClassVar[str] = ""
    """The method, of the schedule in the first field, that makes this: what a user types, so what text and errors say."""

    def __init_subclass__(cls) -> None:
        if "_name" not in cls.__dict__:
            cls._name = cls.__name__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            return NotImplemented
        return self is other or (type(self) is type(other) and self._state() == other._state())

    def __hash__(self) -> int:
        return hash((type(self), *self._state()))

    def _state(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def _prepare(self) -> None:
        """Compute what is computed once: nothing, unless a class says so."""

    @classmethod
    def _parameters(cls) -> dict[str, Field[Any]]:
        """The fields, by what users call them: `warmup_` is `warmup`, a name that a method has taken."""
        return {field.name.rstrip("_"): field for field in fields(cls)}

    @functools.cached_property
    def _array(self) -> Any:
        """One field, at any depth, that is an array or tracer of a framework, or None."""
        return _first_array(self._state())

    def _inner(self) -> Iterator[Any]:
        """The values among the fields, at any depth of tuples."""
        return _values_in(self._state())

    def __repr__(self) -> str:
        from lrcore._text.text import express

        return express(self)

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON-ready data, versioned; `lrcore.from_dict` reads it.

        Raises:
            ValueError: a part cannot be saved: a `Custom` function, or a field that is an array.

        >>> from lrcore import Constant
        >>> Constant(0.1).to_dict()
        {'version': 1, 'family': 'Constant', 'value': 0.1}
        """
        from lrcore._text.data import to_dict

        return to_dict(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """As a field of a pydantic model: the text or the dict of a value in, its text out."""
        from lrcore._text.pydantic import core_schema_of

        return core_schema_of(cls)

    @property
    def __pydantic_serializer__(self) -> Any:
        """As the default of such a field: its text, in the model's JSON schema too."""
        from lrcore._text.pydantic import serializer

        return serializer()

    def diff(self, other: Self) -> dict[str, tuple[Any, Any]]:
        """The fields in which two values differ: path to (mine, the other's). Empty when they are equal.

        >>> from lrcore import Cosine
        >>> Cosine(0.1, steps=100).warmup(5).diff(Cosine(0.1, steps=90).warmup(5))
        {'schedule.steps': (100, 90)}
        """
        from lrcore._text.data import diff

        if not isinstance(other, Value):
            refuse(f"{self._name}.diff", "other", "a schedule", other, kind=True)
        return diff(self, other)


def _first_array(items: tuple[Any, ...]) -> Any:
    for item in items:
        if isinstance(item, Value):
            found = item._array
        elif isinstance(item, tuple):
            found = _first_array(item)
        else:
            found = item if is_array(item) else None
        if found is not None:
            return found
    return None


def _values_in(items: tuple[Any, ...]) -> Iterator[Value]:
    for item in items:
        if isinstance(item, Value):
            yield item
        elif isinstance(item, tuple):
            yield from _values_in(item)
