"""What the demo village does beside its week, through the real services: each thing stands where it is meant to."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.awarding.work import make_work
from virtue import clock
from virtue.awarding import spot_check_queries as spots
from virtue.awarding import spot_checks
from virtue.awarding.models import Deed
from virtue.awarding.round_models import Round, Sheet
from virtue.core import settings
from virtue.demo import boards, doings, history
from virtue.extensions import db
from virtue.kiosk.announcement_models import Announcement
from virtue.notices.models import Objection
from virtue.people.models import DoorCode
from virtue.transactions import atomic

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
MARCH = 202603


def at(day, hour, minute=0):
    return clock.set_to(datetime.combine(day, time(hour, minute), clock.SHANGHAI))


@pytest.fixture
def work(app):
    work = make_work(NOW)
    with work.day():
        yield work


@pytest.fixture
def village(work):
    """The story-teller's view of a village of two grids with four households each."""
    staff = work.staff
    people = {
        "wangge": staff["author"], "zhiwei": staff["verifier"], "wenshu": staff["village_admin"],
        "pingyi1": staff["reviewer"], "pingyi2": staff["second"], "pingyi3": staff["third"],
        "jianwei": staff["supervisor"], "jianwei2": factories.supervisor(work.village),
    }  # fmt: skip
    for grid in (work.grid, factories.GridFactory(village=work.village, number=4)):
        for _number in range(4):
            work.household(grid=grid)
    told = history.load(work.village.id, 0)
    told.people = {name: user.id for name, user in people.items()}
    return told


def test_the_last_days_leave_each_thing_done_and_waiting(work, village):
    last = clock.today() + timedelta(days=1)
    for code in ("J14", "J16"):
        work.propose(village.households[-1], code)
    for days in range(7, -1, -1):
        doings.last_days(village, last - timedelta(days=days), last, at)
    with at(clock.today(), 14):
        doings.finished_round(village, clock.today())
    rounds = db.session.scalars(sa.select(Round).order_by(Round.grid_id)).all()
    assert [(one.grid_id, str(one.state)) for one in rounds] == list(
        zip(doings.grids_apart(village), ("decided", "open"), strict=True)
    )
    sheets = db.session.execute(sa.select(Sheet.kind, Sheet.state).order_by(Sheet.number)).all()
    assert Counter(tuple(map(str, row)) for row in sheets) == {
        ("deeds", "printed"): 2, ("deeds", "entered"): 1, ("round", "entered"): 1
    }  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DoorCode)) == 4
    states = db.session.execute(sa.select(Deed.state, sa.func.count()).where(Deed.way == "claim").group_by(Deed.state))
    assert dict(states.all()) == {"approved": 1, "sent_back": 1, "proposed": 3}
    with_photo = sa.select(Deed.state).where(Deed.photo_id.is_not(None)).order_by(Deed.id)
    assert list(db.session.scalars(with_photo)) == ["approved", "proposed"]
    scans = sa.select(sa.func.count()).where(Deed.way == "scan", Deed.state == "sent_back")
    assert db.session.scalar(scans) == 2


def test_lots_are_looked_at_but_for_the_last_and_what_is_wrong_is_reversed(work, village, monkeypatch):
    for household in village.households:
        work.book(household)
    with atomic():
        settings.change("spot_checks", 6, village.id)
    day = clock.first_day(clock.next_month(MARCH)) + timedelta(days=doings.LOTS_DAY - 1)
    monkeypatch.setattr(doings, "WRONG", 1)
    with at(day, 16):
        spot_checks.draw_due(village.id)
        checks = spots.checks_of(spots.find_draw(village.id, MARCH).id)
        doings.look_on_site(village, day, day)
    assert set(spots.outcomes_of(checks)) == {check.id for check in checks[: -doings.LEFT_TO_CHECK]}
    db.session.expire_all()
    assert [check.deed.state for check in checks] == ["reversed"] * 2 + ["settled"] * 4


@pytest.mark.parametrize(
    ("day", "last", "is_last"),
    [
        ("2026-02-20", "2026-03-19", True),
        ("2026-02-20", "2026-03-20", False),
        ("2026-12-20", "2026-12-20", True),
        ("2026-12-20", "2027-01-20", False),
    ],
)
def test_the_last_round_is_the_one_without_another(day, last, is_last):
    first, end = (datetime.fromisoformat(text).date() for text in (day, last))
    assert doings.is_last_round(first, end) is is_last


def test_a_line_is_objected_to_and_answered_some_days_later(work, village, monkeypatch):
    """Every third objection turns out right."""
    day = clock.today()
    monkeypatch.setattr(doings, "OBJECTED_ON", day.day)
    monkeypatch.setattr(doings, "ANSWERED_ON", day.day + 2)
    asked = sa.select(Objection.state).order_by(Objection.number)
    for number in range(3):
        work.bring("on_notice", village.households[-1 - number])
        doings.objections_of_the_month(village, day, at)
        assert db.session.scalars(asked).all()[-1] == "open"
        doings.objections_of_the_month(village, day + timedelta(days=2), at)
    assert db.session.scalars(asked).all() == ["dismissed", "dismissed", "upheld_withdrawn"]


def test_the_last_evening_leaves_something_approved_and_a_lead(work, village):
    last = clock.today()
    work.propose(village.households[-1], "J14")
    doings.last_days(village, last, last, at)
    found = db.session.scalars(sa.select(Deed.state).order_by(Deed.id)).all()
    assert found == ["approved", "lead"]


def test_the_screens_announce_work_and_a_course(work, village):
    today = clock.today()
    boards.show(village, today, today + timedelta(days=boards.ANNOUNCED_DAYS), at)
    found = db.session.execute(sa.select(Announcement.kind, Announcement.ends_on).order_by(Announcement.id)).all()
    ends_on = today + timedelta(days=boards.ANNOUNCED_FOR)
    assert found == [("job", ends_on), ("training", ends_on)]
