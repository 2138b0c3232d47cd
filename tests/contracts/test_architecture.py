"""The plan of the house: which module may import which, and where an import stands inside a function."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from source import FRAMEWORKS, ROOT, imports, modules, owner

CORE = modules(ROOT / "lrcore")

LAYERS = (
    "_elsewhere _elsewhere_plateaus _arguments _vocabulary",
    "_numeric.elementary _numeric.namespace _numeric.scalar",
    "arrays modes",
    "_numeric",
    "_value",
    "_evaluate",
    "_schedule",
    "_families",
    "_compositions",
    "_shorthands",
    "_catalogue",
    "_text _view _verify _logs",
    "lrcore",
    "plateau finder theory forecast zoo port",
    "advice",
    "studio",
    "_cli __main__",
)
"""From the ground up: a module imports of its own layer and of those before it. Those of one line are beside each other."""

OPTIONAL = frozenset(
    {"anywidget", "matplotlib", "numpy", "pydantic_core", "rich", "scipy", "tensorboard", "tqdm", "traitlets"}
    | {"typer", "yaml"}
)
"""Libraries that are imported where they are used: `import lrcore` must not need them, or wait for them."""

COMPOSING = ("_schedule", "_compositions.")
"""Methods of Schedule, each of which makes a composition: built on the files that build on it."""

WITHIN = {
    # Other methods of every schedule and value, which are built on the files that build on them
    ("_schedule", "_view.plot"): "methods of Schedule",
    ("_schedule", "_view.svg"): "methods of Schedule",
    ("_value", "_text.data"): "methods of Value",
    ("_value", "_text.text"): "methods of Value",
    ("_value", "_text.pydantic"): "a method of Value, and an optional library: pydantic",
    # Its examples take a tenth of the time of `import lrcore`
    ("_text.data", "_catalogue"): "for the import of lrcore",
    ("_text.text", "_catalogue"): "for the import of lrcore",
    ("advice._plan", "advice._scale"): "a method of Plan",
    ("advice._finding", "advice._check"): "a property of Findings",
    ("finder._found", "finder._html"): "a method of every result, which draws results",
    # Files that need an optional library
    ("finder._found", "finder._figure"): "an optional library: matplotlib",
    ("__main__", "_cli"): "an optional library: typer",
    ("_view.plot", "_view.figure"): "an optional library: matplotlib",
    ("plateau._replay", "plateau._figure"): "an optional library: matplotlib",
    # Start-up time: what most programs never use
    ("_arguments", "difflib"): "only an error needs it",
    ("_text.text", "argparse"): "only an error needs it",
    ("_numeric.scalar", "struct"): "only a rule for a metric asks for it",
    ("_families.custom", "hashlib"): "few print a formula of their own",
    ("_compositions.product", "heapq"): "few ask for edges",
    ("_evaluate", "_numeric.compiled"): "only what is called often is compiled",
    ("_arguments", "_elsewhere"): "only an error needs it",
    ("_arguments", "inspect"): "only an error needs it",
    ("_elsewhere", "importlib.util"): "only an error needs it",
    ("_elsewhere", "pathlib"): "only an error needs it",
    ("_text.text", "_elsewhere"): "only an error needs it",
    ("plateau._rule", "plateau._like"): "few name another library",
    ("_verify", "_numeric.branches"): "few verify, and it brings NumPy",
    ("_verify", "importlib.metadata"): "few verify, and it is slow",
    ("_view.plot", "_view.axis"): "few plot",
    ("_view.plot", "pathlib"): "few plot",
    ("studio._answer", "forecast"): "an optional library: NumPy, which a browser may not have",
    ("studio._answer", "advice"): "start-up time in a browser",
    ("studio._written", "port"): "start-up time in a browser",
    ("arrays", "_evaluate"): "it builds on this module, and gives an adapter one function",
    ("_view.plot", "_view.curve"): "few plot",
    ("arrays", "importlib.metadata"): "slow, and only the first array of a library needs it",
}
"""The imports inside functions of lrcore, module and what it imports, beside those of OPTIONAL: each with its reason."""


def graph(core: dict[str, str]) -> dict[str, set[str]]:
    """What each module of lrcore imports of lrcore when it is imported itself."""
    return {
        module: {owner(name, core) for inside, source, name in imports(text) if not inside and source.startswith("lrcore")}
        for module, text in core.items()
    }


def circle(core: dict[str, str]) -> list[str]:
    """Modules that import each other, the first again at the end; none where there is no circle."""
    try:
        TopologicalSorter(graph(core)).prepare()
    except CycleError as found:
        return [str(module) for module in found.args[1]]
    return []


def layer(module: str) -> int:
    """The place of a module in LAYERS, by its own name or its folder's."""
    name = module if module == "lrcore" else module.removeprefix("lrcore.")
    while name:
        for place, names in enumerate(LAYERS):
            if name in names.split():
                return place
        name = name.rpartition(".")[0]
    pytest.fail(f"{module} has no place in LAYERS: give it one")


def upwards(core: dict[str, str]) -> list[str]:
    """The imports of a module from a layer above its own."""
    arrows = [(module, other) for module, others in graph(core).items() for other in others]
    return sorted(f"{module} imports {other}" for module, other in arrows if layer(other) > layer(module))


def within(core: dict[str, str]) -> set[tuple[str, str]]:
    """The imports inside functions, but for those of optional libraries: the module, and what it imports."""
    return {
        (module.removeprefix("lrcore."), owner(name, core).removeprefix("lrcore.") if "lrcore" in source else source)
        for module, text in core.items()
        for inside, source, name in imports(text)
        if inside and source.partition(".")[0] not in OPTIONAL
    }


def foreign(adapters: dict[str, str]) -> list[str]:
    """What adapters import of lrcore that is private, but for the module of errors about arguments."""
    return sorted(
        f"{module} imports {name}"
        for module, text in adapters.items()
        for _, source, name in imports(text)
        if source.partition(".")[0] == "lrcore"
        and "lrcore._arguments" not in (source, name)
        and any(part.startswith("_") for part in name.split("."))
    )


def test_no_modules_import_each_other() -> None:
    assert circle(CORE) == []


def test_modules_that_import_each_other_would_be_seen() -> None:
    changed = CORE | {"lrcore._value": CORE["lrcore._value"] + "\nfrom lrcore._families.cosine import Cosine\n"}
    assert {"lrcore._value", "lrcore._families.cosine"} <= set(circle(changed))


def test_a_module_imports_from_its_own_layer_and_those_below() -> None:
    assert upwards(CORE) == []


def test_an_import_from_a_layer_above_would_be_seen() -> None:
    changed = CORE | {
        "lrcore._numeric.blend": "import lrcore\nfrom lrcore._schedule import Edge\nfrom lrcore import arrays\n"
    }
    assert upwards(changed) == ["lrcore._numeric.blend imports lrcore", "lrcore._numeric.blend imports lrcore._schedule"]


def test_a_module_without_a_place_would_be_seen() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^lrcore\._plateau has no place in LAYERS: give it one$"):
        upwards(CORE | {"lrcore._plateau": "import lrcore"})


def test_imports_inside_functions_are_those_of_the_list() -> None:
    found = {pair for pair in within(CORE) if not (pair[0] == COMPOSING[0] and pair[1].startswith(COMPOSING[1]))}
    assert found - set(WITHIN) == set(), "move it to the top of its file, or give its reason in WITHIN"
    assert set(WITHIN) - found == set(), "it is gone: take it out of WITHIN"


def test_another_import_inside_a_function_would_be_seen() -> None:
    changed = CORE | {"lrcore._families.cosine": "def f():\n    import json\n    from lrcore._value import Value\n"}
    assert within(changed) - within(CORE) == {("_families.cosine", "json"), ("_families.cosine", "_value")}


def test_importing_any_module_of_the_core_alone_needs_no_framework() -> None:
    named = {source.partition(".")[0] for text in CORE.values() for _, source, _ in imports(text)}
    assert named & FRAMEWORKS == set()


@pytest.mark.parametrize("package", [folder.name for folder in (ROOT / "adapters").glob("lrcore_*")])
def test_an_adapter_sees_of_lrcore_what_is_public_and_the_errors_about_arguments(package: str) -> None:
    assert foreign(modules(ROOT / "adapters" / package)) == []


def test_what_is_private_would_be_seen() -> None:
    allowed = "import lrcore.arrays\nfrom lrcore import arrays, Cosine\nfrom lrcore._arguments import refuse\n"
    text = f"{allowed}def f():\n    from lrcore._evaluate import Together\nfrom lrcore import _value\n"
    assert foreign({"lrcore_torch": text}) == [
        "lrcore_torch imports lrcore._evaluate.Together",
        "lrcore_torch imports lrcore._value",
    ]
