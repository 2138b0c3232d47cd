"""The schedules of well-known papers, as `docs/papers.md` gives them to users."""

from __future__ import annotations

import re
from pathlib import Path

import lrcore
from lrcore import Schedule

PAGE = Path(__file__).parents[2] / "docs" / "papers.md"

RECIPES: dict[str, Schedule] = {
    name: eval(expression, vars(lrcore) | {})
    for name, expression in re.findall(
        r"^\*\*(.+?)\*\*(?:(?!^\*\*|^#)[^`])*?^```python\n>>> lr = (.+?)\n```", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
}
"""The schedule by the name in bold before it."""
