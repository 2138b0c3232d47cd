"""A value as a field of a pydantic model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic_core import SchemaSerializer, core_schema

from lrcore._text.data import from_dict, to_dict
from lrcore._text.text import parse
from lrcore._value import Value


def core_schema_of(kind: type[Value]) -> Any:
    """How pydantic reads and writes values of a class: it takes one, its text or its dict, and writes the text."""

    def read(given: Any) -> Value:
        made: Any = given
        try:
            if isinstance(given, str):
                made = parse(given)
            elif isinstance(given, Mapping):
                made = from_dict(given)
        except TypeError as error:  # pydantic reports ValueErrors only
            raise ValueError(str(error)) from error
        if not isinstance(made, kind):
            raise ValueError(f"a {kind.__name__} is wanted, or its text or dict, got {given!r}.")
        return made

    return core_schema.no_info_plain_validator_function(
        read,
        json_schema_input_schema=core_schema.str_schema(),
        serialization=_as_text(),
    )


@cache
def serializer() -> SchemaSerializer:
    """What writes a value as its text, wherever pydantic meets one."""
    return SchemaSerializer(core_schema.any_schema(serialization=_as_text()))


def _as_text() -> Any:
    return core_schema.plain_serializer_function_ser_schema(_written, return_schema=core_schema.str_schema())


def _written(value: Value) -> str:
    to_dict(value)  # raises where the text would lose something: a function, an array
    return repr(value)
