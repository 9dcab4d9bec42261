"""The close of a year: what lapses, to the point; who may do what when; killed anywhere it goes on; the pages."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests import deeds, factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.core import jobs, keys, settings
from virtue.core.invariants import Run
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.ledger.errors import SecondPersonNeeded
from virtue.ledger.models import Entry
from virtue.office import services as office
from virtue.office import year_checks, year_job, year_services
from virtue.office.verify import INVARIANTS
from virtue.people import participation_services
from virtue.people.models import Household
from virtue.places.models import Village
from virtue.staff.models import User
from virtue.store import year_queries
from virtue.store.year_errors import (
    YearCarries,
    YearDayTooSoon,
    YearElsewhere,
    YearFiguresMoved,
    YearNotDue,
    YearNothingToCarry,
    YearNotOpen,
    YearNotSettled,
    YearReasonMissing,
)
from virtue.store.year_models import YearClose
from virtue.transactions import atomic
from virtue.why import queries as why

ROOT = Path(__file__).parents[2]
LAPSES_ON = date(2027, 3, 1)
_subjects = count(5_000_000)


def on(year: int, month: int, day: int):
    """Noon of a day."""
    return clock.set_to(datetime(year, month, day, 4, 0, tzinfo=UTC))


@dataclass
class Place:
    """A village in November that lets points lapse, with two people and three households."""

    village: Village
    clerk: User
    watcher: User
    homes: list[Household]

    def announce(self, lapses_on=LAPSES_ON, *, year=2026, by=None, key=None) -> int:
        outcome = year_services.announce(
            self.village.id, year, lapses_on, key=key or keys.new(), by=(by or self.clerk).id
        )
        return outcome.result["close_id"]

    def sign(self, close_id, *, told=None, by=None):
        if told is None:
            told = year_queries.totals(year_queries.lines(db.session.get(YearClose, close_id)))
        return year_services.sign(self.village.id, close_id, told, key=keys.new(), by=(by or self.watcher).id)

    def close_months(self) -> None:
        for month in (202611, 202612):
            for by in (self.clerk, self.watcher):
                office.sign_month(self.village.id, month, by=by.id)

    def balances(self) -> list[int]:
        return [ledger_queries.balance(one.id).home for one in self.homes]


def move(household, points, flow, kind):
    """One entry of the ledger."""
    with atomic():
        moves = (ledger.Move("home", points, ledger.Flow(flow)),)
        posting = ledger.Posting(kind, next(_subjects), household.id, moves)
        return ledger.post(household.village_id, [posting], by=None)[0].entry_id


@pytest.fixture
def place(app) -> Place:
    with on(2026, 11, 10):
        village = factories.VillageFactory()
        grid = factories.GridFactory(village=village)
        homes = [factories.HouseholdFactory(grid=grid, head_name=name) for name in ("王永智", "赵桂英", "马智")]
        for household, points in zip(homes, (100, 40, 7), strict=True):
            factories.give(household, home=points, civility=9)
        found = Place(village, factories.village_admin(village), factories.supervisor(village), homes)
        with atomic():
            settings.change("home_points_at_year_end", "lapse", village.id)
    return found


@pytest.fixture
def announced(place) -> int:
    with on(2026, 12, 1):
        return place.announce()


@contextmanager
def the_day():
    with on(2027, 3, 1):
        yield


def laws() -> dict[str, list[dict]]:
    """What verify finds in the ledger, the seals and the year's close; the points here have no deeds behind them."""
    wanted = [law for law in INVARIANTS if law.name.startswith(("ledger.", "seals.", "store.year"))]
    assert len(wanted) > 15
    found = {law.name: list(law.rows(Run())) for law in wanted}
    return {name: rows for name, rows in found.items() if rows}


def lapses(close_id) -> dict[int, int]:
    """By household, what would lapse now."""
    close = db.session.get(YearClose, close_id)
    rows = db.session.execute(year_queries.lines(close)).all()
    return {row.Household.id: row.lapses for row in rows}


# ---- how much ------------------------------------------------------------------------------------------------------

# What happens to a household with 100 at the year's end, and what of it lapses: (flow, kind, points) in January.
EXAMPLES = {
    "nothing": ([], 100, 100),
    "spent": ([("spend", "order", 30)], 70, 70),
    "new points stay": ([("award", "deed", 50)], 150, 100),
    "spending takes the oldest": ([("award", "deed", 50), ("spend", "order", 120)], 30, 0),
    "spent and returned": ([("spend", "order", 30), ("return", "return", 30)], 100, 100),
    "returned of the old year": ([("return", "return", 0)], 100, 100),
    "held": ([("hold", "reservation", 25)], 75, 75),
    "held and released": ([("hold", "reservation", 25), ("release", "release", 25)], 100, 100),
    "deducted": ([("deduct", "deed", 10)], 90, 90),
    "deducted and new": ([("award", "deed", 5), ("deduct", "deed", 10)], 95, 90),
    "all gone": ([("spend", "order", 100)], 0, 0),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_lapses_is_what_is_left_of_the_year(place, announced, name):
    moves, balance, lapsing = EXAMPLES[name]
    one = place.homes[0]
    for number, (flow, kind, points) in enumerate(moves):
        with on(2027, 1, 5 + number):
            if points:
                move(one, points, flow, kind)
    with the_day():
        assert ledger_queries.balance(one.id).home == balance
        assert lapses(announced).get(one.id, 0) == lapsing


def test_an_award_of_the_new_year_that_is_taken_back_used_nothing_of_the_old(place, announced):
    one = place.homes[0]
    with on(2027, 1, 5):
        entry_id = move(one, 20, "award", "deed")
        with atomic():
            ledger.reverse(entry_id, by=None)
    with the_day():
        assert lapses(announced)[one.id] == 100


def test_an_award_of_the_old_year_that_is_taken_back_is_gone(place):
    one = place.homes[0]
    with on(2026, 12, 1):
        close_id, entry_id = place.announce(), move(one, 20, "award", "deed")
    with on(2027, 1, 5), atomic():
        ledger.reverse(entry_id, by=None)
    with the_day():
        assert lapses(close_id)[one.id] == 100


STEPS = st.lists(
    st.tuples(st.sampled_from(("award", "spend", "return", "hold", "release", "deduct")), st.integers(1, 60)),
    max_size=8,
)
KINDS = {
    "award": "deed", "spend": "order", "return": "return", "hold": "reservation", "release": "release", "deduct": "deed",
}  # fmt: skip


@hypothesis.settings(
    deadline=None, max_examples=25, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@given(start=st.integers(0, 80), steps=STEPS)
def test_never_below_zero_never_more_than_the_years_left(marked, start, steps):
    """Against a purse of marked points: old ones go first, what comes back is what went last."""
    with on(2026, 11, 10):
        clerk, one = marked()
        village_id = one.village_id
        factories.give(one, home=start, civility=1)
    with on(2026, 12, 1):
        outcome = year_services.announce(village_id, 2026, LAPSES_ON, key=keys.new(), by=clerk.id)
        close_id = outcome.result["close_id"]
    purse, gone, out = {"old": start, "new": 0}, {"old": 0, "new": 0}, {"return": 0, "release": 0}
    with on(2027, 1, 5):
        for flow, wanted in steps:
            points = _possible(flow, wanted, sum(purse.values()), out)
            if points:
                move(one, points, flow, KINDS[flow])
                _mark(purse, gone, out, flow, points)
    with the_day():
        assert ledger_queries.balance(one.id).home == sum(purse.values())
        assert lapses(close_id).get(one.id, 0) == purse["old"] <= start


@pytest.fixture
def marked(app):
    """Makes a village of its own that lets points lapse: its clerk and a household."""

    def make():
        village = factories.VillageFactory()
        with atomic():
            settings.change("home_points_at_year_end", "lapse", village.id)
        return factories.village_admin(village), factories.HouseholdFactory(grid__village=village)

    return make


def _possible(flow, wanted, balance, out):
    return wanted if flow == "award" else min(wanted, out[flow]) if flow in out else min(wanted, balance)


def _mark(purse, gone, out, flow, points):
    if flow == "award":
        purse["new"] += points
        return
    out["return"] += {"spend": points, "return": -points}.get(flow, 0)
    out["release"] += {"hold": points, "release": -points}.get(flow, 0)
    source, target, order = (gone, purse, ("new", "old")) if flow in out else (purse, gone, ("old", "new"))
    for mark in order:
        moved = min(points, source[mark])
        source[mark] -= moved
        target[mark] += moved
        points -= moved


# ---- who isn't touched -----------------------------------------------------------------------------------------------


def test_who_was_away_on_the_announced_day_or_is_now_keeps_its_points(place):
    one, two, three = place.homes
    with on(2026, 11, 20):
        participation_services.leave(place.village.id, one.id, by=None)
    with on(2026, 12, 1):
        close_id = place.announce()
    with on(2026, 12, 20):
        participation_services.come_back(place.village.id, one.id, by=None)
    with on(2027, 2, 1):
        participation_services.leave(place.village.id, two.id, by=None)
    with the_day():
        assert lapses(close_id) == {one.id: 0, two.id: 0, three.id: 7}
        assert year_queries.coming(place.village.id, one.id) is None
        place.close_months()
        place.sign(close_id)
        assert place.balances() == [100, 40, 0]


# ---- the whole way ---------------------------------------------------------------------------------------------------


def test_the_whole_way(place, announced):
    with on(2027, 1, 5):
        move(place.homes[0], 30, "spend", "order")
        move(place.homes[1], 11, "award", "deed")
        assert year_queries.coming(place.village.id, place.homes[0].id) == year_queries.Coming(70, LAPSES_ON, 2026)
    with the_day():
        place.close_months()
        place.sign(announced, told=(3, 117))
        db.session.expire_all()
        close = db.session.get(YearClose, announced)
        assert (close.state, close.households, close.points) == ("closed", 3, 117)
        assert place.balances() == [0, 11, 0]
        assert [ledger_queries.balance(one.id).civility for one in place.homes] == [9, 9, 9]
        assert year_queries.coming(place.village.id, place.homes[0].id) is None
        assert laws() == {}
        found = why.balance(place.homes[0].id, "home", why.HOUSEHOLD)
        assert (found.lines[0].title, found.lines[0].change) == ("2026年的积分到期作废", -70)
        assert "先得的先用" in found.lines[0].sentence
        assert place.clerk.name in found.lines[0].sentence
        assert place.watcher.name in found.lines[0].sentence


def test_the_same_key_announces_once(app, place):
    with on(2026, 12, 1):
        key = keys.new()
        first = place.announce(key=key)
        with unchanged(app):
            assert place.announce(key=key) == first


@pytest.mark.parametrize(
    ("day", "year", "lapses_on", "rule"),
    [
        ((2026, 12, 1), 2026, date(2027, 1, 29), YearDayTooSoon),
        ((2026, 12, 1), 2026, date(2028, 1, 1), YearDayTooSoon),
        ((2026, 10, 1), 2026, date(2026, 12, 31), YearDayTooSoon),
        ((2026, 9, 30), 2026, date(2027, 3, 1), YearNotOpen),
        ((2026, 12, 1), 2027, date(2028, 3, 1), YearNotOpen),
        ((2026, 12, 1), 2025, date(2027, 3, 1), YearNotOpen),
    ],
    ids=["59 days", "too late", "before the year is over", "September", "next year", "a year long gone"],
)
def test_when_a_year_cannot_be_announced(app, place, day, year, lapses_on, rule):
    with on(*day), unchanged(app), pytest.raises(rule):
        place.announce(lapses_on, year=year)


def test_sixty_days_are_enough(place):
    with on(2026, 12, 1):
        close_id = place.announce(date(2027, 1, 30))
    assert db.session.get(YearClose, close_id).lapses_on == date(2027, 1, 30)


def test_a_village_that_carries_announces_nothing(app, place):
    with atomic():
        settings.change("home_points_at_year_end", "carry", place.village.id)
    with on(2026, 12, 1), unchanged(app), pytest.raises(YearCarries):
        place.announce()


def test_another_villages_close_is_not_found(app, place, announced):
    other = factories.VillageFactory()
    with on(2026, 12, 2):
        factories.give(factories.HouseholdFactory(grid__village=other), home=1)
    acts = (
        lambda: year_services.withdraw(other.id, announced, key=keys.new(), by=place.clerk.id),
        lambda: year_services.sign(other.id, announced, (3, 147), key=keys.new(), by=place.watcher.id),
        lambda: year_services.book(other.id, announced, key=keys.new(), by=place.watcher.id),
    )
    with the_day():
        for act in acts:
            with unchanged(app), pytest.raises(NotFoundHere):
                act()


# ---- states x actions -------------------------------------------------------------------------------------------------

STATES = ("announced", "withdrawn", "signed", "booking", "closed")
MAY = {
    "announced": {"withdraw", "carry", "sign"}, "withdrawn": {"announce"}, "signed": {"book"}, "booking": {"book"},
    "closed": set(),
}  # fmt: skip


def put(close_id, state):
    close = db.session.get(YearClose, close_id)
    is_signed = state not in {"announced", "withdrawn"}
    second = factories.supervisor(db.session.get(Village, close.village_id)).id
    close.state = state
    close.signed_by_id = second if is_signed else None
    close.signed_at = clock.now() if is_signed else None
    close.told_households, close.told_points = (3, 147) if is_signed else (None, None)
    close.closed_at = clock.now() if state == "closed" else None
    db.session.commit()


@pytest.mark.parametrize("state", STATES)
def test_states_and_actions(app, place, announced, state):
    village_id, by = place.village.id, place.watcher.id
    acts = {
        "announce": lambda: place.announce(date(2027, 6, 1)),
        "withdraw": lambda: year_services.withdraw(village_id, announced, key=keys.new(), by=by),
        "carry": lambda: year_services.carry(village_id, announced, "deeds", "等", key=keys.new(), by=by),
        "sign": lambda: place.sign(announced, told=(3, 147)),
        "book": lambda: year_services.book(village_id, announced, key=keys.new(), by=by),
    }
    with the_day():
        place.close_months()
        put(announced, state)
        for name in sorted(set(acts) - MAY[state]):
            with unchanged(app), pytest.raises(YearElsewhere):
                acts[name]()
        for name in sorted(MAY[state] - {"carry", "announce"}):
            put(announced, state)
            acts[name]()
            db.session.expire_all()
            end = {"withdraw": "withdrawn", "sign": "closed", "book": "closed"}[name]
            assert db.session.get(YearClose, announced).state == end


def test_a_withdrawn_year_is_announced_anew_with_sixty_days_anew(app, place, announced):
    with on(2026, 12, 20):
        year_services.withdraw(place.village.id, announced, key=keys.new(), by=place.clerk.id)
        assert year_queries.coming(place.village.id, place.homes[0].id) is None
        with unchanged(app), pytest.raises(YearDayTooSoon):
            place.announce(date(2027, 2, 17))
        assert place.announce(date(2027, 2, 18)) == announced


# ---- the signature ----------------------------------------------------------------------------------------------------


def test_who_announced_does_not_sign(app, place, announced):
    with the_day():
        place.close_months()
        with unchanged(app), pytest.raises(SecondPersonNeeded):
            place.sign(announced, by=place.clerk)


def test_not_before_its_day(app, place, announced):
    with on(2027, 2, 28):
        place.close_months()
        with unchanged(app), pytest.raises(YearNotDue):
            place.sign(announced)


def test_what_was_confirmed_must_be_what_lapses(app, place, announced):
    with the_day():
        place.close_months()
        move(place.homes[0], 1, "spend", "order")
        with unchanged(app), pytest.raises(YearFiguresMoved):
            place.sign(announced, told=(3, 147))


def test_a_setting_changed_meanwhile_stops_it(app, place, announced):
    with the_day():
        place.close_months()
        with atomic():
            settings.change("home_points_at_year_end", "carry", place.village.id)
        with unchanged(app), pytest.raises(YearCarries):
            place.sign(announced)


# ---- what must be settled first ----------------------------------------------------------------------------------------


def counts(close_id):
    return {one.kind.name: one.count for one in year_checks.checks(db.session.get(YearClose, close_id)) if one.count}


def test_open_things_stand_in_the_way_until_they_are_settled_or_carried(app, place):
    with on(2026, 11, 20):
        rule = deeds.rule_of(place.village.id, name="修路", unit="home", points=8, route="review")
        deed = deeds.deed_of(place.homes[0], rule, by=factories.committee(place.village))
        move(place.homes[1], 15, "hold", "reservation")
    with on(2026, 12, 1):
        close_id = place.announce()
    with the_day():
        assert counts(close_id) == {"deeds": 1, "held": 1, "months": 1}
        for by in (place.clerk, place.watcher):
            office.sign_month(place.village.id, 202612, by=by.id)
        assert counts(close_id) == {"deeds": 1, "held": 1}
        with unchanged(app), pytest.raises(YearNotSettled):
            place.sign(close_id)
        arguments = {"key": keys.new(), "by": place.clerk.id}
        with unchanged(app), pytest.raises(YearReasonMissing):
            year_services.carry(place.village.id, close_id, "deeds", " ", **arguments)
        for kind in ("months", "objections", "nothing"):
            with unchanged(app), pytest.raises(YearNothingToCarry):
                year_services.carry(place.village.id, close_id, kind, "等", key=keys.new(), by=place.clerk.id)
        for kind in ("deeds", "held"):
            year_services.carry(place.village.id, close_id, kind, "等材料", key=keys.new(), by=place.clerk.id)
        assert counts(close_id) == {}
        found = [(one.kind, one.subject_id) for one in year_queries.carried(close_id)]
        assert found == [("deeds", deed.id), ("held", place.homes[1].id)]
        place.sign(close_id)
        assert place.balances() == [0, 0, 0]
        move(place.homes[1], 15, "release", "release")
        assert place.balances() == [0, 15, 0]
        assert laws() == {}


# ---- the booking ------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(place, announced, monkeypatch) -> int:
    """Signed, with four more households, and nothing booked: the number of the job that waits."""
    with on(2026, 12, 3):
        for number in range(4):
            one = factories.HouseholdFactory(grid=place.homes[0].grid)
            factories.give(one, home=10 + number)
            place.homes.append(one)
    with the_day():
        place.close_months()
        monkeypatch.setattr(jobs, "_launch", lambda job_id: None)
        place.sign(announced)
        monkeypatch.undo()
    return db.session.get(YearClose, announced).job_id


@pytest.mark.parametrize(
    ("words", "number", "done"),
    [("INSERT INTO entry", 1, 0), ("UPDATE chain", 1, 0), ("INSERT INTO entry", 2, 3), ("INSERT INTO audit", 1, 7)],
    ids=["first entries", "end of the first chunk", "second chunk", "the end"],
)
def test_killed_anywhere_it_is_resumed_and_each_household_loses_once(
    app, place, announced, signed, words, number, done
):
    db.session.commit()
    command = [
        sys.executable, "-m", "tests.office.killed_year", app.config["SQLALCHEMY_DATABASE_URI"],
        app.config["VIRTUE_DATA_DIR"], str(signed), words, str(number), "2027-03-01T04:00:00+00:00",
    ]  # fmt: skip
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -9, killed.stderr.decode()[-800:]
    db.session.expire_all()
    assert [balance == 0 for balance in place.balances()].count(True) == done
    with the_day():
        assert jobs.is_lost(db.session.get(jobs.Job, signed))
        year_services.book(place.village.id, announced, key=keys.new(), by=place.watcher.id)
        db.session.expire_all()
        close = db.session.get(YearClose, announced)
        assert (close.state, close.households, close.points) == ("closed", 7, 193)
        assert place.balances() == [0] * 7
        assert db.session.scalar(sa.select(sa.func.count()).where(Entry.kind == "lapse")) == 7
        assert laws() == {}


def test_started_twice_it_books_once(app, place, announced, signed):
    with the_day():
        assert jobs.run(signed) == "done"
        with unchanged(app):
            assert year_job.book_chunk(place.village.id, announced, by=None) == (None, 0)
        with unchanged(app):
            assert jobs.run(signed) == "taken"


def test_what_is_earned_between_two_chunks_stays_and_what_is_given_back_too(place, announced, signed, monkeypatch):
    monkeypatch.setattr(year_job, "CHUNK", 3)
    with the_day():
        move(place.homes[0], 40, "spend", "order")
        year_job.book_chunk(place.village.id, announced, by=None)
        assert place.balances()[:4] == [0, 0, 0, 10]
        move(place.homes[0], 40, "return", "return")
        move(place.homes[4], 5, "award", "deed")
        assert jobs.run(signed) == "done"
        assert place.balances() == [40, 0, 0, 0, 5, 0, 0]
        db.session.expire_all()
        close = db.session.get(YearClose, announced)
        assert (close.told_points, close.points) == (193, 153)
        assert laws() == {}


# ---- pages ------------------------------------------------------------------------------------------------------------


def test_pages_from_the_announcement_to_the_booking(page, visitor, place):
    with on(2026, 12, 1):
        clerk = page.sign_in(place.clerk)
        assert "2026年的年结要公布" in clerk("/desk").words()
        form = clerk("/store/year").select_one("#announce form")
        wrong = clerk.submit(form, 422, day="2026-12-30")
        assert wrong.select_one("#day")["value"] == "2026-12-30"
        clerk.submit(wrong.select_one("#announce form"), 303, day="2027-03-01")
        assert "3户，共147分" in clerk("/store/year").words("#totals")
        assert "2027年3月1日作废" in clerk(f"/v/{place.village.slug}/").words("#lapsing")
        assert "其中100分" in clerk(f"/households/{place.homes[0].id}").words("#lapsing")
        close = db.session.scalar(sa.select(YearClose))
        rows = clerk(f"/store/year/{close.id}/list").rows("#lapses")
        assert [(row[0], row[-3:]) for row in rows] == [
            ("王*智", ["100", "100", "0"]), ("赵*英", ["40", "40", "0"]), ("马*", ["7", "7", "0"]),
        ]  # fmt: skip
        assert len(clerk(f"/store/year/{close.id}/list?q=赵桂英").rows("#lapses")) == 1
        assert "赵*英" in clerk(f"/store/year/{close.id}/print").words()
        assert clerk.raw("GET", f"/store/year/{close.id}/year.xlsx").data[:2] == b"PK"
        clerk(f"/store/year/{close.id + 1}/list", 404)
    with the_day():
        watcher = visitor().sign_in(place.watcher)
        assert "要先" not in watcher("/store/year").words("#sign")
        assert watcher("/store/year").select_one("#sign-year") is None
        place.close_months()
        assert "年结等您签字" in watcher("/desk").words()
        form = watcher("/store/year").select_one("#sign-year")
        form = watcher.submit(form, 422).select_one("#sign-year")
        with unchanged(page.app):
            watcher.post(
                f"/store/year/{close.id}/sign", {"sure": "1", "households": 3, "points": 148, "key": keys.new()}, 409
            )
        answer = watcher.submit(form, 303, sure="1")
        assert "/jobs/" in answer.location
        assert "3户，作废147分" in watcher("/store/year").words("#closed")
        assert watcher(f"/store/year/{close.id}/list").rows("#lapses")[0][-3:] == ["100", "100", "0"]


def test_passbook_says_what_lapses(page, place, announced):
    card = factories.card_of(place.homes[0])
    with on(2026, 12, 2):
        page.get(f"/c/{factories.digits_of(card)}", 303)
        assert "其中100分家美积分到2027年3月1日作废，请在那天前兑换。" in page("/passbook").words("#lapsing")


@pytest.mark.parametrize("role", ["committee", "reviewer", "keeper"])
def test_others_do_not_come_in(page, place, announced, role):
    with on(2026, 12, 2):
        page.sign_in(factories.CAST[role](place.village))
        for path in ("", f"/{announced}/list", f"/{announced}/print", f"/{announced}/year.xlsx"):
            page(f"/store/year{path}", 403)
        for path in (
            "announce",
            f"{announced}/withdraw",
            f"{announced}/carry",
            f"{announced}/sign",
            f"{announced}/book",
        ):
            page.post(f"/store/year/{path}", {}, 403)


def test_the_list_costs_the_same_for_more_households(app, page, place, announced):
    with on(2026, 12, 2):
        page.sign_in(place.watcher)
        address = f"/store/year/{announced}/list"
        page(address)
        with count_queries(app) as few:
            page(address)
        for _ in range(5):
            factories.give(factories.HouseholdFactory(grid=place.homes[0].grid), home=3)
        with count_queries(app) as many:
            page(address)
        assert len(many) == len(few)


def test_the_setting_has_two_words(page, place):
    page.sign_in(place.clerk)
    form = page("/settings").select_one("main form")
    page.submit(form, 422, home_points_at_year_end="burn")
    page.submit(form, 303, home_points_at_year_end="carry")
    assert settings.value("home_points_at_year_end", place.village.id) == "carry"


def test_the_list_is_long_before_the_year_ends(place):
    with on(2026, 10, 1):
        assert year_services.years_open(clock.today()) == [2025, 2026]
    with on(2026, 11, 2):
        assert year_services.years_open(clock.today()) == [2026]
    assert year_services.first_day(2026, date(2026, 10, 1)) == date(2027, 1, 1)
    assert year_services.first_day(2026, date(2026, 12, 31)) == date(2026, 12, 31) + timedelta(days=60)
