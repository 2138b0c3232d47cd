"""Published recipes as data: the schedules of well-known models, each with its source and with how well that was checked.

RECIPES     every recipe by its name
recipe      the recipe of a name that a person would type
Recipe      what is known of one

The recipes are the tables of `recipes.toml` beside this file, in the order of the gallery. They are facts about runs of
others, and no recommendation: nothing in lrcore takes its defaults from here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import lrcore
from lrcore import Schedule
from lrcore._arguments import nearest, refuse
from lrcore._view.curve import horizon

__all__ = ["RECIPES", "Recipe", "recipe"]

CHECKED = {
    "compared": "read in the file named, and compared with its formula update by update",
    "read": "read in the file named",
    "quoted": "its numbers were read in copies of the text named",
    "remembered": "written from memory of the text named, and not read again",
}
"""What each way in which a source was checked means, from the best to the least."""


@dataclass(frozen=True)
class Recipe:
    """The schedule of one published run, and what is known about the run.

    Args:
        name: the name that `recipe` and the command take.
        title: the name as people write it.
        field: what the model is for: the heading that the gallery has it under.
        expression: the schedule as text, as the source's numbers give it.
        clock: what a step of the schedule counts: "updates" for most.
        optimizer: the optimizer that the rates are for.
        batch: how many examples an update uses, once the batch no longer grows; None where the source does not say.
        batch_unit: what an example is.
        updates: the length of the run in updates; None where the run counts something else, or where no length is given.
        data: the length of the run in epochs, tokens or samples.
        source: the repository and the file, or the paper and the place in it.
        checked: how well the source was checked, a word of `CHECKED`.
        printed: the numbers as the source prints them.
        points: steps and the values that the printed numbers give there.
        note: what differs from the source, or what the schedule leaves out.

    >>> found = recipe("gpt3-175b")
    >>> found.title, found.optimizer, found.batch, found.updates
    ('GPT-3 175B', 'Adam', 1600, 93750)
    >>> found.schedule
    Cosine(6e-05, steps=81250, end=6e-06).warmup(117)
    """

    name: str
    title: str
    field: str
    expression: str
    source: str
    checked: Literal["compared", "read", "quoted", "remembered"]
    printed: str
    points: tuple[tuple[int, float], ...]
    optimizer: str
    clock: str = "updates"
    batch: int | None = None
    batch_unit: str = "examples"
    updates: int | None = None
    data: str = ""
    note: str = ""

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule."""
        schedule: Schedule = lrcore.parse(self.expression)
        return schedule

    @property
    def facts(self) -> str:
        """The run in one line, with its optimizer, batch and length."""
        batch = f"batches of {self.batch:,} {self.batch_unit}" if self.batch else ""
        length = f"{self.updates:,} updates" if self.updates else ""
        clock = "" if self.clock == "updates" else f"a step is one of its {self.clock}"
        return ", ".join(filter(None, (self.optimizer, batch, length, self.data, clock)))

    @property
    def total(self) -> int:
        """How many of the schedule's steps are drawn, which are those of the run, or as many as have something to see."""
        return (self.updates if self.clock == "updates" else None) or horizon([self.schedule])

    def __str__(self) -> str:
        lines = (f"{self.title}: {self.facts}.", f"Source: {self.source} ({CHECKED[self.checked]}).", self.note)
        return "\n".join(filter(None, lines))


def _read() -> dict[str, Recipe]:
    tables: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "recipes.toml").read_text(encoding="utf-8"))
    return {
        name: Recipe(
            name=name,
            expression=table.pop("schedule"),
            points=tuple((step, float(value)) for step, value in table.pop("points")),
            **table,
        )
        for name, table in tables.items()
    }


RECIPES: Mapping[str, Recipe] = MappingProxyType(_read())
"""Every recipe by its name, in the order of the gallery."""


def recipe(name: str) -> Recipe:
    """The recipe of a name or title; case, spaces and punctuation do not matter.

    Raises:
        ValueError: there is no such recipe, or several begin with that name.
        TypeError: the name is not a text.

    >>> recipe("GPT-3 175B").name
    'gpt3-175b'
    >>> recipe("gpt3-150b")
    Traceback (most recent call last):
        ...
    ValueError: the zoo has no recipe 'gpt3-150b'; did you mean 'gpt3-175b'?
    """
    if not isinstance(name, str):
        refuse("recipe", "name", "a text", name, kind=True)
    wanted = _letters(name)
    known = {_letters(word): one for one in RECIPES.values() for word in (one.title, one.name)}
    if wanted in known:
        return known[wanted]
    begun = [other.name for other in RECIPES.values() if wanted and _letters(other.name).startswith(wanted)]
    if len(begun) == 1:
        return RECIPES[begun[0]]
    if begun:
        raise ValueError(f"the zoo has several recipes {name!r}: {', '.join(begun)}.")
    raise ValueError(f"the zoo has no recipe {name!r}{nearest(name, RECIPES, '; `lrcore list --zoo` has them all.')}")


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


Recipe.__module__ = recipe.__module__ = "lrcore.zoo"
