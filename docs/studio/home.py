"""The studio in the manual: the page of `lrcore studio`, answered by lrcore itself in Pyodide. `make docs` makes it.

    python docs/studio/home.py out/docs/studio

The folder works on any server of files, under any address.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

HERE = Path(__file__).parent
PYODIDE = HERE / "pyodide"
LRCORE = HERE.parents[1] / "lrcore"
PAGE = LRCORE / "studio" / "page"

CHANGES = {
    '<script type="module" src="local.js"></script>': '<script type="module" src="home.js"></script>',
    '<meta name="lrcore-token" content="" />\n': "",
    "default-src 'self'": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
}
"""The page's own text, and what stands for it here."""


def changed(page: str) -> str:
    """The page of `lrcore studio` as that of this home."""
    for old, new in CHANGES.items():
        if page.count(old) != 1:
            raise ValueError(f"The page must have {old!r} once, and has it {page.count(old)} times.")
        page = page.replace(old, new)
    return page


def sources() -> dict[str, bytes]:
    """The files of lrcore that answer: all but the page itself and the command."""
    paths = (path for path in sorted(LRCORE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {
        path.relative_to(LRCORE.parent).as_posix(): path.read_bytes()
        for path in paths
        if PAGE not in path.parents and LRCORE / "_cli" not in path.parents
    }


def build(folder: Path) -> None:
    """Make the folder anew, with nothing else in it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PAGE, folder, ignore=shutil.ignore_patterns("local.js", "notebook.js"))
    (folder / "index.html").write_text(changed((PAGE / "index.html").read_text()))
    for name in ("home.js", "worker.js"):
        shutil.copy(HERE / name, folder)
    shutil.copytree(PYODIDE, folder / "pyodide", ignore=shutil.ignore_patterns("compiled.zip"))
    for script in (folder / "pyodide").glob("*.mjs"):
        script.rename(script.with_suffix(".js"))  # not every server knows that .mjs is a script
    with ZipFile(folder / "pyodide" / "python_stdlib.zip", "a") as library, ZipFile(PYODIDE / "compiled.zip") as compiled:
        put(library, {name: compiled.read(name) for name in compiled.namelist()})
    with ZipFile(folder / "lrcore.zip", "w") as archive:
        put(archive, sources())


def put(archive: ZipFile, files: dict[str, bytes]) -> None:
    """Add the files, dated 1980: the same files make the same bytes."""
    for name, text in files.items():
        archive.writestr(ZipInfo(name), text, ZIP_DEFLATED)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    print(f"The studio is {sys.argv[1]}/index.html, which a browser takes from a server: python -m http.server")
