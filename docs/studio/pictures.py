"""The pictures of the studio in README.md and in the manual: `python docs/studio/pictures.py` takes them anew."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from playwright.sync_api import Browser

from lrcore.studio._serve import Server

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "shared"))

from browsing import browser, chromium, studio  # noqa: E402 (from the folder above)

SCHEDULES = (
    "wsd(0.0004, steps=100000, warmup=2000, cooldown=20000)",
    "Cosine(0.0004, steps=100000, end=4e-05).warmup(2000)",
    "Linear(0.0004, end=0.0, steps=100000).warmup(2000)",
)
RUN = {"run.optimizer": "adamw", "run.model": "transformer", "run.batch": "512"}
PICTURES = {
    "studio.png": {"color_scheme": "light", "viewport": {"width": 1280, "height": 1060}},
    "studio-dark.png": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 1060}},
    "studio-phone.png": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True},
}


def take(started: Browser, address: str, folder: Path) -> None:
    """Take each picture of the studio at that address, into that folder."""
    state = urlencode({"lr": SCHEDULES, "at": 90_000, **RUN}, doseq=True)
    for name, context in PICTURES.items():
        with studio(started, address, state, **context) as page:
            page.settle()
            page.page.screenshot(path=folder / name)


if __name__ == "__main__":
    path = chromium()
    if path is None:
        raise SystemExit("A picture of the studio needs Chromium.")
    with Server() as server, browser(path) as started:
        Thread(target=server.serve_forever, daemon=True).start()
        take(started, server.address, ROOT / "docs")
        server.shutdown()
