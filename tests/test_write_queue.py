"""Writers stand in line: in their order, not longer than the patience, and nobody keeps a turn by dying."""

import multiprocessing
import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from virtue import write_queue
from virtue.errors import Busy
from virtue.write_queue import turn

PATIENCE = 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "virtue.db.lock"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(write_queue, "WAIT_SECONDS", 0.05)


def is_free(path) -> bool:
    """Whether somebody who asks now gets the turn, without waiting in line."""
    try:
        with turn(path):
            return True
    except Busy:
        return False


def waiting(path, number: int) -> None:
    """Wait until so many stand in line behind the holder, as the kernel lists them."""
    inode = str(path.stat().st_ino)
    for _ in range(PATIENCE * 200):
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
        if sum("->" in line and f":{inode} " in line for line in locks) == number:
            return
        threading.Event().wait(0.005)
    raise AssertionError(f"{number} never stood in line")


def test_turns_come_in_the_order_of_arrival(path):
    served, threads = [], []

    def wait(number: int) -> None:
        with turn(path):
            served.append(number)

    with turn(path):
        for number in range(6):
            threads.append(threading.Thread(target=wait, args=(number,)))
            threads[-1].start()
            waiting(path, number + 1)
        assert served == []
    for thread in threads:
        thread.join(PATIENCE)
    assert served == [0, 1, 2, 3, 4, 5]


def test_one_at_a_time(path):
    inside, most = [], []

    def enter() -> None:
        for _ in range(20):
            with turn(path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (len(most), max(most)) == (160, 1)


def test_who_waits_too_long_is_told_busy(path, impatient):
    with turn(path), pytest.raises(Busy), turn(path):
        raise AssertionError("two at once")


def test_a_turn_nobody_wants_any_more_is_passed_on(path, impatient, monkeypatch):
    with turn(path):
        for _ in range(3):
            with pytest.raises(Busy), turn(path):
                pass
    monkeypatch.setattr(write_queue, "WAIT_SECONDS", PATIENCE)
    assert is_free(path)


def test_a_turn_that_comes_at_the_last_moment_is_taken(path, monkeypatch):
    """The wait is over and the turn has just come: then it is ours, and ended like any other."""
    real = write_queue._Ticket.abandon

    def abandon(ticket) -> bool:
        holder.close()
        for _ in range(PATIENCE * 200):
            if ticket.taken:
                break
            threading.Event().wait(0.005)
        return real(ticket)

    monkeypatch.setattr(write_queue._Ticket, "abandon", abandon)
    monkeypatch.setattr(write_queue, "WAIT_SECONDS", 0.02)
    holder = ExitStack()
    holder.enter_context(turn(path))
    with turn(path):
        monkeypatch.undo()
        monkeypatch.setattr(write_queue, "WAIT_SECONDS", 0.05)
        assert not is_free(path)
    monkeypatch.setattr(write_queue, "WAIT_SECONDS", PATIENCE)
    assert is_free(path)


def test_an_interrupted_wait_leaves_no_turn_behind(path, monkeypatch):
    class Interrupted:
        def result(self, _seconds):
            raise KeyboardInterrupt

    real = write_queue._waiters.submit

    def submit(wait):
        real(wait)
        return Interrupted()

    with turn(path):
        monkeypatch.setattr(write_queue._waiters, "submit", submit)
        with pytest.raises(KeyboardInterrupt), turn(path):
            pass
        monkeypatch.undo()
    assert is_free(path)


def test_an_exception_inside_ends_the_turn(path):
    with pytest.raises(KeyError), turn(path):
        raise KeyError
    assert is_free(path)


def _die_inside(path, entered) -> None:
    with turn(path):
        entered.set()
        os._exit(9)


def test_a_process_that_dies_inside_ends_its_turn(path):
    fork = multiprocessing.get_context("fork")
    entered = fork.Event()
    child = fork.Process(target=_die_inside, args=(path, entered))
    child.start()
    child.join(PATIENCE)
    assert entered.is_set()
    assert child.exitcode == 9
    assert is_free(path)


def _linger(go) -> None:
    go.wait(PATIENCE)


def test_a_child_forked_inside_does_not_keep_the_turn(path, impatient):
    """The child holds a copy of the lock's file description: leaving must unlock it, not only close it."""
    fork = multiprocessing.get_context("fork")
    go = fork.Event()
    with turn(path):
        child = fork.Process(target=_linger, args=(go,))
        child.start()
    assert is_free(path)
    go.set()
    child.join(PATIENCE)


def _queue_in_child(path, answers) -> None:
    answers.put(is_free(path))


def test_a_forked_child_has_waiters_of_its_own(path, impatient):
    """The parent has a pool of waiting threads; the child inherits the pool, but none of its threads."""
    with turn(path), pytest.raises(Busy), turn(path):
        pass
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    holder = ExitStack()
    holder.enter_context(turn(path))
    child = fork.Process(target=_queue_in_child, args=(path, answers))
    child.start()
    assert answers.get(timeout=PATIENCE) is False
    holder.close()
    child.join(PATIENCE)
    assert child.exitcode == 0


def test_without_flock_the_polling_lock_stands_in(path, impatient, monkeypatch):
    monkeypatch.setattr(write_queue, "fcntl", None)
    with turn(path), pytest.raises(Busy), turn(path):
        pass
    assert is_free(path)
