"""A served app and a real browser: Debian's chromium, never a downloaded one.

    def test_...(live, page):
        page.goto(live.url("/sign-in"))

``page`` is Playwright's. What the browser's console calls an error fails the test, and so does any
request that leaves the machine. ``live.look(page, "till")`` keeps a picture when $LOOKS names a folder.
"""

import contextlib
import os
import re
import shutil
import socket
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.handlers import format_date_time

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from waitress import create_server
from waitress.server import BaseWSGIServer

from tests import databases
from virtue import clock
from virtue.extensions import db

LOOKS = os.environ.get("LOOKS", "")
AXE = Path(__file__).parent / "axe-4.14.1.min.js"
SIZES = {"phone": (390, 844), "desk": (1280, 800), "elder": (360, 780), "wall": (1920, 1080), "tall": (1080, 1920)}
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# By a page without scripts, the one that axe looks at in its place.
TWINS: "weakref.WeakKeyDictionary[Page, Page]" = weakref.WeakKeyDictionary()
# An answer that refuses is part of many ways; the browser logs each as an error.
REFUSALS = tuple(f"status of {status}" for status in (400, 401, 403, 404, 409, 413, 422, 429))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Pages look the same on either database: SQLite, unless a test asks for both.

    @pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
    """
    return getattr(request, "param", "sqlite")


@dataclass
class Live:
    """An app that is being served, under a clock that a test may set: it runs on from there."""

    app: Flask
    base: str
    faults: list[str] = field(default_factory=list)
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The present instant, as the server sees it."""
        return datetime.now(UTC) + self.ahead

    def set_clock(self, instant: datetime) -> None:
        """Let the server's clock stand at ``instant`` and run on."""
        self.ahead = instant - datetime.now(UTC)

    def serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request under the set clock, whose time the answer's Date tells too."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Date", format_date_time(self.now().timestamp()))], *rest)

        with clock.set_to(self.now()):
            return self.app(environ, start)

    def url(self, path: str) -> str:
        """The full address of a path."""
        return self.base + path

    def look(self, page: Page, name: str, *, full: bool = True) -> None:
        """Keep a picture of what the browser shows, when somebody wants pictures."""
        if LOOKS:
            page.screenshot(path=Path(LOOKS) / f"{name}.png", full_page=full)


@pytest.fixture
def app(database_url: str, tmp_path: Path, listening: socket.socket) -> Iterator[Flask]:
    """The app, knowing the address it is served at; the test itself may use factories and queries."""
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with databases.lent_app(database_url, tmp_path / "data", VIRTUE_BASE_URL=address) as app, app.app_context():
        yield app


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A free port, taken before the app is made, so that cards can carry its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken


@pytest.fixture
def live(app: Flask, listening: socket.socket) -> Iterator[Live]:
    """The app behind a real server, in a thread."""
    listening.listen(64)
    served = Live(app, f"http://127.0.0.1:{listening.getsockname()[1]}")
    server = create_server(served.serve, sockets=[listening], threads=4, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    # What a factory left open would keep the server's writers waiting.
    db.session.commit()
    yield served
    server.close()
    thread.join(5)
    assert served.faults == []


def _serve(server: BaseWSGIServer) -> None:
    # Closed under its feet when the test is over.
    with contextlib.suppress(OSError):
        server.run()


def chromium() -> str:
    """The browser of the system; $CHROMIUM names another."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        raise RuntimeError("no browser: apt install chromium, or set CHROMIUM")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """How chromium is started."""
    return {"executable_path": chromium(), "chromium_sandbox": os.geteuid() != 0, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    """A phone in the village, unless a test asks for another size."""
    return _screen("phone")


def _screen(size: str, **options: object) -> dict:
    width, height = SIZES[size]
    return {
        "viewport": {"width": width, "height": height},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        **options,
    }


@pytest.fixture
def watched(live: Live) -> Callable[[BrowserContext], BrowserContext]:
    """Makes a browser context tell the test what went wrong in it."""

    def watch(context: BrowserContext) -> BrowserContext:
        context.set_default_timeout(10_000)
        context.on("console", lambda message: _heard(live, message))
        context.on("weberror", lambda error: live.faults.append(f"script: {error.error}"))
        context.on("request", lambda request: _left(live, request.url))
        return context

    return watch


def _heard(live: Live, message: ConsoleMessage) -> None:
    if message.type == "error" and not any(refusal in message.text for refusal in REFUSALS):
        live.faults.append(f"console: {message.text} ({message.location.get('url', '')})")


def _left(live: Live, url: str) -> None:
    if url.startswith(("http://", "https://", "ws")) and not url.startswith(live.base):
        live.faults.append(f"left the machine: {url}")


@pytest.fixture
def page(live: Live, watched, context: BrowserContext) -> Page:
    """A browser's page on a phone."""
    return watched(context).new_page()


@pytest.fixture
def screen(live: Live, watched, browser) -> Iterator[Callable[..., Page]]:
    """Makes a page of a size in a browser of its own: screen("desk"), screen("phone", java_script_enabled=False).

    ``by=`` another chromium opens it there, as one with a camera (tests/browser/camera.py).
    """
    opened: list[BrowserContext] = []

    def make(size: str = "phone", by: Browser = browser, **options: object) -> Page:
        context = watched(by.new_context(**_screen(size, **options)))
        opened.append(context)
        page = context.new_page()
        if options.get("java_script_enabled") is False:
            TWINS[page] = make(size, by)
        return page

    yield make
    for context in opened:
        context.close()


def axe(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands: rule, element, remedy. Empty is well."""
    if page in TWINS:
        page = _scripts_on(page)
    # What is fading in has no contrast yet.
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {violation['help']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def _scripts_on(page: Page) -> Page:
    """The page as it stands without scripts, where axe can run: axe is one itself."""
    twin, address = TWINS[page], page.url.partition("#")[0]
    html = re.sub(r"(?s)<script.*?</script>", "", page.content())
    twin.route(address, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    twin.goto(address)
    twin.unroute(address)
    return twin


def is_well(page: Page) -> bool:
    """Whether axe finds nothing and nothing stands out of the right edge; else the test fails with what was found."""
    assert axe(page) == []
    assert not scrolls_sideways(page)
    return True


def scrolls_sideways(page: Page) -> bool:
    """Whether something stands out of the page's right edge."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
