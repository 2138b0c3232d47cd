"""Print the lowest versions of the core's libraries that pyproject.toml allows, as pip takes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
needed = [*project["dependencies"], *extras["plot"], *extras["cli"], *extras["forecast"]]
print(*(one.replace(">=", "==") for one in needed))
