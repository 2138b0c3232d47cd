"""The pages of docs/ are built without a warning, with everything that is public, and the pictures are today's."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import lrcore
from lrcore import advice, finder, forecast, plateau, port, studio, theory, zoo
from lrcore._catalogue import FAMILIES, METHODS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TOOLS = (advice, finder, forecast, plateau, port, studio, theory, zoo)
OF_RUNNERS = ("check_options", "grid_of", "last_tenth", "progress", "run_sweeps", "run_training")
"""What the finder has for adapters, whose `find_lr` is made of it."""


def build(source: Path, pages: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-qEW", "--keep-going", str(source), str(pages)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    done = build(DOCS, folder)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


def test_the_pages_document_everything_public_in_one_place(pages: Path) -> None:
    documented = re.findall(r'id="(lrcore[\w.]*)"', "".join(page.read_text() for page in pages.rglob("*.html")))
    assert sorted(set(documented)) == sorted(documented)
    public = {f"lrcore.{name}" for name in lrcore.__all__}
    for tool in TOOLS:
        public |= {f"{tool.__name__}.{name}" for name in tool.__all__ if callable(getattr(tool, name))}
    public -= {f"lrcore.finder.{name}" for name in OF_RUNNERS} | {"lrcore.studio.answer"}  # which the page asks
    for package in ROOT.glob("adapters/lrcore_*"):  # read, not imported: that takes longer than the pages
        (names,) = re.findall(r"^__all__ = (\[[^\]]+\])$", (package / "__init__.py").read_text(), re.MULTILINE)
        public |= {f"{package.name}.{name}" for name in ast.literal_eval(names)}
    assert {"lrcore_torch.ScheduleLR", "lrcore_keras.used", "lrcore_optax.current"} <= public
    assert public | {f"lrcore.Schedule.{name}" for name in METHODS} <= set(documented)


def test_pytorchs_rate_in_the_picture_is_at_zero_early_and_rises() -> None:
    drawn = runpy.run_path(str(DOCS / "resumed.py"))
    theirs, ours = drawn["torch_rates"](), dict(drawn["lrcore_rates"]())
    assert min(theirs, key=lambda point: point[1])[0] == 98_000
    assert theirs[-1][1] > 1.5e-4
    assert ours[43_210] == pytest.approx(theirs[0][1], rel=1e-12)
    assert ours[98_000] > 0 == ours[150_000]


def test_every_family_is_drawn_beside_its_formula(pages: Path) -> None:
    text = (pages / "families.html").read_text()
    for name in set(FAMILIES) - {"Sequence"}:
        entry = text.partition(f'id="lrcore.{name}"')[2].partition('id="lrcore.')[0]
        assert entry.index("<svg") < entry.index("lr(t) = ")


def test_the_signatures_and_formulas_of_adapters_are_their_own(pages: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (pages / "keras.html").read_text())
    assert "KerasSchedule(schedule, *, gradient_accumulation_steps=None, step=0)" in text
    assert "*args" not in text


def test_a_warning_would_be_an_error(tmp_path: Path) -> None:
    for name in ("conf.py", "style.css"):
        (tmp_path / name).write_text((DOCS / name).read_text())
    (tmp_path / "index.md").write_text("# A page\n\n[that is missing](missing.md)\n")
    done = build(tmp_path, tmp_path / "pages")
    assert done.returncode == 1
    assert "missing" in done.stderr


def test_the_table_names_every_family(pages: Path) -> None:
    table = (pages / "families.html").read_text().partition("<table")[2].partition("</table>")[0]
    assert {name for name in set(FAMILIES) - {"Sequence"} if f'<span class="pre">{name}</span>' not in table} == set()


def test_the_table_of_what_was_read_is_todays() -> None:
    counted = runpy.run_path(str(DOCS / "port.py"))
    name = f"optax {importlib.metadata.version('optax')}"  # one package, the quickest of those with many
    assert counted["row"](name, counted["surveyed"]("optax")) in (DOCS / "port.md").read_text().splitlines(), (
        "count anew: python docs/port.py"
    )


def test_the_pictures_are_what_the_code_draws_now() -> None:
    resumed = runpy.run_path(str(DOCS / "resumed.py"))["picture"]()
    assert (DOCS / "resumed.svg").read_text() == resumed, "draw it anew: python docs/resumed.py"
    drawn = runpy.run_path(str(DOCS / "picture.py"))["picture"]()
    assert (DOCS / "families.svg").read_text() == drawn, "draw it anew: python docs/picture.py"
    assert re.findall(r">(\w+)</text>", drawn) == [name for name in FAMILIES if name != "Sequence"]
