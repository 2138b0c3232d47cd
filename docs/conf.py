"""How Sphinx builds these pages: `make docs`.

The docstrings are written to be read in a terminal: a formula is indented, a reference is a line, names are in single
backticks. `_as_restructured_text` is the whole difference between that and what Sphinx reads.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import fields
from html import escape
from importlib import import_module
from typing import Any

from sphinx.ext.autodoc.mock import MockFinder
from sphinx.util import inspect

import lrcore
from lrcore._catalogue import CLASSES, FAMILIES, METHODS
from lrcore._schedule import Schedule
from lrcore._view.svg import svg
from lrcore.advice import BATCH_RULES, RULES, choose
from lrcore.advice._choices import CHOICES

# The adapters' docstrings are read where no framework is. Sphinx imports base classes outside its `autodoc_mock_imports`.
sys.meta_path.insert(0, MockFinder(["jax", "keras", "mlx", "optax", "tensorflow", "torch"]))

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


def _holds_schedules(example: Schedule) -> bool:
    values = (getattr(example, field.name) for field in fields(example))
    return any(isinstance(value[0] if value and isinstance(value, tuple) else value, Schedule) for value in values)


def _directives(names: Iterable[str]) -> str:
    """The reference of public names; of a class with its own methods that have something to say."""
    lines = []
    for name in names:
        told = getattr(lrcore, name)
        lines.append(f".. {_kind(told)}:: {name}")
        if isinstance(told, type) and told is not Schedule:
            members = [word for word, member in vars(told).items() if word[0] != "_" and getattr(member, "__doc__", None)]
            lines += [f"   :members: {', '.join(members)}"] if members and issubclass(told, Schedule) else []
        elif told is Schedule:
            lines.append("   :members: length, edges, to_dict, diff, plot")
        elif not callable(told):
            lines.append("   :no-value:")
    return "\n".join(["```{eval-rst}", ".. currentmodule:: lrcore", *lines, "```"])


def _kind(told: Any) -> str:
    return "autoclass" if isinstance(told, type) else "autofunction" if callable(told) else "autodata"


def _pages() -> dict[str, str]:
    """What stands for each `% made: ...` line: every public name in one place, from the catalogue."""
    families = {name: example for name, example in FAMILIES.items() if not _holds_schedules(example)}
    sections, table, shown = [], ["| schedule | value |", "| --- | --- |"], {"shapes"}
    for name, example in families.items():
        claim = (inspect.getdoc(getattr(lrcore, name)) or "").partition("\n\n")[0].replace("\n", " ")
        table.append(f"| {{py:obj}}`~lrcore.{name}` | {claim} |")
        makes = type(example.momentum()).__name__ if hasattr(example, "momentum") else type(example).__name__
        names = [word for word in dict.fromkeys((name, makes)) if word in lrcore.__all__]
        shown.update(names)
        sections.append(f"## {name}\n\n{_directives(names)}")
    made = [kind.__name__ for kind in CLASSES.values() if kind.__name__ in lrcore.__all__ and kind.__name__ not in shown]
    methods = "\n".join(f".. automethod:: Schedule.{name}" for name in METHODS)
    compositions = f"```{{eval-rst}}\n.. currentmodule:: lrcore\n{methods}\n```\n\n{_directives([*made, 'shapes'])}"
    others = sorted(set(lrcore.__all__) - shown - set(made))
    return {
        "table of families": "\n".join(table),
        "families": "\n\n".join(sections),
        "compositions": compositions,
        "rules": _rules(),
        "choices": _choices(),
        "batch rules": _batch_rules(),
        "choose": _tool("lrcore.advice", ("choose", "Recommendation", "Alternative")),
        "scale": _tool("lrcore.advice", ("rescaled", "Rescaled", "BatchRule", "GroupRates", "layerwise", "width_ratios")),
        "check": _tool("lrcore.advice", _CHECK),
        "everything else": _directives(["Schedule", *(name for name in others if name != "Schedule")]),
    }


def _rules() -> str:
    """A section for each rule of `check`, from its own texts and examples."""
    sections = []
    for rule in RULES.values():
        asked = " It is asked with `--all`, or `every=True`, only." if rule.optional else ""
        sections.append(
            f"### {rule.name}\n\n**{rule.severity.capitalize()}.** {rule.trigger}{asked}\n\n{rule.why}\n\n"
            f"- It fires on `{rule.fires!r}`\n- and not on `{rule.silent!r}`\n\nSource: {rule.source}."
        )
    return "\n\n".join(sections)


def _choices() -> str:
    """A section for each row of the decision table, drawn for one run, with the published recipes that it follows."""
    sections = []
    for choice in CHOICES:
        budget = None if choice.open else "90 epochs of 1_252" if choice.task.endswith("images") else 100_000
        found = choose(choice.task, optimizer=choice.optimizers[0], budget=budget)
        which = ", length open" if choice.open else ""
        drawing = svg(found.schedule, found.plan.total or max(1, found.schedule._reach()))
        recipes = ", ".join(f"{recipe.title} ({recipe.source})" for recipe in found.recipes)
        sections.append(
            f"### {choice.task}, {choice.optimizers[0]}{which}\n\n"
            f"```{{raw}} html\n<figure>{drawing}<br><code>{escape(repr(found.schedule))}</code></figure>\n```\n\n"
            f"{choice.why}\n\n- Peak: {choice.peak}\n- Not if: {choice.when_not}\n- Watch: {choice.watch}\n"
            f"- As in {recipes}."
        )
    return "\n\n".join(sections)


def _batch_rules() -> str:
    """The table of the rules that `rescaled` knows."""
    rows = ["| rule | peak | holds for | fails for | source |", "| --- | --- | --- | --- | --- |"]
    rows += [
        f"| `{name}` | {rule.formula} | {rule.holds} | {rule.fails} | {rule.source} |" for name, rule in BATCH_RULES.items()
    ]
    return "\n".join(rows)


def _tool(module: str, names: Iterable[str]) -> str:
    """The reference of some public names of a tool, with the methods of its classes."""
    lines = [f".. currentmodule:: {module}"]
    for name in names:
        told = getattr(import_module(module), name)
        lines.append(f".. {_kind(told)}:: {name}")
        if isinstance(told, type):
            shown = [word for word, member in vars(told).items() if word[0] != "_" and getattr(member, "__doc__", None)]
            lines += [f"   :members: {', '.join(shown)}"] if shown and not issubclass(told, tuple) else []
        elif not callable(told):
            lines.append("   :no-value:")
    return "\n".join(["```{eval-rst}", *lines, "```"])


_CHECK = (
    *("Plan", "Progress", "batch_ramp", "check", "Finding", "Findings", "Rule", "Table"),
    *("of_loop", "check_groups", "optimizer_name"),
)
"""What the page on checks documents of `lrcore.advice`."""


def _made(app: Any, page: str, source: list[str]) -> None:
    """A page with what is made from the catalogue."""
    pages = _pages()
    source[0] = re.sub(r"^% made: (.+)$", lambda line: pages[line[1]], source[0], flags=re.MULTILINE)


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
    """Be asked for each source, each docstring, before napoleon, each signature and each page."""
    app.connect("source-read", _made)
    app.connect("autodoc-process-docstring", _as_restructured_text, priority=400)
    app.connect("autodoc-process-signature", _own_signature)
    app.connect("html-page-context", _in_columns)
