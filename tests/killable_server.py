"""What ``tests.killable`` forks its servers from: all code read, an app made once and thrown away, no connection held."""

import logging
import socket
import tempfile
from pathlib import Path

from waitress import create_server

from tests import databases

THREADS = 4

with tempfile.TemporaryDirectory() as _folder:
    databases.make_app("sqlite://", Path(_folder)).test_client().get("/healthz")


def serve(door: socket.socket, url: str, data: str) -> None:
    """Answer whoever knocks, until killed."""
    logging.disable()
    app = databases.make_app(url, Path(data))
    create_server(app, sockets=[door], threads=THREADS, clear_untrusted_proxy_headers=True).run()
