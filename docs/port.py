"""The table of `docs/port.md`: what `lrcore.port.find` makes of files that nobody here wrote.

    python docs/port.py

The files are those of installed packages: their code, the examples in their docstrings, and their configurations.
"""

from __future__ import annotations

import ast
import doctest
import importlib.metadata
import importlib.util
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lrcore.port import Found, find
from lrcore.port._call import CALLS

PAGE = Path(__file__).parent / "port.md"

PACKAGES = (
    "torch",
    "transformers",
    "lightning",
    "accelerate",
    "keras",
    "optax",
    "flax",
    "pytorch-optimizer",
    "schedulefree",
)
"""The installed packages that are looked through."""

_NAMES = re.compile(
    rf"\b(?:{'|'.join(CALLS)}|lr_scheduler\w*|learning_rate|lr_decay_style|WarmupLR|WarmupDecayLR|WarmupCosineLR)\b"
)
_REASONS = {
    "computed": r"is computed,",
    "a function of their own": r"function of your own",
    "not given": r"not given|is missing|'auto'",
}


def surveyed(package: str) -> Counter[str]:
    """How many schedules of a package were found, and what became of each."""
    counts: Counter[str] = Counter()
    for text in texts(package):
        for found in _found(text):
            counts["found"] += 1
            counts[outcome(found)] += 1
    return counts


def outcome(found: Found) -> str:
    """What became of a schedule: it is read, with a remark or without, or refused for a reason."""
    if found.reading is not None:
        return "with a remark" if found.reading.remarks else "read"
    return next((reason for reason, words in _REASONS.items() if re.search(words, found.refusal)), "something else")


def texts(package: str) -> Iterator[str]:
    """The texts of a package that name a schedule: files, and the examples in docstrings, each a program of its own."""
    for path in sorted(folder(package).rglob("*")):
        if (
            not path.is_file()
            or path.suffix not in (".py", ".json", ".yaml", ".yml", ".toml")
            or path.stat().st_size > 10**6
        ):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if not _NAMES.search(text):
            continue
        if path.suffix != ".py":
            yield text
            continue
        yield text
        yield from (example for example in _examples(text) if _NAMES.search(example))


def folder(package: str) -> Path:
    """Where an installed package is; or a folder itself."""
    if "/" in package:
        return Path(package)
    spec = importlib.util.find_spec(package.replace("-", "_"))
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def _examples(text: str) -> Iterator[str]:
    """The examples of docstrings: what stands after `>>>`, or in a fenced block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except SyntaxError:  # of Python 2, or a template
            return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (doc := ast.get_docstring(node)):
            try:
                yield "".join(example.source for example in doctest.DocTestParser().get_examples(doc))
            except ValueError:  # a prompt without a space behind it
                continue
            yield from re.findall(r"```(?:python|py)\n(.*?)```", doc, re.DOTALL)


def _found(text: str) -> list[Found]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, about their texts
            return find(text)
    except ValueError:
        return []


COLUMNS = ("found", "read", "with a remark", *_REASONS, "something else")


def table() -> list[str]:
    """A row for each package, and their sum."""
    rows, whole = [], Counter[str]()
    for package in PACKAGES:
        counts = surveyed(package)
        whole += counts
        rows.append(row(f"{package} {importlib.metadata.version(package).partition('+')[0]}", counts))
    heads = (
        "package",
        "found",
        "read",
        "read with a remark",
        "refused: a number is computed",
        "a function of its own",
        "other",
    )
    return [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|", *rows, row("together", whole)]


def row(name: str, counts: Counter[str]) -> str:
    """A row of the table."""
    return f"| {name} | {' | '.join(str(counts[column]) for column in COLUMNS)} |"


def page(text: str, lines: list[str]) -> str:
    """The page with a table in the place of the one that it has."""
    begin = text.index("| package |")
    end = re.search(r"\n(?!\|)", text[begin:])
    assert end is not None
    return text[:begin] + "\n".join(lines) + text[begin + end.start() :]


if __name__ == "__main__":
    if sys.argv[1:]:  # what became of each, for a look
        for text in texts(sys.argv[1]):
            for found in _found(text):
                made = found.reading
                print(
                    outcome(found),
                    "|",
                    found.text[:150],
                    "|",
                    repr(made.schedule if made and len(made.rates) == 1 else made) if made else found.refusal,
                )
    else:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")
