"""A real browser for tests and pictures: Chromium of the machine, and a server of files."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def chromium() -> str | None:
    """Where Chromium is: the distribution's, or Google's; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """A browser that is closed at the end. Chromium has no sandbox for root."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.getuid() == 0 else []
        started = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield started
        finally:
            started.close()


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of a folder's files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


SCHEDULE = "Cosine(0.0003, steps=100000, end=3e-05).warmup(2000)"
"""What the studio shows at first."""


@dataclass
class Studio:
    """The studio's page, and all that it asked for and complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def listen(self) -> None:
        """Write down each complaint of the browser and each request, those of workers among them."""
        self.page.on("request", lambda request: self._ask(request.url))
        self.page.on("console", lambda told: self._complain(told.type, told.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.add_init_script(_WATCH)

    def settle(self) -> None:
        """Wait until everything that the page asked for has come, and is shown."""
        self.page.evaluate(_SETTLED)

    def _ask(self, address: str) -> None:
        self.asked.append(address)
        if not address.startswith((self.address, "data:", "blob:", "about:")):
            self.strangers.append(address)

    def _complain(self, kind: str, words: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(words)

    def load(self, state: str = "") -> None:
        """Load the page anew, with this behind the # of its address."""
        self.page.goto("about:blank")
        begin = time.perf_counter()
        self.page.goto(f"{self.address}#{state}")
        self.page.locator("[data-ready], [role=alert]:visible").first.wait_for(timeout=60_000)
        self.seconds = time.perf_counter() - begin
        assert self.page.locator("[data-ready]").count(), (self.page.locator("body").inner_text(), self.complaints)

    def open(self, *texts: str, **state: Any) -> None:
        """Show these schedules on the page that is loaded."""
        while self.page.locator("dialog[open]").count():
            self.page.keyboard.press("Escape")
        self.settle()
        shown, state = texts or (SCHEDULE,), {"at": 50_000, **state}
        wanted = urlencode({"lr": shown, **state}, doseq=True)
        if self.page.evaluate("location.hash") == self.shown.get(wanted):
            return
        self.page.evaluate("words => { location.hash = words }", wanted)
        expect(self.expression).to_have_value(shown[state.get("active", 0)])
        self.settle()
        self.shown[wanted] = self.page.evaluate("location.hash")

    @property
    def expression(self) -> Locator:
        """The text of the schedule that is worked on."""
        return self.page.get_by_role("region", name="Expression").get_by_role("textbox")

    def shows(self, text: str) -> None:
        """The expression is this."""
        expect(self.expression).to_have_value(text)

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def part(self, i: int) -> Locator:
        """A part of the chain, counted from 1."""
        return self.page.get_by_role("group", name=f"Part {i}: ")

    def box(self, part: int, name: str) -> Locator:
        """A field of a part."""
        return self.part(part).get_by_label(name, exact=True)

    def shifts(self) -> float:
        """How far things have jumped since the page was loaded, but for what a person's own action moved."""
        return float(self.page.evaluate("window.shifts"))

    def assert_quiet(self) -> None:
        """Since the last time the page complained of nothing, and asked nobody but its own server."""
        found, self.complaints, self.strangers = [*self.complaints, *self.strangers], [], []
        assert found == [], found


_SETTLED = """() => new Promise((done) => {
  let frames = 0;
  const look = () => {
    frames = document.querySelector("[data-working]") ? 0 : frames + 1;
    frames > 2 ? done() : requestAnimationFrame(look);
  };
  look();
})"""

_WATCH = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });

// For tests that do a hundred things: each would take ten times as long from outside
window.expression = () => document.querySelector(".expression textarea");
window.working = () => document.querySelector("[data-working]");
window.named = (one) => one.getAttribute("aria-label") ?? one.textContent;
window.button = (name) => [...document.querySelectorAll("button")].find((one) => named(one) === name);
window.until = async (done, what) => {
  for (let i = 0; i < 1000; i++) {
    if (done()) return;
    await new Promise((go) => setTimeout(go, 5));
  }
  throw new Error(`waited in vain for ${what}`);
};
"""


@contextmanager
def studio(browser: Browser, address: str, state: str = "", **context: Any) -> Iterator[Studio]:
    """The studio at an address, loaded with a state."""
    permissions = ["clipboard-read", "clipboard-write"]
    opened = browser.new_context(
        **{"viewport": {"width": 1280, "height": 800}, "permissions": permissions, "reduced_motion": "reduce", **context}
    )
    opened.set_default_timeout(5_000)
    try:
        page = Studio(opened.new_page(), address)
        page.listen()
        page.load(state)
        yield page
    finally:
        opened.close()
