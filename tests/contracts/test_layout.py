"""The layout: what is a package, what is not, and what a built distribution gives."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import lrcore
from source import frameworks

ROOT = Path(__file__).parents[2]
PACKAGES = ["lrcore", *sorted(folder.name for folder in (ROOT / "adapters").glob("lrcore_*"))]
FRAMEWORKS = frameworks() | {"numpy"}


def python(code: str, *, executable: str = sys.executable, path: Path | None = None, cwd: Path) -> str:
    """What a fresh, isolated interpreter prints."""
    code = f"import sys; sys.path.insert(0, {str(path)!r})\n{code}" if path else code
    done = subprocess.run([executable, "-I", "-c", code], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


FIND_ADAPTERS = "import importlib.util; print(importlib.util.find_spec('adapters') is not None)"


def test_nothing_is_importable_as_adapters(tmp_path: Path) -> None:
    assert python(FIND_ADAPTERS, cwd=tmp_path) == "False"


def test_the_folder_on_the_path_would_be_seen_as_adapters(tmp_path: Path) -> None:
    assert python(FIND_ADAPTERS, path=ROOT, cwd=tmp_path) == "True"


def misplaced(folder: Path) -> list[str]:
    """What breaks the rules of adapters/: loose files, and modules named like a framework."""
    loose = [
        p.name for p in folder.iterdir() if not (p.is_dir() and (p / "__init__.py").exists()) and p.name != "README.md"
    ]
    named = [str(p.relative_to(folder)) for p in folder.rglob("*.py") if p.stem in FRAMEWORKS]
    return sorted(name for name in loose + named if name != "__pycache__")


def test_adapters_holds_packages_and_its_readme_only() -> None:
    assert misplaced(ROOT / "adapters") == []
    assert not [p for p in (ROOT / "lrcore").rglob("*.py") if p.stem in FRAMEWORKS - {"numpy"}]


def test_a_misplaced_module_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "lrcore_torch").mkdir()
    for name in ("__init__.py", "lrcore_torch/__init__.py", "lrcore_torch/torch.py"):
        (tmp_path / name).touch()
    assert misplaced(tmp_path) == ["__init__.py", "lrcore_torch/torch.py"]


def test_init_is_the_table_of_contents() -> None:
    text = (ROOT / "lrcore" / "__init__.py").read_text()
    imported = re.findall(r"^from lrcore\._[\w.]+ import (.+)$", text, re.MULTILINE)
    names = {name.strip() for line in imported for name in line.split(",")}
    assert names == set(lrcore.__all__)
    contents = (lrcore.__doc__ or "").replace("parse, to_dict", "parse to_dict")
    assert [name for name in names if not re.search(rf"\b{name}\b", contents)] == []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist of this tree."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def installed(archive: Path, folder: Path) -> str:
    """Install an archive in an environment of its own, and print which of our packages are there, typed, and working."""
    venv.create(folder / "env", with_pip=False)
    executable = str(folder / "env" / "bin" / "python")
    target = python("import site; print(site.getsitepackages()[0])", executable=executable, cwd=folder)
    pip("install", "--target", target, str(archive))
    frameworks = python("import sys; print([path for path in sys.path if path.endswith('site-packages')])", cwd=folder)
    code = f"""
import importlib, pathlib, sys
sys.path += {frameworks}  # after the environment's own, which has ours and nothing else
for name in {PACKAGES}:
    folder = pathlib.Path(importlib.import_module(name).__file__).parent
    print(name, folder.parent == pathlib.Path({target!r}), (folder / "py.typed").exists())
import lrcore, torch
print(lrcore.Cosine(0.1, steps=2)(torch.tensor([1])))
"""
    return python(code, executable=executable, cwd=folder)


EXPECTED = "\n".join([*(f"{name} True True" for name in PACKAGES), "tensor([0.0500])"])


def test_the_wheel_gives_the_packages_typed(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = contents(wheel)
    assert {name.split("/")[0] for name in names if not name.startswith("lrcore-")} == set(PACKAGES)
    assert not [name for name in names if "pyodide" in name]
    assert installed(wheel, tmp_path) == EXPECTED


def test_the_sdist_gives_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"LICENSE", "CHANGELOG.md", "README.md", "constraints.txt", "Makefile", "tests/shared/cases.py"} <= names
    assert {"docs/conf.py", "docs/families.svg", "docs/index.md", "docs/studio/home.py"} <= names
    assert not [name for name in names if "pyodide" in name]
    pip("wheel", "--wheel-dir", str(tmp_path), str(sdist))
    (again,), (wheel,) = tmp_path.glob("*.whl"), built.glob("*.whl")
    assert contents(again) == contents(wheel)


def test_this_environment_has_the_packages_typed(tmp_path: Path) -> None:
    code = "import importlib.util as u, pathlib\n" + "\n".join(
        f"print({name!r}, (pathlib.Path(u.find_spec({name!r}).origin).parent / 'py.typed').exists())" for name in PACKAGES
    )
    assert python(code, cwd=tmp_path) == "\n".join(f"{name} True" for name in PACKAGES)
