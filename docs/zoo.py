"""The gallery of recipes, out of the data of `lrcore.zoo`: `docs/zoo.md` and `docs/zoo.svg`.

    python docs/zoo.py

What stands above the first heading of the page is its own; everything below is written anew.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from picture import grid

from lrcore.zoo import CHECKED, RECIPES, Recipe

PAGE = Path(__file__).parent / "zoo.md"
PICTURE = PAGE.with_suffix(".svg")


REFERENCE = """## Reference

```{eval-rst}
.. autofunction:: lrcore.zoo.recipe
.. autoclass:: lrcore.zoo.Recipe
   :members: schedule, total, facts
```
"""


def picture() -> str:
    """Every recipe's curve over its run."""
    return grid("The recipes of the zoo", {one.name: (one.schedule, one.total) for one in RECIPES.values()}, size=9.5)


def page(text: str) -> str:
    """The page with the recipes of today."""
    sections = [_counts()]
    for field, recipes in groupby(RECIPES.values(), key=lambda one: one.field):
        sections += [f"## {field[0].upper()}{field[1:]}", *map(_section, recipes)]
    return "\n\n".join([text.partition("\n## ")[0].rstrip(), *sections, REFERENCE])


def _counts() -> str:
    rows = [
        f"| {word} | {told} | {sum(one.checked == word for one in RECIPES.values())} |" for word, told in CHECKED.items()
    ]
    return "\n".join(["## How the sources were checked", "", "| | | recipes |", "| --- | --- | --- |", *rows])


def _section(one: Recipe) -> str:
    lines = [
        f"### {one.name}",
        "",
        f"{one.title}: {one.facts}.",
        "",
        f"`{one.expression}`",
        "",
        f"{_linked(one.source)} ({one.checked}): {one.printed}.",
        *(["", one.note] if one.note else []),
    ]
    return "\n".join(lines)


def _linked(source: str) -> str:
    """A source with links to its papers and repositories."""
    source = re.sub(r"arXiv:(\d{4}\.\d{5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", source)
    return re.sub(r"(^|; )([\w-]+/[\w.-]+) (?!model card)", r"\1[\2](https://github.com/\2) ", source)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
