"""The README and the pages of docs/ tell the truth: their Python and their commands run, and give what is printed there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import lrcore
from lrcore._cli import run

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
SITUATIONS = {"jax.md", "keras.md", "pytorch.md"}
"""The pages whose blocks take names for granted: `tests/adapters` runs them."""

EXAMPLES = """
import doctest, sys
page = doctest.DocTestParser().get_doctest(sys.stdin.read(), {}, sys.argv[1], sys.argv[1], 0)
sys.exit(doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(page).failed)
"""


def blocks(page: Path, language: str = "python") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_its_python_runs(tmp_path: Path) -> None:
    code = "\n".join(blocks(README))
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr


def examples(page: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a page's examples in a process of their own; the exit code is how many failed."""
    command = [sys.executable, "-I", "-c", EXAMPLES, page]
    return subprocess.run(command, input=code, capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page) and page.name not in SITUATIONS], ids=lambda page: page.name
)
def test_a_pages_examples_give_what_they_say(page: Path, tmp_path: Path) -> None:
    code = blocks(page)
    assert [block for block in code if not block.startswith(">>> ")] == []
    done = examples(page.name, "\n".join(code), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pages_of_situations_run_in_the_tests_of_their_adapters() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "adapters").rglob("*.py"))
    assert [page for page in sorted(SITUATIONS) if f'"{page}"' not in text] == []


def test_an_example_that_gives_something_else_would_be_seen(tmp_path: Path) -> None:
    assert examples("page", ">>> 1 + 1\n3\n", tmp_path).returncode == 1


CONSOLES = [(page, block) for page in (README, *PAGES) for block in blocks(page, "console")]


@pytest.mark.parametrize(("page", "block"), CONSOLES, ids=[page.name for page, _ in CONSOLES])
def test_a_command_prints_what_is_printed_there(
    page: Path, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.chdir(tmp_path)
    for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, printed = command.partition("\n")
        name, *arguments = shlex.split(line, comments=True)
        assert name == "lrcore"
        code = run(arguments)
        out, err = capsys.readouterr()
        assert code == (2 if err else line.startswith("lrcore diff"))
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
