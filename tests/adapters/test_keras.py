"""Every test of `on_keras`, on each of Keras's backends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_keras_follows_the_core_on(backend: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", str(HERE / "on_keras")]
    inside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        command,
        cwd=HERE.parents[1],
        env={**inside, "KERAS_BACKEND": backend},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    tail = "\n".join(run.stdout.splitlines()[-60:])
    assert run.returncode == 0, tail
    assert " passed" in tail, tail
    assert "skipped" not in tail, tail
