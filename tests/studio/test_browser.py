"""Without a browser the studio is not tested: one skip that everybody sees, and a failure where a change is judged."""

from __future__ import annotations

import os

import pytest

import browsing

MISSING = "the studio is tested in Chromium, and none was found: install the distribution's package `chromium`"


def missing(browser: str | None, judged: bool) -> None:
    """Skip without a browser; fail where CI is set."""
    if browser is None:
        (pytest.fail if judged else pytest.skip)(MISSING)


def test_a_browser_is_here() -> None:
    missing(browsing.chromium(), bool(os.environ.get("CI")))


def test_a_missing_browser_fails_where_a_change_is_judged_and_is_skipped_elsewhere() -> None:
    with pytest.raises(pytest.fail.Exception, match="none was found"):
        missing(None, judged=True)
    with pytest.raises(pytest.skip.Exception, match="none was found"):
        missing(None, judged=False)
