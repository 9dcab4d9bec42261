"""Objections as services: taken, frozen, settled by somebody else, and what follows for the deed."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import deeds, factories
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import booked, objection_queries, objections, queries, services, settling
from virtue.awarding.errors import NothingToPublish, OwnProposal, ReasonNeeded, WrongQuantity, WrongState
from virtue.awarding.models import Amendment, Deduction, Deed, DeedStep
from virtue.core import keys, remarks
from virtue.errors import KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.notices import queries as notices
from virtue.notices.errors import (
    AlreadyAnswered,
    BadReceivedDay,
    DecidedTheLine,
    LineGone,
    NoSuchLine,
    NoticeOver,
    NotTheSettler,
    OneNameOnly,
    OwnObjection,
    ReasonHasNumber,
    ReasonNamesSomebody,
    TooManyOpen,
    WordsNeeded,
)
from virtue.notices.models import Objection, Objector, SealOpening
from virtue.notices.services import Sender
from virtue.people.models import Recusal
from virtue.scores.models import Tally


def kin(user, household):
    """Declare a household as a user's kin."""
    db.session.add(
        Recusal(
            village_id=household.village_id, user_id=user.id, household_id=household.id, relation="sibling",
            declared_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()


def steps_of(deed):
    rows = db.session.scalars(sa.select(DeedStep).where(DeedStep.deed_id == deed.id).order_by(DeedStep.id))
    return [(step.action, step.by_id) for step in rows]


# ---- taking


def test_an_objection_gets_a_number_an_answer_day_and_freezes_its_line_only(scene):
    first, second = scene.deed(), scene.deed()
    notice = scene.on_notice(first, second)
    outcome = scene.send(notice, 1)
    assert outcome.result == {"number": 1, "answer_by": (clock.today() + timedelta(days=10)).isoformat()}
    assert (scene.state(first), scene.state(second)) == ("frozen", "on_notice")
    found = notices.find_objection(scene.village.id, 1)
    assert (found.state, found.came_by, found.taken_by_id) == ("open", "spoken", scene.clerk.id)
    assert remarks.texts([found.words_id]) == {found.words_id: "他家没有参加"}
    assert notices.contested_lines(notice.id) == {1}


def test_the_rest_of_a_notice_settles_on_time(scene, later):
    contested, quiet = scene.deed(), scene.deed()
    notice = scene.on_notice(contested, quiet)
    scene.object(notice, 1)
    with later(6):
        assert settling.settle_due(scene.village.id) == 1
        assert (scene.state(contested), scene.state(quiet)) == ("frozen", "settled")
        assert settling.settle_due(scene.village.id) == 0
        assert notices.find_notice(scene.village.id, notice.number).settled_at is None
        scene.settle(notices.find_objection(scene.village.id, 1), "dismissed")
        assert settling.settle_due(scene.village.id) == 1
        assert scene.state(contested) == "settled"
        assert notices.find_notice(scene.village.id, notice.number).settled_at is not None


def test_numbers_run_by_village(scene):
    notice = scene.on_notice(scene.deed(), scene.deed())
    assert [scene.object(notice, line).number for line in (1, 2, 1)] == [1, 2, 3]


def test_on_the_last_day_it_is_taken_and_the_day_after_it_is_not(app, scene, later):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    with later(5):
        assert scene.object(notice).state == "open"
    with later(6), unchanged(app), pytest.raises(NoticeOver):
        scene.send(notice)


def test_a_paper_counts_from_the_day_it_came(scene, later):
    notice = scene.on_notice()
    came = clock.today() + timedelta(days=1)
    with later(3):
        found = scene.object(notice, came_by="paper", received_on=came)
    assert (found.received_on, found.answer_by) == (came, came + timedelta(days=10))


@pytest.mark.parametrize("days", [-1, 1])
def test_a_paper_of_an_impossible_day_is_refused(app, scene, days):
    notice = scene.on_notice()
    with unchanged(app), pytest.raises(BadReceivedDay):
        scene.send(notice, came_by="paper", received_on=clock.today() + timedelta(days=days))


@pytest.mark.parametrize("text", ["", " ", "不", "不" * 501], ids=["none", "blank", "one", "long"])
def test_an_objection_without_words_is_refused(app, scene, text):
    notice = scene.on_notice()
    with unchanged(app), pytest.raises(WordsNeeded):
        scene.send(notice, text=text)


def test_a_household_and_an_outsider_are_one_too_many(app, scene):
    notice = scene.on_notice()
    with unchanged(app), pytest.raises(OneNameOnly):
        scene.send(notice, sender=Sender(scene.neighbour.id, "马师傅"))


def test_an_unsigned_paper_seals_nothing(scene):
    found = scene.object(scene.on_notice(), came_by="paper", sender=Sender())
    assert notices.find_objector(found.id) is None
    assert objections.open_seal(scene.village.id, found.number, by=scene.supervisor.id) == ""


@pytest.mark.parametrize("line", [0, 2, 999])
def test_a_line_that_is_not_there_is_refused(app, scene, line):
    notice = scene.on_notice()
    with unchanged(app), pytest.raises(NoSuchLine):
        scene.send(notice, line)


def test_another_villages_notice_and_household_are_not_found(app, scene):
    notice = scene.on_notice()
    stranger = factories.HouseholdFactory()
    factories.give(stranger, home=1)
    words = objections.Words(notice.number, 1, "不对", "desk")
    with unchanged(app), pytest.raises(NoSuchLine):
        objections.object_to(stranger.village_id, words, Sender(stranger.id), key=keys.new(), by=None)
    with unchanged(app), pytest.raises(NotFoundHere):
        scene.send(notice, sender=Sender(stranger.id))


def test_a_line_that_was_withdrawn_is_refused(app, scene):
    notice = scene.on_notice()
    scene.settle(scene.object(notice), "upheld_withdrawn")
    with unchanged(app), pytest.raises(LineGone):
        scene.send(notice)


def test_one_may_object_to_the_own_line(scene):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    scene.object(notice, sender=Sender(scene.household.id), by=None, came_by="passbook", text="我家少记了")
    assert scene.state(deed) == "frozen"


def test_the_same_key_makes_one_objection_and_other_words_are_refused(app, scene):
    notice, key = scene.on_notice(), keys.new()
    first = scene.send(notice, key=key)
    again = scene.send(notice, key=key)
    assert (again.result, again.is_repeat) == (first.result, True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Objection)) == 1
    with unchanged(app), pytest.raises(KeyReused):
        scene.send(notice, key=key, text="别的话")


def test_one_passbook_has_only_so_many_open(app, scene):
    notice = scene.on_notice()
    sent = {"by": None, "came_by": "passbook"}
    for _ in range(objections.MOST_OPEN):
        scene.object(notice, **sent)
    with unchanged(app), pytest.raises(TooManyOpen):
        scene.send(notice, **sent)
    assert scene.object(notice, sender=Sender(scene.household.id), **sent).number == objections.MOST_OPEN + 1


# ---- settling


def test_a_dismissed_one_thaws_its_line_with_the_reason(scene):
    deed = scene.deed()
    found = scene.object(scene.on_notice(deed))
    outcome = scene.settle(found, "dismissed", "签到表上有他家")
    assert outcome.result["deed_state"] == "on_notice"
    assert steps_of(deed)[-2:] == [("freeze", None), ("thaw", scene.supervisor.id)]
    settled = notices.find_objection(scene.village.id, found.number)
    assert (settled.state, settled.settled_by_id, settled.corrected_until) == ("dismissed", scene.supervisor.id, None)
    assert remarks.texts([settled.reason_id]) == {settled.reason_id: "签到表上有他家"}


def test_two_objections_stand_and_the_line_thaws_with_the_last(scene):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    first, second = scene.object(notice), scene.object(notice, sender=Sender(outsider="马师傅"))
    scene.settle(first, "dismissed")
    assert scene.state(deed) == "frozen"
    scene.settle(second, "dismissed")
    assert scene.state(deed) == "on_notice"


def test_a_second_objection_is_answered_after_the_first_was_upheld(app, scene):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    first, second = scene.object(notice), scene.object(notice)
    scene.settle(first, "upheld_withdrawn")
    assert scene.state(deed) == "withdrawn"
    with unchanged(app), pytest.raises(WrongState):
        scene.settle(second, "upheld_amended", points=3)
    scene.settle(second, "upheld_withdrawn")
    assert scene.state(deed) == "withdrawn"


def test_an_upheld_one_withdraws_the_deed_and_nothing_is_booked(scene, later):
    deed = scene.deed()
    found = scene.object(scene.on_notice(deed))
    scene.settle(found, "upheld_withdrawn", corrected=True)
    with later(6):
        assert settling.settle_due(scene.village.id) == 0
    assert ledger.balance(scene.household.id).home == 0
    settled = notices.find_objection(scene.village.id, found.number)
    assert settled.corrected_until == clock.today() + timedelta(days=5)


def test_amended_points_start_again_as_a_deed_of_their_own(scene, later):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    outcome = scene.settle(scene.object(notice), "upheld_amended", points=3, corrected=True)
    assert scene.state(deed) == "withdrawn"
    fresh = db.session.get(Deed, outcome.result["amended_id"])
    assert (fresh.state, fresh.points, fresh.proposed_by_id) == ("proposed", 3, scene.supervisor.id)
    assert (fresh.happened_on, fresh.rule_code, fresh.notice_id) == (deed.happened_on, deed.rule_code, None)
    assert db.session.get(Amendment, fresh.id).from_id == deed.id
    services.approve(scene.village.id, fresh.id, key=keys.new(), by=scene.judge.id)
    number = settling.publish_notice(scene.village.id, key=keys.new(), by=scene.clerk.id).result["number"]
    assert number == notice.number + 1
    with later(6):
        assert settling.settle_due(scene.village.id) == 1
    assert ledger.balance(scene.household.id).home == 3


def test_who_amended_does_not_approve(app, scene):
    both = factories.staff_of(scene.village, "supervisor", "reviewer")
    deed = scene.deed()
    outcome = scene.settle(scene.object(scene.on_notice(deed)), "upheld_amended", points=3, by=both)
    with unchanged(app), pytest.raises(OwnProposal):
        services.approve(scene.village.id, outcome.result["amended_id"], key=keys.new(), by=both.id)


def test_an_amended_deduction_is_told_anew(scene):
    rule = deeds.rule_of(
        scene.village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction", publish="list"
    )
    deed = scene.deed(rule=rule)
    db.session.add(Deduction(deed_id=deed.id, document_number="环字3号"))
    db.session.commit()
    outcome = scene.settle(scene.object(scene.on_notice(deed)), "upheld_amended", points=2)
    fresh = db.session.get(Deed, outcome.result["amended_id"])
    assert (fresh.state, fresh.points) == ("lead", -2)
    facts = db.session.get(Deduction, fresh.id)
    assert (facts.document_number, facts.told_on) == ("环字3号", None)


@pytest.mark.parametrize("points", [None, 0, -3, 8, 1000])
def test_amended_points_that_are_none_are_refused(app, scene, points):
    found = scene.object(scene.on_notice())
    with unchanged(app), pytest.raises(WrongQuantity):
        scene.settle(found, "upheld_amended", points=points)


def test_an_objection_is_settled_once(app, scene):
    found = scene.object(scene.on_notice())
    scene.settle(found, "dismissed")
    with unchanged(app), pytest.raises(AlreadyAnswered):
        scene.settle(found, "upheld_withdrawn")


def test_the_same_key_settles_once(scene):
    deed = scene.deed()
    found, key = scene.object(scene.on_notice(deed)), keys.new()
    first = scene.settle(found, "upheld_amended", points=3, key=key)
    again = scene.settle(found, "upheld_amended", points=3, key=key)
    assert (again.result, again.is_repeat) == (first.result, True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Amendment)) == 1


@pytest.mark.parametrize("state", ["open", "taken_back", "nonsense"])
def test_an_unknown_verdict_is_refused(app, scene, state):
    found = scene.object(scene.on_notice())
    with unchanged(app), pytest.raises(WrongState):
        scene.settle(found, state)


@pytest.mark.parametrize("reason", ["", " ", "好"])
def test_a_verdict_needs_a_reason(app, scene, reason):
    found = scene.object(scene.on_notice())
    with unchanged(app), pytest.raises(ReasonNeeded):
        scene.settle(found, "dismissed", reason)


@pytest.mark.parametrize("reason", ["来电 13912345678 核实", "证 620622197001011234 为准"])
def test_a_reason_has_no_number_of_a_person(app, scene, reason):
    found = scene.object(scene.on_notice())
    with unchanged(app), pytest.raises(ReasonHasNumber):
        scene.settle(found, "dismissed", reason)


@pytest.mark.parametrize("is_unsigned", [False, True])
def test_a_reason_names_no_villager_whoever_objected(app, scene, is_unsigned):
    """Each is refused in the same words, so that trying names tells nothing."""
    other = factories.HouseholdFactory(grid=scene.neighbour.grid, head_name="马文军")
    found = scene.object(scene.on_notice(), sender=Sender() if is_unsigned else Sender(scene.neighbour.id))
    told = {}
    for name in (scene.neighbour.head_name, other.head_name):
        with unchanged(app, frozenset()), pytest.raises(ReasonNamesSomebody) as refused:
            scene.settle(found, "dismissed", f"{name}说的属实")
        told[name] = str(refused.value).replace(name, "某某")
    assert told["赵桂英"] == told["马文军"]


def test_an_outsiders_name_is_refused_only_to_who_opened_the_seal(app, scene):
    notice = scene.on_notice(scene.deed(), scene.deed())
    sealed = scene.object(notice, 1, sender=Sender(outsider="马师傅"))
    opened = scene.object(notice, 2, sender=Sender(outsider="马师傅"))
    assert objections.open_seal(scene.village.id, opened.number, by=scene.supervisor.id) == "马师傅"
    with unchanged(app), pytest.raises(ReasonNamesSomebody):
        scene.settle(opened, "dismissed", "马师傅看错了")
    assert scene.settle(sealed, "dismissed", "马师傅看错了").result["state"] == "dismissed"


def test_a_reason_may_name_the_line_s_own_household(scene):
    found = scene.object(scene.on_notice())
    # Somebody else's name inside it is no name.
    factories.HouseholdFactory(grid=scene.neighbour.grid, head_name="王永")
    assert scene.settle(found, "dismissed", "王永智家当天在场").result["state"] == "dismissed"


# ---- by whom


@pytest.mark.parametrize("who", ["member", "judge"])
def test_nobody_who_had_a_hand_in_the_line_settles_it_even_when_named(app, scene, who):
    user = getattr(scene, who)
    found = scene.object(scene.on_notice())
    with unchanged(app), pytest.raises(DecidedTheLine):
        scene.settle(found, "dismissed", by=user)
    with unchanged(app), pytest.raises(DecidedTheLine):
        objections.name_settler(scene.village.id, found.number, user.id, by=scene.clerk.id)


def test_a_supervisor_who_decided_does_not_settle(app, scene):
    both = factories.staff_of(scene.village, "supervisor", "reviewer")
    deed = deeds.step(deeds.deed_of(scene.household, scene.rule, by=scene.member), "approve", "approved", by=both)
    found = scene.object(scene.on_notice(deed))
    with unchanged(app), pytest.raises(DecidedTheLine):
        scene.settle(found, "dismissed", by=both)


def test_kin_of_the_line_does_not_settle(app, scene):
    found = scene.object(scene.on_notice())
    kin(scene.supervisor, scene.household)
    with unchanged(app), pytest.raises(OwnKin):
        scene.settle(found, "dismissed")


def test_kin_of_the_objector_does_not_settle_and_no_key_says_so(app, scene):
    found = scene.object(scene.on_notice())
    kin(scene.supervisor, scene.neighbour)
    with unchanged(app, frozenset()), pytest.raises(OwnObjection):
        scene.settle(found, "dismissed")


def test_a_clerk_settles_only_when_named(app, scene):
    found = scene.object(scene.on_notice())
    with unchanged(app), pytest.raises(NotTheSettler):
        scene.settle(found, "dismissed", by=scene.clerk)
    objections.name_settler(scene.village.id, found.number, scene.clerk.id, by=scene.supervisor.id)
    assert scene.settle(found, "dismissed", by=scene.clerk).result["state"] == "dismissed"


def test_who_may_not_settle_cannot_try_out_who_objected(app, scene):
    """Every reason is refused alike, whether it names the objector or not; to the objector's kin too."""
    found = scene.object(scene.on_notice())
    for reason in (f"{scene.neighbour.head_name}说的不对", "已经核实"):
        for user, refusal in ((scene.member, DecidedTheLine), (scene.clerk, NotTheSettler)):
            with unchanged(app), pytest.raises(refusal):
                scene.settle(found, "dismissed", by=user, reason=reason)
    kin(scene.clerk, scene.neighbour)
    with unchanged(app), pytest.raises(NotTheSettler):
        scene.settle(found, "dismissed", by=scene.clerk)


def test_only_the_villages_own_staff_is_named(app, scene):
    found = scene.object(scene.on_notice())
    stranger = factories.supervisor(factories.VillageFactory())
    with unchanged(app), pytest.raises(NotTheSettler):
        objections.name_settler(scene.village.id, found.number, stranger.id, by=scene.clerk.id)


def test_another_villages_supervisor_finds_nothing(app, scene):
    found = scene.object(scene.on_notice())
    other = factories.supervisor(factories.VillageFactory())
    with unchanged(app), pytest.raises(NotFoundHere):
        objections.open_seal(other.grants[0].village_id, found.number, by=other.id)


# ---- taking back


def test_taking_back_thaws(app, scene):
    deed = scene.deed()
    found = scene.object(scene.on_notice(deed))
    objections.take_back(scene.village.id, found.number, key=keys.new(), by=None)
    assert (scene.state(deed), steps_of(deed)[-1]) == ("on_notice", ("thaw", None))
    assert notices.find_objection(scene.village.id, found.number).state == "taken_back"
    with unchanged(app), pytest.raises(AlreadyAnswered):
        objections.take_back(scene.village.id, found.number, key=keys.new(), by=None)


def test_taking_back_one_of_two_thaws_nothing(scene):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    first, _second = scene.object(notice), scene.object(notice)
    objections.take_back(scene.village.id, first.number, key=keys.new(), by=None)
    assert scene.state(deed) == "frozen"


# ---- what was booked at once


def test_what_was_booked_at_once_stands_on_a_notice_afterwards(app, scene, later):
    deed = scene.booked()
    outcome = booked.publish_booked(scene.village.id, key=keys.new(), by=scene.clerk.id)
    assert outcome.result == {
        "number": 1, "lines": 1, "ends_on": (clock.today() + timedelta(days=5)).isoformat()
    }  # fmt: skip
    with unchanged(app), pytest.raises(NothingToPublish):
        booked.publish_booked(scene.village.id, key=keys.new(), by=scene.clerk.id)
    with later(6):
        assert settling.settle_due(scene.village.id) == 0
        assert notices.find_notice(scene.village.id, 1).settled_at is not None
    assert (scene.state(deed), ledger.balance(scene.household.id).home) == ("settled", 5)


def test_upheld_against_a_booked_deed_it_is_reversed_and_what_was_spent_is_owed(scene):
    deed = scene.booked(points=5)
    scene.spend(3)
    booked.publish_booked(scene.village.id, key=keys.new(), by=scene.clerk.id)
    found = scene.object(notices.find_notice(scene.village.id, 1))
    assert scene.state(deed) == "settled"
    scene.settle(found, "upheld_withdrawn", "没有到场")
    assert scene.state(deed) == "reversed"
    balance = ledger.balance(scene.household.id)
    assert (balance.home, balance.home_owed) == (0, 3)
    tally = db.session.scalars(sa.select(Tally).where(Tally.household_id == scene.household.id)).all()
    assert sum(row.earned for row in tally) == 0


def test_amended_after_booking_it_is_reversed_and_starts_again(scene):
    deed = scene.booked(points=5)
    booked.publish_booked(scene.village.id, key=keys.new(), by=scene.clerk.id)
    found = scene.object(notices.find_notice(scene.village.id, 1))
    outcome = scene.settle(found, "upheld_amended", points=2)
    fresh = db.session.get(Deed, outcome.result["amended_id"])
    assert (scene.state(deed), fresh.state, fresh.points, fresh.way) == ("reversed", "proposed", 2, "scan")
    assert ledger.balance(scene.household.id).home == 0


# ---- what is sealed


def test_the_name_opens_for_who_settles_and_each_look_is_written_down(app, scene):
    found = scene.object(scene.on_notice())
    assert objections.open_seal(scene.village.id, found.number, by=scene.supervisor.id) == "赵桂英（622100000258）"
    rows = notices.openings_of([found.id])
    assert [(row[0], row[1]) for row in rows] == [(found.id, scene.supervisor.id)]
    for wrong, user in ((NotTheSettler, scene.clerk), (DecidedTheLine, scene.judge), (DecidedTheLine, scene.member)):
        with unchanged(app), pytest.raises(wrong):
            objections.open_seal(scene.village.id, found.number, by=user.id)
    objections.name_settler(scene.village.id, found.number, scene.clerk.id, by=scene.supervisor.id)
    objections.open_seal(scene.village.id, found.number, by=scene.clerk.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SealOpening)) == 2


def test_the_lines_kin_never_opens_the_name(app, scene):
    found = scene.object(scene.on_notice())
    kin(scene.supervisor, scene.household)
    with unchanged(app), pytest.raises(OwnKin):
        objections.open_seal(scene.village.id, found.number, by=scene.supervisor.id)


def test_no_table_but_the_sealed_one_and_the_words_knows_the_objector(scene):
    """Neither trail, key, step nor anything else carries who objected, whatever is done with the objection."""
    outsider = "买买提师傅"
    notice = scene.on_notice(scene.deed(), scene.deed(), scene.deed())
    sent = [
        scene.object(notice, 1, by=None, came_by="passbook"),
        scene.object(notice, 2),
        scene.object(notice, 3, sender=Sender(outsider=outsider)),
    ]
    for one in sent:
        objections.open_seal(scene.village.id, one.number, by=scene.supervisor.id)
    scene.settle(sent[0], "dismissed")
    scene.settle(sent[1], "upheld_amended", points=3)
    objections.take_back(scene.village.id, sent[2].number, key=keys.new(), by=scene.clerk.id)
    db.session.commit()
    own = {"household", "member", "objector"}
    seen = {}
    for table in db.metadata.sorted_tables:
        if table.name not in own:
            seen[table.name] = [tuple(row) for row in db.session.execute(sa.select(table))]
    for name, rows in seen.items():
        text = json.dumps(rows, ensure_ascii=False, default=str)
        for word in (scene.neighbour.head_name, scene.neighbour.code, outsider):
            assert word not in text, name
    for name in ("audit", "deed_step", "request_key", "look", "entry"):
        table = db.metadata.tables[name]
        if "household_id" in table.c:
            count = sa.select(sa.func.count()).where(table.c.household_id == scene.neighbour.id)
            assert db.session.scalar(count) == 0, name
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Objector)) == 3


# ---- what others read of it


def test_a_correction_says_what_others_saw_for_as_long_as_the_notice_stood(scene, later):
    withdrawn, amended, quiet = scene.deed(), scene.deed(), scene.deed()
    notice = scene.on_notice(withdrawn, amended, quiet)
    scene.settle(scene.object(notice, 1), "upheld_withdrawn", corrected=True)
    scene.settle(scene.object(notice, 2), "upheld_amended", points=3, corrected=True)
    scene.settle(scene.object(notice, 3), "upheld_withdrawn", corrected=False)
    shown = objection_queries.corrections_of(scene.village.id, clock.today())
    assert [(one.line, one.points, one.amended, one.names_household) for one in shown] == [
        (2, 8, 3, True), (1, 8, None, True)
    ]  # fmt: skip
    assert len(objection_queries.corrections_of(scene.village.id, clock.today() + timedelta(days=5))) == 2
    assert objection_queries.corrections_of(scene.village.id, clock.today() + timedelta(days=6)) == []


def test_the_next_notice_prints_the_correction_and_the_one_after_does_not(scene, later):
    notice = scene.on_notice()
    found = scene.object(notice)
    with later(7):
        scene.settle(found, "upheld_withdrawn", corrected=True)
    with later(9):
        second = scene.on_notice()
    with later(12):
        third = scene.on_notice()
    assert [one.line for one in objection_queries.corrections_on(notices.find_notice(scene.village.id, 1))] == [1]
    assert [one.line for one in objection_queries.corrections_on(second)] == [1]
    assert objection_queries.corrections_on(third) == []


def test_what_nobody_saw_gets_no_correction(scene):
    rule = deeds.rule_of(scene.village.id, name="孝老", unit="civility", points=6, route="review", publish="never")
    found = scene.object(scene.on_notice(scene.deed(rule=rule)))
    scene.settle(found, "upheld_withdrawn", corrected=True)
    assert objection_queries.corrections_of(scene.village.id, clock.today()) == []


def test_overdue_ones_come_first_and_are_counted_by_village(scene, later):
    notice = scene.on_notice(scene.deed(), scene.deed())
    scene.object(notice, 1)
    with later(3):
        late = scene.object(notice, 2)
    objections.name_settler(scene.village.id, late.number, scene.clerk.id, by=scene.supervisor.id)
    today = clock.today()
    assert notices.waiting(scene.village.id, today) == (2, 0)
    assert notices.waiting(scene.village.id, today + timedelta(days=11)) == (2, 1)
    assert notices.waiting(scene.village.id, today + timedelta(days=14), scene.clerk.id) == (1, 1)
    assert notices.overdue([scene.village.id, 99], today + timedelta(days=11)) == {scene.village.id: 1}
    order = [row.number for row in db.session.scalars(notices.objections(scene.village.id, is_open=True))]
    assert order == [1, 2]


def test_lists_of_objections_keep_to_their_village(scene):
    scene.object(scene.on_notice())
    other = factories.VillageFactory()
    assert db.session.scalars(notices.objections(other.id, is_open=True)).all() == []
    assert notices.find_objection(other.id, 1) is None
    assert queries.due_notices(other.id, clock.today() + timedelta(days=9)) == []
