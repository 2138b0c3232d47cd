"""The command `lrcore`, by typer and rich: a file a command, joined in `app.py`."""

from lrcore._cli.app import run

__all__ = ["run"]
