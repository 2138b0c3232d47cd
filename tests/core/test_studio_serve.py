"""The page's home on this machine, `lrcore studio`: what it serves, whom it answers, and how it ends."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lrcore._cli import run
from lrcore.studio import _page
from lrcore.studio._page import PAGE
from lrcore.studio._serve import Server

AT = {"ask": "at", "schedules": ["Constant(0.1)"], "steps": [7]}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def told(
    server: Server, method: str, path: str, body: bytes | None = None, **headers: str | None
) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body of a reply. A header that is None is left out, Host too."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    own = {"Host": f"127.0.0.1:{server.server_port}", **({} if body is None else {"Content-Length": str(len(body))})}
    given = {**own, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    found = response.status, dict(response.getheaders()), response.read()
    connection.close()
    return found


def ask(server: Server, body: bytes = json.dumps(AT).encode(), **headers: str | None) -> tuple[int, Any]:
    """The status and the reply to a request that the page would send, but for some headers."""
    own = {"X_Lrcore_Token": server.token, "Content_Type": "application/json"}
    status, _, reply = told(server, "POST", "/answer", body, **(own | headers))
    return status, json.loads(reply)


# What it serves.


def test_every_file_of_the_page_is_served_and_nothing_else(server: Server) -> None:
    for path in PAGE.rglob("*"):
        if path.is_file() and path.name != "index.html":
            assert told(server, "GET", f"/{path.relative_to(PAGE).as_posix()}")[2] == path.read_bytes()
    for path in (
        "/_serve.py",
        "/../_serve.py",
        "/..%2f_serve.py",
        "//etc/passwd",
        "/vendor",
        "/vendor/",
        "/page/index.html",
    ):
        status, headers, body = told(server, "GET", path)
        assert (status, headers["Content-Type"]) == (404, "application/json")
        assert json.loads(body)["error"]["message"] == f"There is no file /{path.lstrip('/')}."


def test_the_first_page_has_a_token_which_is_another_one_each_time(server: Server) -> None:
    status, headers, body = told(server, "GET", "/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.findall(r'name="lrcore-token" content="(.*?)"', body.decode()) == [server.token]
    assert told(server, "GET", "/index.html?x=1")[2] == body
    with Server() as other:
        assert other.token != server.token


def test_modules_have_the_type_that_browsers_ask_of_them(server: Server) -> None:
    types = {path.suffix: told(server, "GET", f"/{path.name}")[1]["Content-Type"] for path in PAGE.glob("*.*")}
    assert types[".js"] == "text/javascript; charset=utf-8"
    assert types[".css"] == "text/css; charset=utf-8"
    assert types[".svg"] == "image/svg+xml"


def test_headers_keep_other_hosts_frames_and_caches_out(server: Server) -> None:
    headers = told(server, "GET", "/")[1]
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    )
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Server"].strip() == "lrcore"


def test_a_head_is_asked_without_its_body(server: Server) -> None:
    status, headers, body = told(server, "HEAD", "/")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 100


def test_a_connection_serves_one_request_after_another(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    headers = {"X-Lrcore-Token": server.token, "Content-Type": "application/json"}
    for _ in range(3):
        connection.request("POST", "/answer", json.dumps(AT), headers)
        response = connection.getresponse()
        assert json.loads(response.read())["rates"] == [[0.1]]
        assert not response.will_close
    connection.close()


# Whom it answers.


def test_the_page_is_answered(server: Server) -> None:
    assert ask(server) == (200, {"steps": [7], "rates": [[0.1]]})
    assert ask(server, Origin=f"http://127.0.0.1:{server.server_port}")[0] == 200
    local = f"localhost:{server.server_port}"
    assert ask(server, Host=local, Origin=f"http://{local}", Content_Type="application/json; charset=utf-8")[0] == 200


@pytest.mark.parametrize(
    "host", [None, "", "127.0.0.1", "127.0.0.1:1", "evil.example", "evil.example:{port}", "0.0.0.0:{port}"]
)
def test_another_name_that_leads_here_is_refused(server: Server, host: str | None) -> None:
    given = host and host.format(port=server.server_port)
    message = f"This server is {server.address}, and answers to no other name."
    assert ask(server, Host=given) == (403, {"error": {"message": message, "start": None, "end": None}})
    assert told(server, "GET", "/", Host=given)[0] == 403


@pytest.mark.parametrize("origin", ["null", "", "https://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_another_page_is_refused(server: Server, origin: str) -> None:
    given = origin.format(port=server.server_port)
    status, reply = ask(server, Origin=given)
    assert (status, reply["error"]["message"]) == (403, "This server answers its own page only.")


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_a_request_without_the_pages_token_is_refused(server: Server, token: str | None) -> None:
    status, reply = ask(server, X_Lrcore_Token=token)
    assert (status, reply["error"]["message"]) == (403, "The request has another token than the page: reload the page.")


def test_it_listens_on_the_loopback_interface_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


# Requests that are wrong.


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b"{}", {"Content_Type": "text/plain"}, 415, "A request is JSON."),
        (b"{}", {"Content_Type": None}, 415, "A request is JSON."),
        (b"", {"Content_Length": None}, 411, "The request does not say how long it is."),
        (b"", {"Content_Length": "-1"}, 411, "The request does not say how long it is."),
        (b"", {"Content_Length": "1000001"}, 413, "The request has more than 1,000,000 bytes."),
        (b"", {"Content_Length": "9" * 5_000}, 413, "The request has more than 1,000,000 bytes."),
        (b"{", {}, 400, "The request cannot be answered: Expecting property name enclosed in double quotes: "
         "line 1 column 2 (char 1)"),
        (b"\xff", {}, 400, "The request cannot be answered: 'utf-8' codec can't decode byte 0xff in position 0: "
         "invalid start byte"),
        (b"[" * 100_000, {}, 400, "The request cannot be answered: maximum recursion depth exceeded while decoding a JSON "
         "array from a unicode string"),
        (b'{"ask": "draw", "schedules": ["Constant(1)"], "plan": [1]}', {}, 400, "The request cannot be answered: "
         "answer.plan must be an object, got [1]."),
        (b'{"ask": "draw", "schedules": [{"text": "", "change": [1]}]}', {}, 400, "The request cannot be answered: "
         "answer.change must be an object, got [1]."),
        (b'{"ask": "money"}', {}, 400, "The request cannot be answered: answer.ask must be one of offer, draw, at, above, "
         "difference, read, write, forecast, got 'money'."),
    ],
)  # fmt: skip
def test_a_wrong_request_is_told_as_json(
    server: Server, body: bytes, headers: dict[str, str | None], status: int, message: str
) -> None:
    assert ask(server, body, **headers) == (status, {"error": {"message": message, "start": None, "end": None}})
    assert ask(server)[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "CONNECT"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    status, headers, body = told(server, method, "/answer")
    assert (status, headers["Content-Type"]) == (501, "application/json")
    assert json.loads(body)["error"]["message"] == f"Unsupported method ({method!r})"


def test_answers_have_one_address(server: Server) -> None:
    assert told(server, "POST", "/", b"{}")[0] == 404
    assert told(server, "GET", "/answer")[0] == 404


def test_a_mistake_of_ours_is_told_and_the_next_request_is_answered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: Any) -> Any:
        raise ZeroDivisionError("an example")

    monkeypatch.setattr(_page, "answer", broken)
    status, reply = ask(server)
    assert (status, reply["error"]["message"]) == (500, "lrcore made a mistake: ZeroDivisionError: an example.")
    monkeypatch.undo()
    assert ask(server)[0] == 200


def test_what_is_no_request_ends_its_connection_only(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    for sent in (b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n", b""):
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4_096):
                pass
    assert ask(server)[0] == 200
    assert capfd.readouterr() == ("", "")


# The command.


@pytest.fixture
def terminal() -> Iterator[None]:
    """As a command is started there: what is started in the background ignores Ctrl-C, and so do its own commands."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_address_answers_and_ends_without_a_word(how: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lrcore", "studio", "--no-browser", "gpt3-175b", "Constant(0.1)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().removeprefix("The studio is at ").strip()
        parts = urllib.parse.urlsplit(address)
        assert parts.hostname == "127.0.0.1"
        given = urllib.parse.parse_qs(parts.fragment)
        assert given == {"lr": ["Cosine(6e-05, steps=81250, end=6e-06).warmup(117)", "Constant(0.1)"]}
        assert process.stdout.readline() == "Ctrl-C ends it.\n"
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", "/")
        assert b"lrcore studio" in connection.getresponse().read()
        connection.close()
        process.send_signal(how)
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
        assert process.stdout.read().strip() == ""
        assert process.stderr.read() == ""


def test_the_command_opens_the_browser(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    opened: list[str] = []
    shown = threading.Event()

    def show(address: str) -> bool:
        opened.append(address)
        shown.set()
        return True

    def serve(server: Server) -> None:
        assert shown.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", show)
    monkeypatch.setattr(Server, "serve_forever", serve)
    monkeypatch.setattr("signal.signal", lambda *what: None)
    assert run(["studio"]) == 0
    assert capsys.readouterr().out == f"The studio is at {opened[0]}\nCtrl-C ends it.\n\n"


def test_a_port_that_is_taken_is_told_in_one_line(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["studio", "--no-browser", "--port", str(server.server_port)]) == 2
    told = f"lrcore: port {server.server_port} is in use; without --port, the studio takes one that is free.\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["Cosin(1)"], "lrcore: there is no schedule 'Cosin'; did you mean 'Cosine'?\n"),
        (["Constant(1)"] * 9, "lrcore: the studio draws at most 8 schedules, got 9.\n"),
    ],
)
def test_a_mistake_is_told_in_one_line(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["studio", "--no-browser", *args]) == 2
    assert capsys.readouterr().err == message
