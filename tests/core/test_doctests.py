"""The examples in the docstrings of methods run: doctest itself takes a method for one of the module its class names."""

from __future__ import annotations

import doctest
import inspect
from typing import Any

import pytest

import lrcore


def methods() -> dict[str, Any]:
    """Every function in the body of a public class, by its name."""
    found: dict[str, Any] = {}
    for name in lrcore.__all__:
        kind = getattr(lrcore, name)
        for base in kind.__mro__ if inspect.isclass(kind) else ():
            if base.__module__.partition(".")[0] == "lrcore":
                found |= {f"{base.__name__}.{key}": value for key, value in vars(base).items() if inspect.isfunction(value)}
    return found


EXAMPLES = {
    name: test
    for name, method in methods().items()
    for test in doctest.DocTestFinder(exclude_empty=True, recurse=False).find(method, name, globs=vars(lrcore).copy())
    if test.examples
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_method_run(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    assert runner.run(EXAMPLES[name], out=said.append).failed == 0, "".join(said)


def test_that_is_every_method_that_composes_and_a_wrong_example_would_be_seen() -> None:
    assert {f"Schedule.{name}" for name in ("warmup", "then", "repeat", "shift", "stretch", "per_epoch", "clip")} <= set(
        EXAMPLES
    )
    assert {"Schedule.edges", "Schedule.cooldown", "Schedule.extend", "Value.to_dict", "Value.diff"} <= set(EXAMPLES)
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner().run(wrong, out=lambda _: None).failed == 1
