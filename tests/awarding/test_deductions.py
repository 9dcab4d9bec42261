"""Due process: a deduction is told, heard, decided by two who had no hand in it before, shown, and only then taken."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.awarding.work import deed, state
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import deductions, queries
from virtue.awarding.errors import (
    AlreadySigned,
    AlreadySpent,
    AnotherVerifies,
    BadDay,
    CapReached,
    DocumentNeeded,
    NothingToPublish,
    NotTakingPart,
    NotTold,
    OwnProposal,
    ReasonNeeded,
    RebuttalOver,
    RebuttalStillRunning,
    SecondPersonReverses,
    TooLateToTakeBack,
    UnknownRule,
    WayNotAllowed,
    WitnessesNeeded,
    WrongQuantity,
    WrongState,
)
from virtue.core import audit, keys, remarks
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import consent_services, hats, participation_services
from virtue.scores.models import Tally, Veto
from virtue.store import queries as goods
from virtue.store import services as till
from virtue.transactions import atomic


@pytest.fixture
def household(work):
    return work.household(head_name="王永智")


def tally(household, unit="civility") -> tuple[int, int, int]:
    rows = db.session.execute(
        sa.select(Tally.earned, Tally.deducted, Tally.deeds).where(
            Tally.household_id == household.id, Tally.unit == unit
        )
    ).all()
    return tuple(sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0)


def test_the_whole_way_takes_the_points_only_after_the_notice(app, work, household):
    factories.give(household, civility=8)
    deed_id = work.lead(household)
    assert work.verify(deed_id) == "verified"
    assert work.tell(deed_id) == "told"
    assert work.answer(deed_id, "那天我不在家") == "told"
    found = queries.find_deduction(deed_id)
    assert (found.told_on, found.rebuttal_until, found.told_how) == (date(2026, 3, 20), date(2026, 3, 23), "in_person")
    assert remarks.texts([found.rebuttal_remark_id])[found.rebuttal_remark_id] == "那天我不在家"
    with work.day(4):
        assert [work.decide(deed_id, "reviewer"), work.decide(deed_id, "second")] == ["told", "approved"]
        assert work.publish()["lines"] == 1
    with work.day(9), unchanged(app):
        assert work.settle() == 0
    assert ledger.balance(household.id).civility == 8
    with work.day(10):
        assert work.settle() == 1
    assert (state(deed_id), ledger.balance(household.id).civility, tally(household)) == ("settled", 3, (0, 5, 1))


def test_it_is_never_decided_before_it_was_told(app, work, household):
    deed_id = work.lead(household)
    with unchanged(app), work.day(30), pytest.raises(NotTold):
        work.decide(deed_id)
    work.verify(deed_id)
    with unchanged(app), work.day(30), pytest.raises(NotTold):
        work.decide(deed_id)


@pytest.mark.parametrize(("is_absent", "days"), [(False, 3), (True, 15)])
def test_the_household_has_its_days_to_answer(app, work, household, is_absent, days):
    deed_id = work.lead(household)
    work.verify(deed_id)
    work.tell(deed_id, "phone", is_absent=is_absent)
    with unchanged(app), work.day(days), pytest.raises(RebuttalStillRunning) as refused:
        work.decide(deed_id)
    assert refused.value.params == {"until": (date(2026, 3, 20) + timedelta(days=days)).isoformat()}
    with work.day(days):
        assert work.answer(deed_id, by=None) == "told"
    with work.day(days + 1):
        with unchanged(app), pytest.raises(RebuttalOver):
            work.answer(deed_id)
        assert work.decide(deed_id) == "told"


def test_the_last_day_ends_at_midnight_in_shanghai(app, work, household):
    deed_id = work.lead(household)
    work.verify(deed_id)
    work.tell(deed_id)
    midnight = clock.start_of(date(2026, 3, 24))
    with clock.set_to(midnight - timedelta(seconds=1)), unchanged(app), pytest.raises(RebuttalStillRunning):
        work.decide(deed_id)
    with clock.set_to(midnight):
        assert work.decide(deed_id) == "told"


def test_one_signature_is_none(app, work, household):
    deed_id = work.bring("heard", household, deduction=True)
    with unchanged(app), pytest.raises(AlreadySigned):
        work.decide(deed_id, "second")
    with unchanged(app), pytest.raises(NothingToPublish):
        work.publish()
    assert work.decide(deed_id, "third") == "approved"


def test_neither_author_nor_verifier_nor_kin_decides(app, work, household):
    for name in ("author", "verifier", "cousin", "member"):
        work.staff[name] = factories.staff_of(work.village, "committee", "reviewer")
    work.staff["member"].member_id = household.members[0].id
    db.session.commit()
    consent_services.declare_recusal(
        work.village.id, work.id("cousin"), household.id, "sibling", by=work.id("village_admin")
    )
    with unchanged(app):
        for name in ("cousin", "member"):
            with pytest.raises(OwnKin):
                work.lead(household, by=name)
    deed_id = work.lead(household)
    with unchanged(app), pytest.raises(AnotherVerifies):
        work.verify(deed_id, "author")
    with unchanged(app), pytest.raises(OwnKin):
        work.verify(deed_id, "cousin")
    work.verify(deed_id, "verifier")
    with unchanged(app), pytest.raises(OwnKin):
        work.tell(deed_id, by="member")
    work.tell(deed_id)
    with work.day(4), unchanged(app):
        for name, refusal in (
            ("author", OwnProposal), ("verifier", OwnProposal), ("cousin", OwnKin), ("member", OwnKin),
        ):  # fmt: skip
            with pytest.raises(refusal):
                work.decide(deed_id, name)
        with pytest.raises(OwnKin):
            work.drop(deed_id, by="cousin")


def test_who_served_the_household_at_the_till_today_has_the_other_hat_on(app, work, household):
    both = work.staff["both"] = factories.staff_of(work.village, "committee", "keeper")
    deed_id = work.lead(household)
    with atomic():
        audit.record("store.redeem", village_id=work.village.id, by=both.id, household_id=household.id)
    with unchanged(app), pytest.raises(hats.TwoHats) as refused:
        work.verify(deed_id, "both")
    assert "改天再办" in str(refused.value)
    with work.day(1):
        assert work.verify(deed_id, "both") == "verified"


def test_a_refusal_to_take_the_slip_needs_its_witnesses(app, work, household):
    """Two different people of the village, one of the supervision committee, neither the teller."""
    other = factories.supervisor(factories.VillageFactory())
    watch, member, teller = work.id("supervisor"), work.id("author"), work.id("committee")
    deed_id = work.lead(household)
    work.verify(deed_id)
    wrong = [
        (None, None), (watch, None), (None, watch), (watch, watch), (member, work.id("verifier")), (teller, watch),
        (other.id, watch), (watch, 999_999_999),
    ]  # fmt: skip
    for first, second in wrong:
        with unchanged(app), pytest.raises(WitnessesNeeded):
            work.tell(deed_id, "refused", witness_1_id=first, witness_2_id=second)
    assert work.tell(deed_id, "refused", witness_1_id=member, witness_2_id=watch) == "told"
    found = queries.find_deduction(deed_id)
    assert (found.told_how, found.witness_1_id, found.witness_2_id) == ("refused", member, watch)


def test_a_witness_nobody_needed_is_not_kept(work, household):
    deed_id = work.lead(household)
    work.verify(deed_id)
    work.tell(deed_id, "in_person", witness_1_id=999_999_999)
    assert queries.find_deduction(deed_id).witness_1_id is None


def test_an_unknown_way_of_telling_is_refused(app, work, household):
    deed_id = work.lead(household)
    work.verify(deed_id)
    with unchanged(app), pytest.raises(WrongState):
        work.tell(deed_id, "托人带话")


def test_a_lead_says_what_was_seen_under_a_rule_that_deducts(app, work, household):
    gone = work.household()
    participation_services.leave(work.village.id, gone.id, by=None)
    foreign = factories.HouseholdFactory()
    yesterday, long_ago = clock.today() - timedelta(days=1), clock.today() - timedelta(days=32)
    cases = [
        ({"words": ""}, ReasonNeeded), ({"words": " 脏 "}, ReasonNeeded), ({"code": "J16"}, WayNotAllowed),
        ({"happened_on": clock.today() + timedelta(days=1)}, BadDay), ({"happened_on": long_ago}, BadDay),
        ({"repair_until": yesterday}, BadDay), ({"code": "D08"}, DocumentNeeded),
        ({"code": "D08", "document_number": "  "}, DocumentNeeded), ({"quantity": 2}, WrongQuantity),
        ({"quantity": 0}, WrongQuantity), ({"quantity": -1}, WrongQuantity),
        ({"code": "D01", "quantity": 1000}, WrongQuantity),
        ({"household": gone}, NotTakingPart), ({"household": foreign}, NotFoundHere),
    ]  # fmt: skip
    with unchanged(app):
        for what, refusal in cases:
            with pytest.raises(refusal):
                work.lead(what.pop("household", household), **what)
        what = deductions.Lead(household.id, 999_999_999, clock.today(), "倒在渠边")
        with pytest.raises(UnknownRule):
            deductions.lead(work.village.id, what, key=keys.new(), by=work.id("author"))


def test_a_lead_is_cut_to_what_its_cap_leaves(app, work, household):
    """D01 takes 5 a place and 25 a month: of nine places five count."""
    deed_id = work.lead(household, "D01", quantity=4)
    assert (deed(deed_id).points, deed(deed_id).quantity) == (-20, 4)
    second = work.lead(household, "D01", quantity=5)
    assert deed(second).points == -5
    with unchanged(app), pytest.raises(CapReached) as refused:
        work.lead(household, "D01")
    assert refused.value.params["from_day"] == "2026-04-01"
    work.drop(deed_id)
    assert deed(work.lead(household, "D01")).points == -5


def test_a_document_keeps_its_number_and_vetoes_only_with_an_end(work, household):
    for until, vetoes in ((None, 0), (date(2026, 9, 1), 1)):
        mine = work.household()
        with work.day(-12):
            deed_id = work.lead(mine, "D12", document_number="古民字〔2026〕7号", veto_until=until)
            work.verify(deed_id, "verifier")
            work.tell(deed_id)
        with work.day(-8):
            work.decide(deed_id, "reviewer")
            work.decide(deed_id, "second")
            work.publish()
        work.settle()
        found = db.session.scalars(sa.select(Veto).where(Veto.household_id == mine.id)).all()
        assert len(found) == vetoes
        assert queries.find_deduction(deed_id).document_number == "古民字〔2026〕7号"
    veto = found[0]
    assert (veto.dimension, veto.from_on, veto.until_on) == ("孝老爱亲", clock.today(), date(2026, 9, 1))
    work.reverse(deed_id)
    db.session.refresh(veto)
    assert veto.ended_on == clock.today()


@pytest.mark.parametrize(("there", "left"), [(0, 0), (3, 0), (5, 0), (12, 7)])
def test_only_what_is_there_is_taken_and_the_score_falls_in_full(work, household, there, left):
    if there:
        factories.give(household, civility=there, home=9)
    deed_id = work.bring("settled", household, deduction=True)
    balance = ledger.balance(household.id)
    assert (balance.civility, balance.civility_owed) == (left, 0)
    assert balance.home == (9 if there else 0)
    assert (deed(deed_id).settled_points, tally(household)) == (-5, (0, 5, 1))
    work.reverse(deed_id)
    assert (ledger.balance(household.id).civility, tally(household)) == (there, (0, 0, 0))


@pytest.mark.parametrize("stage", ["lead", "verified", "told", "heard", "approved", "on_notice", "frozen"])
def test_it_can_be_dropped_at_any_step_with_a_reason(app, work, household, stage):
    factories.give(household, civility=5)
    deed_id = work.bring(stage, household, deduction=True)
    with unchanged(app), pytest.raises(ReasonNeeded):
        work.drop(deed_id, " ")
    assert work.drop(deed_id) == "dropped"
    with work.day(30):
        work.settle()
    assert (state(deed_id), ledger.balance(household.id).civility, tally(household)) == ("dropped", 5, (0, 0, 0))


def test_a_frozen_line_stays_while_the_rest_is_settled(work, household):
    frozen, neighbour = work.propose(household)["deed_id"], work.household()
    plain = work.propose(neighbour)["deed_id"]
    for deed_id in (frozen, plain):
        work.approve(deed_id)
    work.publish()
    work.move(frozen, "freeze")
    with work.day(6):
        assert work.settle() == 1
        assert (state(frozen), state(plain)) == ("frozen", "settled")
        assert [ledger.balance(each.id).home for each in (household, neighbour)] == [0, 5]
        assert queries.notice_of(deed(frozen)).settled_at is None
        assert work.settle() == 0
        work.move(frozen, "thaw")
        assert work.settle() == 1
        assert (state(frozen), ledger.balance(household.id).home) == ("settled", 5)
        assert queries.notice_of(deed(frozen)).settled_at is not None


def test_what_was_spent_before_a_reversal_is_owed_and_paid_first(app, work, household):
    item = factories.stocked(work.village, 9, by=work.staff["keeper"], home=2)
    deed_id = work.book(household, "J22")["deed_id"]
    redeem(work, household, item, 4)
    assert work.reverse(deed_id)["moved"] == {"home": -2}
    balance = ledger.balance(household.id)
    assert (balance.home, balance.home_owed, tally(household, "home")) == (0, 8, (0, 0, 0))
    done = work.book(household, "J10", event_id=work.open_event("植树"))
    assert (done["points"], done["booked"], done["balance"]) == (5, 0, 0)
    assert (ledger.balance(household.id).home_owed, tally(household, "home")) == (3, (5, 0, 1))
    done = work.book(household, "J11", event_id=work.open_event("修渠"))
    assert (done["booked"], done["balance"], ledger.balance(household.id).home_owed) == (2, 2, 0)
    with unchanged(app), pytest.raises(WrongState):
        work.reverse(deed_id)


def test_who_had_a_hand_in_it_does_not_reverse_it(app, work, household):
    work.staff["author"] = factories.staff_of(work.village, "committee", "supervisor")
    deed_id = work.book(household)["deed_id"]
    with unchanged(app), pytest.raises(SecondPersonReverses):
        work.reverse(deed_id, by="author")
    with unchanged(app), pytest.raises(ReasonNeeded):
        work.reverse(deed_id, "")
    consent_services.declare_recusal(
        work.village.id, work.id("supervisor"), household.id, "child", by=work.id("village_admin")
    )
    with unchanged(app), pytest.raises(OwnKin):
        work.reverse(deed_id)
    assert work.reverse(deed_id, by="village_admin")["moved"] == {"home": -2}


def test_taking_back_is_for_ten_minutes_for_the_own_and_for_the_unspent(app, work, household):
    item = factories.stocked(work.village, 9, by=work.staff["keeper"], home=2)
    spent = work.book(household)["deed_id"]
    redeem(work, household, item, 1)
    with unchanged(app), pytest.raises(AlreadySpent):
        work.take_back(spent)
    fresh = work.book(work.household())["deed_id"]
    with unchanged(app), pytest.raises(TooLateToTakeBack):
        work.take_back(fresh, "committee")
    with clock.set_to(work.now + timedelta(minutes=10)):
        assert work.take_back(fresh) == "reversed"
    late = work.book(work.household())["deed_id"]
    with clock.set_to(work.now + timedelta(minutes=10, seconds=1)), unchanged(app), pytest.raises(TooLateToTakeBack):
        work.take_back(late)


def test_the_way_back_leaves_no_debt(work, household):
    deed_id = work.book(household)["deed_id"]
    work.take_back(deed_id)
    balance = ledger.balance(household.id)
    assert (balance.home, balance.home_owed, tally(household, "home")) == (0, 0, (0, 0, 0))


def redeem(work, household, item, pieces: int) -> None:
    store = goods.find_store(work.village.id)
    row = next(row for row in goods.goods_for_till(store, clock.today()) if row.id == item.id)
    basket = [till.Piece(item.id, pieces, "home", row.home_price_id)]
    till.redeem(work.village.id, store.id, household.id, basket, key=keys.new(), by=work.id("keeper"))
