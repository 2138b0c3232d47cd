"""Schedules in a configuration: every dict in it, at any depth, that is of a known format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lrcore import from_dict, parse
from lrcore.port._configs.classes import CLASSES, KERAS_CONFIG
from lrcore.port._configs.deepspeed import DEEPSPEED
from lrcore.port._configs.flat import MEGATRON_OPTIONS, NANOGPT, OPEN_CLIP, TIMM_ARGUMENTS
from lrcore.port._configs.format import Data, Format
from lrcore.port._configs.torchtitan import TORCHTITAN
from lrcore.port._configs.training_arguments import AXOLOTL, TRAINING_ARGUMENTS
from lrcore.port._part import Asked
from lrcore.port._reading import Reading


def _read_own(data: Data, asked: Asked) -> Reading:
    return Reading((from_dict(data),), source="lrcore's to_dict")


FORMATS = (
    Format("lrcore's to_dict", lambda data: isinstance(data.get("family"), str), _read_own),
    CLASSES,
    DEEPSPEED,
    TORCHTITAN,
    AXOLOTL,
    TRAINING_ARGUMENTS,
    KERAS_CONFIG,
    TIMM_ARGUMENTS,
    NANOGPT,
    MEGATRON_OPTIONS,
    OPEN_CLIP,
)
"""The formats, each before those that it could be taken for."""


SAID = (CLASSES, DEEPSPEED, TRAINING_ARGUMENTS)
"""Those that a dict in a program is known by, since they name what they are: others have words that many dicts have."""


def formats_in(data: Any, formats: Sequence[Format] = FORMATS, path: str = "") -> Iterator[tuple[str, Format, Data]]:
    """The dicts of a configuration that are of a known format, with the path of keys to each."""
    if isinstance(data, Mapping):
        known = next((form for form in formats if form.fits(data)), None)
        if known is not None:
            yield path, known, data
            return
        for key, value in data.items():
            yield from formats_in(value, formats, f"{path}.{key}" if path else str(key))
    elif isinstance(data, (list, tuple)):
        for i, value in enumerate(data):
            yield from formats_in(value, formats, f"{path}[{i}]")


def expressions_in(data: Any, path: str = "") -> Iterator[tuple[str, Reading]]:
    """The texts in a configuration that are schedules of lrcore's own."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from expressions_in(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, (list, tuple)):
        for i, value in enumerate(data):
            yield from expressions_in(value, f"{path}[{i}]")
    elif isinstance(data, str) and data.endswith(")"):
        try:
            yield path, Reading((parse(data),), source="lrcore's text")
        except ValueError:
            return
