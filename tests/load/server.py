"""The server as the README starts it for real: gunicorn's plain workers, on a database of the bench's own."""

import http.client
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"VIRTUE_SECRET_KEY": secrets.token_hex(32), "VIRTUE_CARD_KEY": secrets.token_hex(32)}
WORKERS = 3
WORDS = ["--workers", str(WORKERS), "--log-level", "warning", "wsgi:app"]
START_SECONDS = 30


def make_app(url: str, folder: Path):
    """The same application inside this process, with the server's keys: words it signs are the server's."""
    keys = {"SECRET_KEY": SECRETS["VIRTUE_SECRET_KEY"], "VIRTUE_CARD_KEY": SECRETS["VIRTUE_CARD_KEY"]}
    return databases.make_app(url, folder / "data", **keys)


@contextmanager
def running(url: str, folder: Path) -> Iterator[int]:
    """Serve the database ``url``; gives the port."""
    environ = {
        **os.environ, **SECRETS, "VIRTUE_DATABASE_URL": url.replace("+psycopg", ""),
        "VIRTUE_DATA_DIR": str(folder / "data"),
    }  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as door, (folder / "server.log").open("wb") as log:
        port: int = door.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{door.fileno()}", *WORDS]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log, pass_fds=[door.fileno()])
    try:
        _wait(port, folder / "server.log")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, log: Path) -> None:
    """Until the server answers. Its door is open before it starts, so that a first request waits there by itself."""
    first = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        first.request("GET", "/healthz")
        first.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}") from error
    finally:
        first.close()
