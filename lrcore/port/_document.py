"""Texts as data: JSON, TOML, YAML where it is installed, and Python, which stays text."""

from __future__ import annotations

import ast
import json
import tomllib
from typing import Any, NamedTuple

from lrcore.port._reading import Refusal


class Document(NamedTuple):
    """A text, and the data in it; None for Python."""

    text: str
    data: Any = None


KINDS = (".py", ".json", ".toml", ".yaml", ".yml")
"""The endings of files whose format is known by them."""


def document(text: str, ending: str = "") -> Document:
    """The text as data, in the format of a file's ending or, without one, in the first that fits.

    Raises:
        Refusal: the text is not of that format, or of none.
    """
    match ending:
        case ".py":
            return Document(_python(text))
        case ".json":
            return Document(text, _json(text))
        case ".toml":
            return Document(text, _toml(text))
        case ".yaml" | ".yml":
            return Document(text, _yaml(text))
    for read in (_json, _toml):
        try:
            return Document(text, read(text))
        except Refusal:
            continue
    try:
        found = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Document(text, _yaml(text))
    # `key: value` is Python too, an annotation
    notes = all(isinstance(statement, ast.AnnAssign | ast.Expr) for statement in found.body)
    called = any(isinstance(node, ast.Call) for node in ast.walk(found))
    return Document(text, _yaml(text)) if notes and not called else Document(text)


def _python(text: str) -> str:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise Refusal(f"this is not Python: {getattr(error, 'msg', error)}{f' (line {line})' if line else ''}.") from None
    return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Refusal(f"this is not JSON: {error}.") from None


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"this is not TOML: {error}.") from None


def _yaml(text: str) -> Any:
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise Refusal("YAML is read by PyYAML, which is not installed: pip install pyyaml.") from None

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """Tags of one's own, such as OmegaConf's or MkDocs's, are what they stand for."""

    def untagged(loader: Any, _: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        return (
            loader.construct_sequence(node, deep=True)
            if isinstance(node, yaml.SequenceNode)
            else loader.construct_scalar(node)
        )

    Loader.add_multi_constructor("", untagged)
    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise Refusal(f"this is not YAML: {' '.join(str(error).split())}.") from None
