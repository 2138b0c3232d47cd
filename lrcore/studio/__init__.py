"""What a page that shapes schedules asks of lrcore: `answer`, from a JSON-ready request to a JSON-ready reply.

`widget` shows the page in a notebook.
"""

from lrcore.studio._answer import answer
from lrcore.studio._widget import widget

__all__ = ["answer", "widget"]
