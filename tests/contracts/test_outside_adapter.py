"""The thinnest adapter of `adapters/README.md`: built, installed in an environment of its own, found, and verified."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MYLIB = """
import numpy as np
__version__ = "1.2"
float32, float64 = np.float32, np.float64

class Array:  # which NumPy's is a base of would be NumPy's
    def __init__(self, held):
        self.held, self.dtype, self.shape, self.size = held, held.dtype, held.shape, held.size
    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.held, dtype)
    def __float__(self):
        return float(self.held)

def of(function):
    return lambda *given, **named: Array(np.asarray(function(*(getattr(one, "held", one) for one in given), **named)))

for name in "add sub mul truediv radd rsub rmul rtruediv neg lt le gt ge eq ne and or".split():
    setattr(Array, f"__{name}__", of(getattr(np.ndarray, f"__{name}__")))
names = "asarray zeros_like where minimum maximum pow searchsorted take floor sqrt sin cos tanh exp log min max astype"
globals().update({name: of(getattr(np, name)) for name in names.split()})
"""


def template() -> dict[str, str]:
    """The files of the template, by name."""
    page = (ROOT / "adapters" / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^```\w+\n# (\S+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL))


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("break_it", "ok"), [(None, True), (("dtype=mylib.float64", "dtype=mylib.float32"), False)])
def test_the_template_is_a_package_whose_library_is_verified(
    break_it: tuple[str, str] | None, ok: bool, tmp_path: Path
) -> None:
    files = template()
    assert set(files) == {"pyproject.toml", "lrcore_mylib.py"}
    for name, text in files.items():
        (tmp_path / name).write_text(text.replace(*break_it) if break_it else text)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", ".", cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    executable = str(tmp_path / "env" / "bin" / "python")
    target = run(executable, "-I", "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path).strip()
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        target,
        str(wheel),
        cwd=tmp_path,
    )
    (Path(target) / "mylib.py").write_text(MYLIB)
    numpy = run(sys.executable, "-I", "-c", "import numpy; print(numpy.__path__[0])", cwd=tmp_path).strip()
    program = f"""
import sys
sys.path += [{str(ROOT)!r}, {str(Path(numpy).parent)!r}]  # lrcore itself, and NumPy
import importlib.metadata as metadata
found = metadata.entry_points
metadata.entry_points = lambda group: [one for one in found(group=group) if one.value.startswith("lrcore_mylib")]
import lrcore, mylib
lr = lrcore.Cosine(0.1, steps=100).warmup(10)
print(lr(mylib.asarray([5])).held.dtype)
_, mode = lrcore.verify(lr).modes
print(mode.name, mode.version, mode.mismatches == 0 and mode.ok, mode.evaluations > 10_000)
"""
    printed = run(executable, "-I", "-c", program, cwd=tmp_path).split()
    assert printed == ["float32", "mylib", "1.2", str(ok), "True"]
