"""The server as production runs it: gunicorn, two workers of two threads each, on a database of the bench's own."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"VIRTUE_SECRET_KEY": secrets.token_hex(32), "VIRTUE_CARD_KEY": secrets.token_hex(32)}
# As `flask virtue run-demo` and the README start it.
WORDS = ["--workers", "2", "--threads", "2", "--worker-class", "gthread", "--log-level", "warning", "wsgi:app"]
START_SECONDS = 30


def make_app(url: str, folder: Path):
    """The same application inside this process, with the server's keys: words it signs are the server's."""
    keys = {"SECRET_KEY": SECRETS["VIRTUE_SECRET_KEY"], "VIRTUE_CARD_KEY": SECRETS["VIRTUE_CARD_KEY"]}
    return databases.make_app(url, folder / "data", **keys)


@contextmanager
def running(url: str, folder: Path) -> Iterator[int]:
    """Serve the database ``url``; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ, **SECRETS, "VIRTUE_DATABASE_URL": url.replace("+psycopg", ""),
        "VIRTUE_DATA_DIR": str(folder / "data"),
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *WORDS]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log)
        try:
            _wait(process, port, folder / "server.log")
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until the server answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")
