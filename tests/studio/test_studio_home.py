"""The studio in the manual: a folder of files, in which lrcore itself answers, in Python in the browser."""

from __future__ import annotations

import json
import math
import random
import re
import runpy
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from playwright.sync_api import Browser, expect

import browsing
import lrcore
import strategies
from browsing import SCHEDULE, Studio
from lrcore import Schedule, parse
from lrcore._numeric.scalar import Scalar

ROOT = Path(__file__).parents[2]
HOME = runpy.run_path(str(ROOT / "docs" / "studio" / "home.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home, two folders deep in what is served."""
    made = tmp_path_factory.mktemp("site") / "manual" / "studio"
    made.parent.mkdir()
    HOME["build"](made)
    return made


@pytest.fixture(scope="module")
def home(browser: Browser, folder: Path) -> Iterator[Studio]:
    with (
        browsing.served(folder.parents[1]) as address,
        browsing.studio(browser, f"{address}/manual/studio/") as page,
    ):
        yield page


def test_the_page_is_usable_soon_and_asks_only_its_own_folder(
    home: Studio, record_property: Callable[[str, object], None]
) -> None:
    record_property("measured", {"studio in the manual, usable after": f"{home.seconds:.1f} s"})
    assert home.seconds < 60  # some two, on a machine that does nothing else
    home.shows(SCHEDULE)
    assert f"{home.address}pyodide/pyodide.asm.wasm" in home.asked  # so the worker's requests are seen as well
    home.assert_quiet()


def test_what_python_answers_is_shown(home: Studio) -> None:
    home.expression.fill("Cosine(0.1, stepz=100)")
    expect(home.expression).to_have_accessible_description(re.compile("stepz"))
    home.expression.fill("Linear(0.1, end=0.0, steps=4)")
    expect(home.box(1, "steps")).to_have_value("4")
    expect(home.page.get_by_role("row", name="Curve A")).to_contain_text("0.1")
    home.assert_quiet()


def answered(home: Studio, request: dict[str, Any]) -> dict[str, Any]:
    """The reply of the page's own worker."""
    (worker,) = home.page.workers
    words = worker.evaluate(_ASK, json.dumps(request))
    reply: dict[str, Any] = json.loads(words)
    return reply


_ASK = """(request) => new Promise((done, failed) => {
  const post = self.postMessage;
  self.postMessage = (message) => {
    if (message.id !== "test") return post.call(self, message);
    self.postMessage = post;
    message.error === undefined ? done(message.reply) : failed(new Error(message.error));
  };
  self.onmessage({ data: { id: "test", request } });
})"""


class _Watching(Scalar):
    """Knows whether a power was asked for."""

    def __init__(self) -> None:
        self.asked = False

    def power(self, x: float, y: float) -> float:
        self.asked = True
        return math.pow(x, y)


@cache
def compositions() -> dict[bool, dict[str, list[int]]]:
    """Fifty compositions that compute no power, and fifty that do, each with 200 steps."""
    found: dict[bool, dict[str, list[int]]] = {False: {}, True: {}}
    chance = random.Random(21)

    @seed(21)
    @settings(max_examples=300, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.schedules.filter(lambda schedule: repr(schedule).count("(") > 1))
    def draw(schedule: Schedule) -> None:
        if all(len(each) == 50 for each in found.values()):
            return
        reach = min(max(1, schedule._reach()), 10**12)
        steps = [*range(20), *(chance.randrange(2 * reach + 2) for _ in range(180))]
        watching = _Watching()
        for step in steps:
            schedule._value(float(step), watching)
        if len(found[watching.asked]) < 50:
            found[watching.asked][repr(schedule)] = steps

    draw()
    assert [len(each) for each in found.values()] == [50, 50]
    return found


def apart(home: Studio, drawn: dict[str, list[int]]) -> list[float]:
    """How far the browser's value is from CPython's, in units of the last place, of each value."""
    found = []
    for text, steps in drawn.items():
        (there,) = answered(home, {"ask": "at", "schedules": [text], "steps": steps})["rates"]
        here = map(parse(text), steps)
        found += [abs(a - b) / math.ulp(b) for a, b in zip(there, here, strict=True)]
    return found


def test_ten_thousand_values_have_the_same_bits_in_the_browser(home: Studio) -> None:
    found = apart(home, compositions()[False])
    assert len(found) == 10_000
    assert max(found) == 0


def test_of_those_with_powers_few_differ_and_in_the_last_places(
    home: Studio, record_property: Callable[[str, object], None]
) -> None:
    """A power is the C library's, whose last bit differs from one to the next."""
    found = apart(home, compositions()[True])
    different = [far for far in found if far]
    told = f"{len(different)} of {len(found):,} values with powers differ, by {max(found):g} ulp at most"
    record_property("measured", {"studio in the manual": told})
    assert len(different) < 100
    assert max(found) <= 8


def test_a_value_that_is_one_bit_off_would_be_seen(home: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "parse", lambda text: lambda step: math.nextafter(lrcore.parse(text)(step), math.inf))
    assert apart(home, {"Cosine(0.1, steps=100)": [3]}) == [1.0]


def test_the_answering_files_are_todays_without_the_page_and_the_command(folder: Path) -> None:
    with zipfile.ZipFile(folder / "lrcore.zip") as archive:
        names = set(archive.namelist())
        assert [name for name in sorted(names) if archive.read(name) != (ROOT / name).read_bytes()] == []
    assert {"lrcore/studio/__init__.py", "lrcore/zoo/recipes.toml"} <= names
    assert not [name for name in names if name.startswith(("lrcore/studio/page/", "lrcore/_cli/")) or "__pycache__" in name]


def files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_make_the_same_files(folder: Path, tmp_path: Path) -> None:
    HOME["build"](tmp_path / "again")
    assert files(tmp_path / "again") == files(folder)


def test_a_page_that_has_changed_is_not_taken_unseen() -> None:
    with pytest.raises(ValueError, match="once, and has it 0 times"):
        HOME["changed"]("<html></html>")
