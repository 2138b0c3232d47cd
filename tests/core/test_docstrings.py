"""The examples in the docstrings of methods run, which pytest alone does not find.

A public class says that it comes from `lrcore`, so that its pickles survive a move; doctest takes its methods,
whose globals are those of the file that they are in, for another module's.
"""

from __future__ import annotations

import doctest
import inspect
import sys
from importlib import import_module
from typing import Any

import pytest

import lrcore
from lrcore._catalogue import METHODS, TOOLS


def examples() -> dict[str, doctest.DocTest]:
    """The examples of each method and property of a public class, of lrcore's and of the tools', by its full name."""
    found: dict[str, doctest.DocTest] = {}
    modules = [lrcore, *map(import_module, sorted(set(TOOLS.values())))]
    public = (getattr(module, name) for module in modules for name in module.__all__)
    for kind in (kind for kind in public if inspect.isclass(kind)):
        for base in (base for base in kind.__mro__ if base.__module__.startswith("lrcore")):
            for name, member in vars(base).items():
                function: Any = inspect.unwrap(getattr(member, "fget", getattr(member, "func", member)))
                text, full = inspect.getdoc(function) or "", f"{base.__name__}.{name}"
                if inspect.isfunction(function) and ">>>" in text and full not in found:
                    names = dict(vars(sys.modules[function.__module__]))
                    found[full] = doctest.DocTestParser().get_doctest(text, names, full, None, None)
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_methods_examples_give_what_they_say(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF)
    assert runner.run(EXAMPLES[name], clear_globs=False).failed == 0


def test_an_example_that_gives_something_else_would_be_seen() -> None:
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner(verbose=False).run(wrong).failed == 1


def test_every_method_that_makes_a_schedule_has_examples() -> None:
    assert {f"Schedule.{name}" for name in METHODS} | {"Schedule.edges", "Value.to_dict", "Plateau.like"} <= set(EXAMPLES)
