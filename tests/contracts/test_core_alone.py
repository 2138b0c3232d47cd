"""The tests of the core need no framework: `make test-core` runs them where none is installed."""

from __future__ import annotations

from source import FRAMEWORKS, ROOT, imports

FOLDERS = (ROOT / "tests" / "core", ROOT / "tests" / "shared", ROOT / "benchmarks")
TEXTS = {path.stem: path.read_text() for folder in reversed(FOLDERS) for path in folder.glob("*.py")}


def needed(name: str, texts: dict[str, str]) -> set[str]:
    """The frameworks and adapters that a file imports at any depth, itself or by the helpers that it imports."""
    found: set[str] = set()
    seen, ahead = set(), [name]
    while ahead:
        seen.add(file := ahead.pop())
        sources = {source.partition(".")[0] for _, source, _ in imports(texts[file])}
        found |= {source for source in sources if source in FRAMEWORKS or source.startswith("lrcore_")}
        ahead += [source for source in sources if source in texts and source not in seen]
    return found


def test_no_test_of_the_core_imports_a_framework_or_an_adapter() -> None:
    files = [path.stem for path in FOLDERS[0].glob("*.py")]
    assert len(files) > 10
    assert {name: found for name in files if (found := needed(name, TEXTS))} == {}


def test_one_that_a_helper_imports_inside_a_function_would_be_seen() -> None:
    texts = {
        "test": "from helper import f",
        "helper": "def f():\n    import torch\n    from lrcore_torch import ScheduleLR\n",
    }
    assert needed("test", texts) == {"torch", "lrcore_torch"}
