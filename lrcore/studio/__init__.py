"""What a page that shapes schedules asks of lrcore: `answer`, from a JSON-ready request to a JSON-ready reply."""

from lrcore.studio._answer import answer

__all__ = ["answer"]
