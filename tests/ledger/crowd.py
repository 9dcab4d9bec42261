"""Many at once: processes and threads that all start at the same moment on one database."""

import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from tests import databases
from virtue.extensions import db

PATIENCE = 60
_fork = multiprocessing.get_context("fork")


def all_at_once(app: Flask, act: Callable[[int], Any], *, processes: int, threads: int = 1) -> list[Any]:
    """What each of ``processes`` x ``threads`` got from ``act(number)``; an exception comes back as its repr."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    data = Path(app.config["VIRTUE_DATA_DIR"])
    start, answers = _fork.Barrier(processes * threads), _fork.Queue()

    def one(own: Flask, number: int) -> None:
        with own.app_context():
            try:
                start.wait(PATIENCE)
                answers.put((number, act(number)))
            except Exception as error:  # noqa: BLE001 - told to the test
                answers.put((number, repr(error)))

    def process(place: int) -> None:
        # A forked child must leave its parent's connections alone: an app of its own has its own.
        own = databases.make_app(url, data)
        numbers = range(place * threads, (place + 1) * threads)
        crowd = [threading.Thread(target=one, args=(own, number)) for number in numbers]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()

    children = [_fork.Process(target=process, args=(place,)) for place in range(processes)]
    for child in children:
        child.start()
    found = dict(answers.get(timeout=PATIENCE) for _ in range(processes * threads))
    for child in children:
        child.join(PATIENCE)
        assert child.exitcode == 0
    # What the test reads from now on is what the crowd left, not what it saw before.
    db.session.rollback()
    return [found[number] for number in sorted(found)]
