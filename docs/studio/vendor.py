"""Take a version of Pyodide into `pyodide/`, from its unpacked npm package.

    npm pack pyodide@314.0.7 && tar xzf pyodide-314.0.7.tgz
    PYTHONPATH=tests/shared python docs/studio/vendor.py package

Pyodide brings the standard library as text, which takes two of three seconds to compile, each time. `compiled.zip` has
the modules that answering imports, compiled by this very Pyodide.
"""

from __future__ import annotations

import base64
import hashlib
import json
import runpy
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from browsing import browser, chromium, served

HERE = Path(__file__).parent
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

IN_THE_PAGE = """async (compile) => {
  const { loadPyodide } = await import("/pyodide/pyodide.js");
  const createPyodideModule = (await import("/pyodide/pyodide.asm.js")).default;
  const python = await loadPyodide({ indexURL: "/pyodide/", createPyodideModule });
  python.unpackArchive(await (await fetch("/lrcore.zip")).arrayBuffer(), "zip");
  return python.runPython(compile);
}"""

COMPILE = """
import base64, io, sys, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from lrcore.studio import answer

answer({"ask": "offer"})
answer({"ask": "draw", "schedules": ["Cosine(0.1, steps=100).warmup(10)", "Cosine(0.1"]})
answer({"ask": "read", "text": "optax.cosine_decay_schedule(0.1, 100)"})
answer({"ask": "write", "text": "Cosine(0.1, steps=100)", "to": "torch"})

made = io.BytesIO()
library = "/lib/python314.zip/"
loaded = {spec.origin: spec for module in list(sys.modules.values()) if (spec := getattr(module, "__spec__", None))}
with zipfile.ZipFile(made, "w") as archive:
    for origin, spec in sorted(loaded.items(), key=lambda each: str(each[0])):
        if str(origin).startswith(library):
            code = _code_to_hash_pyc(spec.loader.get_code(spec.name), bytes(8), False)
            archive.writestr(zipfile.ZipInfo(origin.removeprefix(library) + "c"), code, zipfile.ZIP_DEFLATED)
base64.b64encode(made.getvalue()).decode()
"""


def compiled() -> bytes:
    """The modules of the standard library that answering imports, as Pyodide compiles them."""
    home = runpy.run_path(str(HERE / "home.py"))
    path = chromium()
    if path is None:
        raise SystemExit("Compiling for Pyodide needs Chromium.")
    with ZipFile(HERE / "pyodide" / "compiled.zip", "w"):
        pass  # nothing is compiled yet
    with TemporaryDirectory() as folder, browser(path) as started:
        home["build"](Path(folder))
        with served(Path(folder)) as address:
            page = started.new_page()
            page.goto(f"{address}/pyodide/README.txt")
            return base64.b64decode(page.evaluate(IN_THE_PAGE, COMPILE))


if __name__ == "__main__":
    for name in FILES:
        shutil.copyfile(Path(sys.argv[1]) / name, HERE / "pyodide" / name)
    lock = json.loads((Path(sys.argv[1]) / "pyodide-lock.json").read_text())
    (HERE / "pyodide" / "pyodide-lock.json").write_text(json.dumps({"info": lock["info"], "packages": {}}) + "\n")
    (HERE / "pyodide" / "compiled.zip").write_bytes(compiled())
    names = (*FILES, "pyodide-lock.json", "compiled.zip")
    sums = [f"{hashlib.sha256((HERE / 'pyodide' / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (HERE / "pyodide" / "SHA256SUMS").write_text("".join(sums))
