"""The page's home on this machine: its files and its answers, at a port of the loopback interface, for this page alone.

Any page that a browser has open can send requests to a port of this machine. So a request is answered only if it names
this server as its host (another name that leads here is a rebound one), comes from this page if it says where from, and,
to be answered and not only to be shown the page, has the token that the page was given.
"""

from __future__ import annotations

import json
import mimetypes
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lrcore.studio._page import PAGE, answered

_LARGEST = 1_000_000
"""Bytes of a request: eight texts of the longest that `parse` reads fit."""

_PATIENCE = 60.0
"""The seconds after which a connection that says nothing is closed."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",  # the token is another one the next time, and so may the files be
}

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript"}
"""What `mimetypes` may have another word for: it asks the machine."""


class Server(ThreadingHTTPServer):
    """The server of a folder of files and of `answer`.

    Args:
        port: the port; 0 for any that is free.
        page: the folder.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    block_on_close = False  # a connection that a browser keeps open is no reason to wait

    def __init__(self, port: int = 0, page: Path = PAGE) -> None:
        self.token = secrets.token_urlsafe(32)
        self.files = {f"/{path.relative_to(page).as_posix()}": path for path in page.rglob("*") if path.is_file()}
        super().__init__(("127.0.0.1", port), _Handler)
        self.hosts = frozenset(f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost"))

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/"

    def file(self, path: str) -> tuple[bytes, str] | None:
        """A file of the page and its type; the first page has the token in it."""
        found = self.files.get("/index.html" if path == "/" else path)
        if found is None:
            return None
        kind = _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        body = found.read_bytes()
        if found.name == "index.html":
            body = body.replace(b'name="lrcore-token" content=""', f'name="lrcore-token" content="{self.token}"'.encode())
        return body, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that the browser has closed."""


class _Refusal(Exception):  # noqa: N818 (the request is at fault)
    """What a request is told instead of an answer."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "lrcore", ""
    protocol_version = "HTTP/1.1"  # a connection serves a whole drag
    disable_nagle_algorithm = True
    wbufsize = -1  # a head and its body are one packet
    timeout = _PATIENCE

    @property
    def _home(self) -> Server:
        assert isinstance(self.server, Server)
        return self.server

    def do_GET(self) -> None:
        """A file of the page."""
        self._reply(self._file)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self.do_GET()

    def do_POST(self) -> None:
        """An answer."""
        self._reply(self._answer)

    def _reply(self, find: Any) -> None:
        try:
            self._check_sender()
            body, kind = find()
            self._send(HTTPStatus.OK, body, kind)
        except _Refusal as refusal:
            self.send_error(refusal.status, str(refusal))
        except OSError:
            raise  # the connection's
        except Exception as error:
            message = f"lrcore made a mistake: {type(error).__name__}: {error}."
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, message)

    def _check_sender(self) -> None:
        if self.headers.get("Host") not in self._home.hosts:
            raise _Refusal(HTTPStatus.FORBIDDEN, f"This server is {self._home.address}, and answers to no other name.")
        origin = self.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self._home.hosts:
            raise _Refusal(HTTPStatus.FORBIDDEN, "This server answers its own page only.")

    def _file(self) -> tuple[bytes, str]:
        found = self._home.file(self.path.partition("?")[0])
        if found is None:
            raise _Refusal(HTTPStatus.NOT_FOUND, f"There is no file {self.path}.")
        return found

    def _answer(self) -> tuple[bytes, str]:
        if self.path != "/answer":
            raise _Refusal(HTTPStatus.NOT_FOUND, "Requests go to /answer.")
        if not secrets.compare_digest(self.headers.get("X-Lrcore-Token", "").encode(), self._home.token.encode()):
            raise _Refusal(HTTPStatus.FORBIDDEN, "The request has another token than the page: reload the page.")
        if self.headers.get_content_type() != "application/json":
            raise _Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A request is JSON.")
        request = self._body()
        try:
            return answered(request).encode(), "application/json"
        except ValueError as error:
            raise _Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise _Refusal(HTTPStatus.LENGTH_REQUIRED, "The request does not say how long it is.")
        if len(length) > len(str(_LARGEST)) or int(length) > _LARGEST:
            raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The request has more than {_LARGEST:,} bytes.")
        return self.rfile.read(int(length))

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A mistake as JSON. What it was about may not have been read, so the connection ends."""
        told = message or HTTPStatus(code).phrase
        self.close_connection = True
        self._send(code, json.dumps({"error": {"message": told, "start": None, "end": None}}).encode(), "application/json")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal has the address, and what is typed is nobody's business."""
