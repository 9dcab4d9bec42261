"""Drawn lots: each month's draw follows from the ledger's seal, comes once, and what is found on site is kept and shown."""

import hashlib
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests import factories
from tests.ledger.crowd import all_at_once
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.awarding import spot_check_queries as spots
from virtue.awarding import spot_checks
from virtue.awarding.spot_check_errors import HandInDeed, MonthNotSealed, NothingToDraw, SpotNoteNeeded
from virtue.awarding.spot_check_models import SpotCheck, SpotDraw, SpotResult
from virtue.core import due, keys, remarks, settings
from virtue.core.models import Audit
from virtue.errors import KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.ledger.models import Entry
from virtue.office.daily import settle_village
from virtue.people import services as people
from virtue.transactions import atomic

MARCH = 202603
APRIL_1 = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
APRIL_9 = datetime(2026, 4, 9, 1, 0, tzinfo=UTC)
PUBLIC = "/v/{}/spot-checks"


@pytest.fixture
def march(work):
    """Twelve deeds booked in March, one of them reversed in March; three are drawn of a month."""
    with atomic():
        settings.change("spot_checks", 3, work.village.id)
    deeds = [int(work.book(work.household())["deed_id"]) for _number in range(12)]
    work.reverse(deeds[4])
    return deeds


@pytest.fixture
def april(work, march):
    """The first of April: March is over."""
    with clock.set_to(APRIL_1):
        yield


@pytest.fixture
def lots(work, april):
    """March's three lots, in their order."""
    return spots.checks_of(spot_checks.draw_month(work.village.id, MARCH, by=None).id)


def draw(work, month=MARCH, by="supervisor", key=None):
    return spot_checks.draw(work.village.id, month, key=key or keys.new(), by=work.id(by)).result


def record(work, check, outcome="right", note="", by="supervisor", key=None):
    return spot_checks.record(
        work.village.id, check.id, outcome, note, key=key or keys.new(), by=work.id(by)
    ).result  # fmt: skip


def kept():
    """All draws with their lots."""
    db.session.expire_all()
    rows = db.session.execute(sa.select(SpotDraw.month, SpotCheck.place, SpotCheck.deed_id).join(SpotCheck).order_by(
        SpotDraw.month, SpotCheck.place))  # fmt: skip
    return [tuple(row) for row in rows]


# ---- the draw


def test_anybody_can_draw_again_with_the_months_last_seal(work, march, april):
    last = db.session.scalars(sa.select(Entry).order_by(Entry.seq.desc()).limit(1)).one()
    due.note_done(work.village.id)  # else the button's own write draws first, as the day's run
    assert draw(work) == {"month": MARCH, "drawn": 3}
    pool = [deed_id for deed_id in march if deed_id != march[4]]
    by_hand = sorted(pool, key=lambda deed_id: hashlib.sha256(f"{last.seal}:{deed_id}".encode()).hexdigest())[:3]
    assert kept() == [(MARCH, place, deed_id) for place, deed_id in enumerate(by_hand, 1)]
    found = spots.find_draw(work.village.id, MARCH)
    assert (found.seed, found.seal_seq, found.pool, found.wanted) == (last.seal, last.seq, 11, 3)
    assert (found.drawn_by_id, found.shown_until.isoformat()) == (work.id("supervisor"), "2026-04-30")
    audit = db.session.scalars(sa.select(Audit).where(Audit.action == "awarding.draw_spot_checks")).one()
    assert (audit.subject_id, audit.details) == (MARCH, {"deeds": 3, "seed": last.seal[:16]})


def test_what_is_booked_or_reversed_later_changes_no_draw(work, march, april):
    seal = ledger.seal_of_month(work.village.id, MARCH)
    work.book(work.household(), event_id=work.open_event())
    work.reverse(march[0])
    assert ledger.seal_of_month(work.village.id, MARCH) == seal
    draw(work)
    before = kept()
    assert [deed_id for _month, _place, deed_id in before] == spots.drawn(
        seal.seal, [deed_id for deed_id in march if deed_id != march[4]], 3
    )
    with clock.set_to(APRIL_9):
        assert list(spots.wrongly_drawn()) == []


def test_the_days_run_draws_once_whatever_day_it_runs(app, work, march):
    settle_village(work.village.id)
    assert kept() == []
    with clock.set_to(APRIL_9):
        settle_village(work.village.id)
        drawn = kept()
        assert len(drawn) == 3
        with unchanged(app):
            settle_village(work.village.id)
            assert draw(work) == {"month": MARCH, "drawn": 3}
    assert kept() == drawn
    assert spots.find_draw(work.village.id, MARCH).drawn_by_id is None


def test_the_first_write_of_the_day_draws_when_no_run_came(app, work, march, april):
    work.propose(work.household())
    assert [month for month, _place, _deed in kept()] == [MARCH] * 3


def test_two_runs_at_once_draw_once(app, work, march, april):
    village_id, by = work.village.id, work.id("supervisor")

    def run(number):
        with clock.set_to(APRIL_1):
            if number % 2:
                settle_village(village_id)
                return 3
            return spot_checks.draw(village_id, MARCH, key=keys.new(), by=by).result["drawn"]

    assert all_at_once(app, run, processes=2, threads=2) == [3] * 4
    assert len(kept()) == 3
    assert db.session.scalar(sa.select(sa.func.count()).where(Audit.action == "awarding.draw_spot_checks")) == 1


def test_no_month_is_drawn_before_its_last_day_is_over(app, work, march):
    with unchanged(app), pytest.raises(MonthNotSealed):
        draw(work)
    with clock.set_to(datetime(2026, 3, 31, 15, 59, tzinfo=UTC)), unchanged(app), pytest.raises(MonthNotSealed):
        draw(work)
    with clock.set_to(datetime(2026, 3, 31, 16, 0, tzinfo=UTC)):
        assert draw(work)["drawn"] == 3


def test_nothing_is_drawn_where_nothing_was_booked(app, work):
    with clock.set_to(APRIL_1), unchanged(app):
        with pytest.raises(NothingToDraw):
            draw(work)
        settle_village(work.village.id)


def test_missed_months_are_drawn_oldest_first_and_long_ago_ones_not(work, march, april):
    settle_village(work.village.id)
    event = work.open_event()
    for _number in range(2):
        work.book(work.household(), event_id=event)
    with clock.set_to(datetime(2026, 6, 2, 1, 0, tzinfo=UTC)):
        assert spots.months_due(work.village.id) == [202604, 202605]
        settle_village(work.village.id)
    # May had nothing; of April's two both were drawn.
    assert [month for month, _place, _deed in kept()] == [MARCH] * 3 + [202604] * 2
    with clock.set_to(datetime(2028, 6, 2, 1, 0, tzinfo=UTC)):
        assert spots.months_due(work.village.id)[0] == 202706


def test_a_month_before_the_first_draw_is_never_drawn(app, work, march):
    with clock.set_to(datetime(2026, 5, 2, 1, 0, tzinfo=UTC)), unchanged(app), pytest.raises(NothingToDraw):
        draw(work)


def test_what_does_not_score_is_not_drawn(work, march, april):
    bonus = work.book(work.household(), "J00", event_id=work.open_event())["deed_id"]
    with clock.set_to(datetime(2026, 5, 2, 1, 0, tzinfo=UTC)):
        seal = ledger.seal_of_month(work.village.id, 202604)
        assert bonus not in spots.pool_of(work.village.id, 202604, seal.seq)


def test_the_same_key_draws_once_and_another_month_under_it_is_refused(work, march, april):
    key = keys.new()
    assert draw(work, key=key) == draw(work, key=key)
    with pytest.raises(KeyReused):
        draw(work, 202602, key=key)


def test_a_draw_that_was_tampered_with_is_named(work, lots):
    assert list(spots.wrongly_drawn()) == []
    others = sa.select(spots.Deed.id).where(spots.Deed.id.not_in([one.deed_id for one in lots])).limit(1)
    for change in (
        sa.update(SpotCheck).where(SpotCheck.id == lots[0].id).values(deed_id=others.scalar_subquery()),
        sa.delete(SpotCheck).where(SpotCheck.id == lots[2].id),
        sa.update(SpotDraw).values(seed="0" * 64),
        sa.update(SpotDraw).values(pool=10),
    ):
        db.session.execute(change.execution_options(synchronize_session=False))
        db.session.expire_all()
        assert list(spots.wrongly_drawn()) == [{"village_id": work.village.id, "month": MARCH}]
        db.session.rollback()


@pytest.mark.parametrize(
    "row",
    [
        {"outcome": "perhaps", "note_id": None},
        {"outcome": "differs", "note_id": None},
        {"outcome": "not_found", "note_id": None},
    ],
    ids=["unknown outcome", "differs without note", "not found without note"],
)
def test_the_database_refuses_a_result_without_its_words(app, work, lots, row):
    values = {"check_id": lots[0].id, "by_id": work.id("supervisor"), "at": clock.now(), **row}
    with unchanged(app), pytest.raises(sa.exc.IntegrityError), atomic():
        db.session.execute(sa.insert(SpotResult).values(**values))


# ---- results


def test_a_result_is_kept_and_its_correction_beside_it(work, lots):
    assert record(work, lots[0]) == {"check_id": lots[0].id, "outcome": "right"}
    record(work, lots[0], "differs", "只来了半天")
    rows = spots.results_of([lots[0].id])[lots[0].id]
    assert [(row.outcome, row.by_id) for row in rows] == [
        ("right", work.id("supervisor")),
        ("differs", work.id("supervisor")),
    ]
    assert remarks.texts([row.note_id for row in rows]) == {rows[1].note_id: "只来了半天"}
    assert spots.outcomes_of(lots) == {lots[0].id: "differs"}
    audits = db.session.scalars(sa.select(Audit).where(Audit.action == "awarding.spot_check").order_by(Audit.id)).all()
    assert [(row.subject_id, row.by_id, row.details, row.remark_id is None) for row in audits] == [
        (lots[0].deed_id, work.id("supervisor"), {"outcome": "right"}, True),
        (lots[0].deed_id, work.id("supervisor"), {"outcome": "differs"}, False),
    ]


@pytest.mark.parametrize("outcome", ["not_found", "differs"])
def test_what_is_wrong_needs_words(app, work, lots, outcome):
    with unchanged(app), pytest.raises(SpotNoteNeeded):
        record(work, lots[0], outcome, " ")
    assert record(work, lots[0], outcome, "没有人来过")["outcome"] == outcome


def test_a_correction_needs_words_even_when_it_says_right(app, work, lots):
    record(work, lots[0], "differs", "看错了")
    with unchanged(app), pytest.raises(SpotNoteNeeded):
        record(work, lots[0], "right")


def test_nobody_checks_the_own_household_or_what_went_through_their_hands(app, work, lots):
    work.staff["kin"] = factories.supervisor(work.village, member_id=_member(lots[0]))
    with unchanged(app), pytest.raises(OwnKin):
        record(work, lots[0], by="kin")
    with unchanged(app), pytest.raises(HandInDeed):
        record(work, lots[0], by="author")
    assert record(work, lots[1], by="kin")["outcome"] == "right"


def _member(check):
    household = db.session.get(factories.Household, check.deed.household_id)
    return household.members[0].id


def test_another_villages_lot_is_not_found(app, work, lots):
    other = factories.VillageFactory()
    factories.give(factories.HouseholdFactory(grid__village=other), home=1)
    with unchanged(app), pytest.raises(NotFoundHere):
        spot_checks.record(other.id, lots[0].id, "right", "", key=keys.new(), by=work.id("supervisor"))


def test_the_same_key_records_once(work, lots):
    key = keys.new()
    assert record(work, lots[0], key=key) == record(work, lots[0], key=key)
    with pytest.raises(KeyReused):
        record(work, lots[0], "differs", "不对", key=key)
    assert len(spots.results_of([lots[0].id])[lots[0].id]) == 1


def test_a_lot_whose_deed_was_reversed_is_still_looked_at(work, lots):
    work.reverse(lots[0].deed_id)
    assert record(work, lots[0], "not_found", "没有这回事")["outcome"] == "not_found"


# ---- the supervisor's pages


def test_an_empty_village_says_so(app, work, seat, page):
    assert "还没有抽过" in seat("supervisor")("/spot-checks").words("main")
    assert "还没有抽过" in page(PUBLIC.format(work.village.slug)).words("main")
    seat("supervisor")("/spot-checks/print", 404)
    page(PUBLIC.format(work.village.slug) + f"/{MARCH}/numbers", 404)


def test_the_supervisor_draws_what_waits_and_writes_down_what_was_found(work, march, april, seat):
    visit = seat("supervisor")
    listed = visit("/spot-checks")
    assert listed.select("#lots") == []
    done = visit.submit(listed.select_one("main form"))
    shown = visit(done.location)
    rows = shown.rows("#lots")
    assert [row[0] for row in rows] == ["第1签", "第2签", "第3签"]
    assert {row[5] for row in rows} == {"等现场核"}
    assert shown.select("form[action='/spot-checks/draw']") == []
    one = visit(str(shown.select_one("#lots a")["href"]))
    back = visit.submit(one.select_one("#record form"), outcome="right", note="")
    assert visit(back.location).rows("#lots")[0][5].startswith("属实")
    second = visit(str(shown.select("#lots a")[1]["href"]))
    wrong = visit.submit(second.select_one("#record form"), 422, outcome="differs", note="")
    assert wrong.words(".form-error") == str(SpotNoteNeeded.sentence)
    assert visit.submit(second.select_one("#record form"), 422).words(".field-error") == "请选一项。"
    back = visit.submit(wrong.select_one("#record form"), outcome="differs", note="只来了半天")
    found = visit(back.location)
    assert "只来了半天" in found.words("#results")
    reversing = visit(str(found.select_one("#to-reverse")["href"]))
    visit.submit(reversing.select_one("form[action$='/reverse']"), why="抽查不符")
    assert visit(back.location).select("#to-reverse") == []
    assert "已冲正" in visit("/spot-checks").rows("#lots")[1][5]


def test_a_refused_draw_says_why(app, work, march, seat):
    visit = seat("supervisor")
    visit("/spot-checks")
    with unchanged(app):
        refused = visit.post("/spot-checks/draw", {"month": MARCH, "key": keys.new()}, 422)
        assert refused.words(".form-error") == str(MonthNotSealed.sentence)
        visit.post("/spot-checks/draw", {"month": "", "key": keys.new()}, 422)
        visit.post("/spot-checks/draw", {"month": "999999999999", "key": keys.new()}, 422)


def test_the_paper_has_boxes_for_what_waits(work, lots, seat):
    record(work, lots[0], "right", "看到渠清过了")
    rows = seat("supervisor")("/spot-checks/print").rows(".paper-table")
    assert rows[0][5] == "属实 看到渠清过了"
    assert rows[1][5] == "□ 属实 □ 没有这回事 □ 和记的不一样"


def test_only_the_supervision_committee_checks(app, work, lots, seat):
    for role in ("committee", "reviewer", "keeper", "village_admin"):
        visit = seat(role)
        visit("/desk")
        with unchanged(app):
            for address in ("/spot-checks", "/spot-checks/print", f"/spot-checks/{lots[0].id}"):
                visit(address, 403)
            visit.post("/spot-checks/draw", {"month": MARCH, "key": keys.new()}, 403)
            visit.post(f"/spot-checks/{lots[0].id}/result", {"outcome": "right", "key": keys.new()}, 403)


def test_another_villages_lots_are_not_found(app, work, lots, visitor):
    other = visitor().sign_in(factories.supervisor(factories.VillageFactory()))
    other("/desk")
    with unchanged(app):
        other(f"/spot-checks/{lots[0].id}", 404)
        other.post(f"/spot-checks/{lots[0].id}/result", {"outcome": "right", "key": keys.new()}, 404)
        other(f"/spot-checks/print?month={MARCH}", 404)
    assert other("/spot-checks").select("#lots") == []


def test_the_desk_tells_what_waits_and_leaves_out_kin(work, lots, visitor):
    kin = factories.supervisor(work.village, member_id=_member(lots[0]))
    assert (_task(visitor().sign_in(work.staff["supervisor"])), _task(visitor().sign_in(kin))) == ("3", "2")
    for check in lots:
        record(work, check)
    assert _task(visitor().sign_in(work.staff["supervisor"])) is None


def _task(visit):
    for item in visit("/desk").select("#tasks li"):
        if "抽查还没有结果" in item.get_text():
            return item.select_one(".todo-count").get_text()
    return None


def test_a_list_costs_the_same_for_one_lot_and_for_many(app, work, march, april, visitor):
    counts = []
    for month, wanted in ((MARCH, 1), (202604, 9)):
        with atomic():
            settings.change("spot_checks", wanted, work.village.id)
        if month != MARCH:
            event = work.open_event()
            for _number in range(9):
                work.book(work.household(), event_id=event)
        with clock.set_to(APRIL_1 if month == MARCH else datetime(2026, 5, 2, 1, 0, tzinfo=UTC)):
            draw(work, month)
            visit = visitor().sign_in(work.staff["supervisor"])
            visit(f"/spot-checks?month={month}")
            with count_queries(app) as queries:
                assert len(visit(f"/spot-checks?month={month}").rows("#lots")) == wanted
        counts.append(len(queries))
    assert counts[0] == counts[1]


# ---- what everybody sees


def lines(soup):
    return [" ".join(item.get_text(" ").split()) for item in soup.select("#lots > li")]


def test_the_public_page_names_a_household_only_where_all_was_right(work, lots, page):
    address = PUBLIC.format(work.village.slug)
    waiting = lines(page(address))
    heads = [db.session.get(factories.Household, one.deed.household_id) for one in lots]
    assert all("某" not in line and "等现场核" in line for line in waiting)
    record(work, lots[0], "right", "王主任看到了")
    record(work, lots[1], "differs", "只来了半天")
    shown = page(address)
    first, second, third = lines(shown)
    assert f"{heads[0].head_name[0]}某" in first
    assert f"尾号{heads[0].tail}" in first
    assert "属实" in first
    assert "某" not in second + third
    assert "和记的不一样" in second
    assert shown.words("#counts") == "属实 1 项；和记的不一样 1 项；还有 1 项等现场核。"
    for head in heads:
        assert head.head_name not in shown.response.text
    for words in ("王主任看到了", "只来了半天"):
        assert words not in shown.response.text
    assert shown.select_one("meta[name=robots]")["content"] == "noindex"


def test_names_go_after_the_month_and_with_the_household(work, lots, page):
    for check in lots:
        record(work, check)
    address = PUBLIC.format(work.village.slug)
    with clock.set_to(datetime(2026, 4, 30, 15, 0, tzinfo=UTC)):
        assert all("某" in line for line in lines(page(address)))
        people.leave(work.village.id, lots[0].deed.household_id, by=None)
        work.reverse(lots[1].deed_id)
        shown = lines(page(address))
        assert ["某" in line for line in shown] == [False, False, True]
        assert "已冲正" in shown[1]
    with clock.set_to(datetime(2026, 4, 30, 16, 0, tzinfo=UTC)):
        assert all("某" not in line for line in lines(page(address)))


def test_a_deduction_and_what_is_not_published_show_their_number_only(work, page):
    deed_id = work.bring("settled", deduction=True)
    hidden = work.bring("settled")
    with atomic():
        db.session.get(spots.Deed, hidden).publish = "never"
    with clock.set_to(APRIL_1):
        settle_village(work.village.id)
        checks = spots.checks_of(spots.find_draw(work.village.id, MARCH).id)
        assert {one.deed_id for one in checks} == {deed_id, hidden}
        for check in checks:
            record(work, check)
        shown = page(PUBLIC.format(work.village.slug))
        for line in lines(shown):
            assert "依规定不公开" in line
            assert "积分" not in line
            assert "某" not in line


def test_the_numbers_are_all_that_took_part(work, march, lots, page):
    address = PUBLIC.format(work.village.slug)
    listed = page.client.get(f"{address}/{MARCH}/numbers")
    assert listed.mimetype == "text/plain"
    pool = [int(line) for line in listed.text.splitlines()]
    assert pool == [deed_id for deed_id in march if deed_id != march[4]]
    seed = page(address).words("#how code")
    assert spots.drawn(seed, pool, 3) == [one.deed_id for one in lots]


def test_an_unknown_village_or_month_is_not_found(work, lots, page):
    page("/v/nowhere/spot-checks", 404)
    page(PUBLIC.format(work.village.slug) + "/202602/numbers", 404)
    assert "还没有抽过" in page(PUBLIC.format(factories.VillageFactory().slug) + f"?month={MARCH}").words("main")
