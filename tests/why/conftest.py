"""A village where everything happened once."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.awarding.work import make_work
from tests.why.life import NOW, Life, live


@pytest.fixture
def life(app: Flask) -> Iterator[Life]:
    """Each household lived through one kind of movement; the clock stands at NOW."""
    work = make_work(NOW)
    with work.day():
        yield live(work)
