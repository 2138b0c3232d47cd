"""The page's home in a notebook: its files and its answers go over the notebook's own connection."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from lrcore import Schedule
from lrcore.studio._page import PAGE, answered


def widget(*schedules: Schedule | str) -> Any:
    """The studio in a notebook: shown as the last line of a cell.

    Args:
        schedules: what it begins with, up to eight schedules or their expressions.

    Returns:
        A widget, whose `texts` are the expressions as they are now: `lrcore.parse(studio.texts[0])` is the schedule.

    Raises:
        ImportError: anywidget is not installed.
    """
    try:
        from anywidget import AnyWidget
        from traitlets import Dict, List, Unicode
    except ImportError as error:
        raise ImportError("lrcore.studio.widget needs anywidget: pip install 'lrcore[notebook]'.") from error

    class Studio(AnyWidget):
        _esm = PAGE / "notebook.js"
        _css = "\n".join(_files("*.css").values())
        files = Dict(_files("*.js")).tag(sync=True)
        first = Unicode().tag(sync=True)
        texts = List(Unicode()).tag(sync=True)

    texts = [one if isinstance(one, str) else repr(one) for one in schedules]
    made = Studio(first=urlencode({"lr": texts}, doseq=True), texts=texts)
    made.on_msg(_asked)
    return made


def _files(pattern: str) -> dict[str, str]:
    return {path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(PAGE.rglob(pattern))}


def _asked(studio: Any, message: dict[str, Any], buffers: Any) -> None:
    try:
        reply = {"reply": answered(message["request"])}
    except ValueError as error:
        reply = {"error": str(error)}
    studio.send({"id": message["id"], **reply})
