"""What `adapters/README.md` says: its thinnest adapter, installed by itself, found and checked; and which comes first."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from lrcore import parse
from lrcore.arrays import Namespace, Scalar, library_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "adapters" / "README.md").read_text(encoding="utf-8")

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

    def __iadd__(self, other):
        self.held[...] += other
        return self

def held(one):
    return [held(each) for each in one] if isinstance(one, list) else getattr(one, "held", one)

def of(function):
    return lambda *given, **named: Array(np.asarray(function(*map(held, given), **named)))

for name in "add sub mul truediv radd rsub rmul rtruediv neg lt le gt ge eq ne and or".split():
    setattr(Array, f"__{name}__", of(getattr(np.ndarray, f"__{name}__")))
names = "asarray zeros_like stack reshape where minimum maximum pow searchsorted floor sqrt sin cos tanh exp log "
names += "min max astype"
globals().update({name: of(getattr(np, name)) for name in names.split()})
take = of(lambda x, indices: x[indices] if indices.ndim == 1 else 1 / 0)  # as the standard has it
"""


def template() -> dict[str, str]:
    """The files of the template, by name."""
    return dict(re.findall(r"^```\w+\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def schedules() -> list[str]:
    """Those that an adapter is checked with."""
    (command,) = re.findall(r"^```sh\n(lrcore verify .*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(r'"([^"]+)"', command)


def formula() -> str:
    """The code that makes the `Custom` which it is checked with."""
    (code,) = re.findall(r"^```python\n(from lrcore import Custom.*?)^print", PAGE, re.MULTILINE | re.DOTALL)
    return str(code)


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def printed(program: str, files: dict[str, str], folder: Path) -> list[str]:
    """The lines that a program prints in an environment that has the package of these files, lrcore, NumPy and `mylib`."""
    for name, text in files.items():
        (folder / name).write_text(text)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", ".", cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "env", with_pip=False)
    executable = str(folder / "env" / "bin" / "python")
    target = run(executable, "-I", "-c", "import site; print(site.getsitepackages()[0])", cwd=folder).strip()
    install = ["-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, str(wheel)]
    run(sys.executable, *install, cwd=folder)
    (Path(target) / "mylib.py").write_text(MYLIB)
    numpy = run(sys.executable, "-I", "-c", "import numpy; print(numpy.__path__[0])", cwd=folder).strip()
    begin = f"""
import sys
sys.path += [{str(ROOT)!r}, {str(Path(numpy).parent)!r}]
import importlib.metadata as metadata
found = metadata.entry_points
metadata.entry_points = lambda group: [one for one in found(group=group) if one.value.startswith("lrcore_mylib")]
import lrcore, mylib
"""
    return run(executable, "-I", "-c", begin + program, cwd=folder).splitlines()


VERIFIED = f"""
{formula()}
for schedule in [*map(lrcore.parse, {schedules()}), Custom(curve)]:
    _, mode = verify(schedule).modes
    print(mode.name, mode.version, mode.ok, mode.evaluations > 10_000, mode.float64_ulp < 4)
"""


@pytest.mark.parametrize(
    ("break_it", "ok"),
    [(("", ""), True), (("dtype=mylib.float64", "dtype=mylib.float32"), False)],
    ids=["as it is", "in float32"],
)
def test_the_template_is_a_package_whose_library_is_verified(break_it: tuple[str, str], ok: bool, tmp_path: Path) -> None:
    files = template()
    assert set(files) == {"pyproject.toml", "lrcore_mylib.py"}
    lines = printed(VERIFIED, {name: text.replace(*break_it) for name, text in files.items()}, tmp_path)
    assert len(lines) == len(schedules()) + 1
    assert {line == "mylib 1.2 True True True" for line in lines} == {ok}


STEPS = """
lr = lrcore.Cosine(0.1, steps=10)
print(lr(mylib.asarray([[3], [4]])).held.shape, lr(mylib.asarray(5)).held.dtype, lr(mylib.asarray([])).size)
for step in ([True], [1j], [3, -1], [float("nan")]):
    try:
        lr(mylib.asarray(step))
    except (TypeError, ValueError) as error:
        print(error)
print(lrcore.Custom(lambda t, xp: t * xp.exp(0) + xp.floor(2.5))(mylib.asarray([1])).held)
peak = mylib.asarray(0.25)
pieces = lrcore.PiecewiseConstant([peak, 0.5], boundaries=[3])
peak += 1
print([pieces(step).held.item() for step in (2, 3)], pieces(mylib.asarray([[2], [3]])).held.tolist())
print(lrcore.Interpolate([(0, peak), (10, 0.25)])(5).held)
"""


def test_the_template_keeps_the_contract(tmp_path: Path) -> None:
    assert printed(STEPS, template(), tmp_path) == [
        "(2, 1) float32 0",
        "step must hold real numbers, got an array of bool.",
        "step must hold real numbers, got an array of complex128.",
        "step must be a finite number, 0 or more, got -1.0.",
        "step must be a finite number, 0 or more, got nan.",
        "[3.]",
        "[0.25, 0.5] [[0.25], [0.5]]",
        "0.75",
    ]


def test_the_check_calls_every_function_of_a_namespace() -> None:
    seen = set()

    class Spy(Scalar):
        def __getattribute__(self, name: str) -> Any:
            seen.add(name)
            return super().__getattribute__(name)

    for text in schedules():
        for step in range(1000):
            parse(text)._value(float(step), Spy())
    there = {name for name, function in vars(Namespace).items() if callable(function) and not name.startswith("_")}
    for_compilers, for_rules = {"corrected_quotient", "sine_squared"}, {"float32"}
    left = there - seen - for_compilers - for_rules
    assert left == set(re.findall(r"xp\.(\w+)", formula())) == {"sin", "cos", "tanh", "exp"}


# Whose arrays they are.


def install(folder: Path, distribution: str, name: str) -> None:
    """A package whose metadata says that it brings the arrays of `mylib`, by a function that gives its name."""
    info = folder / f"{distribution}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[lrcore.arrays]\nmylib = {name}:evaluate\n")
    (folder / f"{name}.py").write_text(f"def evaluate(formula, step, dtype=None):\n    return {name!r}\n")


def array() -> Any:
    """An array of a type that was not met before."""
    return type("Array", (), {"__module__": "mylib", "dtype": "float32", "shape": (), "__repr__": lambda _: "array(1.0)"})()


def test_an_adapter_that_is_installed_by_itself_comes_before_lrcores_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    message = "step must be a number or an array, got array(1.0); no adapter is installed for the arrays of mylib."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        library_of(array())
    install(tmp_path, "lrcore", "lrcores_mylib")
    assert library_of(array())(lambda t, xp: t, 0) == "lrcores_mylib"
    install(tmp_path, "zz", "its_mylib")
    assert library_of(array())(lambda t, xp: t, 0) == "its_mylib"
    install(tmp_path, "aa", "another_mylib")
    message = "two adapters bring the arrays of mylib: another_mylib:evaluate and its_mylib:evaluate; uninstall one."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        library_of(array())
