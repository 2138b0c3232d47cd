"""The studio is tested in a real browser. Where there is none, test_browser.py is all that is left, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

import browsing
from lrcore.studio._serve import Server

HERE = Path(__file__).parent

collect_ignore_glob = [] if browsing.chromium() else ["test_studio*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These first: pytest-xdist then gives them to one worker, so that one browser runs at a time."""
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed after the last test of this folder: while Playwright runs, no other test could start an event loop."""
    path = browsing.chromium()
    assert path is not None
    with browsing.browser(path) as started:
        yield started


@pytest.fixture(scope="package")
def local() -> Iterator[str]:
    """The address of what `lrcore studio` serves."""
    server = Server()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="package")
def opened(browser: Browser, local: str) -> Iterator[browsing.Studio]:
    """The page, loaded once for all tests."""
    with browsing.studio(browser, local) as page:
        yield page


@pytest.fixture
def studio(opened: browsing.Studio) -> Iterator[browsing.Studio]:
    """The page as it is at first; whatever it does, it neither complains nor asks anyone else."""
    opened.open()
    yield opened
    opened.assert_quiet()
