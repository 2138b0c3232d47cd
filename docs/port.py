"""The table of `docs/port.md`: what `lrcore.port.find` makes of files that nobody here wrote.

python docs/port.py                           installed packages: their code, docstrings and configurations
python docs/port.py NAME=FOLDER NAME=FOLDER   other folders
python docs/port.py PACKAGE                   what became of each schedule, a line each
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
from collections.abc import Iterator, Mapping
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
    "not given": r"not given|is missing|'auto'|needs lr=",
}


def surveyed(package: str, updates: int | None = None) -> Counter[str]:
    """How many schedules of a package were found, and what became of each."""
    counts: Counter[str] = Counter()
    for text in texts(package):
        for found in _found(text, updates):
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


def _found(text: str, updates: int | None = None) -> list[Found]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, about their texts
            return find(text, updates=updates)
    except ValueError:
        return []


COLUMNS = ("found", "read", "with a remark", *_REASONS, "something else")
HEADS = (
    "found",
    "read",
    "read, with a remark",
    "a number is computed",
    "a function of its own",
    "a number is not given",
    "other",
)


def of_packages() -> list[str]:
    """A row for each package, and their sum."""
    counted = {f"{name} {importlib.metadata.version(name).partition('+')[0]}": surveyed(name) for name in PACKAGES}
    together = sum(counted.values(), Counter[str]())
    return table("package", {**counted, "together": together})


def of_repositories(folders: Mapping[str, str]) -> list[str]:
    """A row for each folder, and another where more is read if the run's length is said."""
    counted = {}
    for name, place in folders.items():
        counted[name] = surveyed(place)
        if counted[name]["not given"]:
            counted[f"{name}, with `updates=1000`"] = surveyed(place, 1000)
    return table("repository", counted)


def table(what: str, counted: Mapping[str, Counter[str]]) -> list[str]:
    """The lines of a table."""
    heads = [what, *HEADS]
    return [
        f"| {' | '.join(heads)} |",
        "| --- " * len(heads) + "|",
        *(row(name, counts) for name, counts in counted.items()),
    ]


def row(name: str, counts: Counter[str]) -> str:
    """A line of a table."""
    return f"| {name} | {' | '.join(str(counts[column]) for column in COLUMNS)} |"


def page(text: str, lines: list[str]) -> str:
    """The page with a table in the place of the one that begins with the same word."""
    begin = text.index(lines[0].partition(" found |")[0])
    end = re.search(r"\n(?!\|)", text[begin:])
    assert end is not None
    return text[:begin] + "\n".join(lines) + text[begin + end.start() :]


def told(package: str) -> Iterator[str]:
    """What became of each schedule of a package, a line each."""
    for text in texts(package):
        for found in _found(text):
            yield f"{outcome(found)} | {found.text[:150]} | {found.refusal or found.reading!r}"


if __name__ == "__main__":
    if sys.argv[1:] and "=" not in sys.argv[1]:
        print(*told(sys.argv[1]), sep="\n")
    else:
        given = dict(word.split("=", 1) for word in sys.argv[1:])
        lines = of_repositories(given) if given else of_packages()
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
