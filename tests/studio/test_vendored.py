"""What is not ours is byte for byte what others published, and stays out of the distributions of lrcore."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs/studio/pyodide", "lrcore/studio/page/vendor")
OURS = {"README.txt", "SHA256SUMS", "LICENSE.txt", "LICENSE-PYTHON.txt"}
AXE = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
"""Of axe.min.js in the npm package axe-core 4.14.1, which is under the MPL-2.0."""


def strangers(folder: Path) -> list[str]:
    """The files that are not as SHA256SUMS has them, missing and additional ones among them."""
    expected = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name not in OURS}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_files_of_others_are_those_that_were_taken(folder: str) -> None:
    assert strangers(ROOT / folder) == []
    assert hashlib.sha256((ROOT / "tests" / "studio" / "axe.min.js").read_bytes()).hexdigest() == AXE


def test_what_is_compiled_is_of_the_library_beside_it() -> None:
    """Another name would never be found, and the text be compiled at each start."""
    folder = ROOT / "docs" / "studio" / "pyodide"
    with ZipFile(folder / "compiled.zip") as compiled, ZipFile(folder / "python_stdlib.zip") as library:
        assert {name.removesuffix("c") for name in compiled.namelist()} <= set(library.namelist())
        assert len(compiled.namelist()) > 100


def test_a_changed_a_missing_and_another_file_would_be_seen(tmp_path: Path) -> None:
    sums = [f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in (("a", b"1"), ("b", b"2"), ("c", b"3"))]
    (tmp_path / "SHA256SUMS").write_text("".join(sums))
    for name, text in (("a", b"1"), ("b", b"changed"), ("d", b"more")):
        (tmp_path / name).write_bytes(text)
    assert strangers(tmp_path) == ["b", "c", "d"]
