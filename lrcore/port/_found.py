"""A schedule in a text or a configuration, read or not."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrcore.port._reading import Reading


@dataclass
class Found:
    """A schedule in a text: where, what is written there, and what it is here or why it cannot be read.

    Args:
        where: the line of a Python text, or the keys that lead to it in a configuration.
        text: the call, or the format of the configuration.
        reading: what it is here; None if it cannot be read.
        refusal: why not.
    """

    where: str
    text: str
    reading: Reading | None = None
    refusal: str = ""
    part: bool = field(default=False, repr=False)
    """Whether it is an argument of another one that was found."""
    line: int = field(default=0, repr=False)
