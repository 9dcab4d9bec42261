"""A server in processes of its own that can be killed at one stroke and is up again at once."""

import multiprocessing
import os
import signal
import socket
from typing import Any

from flask import Flask

PROCESSES = 2
_template = multiprocessing.get_context("forkserver")
_template.set_forkserver_preload(["tests.killable_server"])


class Killable:
    """Serves the app's database on a door that stays open while the server is dead: who knocks meanwhile waits."""

    def __init__(self, app: Flask) -> None:
        self.door = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.door.getsockname()[1]
        self.place = (app.config["SQLALCHEMY_DATABASE_URI"], app.config["VIRTUE_DATA_DIR"])
        self.processes: list[Any] = []

    def start(self) -> None:
        """Come up; whoever waits at the door is answered."""
        self.processes = [_template.Process(target=_serve, args=(self.door, *self.place)) for _ in range(PROCESSES)]
        for process in self.processes:
            process.start()

    def kill(self) -> None:
        """SIGKILL for all of its processes; none gets to say goodbye."""
        for process in self.processes:
            os.kill(process.pid, signal.SIGKILL)
        for process in self.processes:
            process.join()
        self.processes = []

    def close(self) -> None:
        """End for good."""
        self.kill()
        self.door.close()


def _serve(*place: Any) -> None:
    # Only the server's side may read that module: it makes an app.
    from tests import killable_server

    killable_server.serve(*place)
