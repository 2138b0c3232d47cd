"""The page's examples run."""

from __future__ import annotations

import doctest
from pathlib import Path


def test_the_examples_of_the_page_run() -> None:
    text = (Path(__file__).parents[3] / "docs" / "keras.md").read_text()
    example = doctest.DocTestParser().get_doctest(text, {}, "Keras", "keras.md", 0)
    assert len(example.examples) >= 10
    assert doctest.DocTestRunner().run(example).failed == 0
