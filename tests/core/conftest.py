"""What the tests of the command share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lrcore._cli import run


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns, whatever the one that runs the tests is."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def told(terminal: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `lrcore` with these arguments prints in such a terminal, held to an exit code."""

    def told(*args: str, code: int = 0) -> str:
        assert run(args) == code
        out, err = capsys.readouterr()
        assert bool(err) == (code == 2)
        return err if err else out

    return told
