"""How Sphinx builds these pages: `make docs`.

The docstrings are written to be read in a terminal: a formula is indented, a reference is a line, names are in single
backticks. `_as_restructured_text` is the whole difference between that and what Sphinx reads.
"""

from __future__ import annotations

import re
import sys
from html import escape
from typing import Any

from sphinx.ext.autodoc.mock import MockFinder
from sphinx.util import inspect

import lrcore
from lrcore._catalogue import FAMILIES, METHODS
from lrcore._view.svg import svg

# The adapters' docstrings are read where no framework is. Sphinx imports base classes outside its `autodoc_mock_imports`.
sys.meta_path.insert(0, MockFinder(["jax", "keras", "optax", "tensorflow", "torch"]))

project = "lrcore"
copyright = "the lrcore authors, Apache-2.0"
release = lrcore.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
nitpicky = True
smartquotes_action = "D"  # dashes only: quotes are code here
highlight_language = "none"
myst_heading_anchors = 3
autodoc_typehints = "none"
add_module_names = False
python_maximum_signature_line_length = 110

html_theme = "furo"
html_title = f"lrcore {release}"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["style.css"]
html_css_files = ["style.css"]

_EXAMPLES = {**FAMILIES, **METHODS}
_LINKS = {name: f":py:obj:`~lrcore.{name}`" for name in lrcore.__all__}
_LINES = re.compile(r"^(Reference|Same curve|Not the same|Not saved):", re.MULTILINE)


def _inline(text: str) -> str:
    """Names in single backticks as links or code, also where a letter follows."""
    return re.sub(r"`([^`]+)`", lambda name: _LINKS.get(name[1], f"``{name[1]}``") + r"\ ", text)


def _as_restructured_text(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """A docstring of ours as Sphinx reads it, with its drawing under the first paragraph where it has one."""
    claim, *paragraphs = re.split(r"\n\n+", "\n".join(lines).strip())
    read = [_inline(claim)]
    example = _EXAMPLES.get(name.rpartition(".")[2]) if name.startswith("lrcore.") else None
    if example is not None:
        drawing = svg(example, example.length or 100)  # as the examples that never end are made for
        read.append(f".. raw:: html\n\n   <figure>{drawing}<br><code>{escape(repr(example))}</code></figure>")
    for paragraph in paragraphs:
        if paragraph.startswith("    "):
            read.append(f"::\n\n{paragraph}")
        elif paragraph.startswith(">>>"):
            read.append(paragraph)
        elif re.match(r"\w+:\n", paragraph):  # a section, whose indentation napoleon reads
            read.append(_inline(paragraph))
        else:
            read.append(_LINES.sub(r"\n**\1.**", _inline(re.sub(r"\n +", "\n", paragraph))))
    lines[:] = "\n\n".join(read).split("\n")


def _own_signature(app: Any, what: str, name: str, obj: Any, options: Any, signature: str, returns: Any) -> Any:
    """A class's, where the stand-in for its base hides it."""
    if what != "class" or signature != "(*args, **kwargs)":
        return None
    own = inspect.signature(obj.__init__, bound_method=True)
    return inspect.stringify_signature(own, show_annotation=False), returns


def _in_columns(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Each character of a terminal's drawing marked, for `style.css`."""
    if "body" in context:
        context["body"] = re.sub("[\u2800-\u28ff]", r"<i>\g<0></i>", context["body"])


def setup(app: Any) -> None:
    """Be asked for each docstring, before napoleon, each signature and each page."""
    app.connect("autodoc-process-docstring", _as_restructured_text, priority=400)
    app.connect("autodoc-process-signature", _own_signature)
    app.connect("html-page-context", _in_columns)
