"""The README's examples run."""

from __future__ import annotations

import doctest
from pathlib import Path


def test_the_examples_of_the_keras_section_run() -> None:
    text = (Path(__file__).parents[3] / "adapters" / "README.md").read_text()
    section = text.split("## Keras\n")[1].split("\n## ")[0]
    example = doctest.DocTestParser().get_doctest(section, {}, "Keras", "README.md", 0)
    assert len(example.examples) >= 10
    assert doctest.DocTestRunner().run(example).failed == 0
