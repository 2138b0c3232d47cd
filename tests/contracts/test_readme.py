"""The README and the pages of docs/ tell the truth: their Python and their commands run, and give what is printed there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lrcore
from lrcore._cli import run

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
EXAMPLES = """
import doctest, json, sys
failed = 0
for name, code in json.load(sys.stdin):
    page = doctest.DocTestParser().get_doctest(code, {}, name, name, 0)
    failed += doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(page).failed
sys.exit(failed > 0)
"""


def blocks(page: Path, language: str = "python") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


SITUATIONS = {page.name for page in PAGES if any(not block.startswith(">>> ") for block in blocks(page))}
"""The pages whose blocks take names for granted: `tests/adapters` runs them."""


def test_its_python_runs(tmp_path: Path) -> None:
    code = "\n".join(blocks(README))
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr


def examples(pages: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the examples of pages, each with names of its own, in one process; the exit code is 1 if any failed."""
    command = [sys.executable, "-I", "-c", EXAMPLES]
    keras = {"KERAS_BACKEND": "jax"}  # TensorFlow takes longer to import
    given = json.dumps(list(pages.items()))
    return subprocess.run(
        command, input=given, capture_output=True, text=True, cwd=folder, env=os.environ | keras, check=False
    )


def shared() -> dict[str, dict[str, str]]:
    """The pages that share a process, since the imports take longest; one that sets flags of XLA needs its own."""
    groups: dict[str, dict[str, str]] = {}
    for page in PAGES:
        code = "\n".join(blocks(page))
        if code and page.name not in SITUATIONS:
            frameworks = re.search(r"^>>> (?:import|from) .*\b(?:jax|keras|optax|tensorflow|torch)\b", code, re.MULTILINE)
            group = page.name if "XLA_FLAGS" in code else "frameworks" if frameworks else "no framework"
            groups.setdefault(group, {})[str(page.relative_to(ROOT))] = code
    return groups


SHARED = shared()


@pytest.mark.parametrize("pages", SHARED.values(), ids=SHARED)
def test_the_examples_of_pages_give_what_they_say(pages: dict[str, str], tmp_path: Path) -> None:
    done = examples(pages, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pages_of_situations_run_in_the_tests_of_their_adapters() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "adapters").rglob("*.py"))
    assert {"jax.md", "keras.md", "pytorch.md"} <= SITUATIONS
    assert [page for page in sorted(SITUATIONS) if f'"{page}"' not in text] == []


def test_an_example_that_gives_something_else_would_be_seen_on_any_page_of_a_process(tmp_path: Path) -> None:
    wrong, right = ">>> 1 + 1\n3\n", ">>> 1 + 1\n2\n"
    for pages, failed in ({"a": wrong, "b": right}, 1), ({"a": right, "b": wrong}, 1), ({"a": right, "b": right}, 0):
        done = examples(pages, tmp_path)
        assert (done.returncode, 'File "a"' in done.stdout) == (failed, pages["a"] == wrong)


def test_a_page_does_not_see_the_names_of_the_one_before_it(tmp_path: Path) -> None:
    assert examples({"a": ">>> x = 1\n", "b": ">>> x\n1\n"}, tmp_path).returncode == 1


CONSOLES = [(page, block) for page in (README, *PAGES) for block in blocks(page, "console")]


@pytest.mark.parametrize(("page", "block"), CONSOLES, ids=[page.name for page, _ in CONSOLES])
def test_a_command_prints_what_is_printed_there(
    page: Path, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "docs" / "log.csv", tmp_path)
    for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, printed = command.partition("\n")
        name, *arguments = shlex.split(line, comments=True)
        assert name == "lrcore"
        code = run(arguments)
        out, err = capsys.readouterr()
        found = line.startswith("lrcore diff") or (line.startswith("lrcore check") and "\nerror " in out)
        assert code == (2 if err else found)
        if "  # " in line:  # says what comes, in its own words
            assert out
            assert not printed
            continue
        assert [text.rstrip() for text in (out + err).splitlines()] == [text.rstrip() for text in printed.splitlines()]
        if "-o" in arguments:
            assert (tmp_path / arguments[-1]).stat().st_size > 1_000


def test_the_comments_tell_the_truth() -> None:
    lr, longer = (lrcore.Cosine(3e-4, steps=98_000), lrcore.Cosine(3e-4, steps=98_000).extend(150_000, at=43_210))
    text = README.read_text(encoding="utf-8")
    assert f"  # {longer(43_210) == lr(43_210)} {longer(150_000)}\n" in text
    lr = lrcore.Cosine(3e-4, steps=100_000).warmup(2_000)
    assert f"  # {lr.diff(lrcore.Cosine(3e-4, steps=90_000).warmup(2_000))}\n" in text


def test_its_first_block_needs_one_framework() -> None:
    first = blocks(README)[0]
    assert re.findall(r"^(?:import|from) (\w+)", first, re.MULTILINE) == ["lrcore", "torch", "lrcore_torch"]


def test_the_commands_of_make_are_there() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test", "test-core"} <= named <= set(targets)


@pytest.mark.parametrize("page", [README, ROOT / "CONTRIBUTING.md", ROOT / "adapters/README.md", *PAGES], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
