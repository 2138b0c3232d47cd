"""The studio is tested in a real browser. Where there is none, test_browser.py is all that is left, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import browsing

HERE = Path(__file__).parent

collect_ignore_glob = [] if browsing.chromium() else ["test_studio*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These first: pytest-xdist then gives them to one worker, so that one browser runs at a time."""
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each file: while Playwright runs, no other test of the process could start an event loop."""
    path = browsing.chromium()
    assert path is not None
    with browsing.browser(path) as started:
        yield started
