"""Whatever is done to deeds by whomever, the pipeline's laws hold; and the machine that says so finds planted bugs."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import databases
from tests.pipeline.machine import Pipeline
from tests.pipeline.planted import BUGS
from virtue.extensions import db

SLOW_IS_FINE = list(HealthCheck)


@pytest.fixture
def fast(app):
    """A power cut is not what is tested here: SQLite need not wait for the disk."""
    with databases.pragma("synchronous=OFF"):
        yield app


def run(examples: int, steps: int, phases: tuple[Phase, ...]) -> None:
    run_state_machine_as_test(
        Pipeline,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
            phases=phases, suppress_health_check=SLOW_IS_FINE, print_blob=False, report_multiple_bugs=False,
        ),
    )  # fmt: skip


def test_the_laws_hold_whatever_is_done(fast):
    on_sqlite = db.engine.dialect.name == "sqlite"
    run(10 if on_sqlite else 4, 30, (Phase.generate, Phase.shrink))


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_the_machine_finds(fast, monkeypatch, bug):
    bug(monkeypatch)
    with pytest.raises(AssertionError):
        run(12, 30, (Phase.generate,))
