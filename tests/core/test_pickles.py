"""Pickles name `lrcore`, and nothing of where in it a thing is written."""

from __future__ import annotations

import pickle
import pickletools

import pytest

import lrcore
from lrcore import Schedule
from lrcore._catalogue import CLASSES, FAMILIES, METHODS

EXAMPLES = {name: example for name, example in {**FAMILIES, **METHODS}.items() if name != "Custom"}


def test_every_class_is_found_in_lrcore_by_its_name() -> None:
    for kind in CLASSES.values():
        assert kind.__module__ == "lrcore"
        assert getattr(lrcore, kind.__qualname__) is kind


@pytest.mark.parametrize("name", lrcore.__all__)
def test_what_is_public_says_that_it_is_of_lrcore(name: str) -> None:
    assert getattr(getattr(lrcore, name), "__module__", "lrcore") == "lrcore"


def private(text: bytes) -> set[str]:
    """The private modules that a pickle names."""
    return {str(found) for _, found, _ in pickletools.genops(text) if isinstance(found, str) and "lrcore._" in found}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_pickle_names_no_private_module_and_gives_the_schedule_back(name: str) -> None:
    schedule: Schedule = EXAMPLES[name]
    schedule(3)
    text = pickle.dumps(schedule)
    assert private(text) == set()
    assert pickle.loads(text) == schedule


def test_a_private_module_would_be_seen() -> None:
    from lrcore._arguments import refuse

    assert private(pickle.dumps(refuse)) == {"lrcore._arguments"}
