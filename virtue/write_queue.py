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


def _forget_waiters() -> None:
    """A forked child has none of its parent's threads: it needs a pool of its own."""
    global _waiters  # noqa: PLW0603
    _waiters = ThreadPoolExecutor(max_workers=64, thread_name_prefix="write-queue")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_waiters)


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
            if not self.abandoned:
                self.taken = True
                return
        self.leave()

    def leave(self) -> None:
        """Let the next one in. Unlocked by name: a child forked meanwhile holds a copy of the file description."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)

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
        _stand_in_line(ticket)
    try:
        yield
    finally:
        ticket.leave()


def _stand_in_line(ticket: _Ticket) -> None:
    """Wait for the turn in a thread, which goes on waiting when we give up, and then passes the turn on."""
    try:
        _waiters.submit(ticket.wait).result(WAIT_SECONDS)
    except WaitedTooLong:
        if ticket.abandon():
            raise Busy from None
    except BaseException:
        # An interrupted wait must not leave a turn that nobody ever ends.
        if not ticket.abandon():
            ticket.leave()
        raise


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
