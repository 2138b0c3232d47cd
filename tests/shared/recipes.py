"""The schedules of well-known papers, read from the page that shows them: each heading's `lr`."""

from __future__ import annotations

from doctest import DocTestParser
from pathlib import Path

from lrcore import Schedule, parse

PAGE = Path(__file__).parents[2] / "docs" / "papers.md"


def _recipe(section: str) -> Schedule:
    sources = [example.source for example in DocTestParser().get_examples(section)]
    (lr,) = [source for source in sources if source.startswith("lr = ")]
    return parse(lr.removeprefix("lr = "))


_, *_SECTIONS = PAGE.read_text(encoding="utf-8").split("\n## ")

RECIPES: dict[str, Schedule] = {section.partition("\n")[0]: _recipe(section) for section in _SECTIONS}
