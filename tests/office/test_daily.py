"""``flask virtue daily``: settles what is due, once, whatever day it runs, and can be killed anywhere."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.pages import unchanged
from tests.scenes import scene as _scene
from virtue import clock
from virtue.awarding import invariants
from virtue.awarding.models import Deed
from virtue.core.invariants import Run
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.ledger.models import Entry
from virtue.notices.models import Notice
from virtue.scores.models import Tally

ROOT = Path(__file__).parents[2]
LAWS = ("awarding.entry", "awarding.deed", "awarding.step", "awarding.state", "scores.tally", "scores.grid")

scene = _scene


@pytest.fixture
def due(scene):
    """Three notices of two deeds each, whose last day was yesterday."""
    with clock.set_to(clock.now() - timedelta(days=6)):
        return [scene.on_notice(scene.deed(), scene.deed()).id for _ in range(3)]


def settled_on(notice_ids):
    """By notice, its deeds' states, and whether it is settled."""
    db.session.expire_all()
    found = []
    for notice_id in notice_ids:
        states = db.session.scalars(sa.select(Deed.state).where(Deed.notice_id == notice_id)).all()
        found.append((sorted(states), db.session.get(Notice, notice_id).settled_at is not None))
    return found


def broken():
    found = {one.name: list(one.rows(Run())) for one in invariants.INVARIANTS if one.name in LAWS}
    return {name: rows for name, rows in found.items() if rows}


NOTHING, ALL = (["on_notice"] * 2, False), (["settled"] * 2, True)


@pytest.mark.parametrize(
    ("words", "number", "done"),
    [
        ("UPDATE deed", 1, 0),
        ("UPDATE notice", 1, 0),
        ("UPDATE deed", 2, 1),
        ("UPDATE notice", 3, 2),
        ("INSERT INTO job_run", 1, 3),
    ],
    ids=["first deeds", "end of the first", "second deeds", "end of the last", "after all"],
)
def test_killed_anywhere_each_notice_is_settled_whole_or_not_at_all_and_the_next_run_does_the_rest(
    app, cli, scene, due, words, number, done
):
    db.session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [
        sys.executable,
        "-m",
        "tests.office.killed_daily",
        url,
        app.config["VIRTUE_DATA_DIR"],
        words,
        str(number),
    ]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -9, killed.stderr.decode()[-800:]
    assert settled_on(due) == [ALL] * done + [NOTHING] * (3 - done)
    assert broken() == {}
    cli("virtue", "daily")
    assert settled_on(due) == [ALL] * 3
    assert ledger.balance(scene.household.id).home == 6 * 8
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 6
    assert db.session.scalar(sa.select(sa.func.sum(Tally.earned))) == 6 * 8
    assert broken() == {}


def test_a_second_run_of_the_day_changes_nothing(app, cli, due):
    assert "6 项到期已入账" in cli("virtue", "daily").stdout
    with unchanged(app):
        assert "0 项到期已入账" in cli("virtue", "daily").stdout


def test_days_late_it_settles_the_same(cli, scene, due):
    with clock.set_to(clock.now() + timedelta(days=20)):
        cli("virtue", "daily")
    assert settled_on(due) == [ALL] * 3
    assert ledger.balance(scene.household.id).home == 6 * 8


def test_a_contested_line_waits_and_settles_in_a_later_run(app, cli, scene):
    deed, other = scene.deed(), scene.deed()
    with clock.set_to(clock.now() - timedelta(days=6)):
        notice = scene.on_notice(deed, other)
        found = scene.object(notice, 1)
    cli("virtue", "daily")
    assert (scene.state(deed), scene.state(other)) == ("frozen", "settled")
    scene.settle(found, "dismissed")
    cli("virtue", "daily")
    assert scene.state(deed) == "settled"
    assert ledger.balance(scene.household.id).home == 16
