"""The tables of `docs/coming-from.md`, out of the one that lrcore's errors read.

    python docs/coming_from.py

The prose of the page is its own: what stands under a heading up to its table stays, and the table is written anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from lrcore._elsewhere import GAPS, ROWS
from lrcore._elsewhere_plateaus import PLATEAUS

PAGE = Path(__file__).parent / "coming-from.md"


def page(text: str) -> str:
    """The page with the tables of today: one under the heading of each library, and the gaps under the last heading."""
    head, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return head + "\n".join(_section(section) for section in sections)


def _section(section: str) -> str:
    heading = section.partition("\n")[0].removeprefix("## ")
    rows = [(f"`{row.theirs}`", f"`{row.ours}`", row.steps) for row in ROWS if row.library == heading]
    if rows:
        lines = _table((heading.partition("'")[0], "lrcore", "steps"), rows)
    elif heading == "When a metric stalls":
        plateaus = [(row.library, f'`"{row.key}"`', f"`{row.theirs}`", f"`{row.ours}`") for row in PLATEAUS]
        lines = _table(("library", "`like`", "there", "lrcore"), plateaus)
    elif heading == "Not covered, and why":
        lines = _table(("library", "there", "why"), [(gap.library, f"`{gap.name}`", f"it {gap.why}") for gap in GAPS])
    else:
        return section.rstrip("\n") + "\n"
    prose = section.partition("\n| ")[0].rstrip("\n")
    return "\n".join([prose, "", *lines, ""])


def _table(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (names, ("---",) * len(names), *rows)]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
