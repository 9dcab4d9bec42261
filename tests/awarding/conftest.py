"""A village at work on its deeds, on a fixed day, so that no month ends in the middle of a test."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.awarding.work import Work, make_work
from tests.pages import Visitor

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def work(app: Flask) -> Iterator[Work]:
    """A village with the whole rulebook and a cast; the clock stands at NOW."""
    work = make_work(NOW)
    with work.day():
        yield work


@pytest.fixture
def seat(visitor: Callable[[], Visitor], work: Work) -> Callable[[str], Visitor]:
    """A signed-in visitor by the name in the cast; the same one each time."""
    seats: dict[str, Visitor] = {}

    def sit(name: str) -> Visitor:
        if name not in seats:
            seats[name] = visitor().sign_in(work.staff[name])
        return seats[name]

    return sit
