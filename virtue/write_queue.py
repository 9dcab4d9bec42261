"""The fair queue of writers before ``BEGIN IMMEDIATE`` on SQLite.

SQLite's own busy timeout polls with growing pauses, so the unlucky writer waits for seconds.
A blocking ``flock`` is served in the order of arrival. Each waiter has a file description of its
own, so threads of one process queue like processes do.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedTooLong
from contextlib import contextmanager
from pathlib import Path

from virtue.errors import Busy

try:
    import fcntl
except ImportError:  # Windows has no flock; the library's polling lock stands in for it.
    fcntl = None  # type: ignore[assignment]

WAIT_SECONDS = 5.0

_waiters = ThreadPoolExecutor(max_workers=64, thread_name_prefix="write-queue")


class _Ticket:
    """One place in the queue: an open lock file, and whether its owner still wants it."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.guard = threading.Lock()
        self.abandoned = False
        self.taken = False

    def wait(self) -> None:
        """Block until it is our turn; a turn nobody wants any more is passed on at once."""
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        with self.guard:
            if self.abandoned:
                os.close(self.fd)
            else:
                self.taken = True

    def abandon(self) -> bool:
        """Give the place up. False when the turn came in the meantime."""
        with self.guard:
            self.abandoned = not self.taken
            return self.abandoned


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the write turn of the database whose lock file is ``path``.

    Raises ``Busy`` (503) when the turn doesn't come within five seconds.
    """
    if fcntl is None:
        with _polled_turn(path):
            yield
        return
    ticket = _Ticket(path)
    try:
        fcntl.flock(ticket.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting = _waiters.submit(ticket.wait)
        try:
            waiting.result(WAIT_SECONDS)
        except WaitedTooLong:
            if ticket.abandon():
                raise Busy from None
    try:
        yield
    finally:
        os.close(ticket.fd)


@contextmanager
def _polled_turn(path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(timeout=WAIT_SECONDS, poll_interval=0.005)
    except Timeout:
        raise Busy from None
    try:
        yield
    finally:
        lock.release()
