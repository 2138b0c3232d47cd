"""What the homes of the page share: its files, and its answers as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from lrcore.studio._answer import answer

PAGE = Path(__file__).with_name("page")


def answered(request: str | bytes) -> str:
    """The reply to a request, both as JSON.

    Raises:
        ValueError: the request cannot be answered.
    """
    try:
        reply = answer(json.loads(request))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"The request cannot be answered: {error}") from error
    return json.dumps(reply, allow_nan=False)
