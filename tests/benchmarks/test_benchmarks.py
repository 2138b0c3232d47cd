"""The benchmarks run: every program, one call of everything, on the least of Keras's backends."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*options: str) -> str:
    command = [sys.executable, str(ROOT / "benchmarks"), "--quick", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def measured(markdown: str) -> set[str]:
    """What the lines of a table are about: the first two columns, less the heads."""
    return set(re.findall(r"^(\| [^|]+ \| [^|]+ \|) \d+ \|", markdown, re.MULTILINE))


def test_every_program_runs_and_the_page_has_its_lines() -> None:
    printed = measured(run("--markdown"))
    assert len(printed) > 20
    assert printed <= measured((ROOT / "docs" / "performance.md").read_text())


def test_the_table_has_the_least_the_median_and_the_largest_ratio() -> None:
    text = run("imports")
    assert re.search(r"import, over bare Python │ numpy +│ its own import +│ +(\S+ │ +){3}\S+ ms │", text)


def test_a_program_that_fails_says_so(tmp_path: Path) -> None:
    for name in ("__main__.py", "measure.py"):
        (tmp_path / name).write_text((ROOT / "benchmarks" / name).read_text())
    (tmp_path / "imports.py").write_text("from measure import same\nsame(0.1, 0.2)")
    command = [sys.executable, str(tmp_path), "imports"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AssertionError: not the same curve: 0.1 and 0.2\n\nimports tensorflow failed" in done.stderr
