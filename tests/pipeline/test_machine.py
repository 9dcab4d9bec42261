"""Whatever is done to deeds by whomever, the pipeline's laws hold; and the machine that says so finds planted bugs."""

import pytest

from tests.pipeline.machine import Pipeline
from tests.pipeline.planted import BUGS
from tests.stateful import LOOK_FOR_BUGS, ONLY_FIND, run
from virtue.extensions import db


def test_the_laws_hold_whatever_is_done(fast):
    on_sqlite = db.engine.dialect.name == "sqlite"
    run(Pipeline, 10 if on_sqlite else 4, 30, LOOK_FOR_BUGS)


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_the_machine_finds(fast, monkeypatch, bug):
    bug(monkeypatch)
    with pytest.raises(AssertionError):
        run(Pipeline, 12, 30, ONLY_FIND)
