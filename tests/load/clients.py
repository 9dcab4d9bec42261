"""Cheap clients: signed-in people whose forms go out one after the other, each over a connection as nginx brings it.

Server and clients share the machine, so a client only sends bytes made beforehand and finds the end of the answer; one
thread serves them all.
"""

import http.client
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.factories import PASSWORD

_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SLOWEST_SECONDS = 30


@dataclass
class Measured:
    """What came back: how long each answer took, and how many were not what was asked for."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    by_address: dict[str, list[float]] = field(default_factory=dict)
    refused: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def rate_of(self, path: str) -> float:
        """Answers a second of one address."""
        return len(self.by_address[path]) / self.seconds

    def percentile(self, share: float, path: str = "") -> float:
        """The latency below which this share of the answers (of one address) lies, in seconds."""
        ordered = sorted(self.by_address[path] if path else self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Form:
    """A filled form, where it goes, and what stands in every answer that did what was asked."""

    path: str
    fields: dict[str, str]
    sign: bytes


class Person:
    """Somebody signed in, with an endless stream of forms."""

    def __init__(self, cookie: str, token: str, forms: Iterator[Form]) -> None:
        self.signed_in = cookie, token
        self.forms = forms
        self.heads: dict[str, bytes] = {}
        self.form: Form

    def request(self) -> bytes:
        """The next form as it goes over the wire."""
        self.form = next(self.forms)
        head = self.heads.get(self.form.path)
        if head is None:
            head = self.heads[self.form.path] = head_of(self.form.path, *self.signed_in)
        body = urlencode(self.form.fields).encode()
        return head + b"%d\r\n\r\n" % len(body) + body


def sign_in(port: int, username: str, cookie: str = "") -> tuple[str, str]:
    """Sign in through the page, as a browser does; gives the cookie and the forms' token."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLOWEST_SECONDS)

    def call(method: str, path: str, fields: dict[str, str] | None = None) -> bytes:
        nonlocal cookie
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        cookie = (answer.getheader("Set-Cookie") or cookie).split(";")[0]
        return body

    token = _token(call("GET", "/sign-in"))
    call("POST", "/sign-in", {"username": username, "password": PASSWORD, "csrf_token": token})
    token = _token(call("GET", "/password"))
    connection.close()
    return cookie, token


def open_event(port: int, cookie: str, token: str, event_id: int) -> str:
    """Choose the event that this member adds in; gives the cookie that remembers it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLOWEST_SECONDS)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/award/event", urlencode({"event": event_id, "csrf_token": token}), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 303:
        raise RuntimeError(f"the event was not chosen: {answer.status}")
    return (answer.getheader("Set-Cookie") or cookie).split(";")[0]


def _token(page: bytes) -> str:
    found = _TOKEN.search(page)
    if found is None:
        raise RuntimeError("the page has no form")
    return found[1].decode()


def head_of(path: str, cookie: str, token: str) -> bytes:
    """A POST's head as htmx sends it, up to the length."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nX-CSRFToken: {token}\r\nHX-Request: true\r\n"
        "Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
    ).encode()


class _Line:
    """One person's connections, one after the other, and the answer that is on its way."""

    socket: socket.socket

    def __init__(self, port: int, person: Person) -> None:
        self.person = person
        self.port = port
        self.sent = 0.0
        self.answer = b""

    def send(self) -> None:
        self.answer = b""
        self.sent = time.perf_counter()
        self.socket = socket.create_connection(("127.0.0.1", self.port), SLOWEST_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(self.person.request())

    def is_complete(self) -> bool:
        """Read what is there; whether the whole answer has come."""
        part = self.socket.recv(65536)
        if not part:
            raise RuntimeError("the server closed the connection")
        self.answer += part
        end = self.answer.find(b"\r\n\r\n")
        length = _LENGTH.search(self.answer, 0, end + 2) if end >= 0 else None
        return length is not None and len(self.answer) >= end + 4 + int(length[1])


def press(port: int, people: Sequence[Person], seconds: float) -> Measured:
    """Let all of them send without a pause, each waiting for its answer; those under way at the end are awaited too."""
    measured, ready = Measured(), selectors.DefaultSelector()
    for line in [_Line(port, person) for person in people]:
        line.send()
        ready.register(line.socket, selectors.EVENT_READ, line)
    start = time.perf_counter()
    open_lines = len(people)
    while open_lines:
        found = ready.select(SLOWEST_SECONDS)
        if not found:
            raise RuntimeError("the server stopped answering")
        for key, _events in found:
            line: _Line = key.data
            if not line.is_complete():
                continue
            now = time.perf_counter()
            _note(measured, line, now - line.sent)
            ready.unregister(line.socket)
            line.socket.close()
            if now - start < seconds:
                line.send()
                ready.register(line.socket, selectors.EVENT_READ, line)
            else:
                open_lines -= 1
    measured.seconds = time.perf_counter() - start
    return measured


def _note(measured: Measured, line: _Line, seconds: float) -> None:
    status = line.answer[9:12]
    form = line.person.form
    if status == b"200" and form.sign in line.answer:
        measured.latencies.append(seconds)
        measured.by_address.setdefault(form.path, []).append(seconds)
    elif status.startswith(b"5"):
        measured.errors.append(line.answer)
    else:
        measured.refused.append(form.path.encode() + b" " + line.answer)
