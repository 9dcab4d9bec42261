"""Campaigns from the opening to the honours: the law of states, two people, ties, judges, objections; on both databases."""

from datetime import timedelta

import pytest

from tests.honours.ballots import DAYS, NOW, STAGES, Poll, make_poll
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys, remarks
from virtue.errors import BrokenRule, OwnKin
from virtue.extensions import db
from virtue.honours import campaign_queries, titles
from virtue.honours.campaign_errors import (
    AnsweredByOpener,
    BadCampaignDays,
    BadCampaignSeats,
    CampaignJudgesNeeded,
    CampaignTextNeeded,
    CampaignWayUnknown,
    NominatedAlready,
    NominationConsentNeeded,
    NominationsOver,
    NominationsRunning,
    NominationStoryNeeded,
    NomineeChecked,
    NomineesUnchecked,
    NoNominees,
    NotACampaignJudge,
    NoticeStillOpen,
    ScoresMissing,
    SecondPersonChecks,
    SecondPersonCounts,
    VotingRunning,
)
from virtue.honours.campaign_models import CampaignState, Nominee
from virtue.honours.campaign_states import CAMPAIGN_STEPS, STAYING
from virtue.honours.honour_errors import SecondPersonConfirmsHonour
from virtue.honours.title_models import Honour, Title
from virtue.honours.wall_models import WallEntry
from virtue.people.models import Recusal
from virtue.staff.roles import PERMISSIONS

LAW: dict[str, dict[str, str]] = {
    "nominate": {"nominating": "nominating"}, "check": {"nominating": "nominating"}, "begin": {"nominating": "open"},
    "cast": {"open": "open"}, "desk": {"open": "open"}, "read": {"open": "open"}, "judge": {"open": "open"},
    "close": {"open": "closed"}, "count": {"closed": "counted"}, "publish": {"counted": "notice"},
    "object": {"notice": "notice"}, "answer": {"notice": "notice"}, "give": {"notice": "ended"},
    "cancel": dict.fromkeys(("nominating", "open", "closed", "counted", "notice"), "cancelled"),
    "withdraw": {one: one for one in ("nominating", "open", "closed", "counted", "notice")},
    "recount": {one: one for one in ("counted", "notice", "ended")},
}  # fmt: skip
MAY = {
    "campaigns.nominate": {"committee", "village_admin"}, "campaigns.check": {"reviewer", "village_admin"},
    "campaigns.run": {"village_admin"}, "campaigns.desk": {"committee", "village_admin"}, "campaigns.judge": {"reviewer"},
    "campaigns.count": {"supervisor", "village_admin"}, "campaigns.answer": {"supervisor"},
    "notices.take": {"committee", "reviewer", "supervisor", "village_admin"},
}  # fmt: skip
ROLES = ("committee", "reviewer", "keeper", "supervisor", "village_admin")
ACTS = {
    "nominate": lambda poll: poll.nominate(poll.households[5]),
    "check": lambda poll: poll.check(poll.nominees[-1]),
    "begin": lambda poll: poll.step("begin", "village_admin"),
    "cast": lambda poll: poll.cast(poll.households[5], 1),
    "desk": lambda poll: poll.paper(poll.households[5]),
    "read": lambda poll: poll.read(1, 1),
    "judge": lambda poll: poll.judge("reviewer", n1=50),
    "close": lambda poll: poll.step("close", "village_admin"),
    "count": lambda poll: poll.step("count", "supervisor"),
    "publish": lambda poll: poll.step("publish", "village_admin"),
    "object": lambda poll: poll.object(),
    "answer": lambda poll: poll.answer(1),
    "give": lambda poll: poll.give(),
    "cancel": lambda poll: poll.step("cancel", "village_admin", why="不办了"),
    "withdraw": lambda poll: poll.withdraw(poll.nominees[0]),
    "recount": lambda poll: poll.step("recount", "supervisor"),
}  # fmt: skip
URLS = {
    "nominate": "nominees", "check": "nominees/1/check", "begin": "begin", "desk": "desk", "read": "papers/read",
    "judge": "scores", "close": "close", "count": "count", "publish": "publish", "object": "objections",
    "answer": "objections/1/answer", "give": "honours", "cancel": "cancel", "withdraw": "nominees/1/withdraw",
    "recount": "recount",
}  # fmt: skip


@pytest.fixture
def poll(fast):
    with clock.set_to(NOW):
        yield make_poll()


def test_the_table_is_the_law():
    assert {name: {str(one) for one in step.sources} for name, step in CAMPAIGN_STEPS.items()} == {
        name: set(ways) for name, ways in LAW.items()
    }
    assert set(STAGES) == set(CampaignState)
    for name, step in CAMPAIGN_STEPS.items():
        assert set(LAW[name].values()) == ({str(step.target)} if name not in STAYING else set(LAW[name]))
        if step.permission is not None:
            held = {role for role in ROLES if step.permission in PERMISSIONS[role]}
            assert held == MAY[step.permission], name


@pytest.mark.parametrize("stage", STAGES)
def test_what_no_law_allows_is_refused_and_changes_nothing(app, poll: Poll, stage):
    poll.run_to(stage)
    told = {}
    with poll.day(12), unchanged(app):
        for action in sorted(ACTS):
            if stage not in LAW[action]:
                try:
                    ACTS[action](poll)
                except BrokenRule as error:
                    told[action] = error.code
    # There is no objection yet, whatever the state.
    wanted = {action: "CampaignMovedOn" for action in ACTS if stage not in LAW[action]}
    if "answer" in wanted:
        wanted["answer"] = "NotFoundHere"
    assert told == wanted


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_gets_403_in_every_state(app, poll: Poll, visitor, role):
    """The guard stands before the database is asked, so that one database and one campaign are proof enough."""
    poll.run_to("open")
    seat = visitor().sign_in(poll.staff[role])
    wrong = {}
    with unchanged(app):
        for action, url in URLS.items():
            permission = CAMPAIGN_STEPS[action].permission
            if permission is not None and role not in MAY[permission]:
                answer = seat.raw(
                    "POST", f"/campaigns/{poll.campaign_id}/{url}", data={"csrf_token": seat.state["token"]}
                )
                if answer.status_code != 403:
                    wrong[action] = answer.status_code
    assert wrong == {}


def test_a_vote_leads_to_honours_that_a_second_person_confirms(app, poll: Poll):
    poll.run_to("notice")
    assert poll.winners() == [1, 2]
    with poll.day(14), unchanged(app), pytest.raises(NoticeStillOpen):
        poll.give()
    with poll.day(DAYS["give"]):
        assert poll.give() == {"entered": 2, "left_out": 0}
        found = db.session.query(Honour).order_by(Honour.id).all()
        assert [(one.household_id, one.state, one.year) for one in found] == [
            (poll.households[0].id, "entered", 2026), (poll.households[1].id, "entered", 2026)
        ]  # fmt: skip
        with unchanged(app), pytest.raises(SecondPersonConfirmsHonour):
            titles.confirm(poll.village.id, found[0].id, key=keys.new(), by=poll.id("village_admin"))
        titles.confirm(poll.village.id, found[0].id, key=keys.new(), by=poll.id("clerk2"))
        entry = db.session.get(WallEntry, found[0].id)
        assert remarks.texts([entry.story_id])[entry.story_id].startswith("照顾瘫痪的老人")
    assert (poll.campaign().state, db.session.get(Honour, found[0].id).state) == ("ended", "confirmed")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"seats": 11}, BadCampaignSeats), ({"seats": 2, "picks": 3}, BadCampaignSeats),
        ({"shown_until": NOW.date()}, BadCampaignDays),
    ],
    ids=["more-than-the-title", "more-picks-than-seats", "wall-before-vote"],
)  # fmt: skip
def test_what_does_not_hold_is_not_opened(app, poll: Poll, fields, refusal):
    with unchanged(app), pytest.raises(refusal):
        poll.open(**fields)


def test_ways_judges_and_texts_are_asked_for(app, poll: Poll):
    with unchanged(app):
        poll.how = "raffle"
        with pytest.raises(CampaignWayUnknown):
            poll.open()
        poll.how = "judges"
        with pytest.raises(CampaignJudgesNeeded):
            poll.open(judges=[poll.id("reviewer"), poll.id("keeper"), poll.id("second")])
        title = db.session.query(Title.id).filter_by(name="最美家庭（村）").scalar()
        from virtue.honours import campaigns

        day = clock.today()
        new = campaigns.NewCampaign(title, "评选", "短", "vote", 1, 1, "lot", day, day + timedelta(days=1))
        with pytest.raises(CampaignTextNeeded):
            campaigns.open_campaign(poll.village.id, new, key=keys.new(), by=poll.id("village_admin"))


def test_who_is_nominated_agreed_is_no_kin_and_stands_once(app, poll: Poll):
    poll.open()
    home = poll.households[0]
    first = poll.nominate(home)
    with unchanged(app):
        for fields, refusal in (
            ({}, NominatedAlready), ({"consent_how": ""}, NominationConsentNeeded), ({"story": "好"}, NominationStoryNeeded),
            ({"story": "有事打 13800001234 找他"}, NominationStoryNeeded),
        ):  # fmt: skip
            with pytest.raises(refusal):
                poll.nominate(home, **fields)
    _kin(poll, "reviewer", home)
    _kin(poll, "committee", poll.households[1])
    with unchanged(app):
        with pytest.raises(OwnKin):
            poll.check(first)
        with pytest.raises(OwnKin):
            poll.nominate(poll.households[1])
    own = poll.nominate(poll.households[2], by="village_admin")
    with unchanged(app), pytest.raises(SecondPersonChecks):
        poll.check(own, by="village_admin")
    assert poll.check(own, is_fit=False) == {"state": "refused"}
    with unchanged(app), pytest.raises(NomineeChecked):
        poll.check(own, by="second")
    with poll.day(3), unchanged(app):
        with pytest.raises(NominationsOver):
            poll.nominate(poll.households[3])
        with pytest.raises(NomineesUnchecked):
            poll.step("begin", "village_admin")
    with unchanged(app), pytest.raises(NominationsRunning):
        poll.step("begin", "village_admin")
    poll.withdraw(first)
    with poll.day(3), unchanged(app), pytest.raises(NoNominees):
        poll.step("begin", "village_admin")


def _kin(poll: Poll, name: str, household) -> None:
    db.session.add(
        Recusal(
            village_id=poll.village.id, user_id=poll.id(name), household_id=household.id, relation="sibling",
            declared_at=clock.now(), declared_by_id=poll.id(name),
        )
    )  # fmt: skip
    db.session.commit()


def test_the_box_is_not_closed_early_nor_counted_by_who_closed_it(app, poll: Poll):
    poll.run_to("open")
    with poll.day(8), unchanged(app), pytest.raises(VotingRunning):
        poll.step("close", "village_admin")
    with poll.day(9):
        poll.step("close", "village_admin")
        with unchanged(app), pytest.raises(SecondPersonCounts):
            poll.step("count", "village_admin")
        assert poll.step("count", "clerk2") == {"ballots": 0}
    # Nobody wins without a vote.
    assert poll.winners() == []


@pytest.mark.parametrize("tie", ["score", "lot"])
def test_ties_go_by_the_rule_that_was_stated(poll: Poll, tie):
    poll.tie = tie
    poll.run_to("counted", votes=[(3,), (2,), (1,)])
    ranked = sorted(db.session.query(Nominee).all(), key=lambda one: one.rank)
    assert [one.votes for one in ranked] == [1, 1, 1]
    assert len(poll.winners()) == 2
    if tie == "score":
        # Nobody has points this year: the household code decides.
        assert poll.winners() == [1, 2]
    before = [one.number for one in ranked]
    assert poll.step("recount", "supervisor") == {"ballots": 3, "is_equal": True, "seal_holds": True}
    assert [one.number for one in sorted(db.session.query(Nominee).all(), key=lambda one: one.rank)] == before


def test_who_withdraws_after_the_count_leaves_the_seat_to_the_next(poll: Poll):
    poll.run_to("counted")
    assert poll.winners() == [1, 2]
    poll.withdraw(poll.nominees[0])
    assert poll.winners() == [2, 3]


def test_after_an_upheld_objection_the_next_moves_up_with_days_to_object(app, poll: Poll):
    poll.run_to("notice")
    with poll.day(12):
        number = poll.object(1, poll.households[4])
        with unchanged(app), pytest.raises(AnsweredByOpener):
            # Who counted had a hand in it.
            poll.answer(number, by="supervisor")
        with poll.day(DAYS["give"]), unchanged(app), pytest.raises(NoticeStillOpen):
            poll.give()
        poll.answer(number, "upheld_withdrawn", by="other")
    assert poll.winners() == [2, 3]
    notice = campaign_queries.notice_of(poll.campaign())
    assert [one.notice_line for one in campaign_queries.nominees(poll.campaign_id)] == [1, 2, 3]
    # Answered on day 12: five days from then on, as every line of a notice has.
    with clock.set_to(NOW):
        assert notice.ends_on == clock.today() + timedelta(days=17)
    with poll.day(DAYS["give"]), unchanged(app), pytest.raises(NoticeStillOpen):
        poll.give()
    with poll.day(15):
        number = poll.object(3)
    with poll.day(16):
        # Nobody is left who got a vote: the seat stays empty.
        poll.answer(number, "upheld_withdrawn", by="other")
    assert poll.winners() == [2]
    with poll.day(DAYS["give"] + 1):
        assert poll.give() == {"entered": 1, "left_out": 0}


def test_kin_of_a_winner_is_entered_by_somebody_else(poll: Poll):
    poll.run_to("notice")
    _kin(poll, "village_admin", poll.households[0])
    with poll.day(DAYS["give"]):
        assert poll.give() == {"entered": 1, "left_out": 1}
        assert poll.campaign().state == "notice"
        assert poll.give("clerk2") == {"entered": 1, "left_out": 0}
    assert poll.campaign().state == "ended"


def test_judges_give_the_median_and_the_spread(app, poll: Poll):
    poll.how = "judges"
    poll.run_to("open")
    _kin(poll, "second", poll.households[0])
    with poll.day(4):
        with unchanged(app), pytest.raises(NotACampaignJudge):
            poll.judge("keeper", n1=100)
        poll.judge("reviewer", n1=90, n2=60)
        with unchanged(app), pytest.raises(ScoresMissing):
            poll.step("close", "village_admin")
        assert poll.judge("second", n1=10, n2=75, n3=70) == {"scored": 2}
        poll.judge("third", n1=95, n2=80, n3=71)
        poll.step("close", "village_admin")
        poll.step("count", "supervisor")
    found = [
        (one.twice_median, one.lowest, one.highest, one.rank)
        for one in db.session.query(Nominee).order_by(Nominee.number)
    ]
    assert found == [(185, 90, 95, 1), (150, 60, 80, 2), (141, 70, 71, 3)]
    assert poll.step("recount", "clerk2") == {"ballots": 7, "is_equal": True, "seal_holds": True}
