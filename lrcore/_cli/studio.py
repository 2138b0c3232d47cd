"""`lrcore studio`: the page that shapes schedules by eye, on this machine."""

from __future__ import annotations

import errno
import signal
import webbrowser
from threading import Thread
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from lrcore._cli.asked import Mistake, as_mistakes, read
from lrcore.studio._request import MOST
from lrcore.studio._serve import Server


def studio(
    schedules: Annotated[list[str] | None, typer.Argument(metavar="SCHEDULE", hidden=True)] = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="PORT", help="The port (default: any that is free).", show_default=False),
    ] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
) -> None:
    """Shape schedules by eye, on a page in the browser.

    It is served and answered on this machine, to this machine alone, and needs no network. Ctrl-C ends it. It begins with
    the SCHEDULES, if any are given: written as in Python and put in quotes, "Cosine(3e-4, steps=1000).warmup(50)", or named
    as in `lrcore list --zoo`.
    """
    several = read(schedules or [])
    if len(several) > MOST:
        raise Mistake(f"the studio draws at most {MOST} schedules, got {len(several)}.")
    signal.signal(signal.SIGTERM, _interrupt)
    with as_mistakes(), _server(port) as server:
        address = f"{server.address}#{urlencode([('lr', repr(lr)) for lr in several])}" if several else server.address
        print(f"The studio is at {address}\nCtrl-C ends it.", flush=True)
        try:
            if not no_browser:  # which may be one that the terminal shows until it is closed
                Thread(target=webbrowser.open, args=(address,), daemon=True).start()
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def _server(port: int) -> Server:
    try:
        return Server(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Mistake(f"port {port} is in use; without --port, the studio takes one that is free.") from error


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt
