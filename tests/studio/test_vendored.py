"""What is not ours is byte for byte what others published, and stays out of the distributions of lrcore."""

from __future__ import annotations

import hashlib
from pathlib import Path

PYODIDE = Path(__file__).parents[2] / "docs" / "studio" / "pyodide"
OURS = {"README.txt", "SHA256SUMS", "LICENSE.txt", "LICENSE-PYTHON.txt"}


def strangers(folder: Path) -> list[str]:
    """The files that are not as SHA256SUMS has them, missing and additional ones among them."""
    expected = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name not in OURS}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def test_pyodide_is_the_version_that_was_taken() -> None:
    assert strangers(PYODIDE) == []


def test_a_changed_a_missing_and_another_file_would_be_seen(tmp_path: Path) -> None:
    sums = [f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in (("a", b"1"), ("b", b"2"), ("c", b"3"))]
    (tmp_path / "SHA256SUMS").write_text("".join(sums))
    for name, text in (("a", b"1"), ("b", b"changed"), ("d", b"more")):
        (tmp_path / name).write_bytes(text)
    assert strangers(tmp_path) == ["b", "c", "d"]
