"""Every Python block of the README runs as it is written, and what it says it prints is what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import lrcore

ROOT = Path(__file__).parents[2]


def blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def test_its_python_runs(tmp_path: Path) -> None:
    code = "\n".join(blocks(ROOT / "README.md"))
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr


def test_the_comments_tell_the_truth() -> None:
    lr = lrcore.Cosine(3e-4, steps=100_000, end=3e-5).warmup(2_000)
    text = (ROOT / "README.md").read_text()
    assert re.search(rf"^print\(lr\) +# {re.escape(repr(lr))}$", text, re.MULTILINE)
    assert f"# {lr.diff(lrcore.Cosine(3e-4, steps=90_000, end=3e-5).warmup(2_000))}" in text


def test_the_table_names_every_family() -> None:
    text = (ROOT / "README.md").read_text()
    public = set(lrcore.__all__) - {"Schedule", "Sequence", "cooldowns", "from_dict", "parse", "plot", "verify"}
    assert {name for name in public if f"| `{name}(" not in text} == set()
