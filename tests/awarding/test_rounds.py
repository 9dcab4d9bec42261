"""Rounds: who marks, signs and closes; the median; judges are proposers and never review; on both databases."""

from datetime import timedelta

import pytest

from tests import factories
from tests.awarding.test_pipeline import rule, village  # noqa: F401  a fixture
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import queries, round_queries, rounds, services, sheet_queries, sheets, signing
from virtue.awarding.errors import BadLevel, DayInClosedMonth, NotTakingPart, OwnProposal
from virtue.awarding.marking import Tap
from virtue.awarding.models import Deed, DeedStep
from virtue.awarding.round_errors import (
    AlreadyHandedIn,
    BadRoundDay,
    ConsentNeeded,
    CosignerIsRecorder,
    JudgesNeeded,
    MayNotJudge,
    NoRoundRule,
    NotAJudge,
    NothingMarked,
    NotInThisGrid,
    RoundAlreadyOpen,
    RoundNotYet,
    RoundOver,
    RoundRuleChanged,
    RoundStillOpen,
    RoundTakesBackNothing,
    SecondPersonClosesRound,
    SheetAlreadyEntered,
    TooFewJudges,
    UnknownSheet,
    WrongSheet,
    WrongSignature,
)
from virtue.awarding.round_models import Round, RoundMark, RoundResult, RoundState
from virtue.awarding.round_states import ROUND_STEPS, round_target
from virtue.core import audit, keys
from virtue.core.models import Audit
from virtue.core.throttle import TooManyTries
from virtue.errors import KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger.models import ClosedMonth
from virtue.people.hats import TwoHats
from virtue.people.models import Member, Recusal
from virtue.places.models import Village
from virtue.transactions import atomic


@pytest.fixture
def grid(village):  # noqa: F811
    return factories.GridFactory(village=village)


@pytest.fixture
def homes(grid):
    return [factories.HouseholdFactory(grid=grid) for _ in range(4)]


@pytest.fixture
def judges(village):  # noqa: F811
    return [factories.committee(village) for _ in range(3)]


def opened(grid, judges, *, mode="judges", rule_code="J01", day=None):
    outcome = rounds.open_round(
        grid.village_id, grid.id, rule_code, day or clock.today(), key=keys.new(), by=judges[0].id,
        judges=[judge.id for judge in judges] if mode == "judges" else (),
    )  # fmt: skip
    return db.session.get(Round, outcome.result["round_id"])


def tap(one, judge, household, value, *, consent=False, key=None):
    return rounds.mark(
        one.village_id, one.id, Tap(household.id, str(value), consent), key=key or keys.new(), by=judge.id
    )


def hand_in(one, *judges):
    for judge in judges:
        rounds.hand_in(one.village_id, one.id, key=keys.new(), by=judge.id)


def close(one, by):
    return rounds.close(one.village_id, one.id, key=keys.new(), by=by.id)


def decide(one, by):
    return rounds.decide(one.village_id, one.id, key=keys.new(), by=by.id)


def cosign(one, recorder, signer, *, password=factories.PASSWORD, taps=None):
    return signing.cosign(
        one.village_id, one.id, signer.id, password, key=keys.new(), by=recorder.id, taps=taps
    )  # fmt: skip


def declare_kin(user, household):
    db.session.add(
        Recusal(
            village_id=household.village_id, user_id=user.id, household_id=household.id, relation="sibling",
            declared_at=clock.now(), declared_by_id=user.id,
        )
    )  # fmt: skip
    db.session.commit()


def levels(one):
    return {verdict.household_id: verdict.level for verdict in round_queries.verdicts(one)}


# ---- opening -------------------------------------------------------------------------------------------------------


def test_a_round_is_opened_for_a_grid(grid, judges):
    one = opened(grid, judges)
    assert (one.state, one.mode, one.levels, one.rule_name) == ("open", "judges", "2/1/0", "庭院卫生月评合格")
    assert [judge.user_id for judge in round_queries.judges_of(one.id)] == [judge.id for judge in judges]


def test_the_recorder_is_the_first_judge(grid, judges):
    one = opened(grid, judges, mode="recorder")
    assert [judge.user_id for judge in round_queries.judges_of(one.id)] == [judges[0].id]


def test_a_rule_without_levels_is_met_or_not(grid, judges):
    assert opened(grid, judges, rule_code="J18").levels == "1/0"


@pytest.mark.parametrize("code", ["J05", "D02", "X99"])
def test_only_a_round_s_rule_opens_one(app, grid, judges, code):
    with unchanged(app), pytest.raises(NoRoundRule):
        opened(grid, judges, rule_code=code)


@pytest.mark.parametrize("days", [-32, 15])
def test_a_day_too_far_away_is_refused(app, grid, judges, days):
    with unchanged(app), pytest.raises(BadRoundDay):
        opened(grid, judges, day=clock.today() + timedelta(days=days))


def test_one_judge_is_too_few(app, grid, judges):
    with unchanged(app), pytest.raises(JudgesNeeded):
        opened(grid, judges[:1])


@pytest.mark.parametrize("role", ["supervisor", "keeper"])
def test_who_only_watches_or_sells_is_no_judge(app, grid, judges, role):
    watcher = factories.CAST[role](grid.village)
    with unchanged(app), pytest.raises(MayNotJudge):
        opened(grid, [judges[0], watcher])


def test_a_neighbour_s_staff_is_no_judge(app, grid, judges):
    neighbour = factories.committee(factories.VillageFactory())
    with unchanged(app), pytest.raises(MayNotJudge):
        opened(grid, [judges[0], neighbour])


def test_a_second_open_round_of_the_same_is_refused(app, grid, judges):
    opened(grid, judges)
    with unchanged(app), pytest.raises(RoundAlreadyOpen):
        opened(grid, judges)


def test_another_village_s_grid_is_not_found(app, village, judges):  # noqa: F811
    foreign = factories.GridFactory()
    with unchanged(app), pytest.raises(NotFoundHere):
        rounds.open_round(village.id, foreign.id, "J01", clock.today(), key=keys.new(), by=judges[0].id)


# ---- marking -------------------------------------------------------------------------------------------------------


def test_the_last_tap_counts(grid, judges, homes):
    one = opened(grid, judges)
    for value in (2, "not_visited", 1):
        tap(one, judges[0], homes[0], value)
    marks = round_queries.marks_of(one.id, judges[0].id)
    assert {household: round_queries.value_of(mark) for household, mark in marks.items()} == {homes[0].id: "1"}
    assert db.session.query(RoundMark).count() == 1


def test_a_tap_sent_twice_is_one(grid, judges, homes):
    one, key = opened(grid, judges), keys.new()
    assert not tap(one, judges[0], homes[0], 2, key=key).is_repeat
    tap(one, judges[0], homes[0], 1)
    assert tap(one, judges[0], homes[0], 2, key=key).is_repeat
    assert round_queries.value_of(round_queries.marks_of(one.id, judges[0].id)[homes[0].id]) == "1"


def test_a_key_is_not_for_another_tap(app, grid, judges, homes):
    one, key = opened(grid, judges), keys.new()
    tap(one, judges[0], homes[0], 2, key=key)
    with unchanged(app), pytest.raises(KeyReused):
        tap(one, judges[0], homes[1], 2, key=key)


@pytest.mark.parametrize("value", ["3", "5"])
def test_a_level_that_isn_t_one_is_refused(app, grid, judges, homes, value):
    one = opened(grid, judges)
    with unchanged(app), pytest.raises(BadLevel):
        tap(one, judges[0], homes[0], value)


def test_the_own_household_is_skipped(app, grid, judges, homes):
    one = opened(grid, judges)
    member = db.session.query(Member).filter_by(household_id=homes[0].id).one()
    judges[0].member_id = member.id
    declare_kin(judges[1], homes[0])
    for judge in judges[:2]:
        with unchanged(app), pytest.raises(OwnKin):
            tap(one, judge, homes[0], 2)
    tap(one, judges[2], homes[0], 2)


def test_who_served_them_at_the_till_today_does_not_judge(app, grid, homes, judges):
    both = factories.staff_of(grid.village, "committee", "keeper")
    one = opened(grid, [both, judges[1]])
    with atomic():
        audit.record("store.redeem", village_id=grid.village_id, by=both.id, household_id=homes[0].id)
    with unchanged(app), pytest.raises(TwoHats):
        tap(one, both, homes[0], 2)


def test_only_a_named_judge_taps(app, grid, judges, homes):
    one = opened(grid, judges[:2])
    with unchanged(app), pytest.raises(NotAJudge):
        tap(one, judges[2], homes[0], 2)


def test_in_recorder_mode_only_the_recorder_taps(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    with unchanged(app), pytest.raises(NotAJudge):
        tap(one, judges[1], homes[0], 2)


def test_a_household_that_doesn_t_take_part_is_not_marked(app, grid, judges, homes):
    one = opened(grid, judges)
    homes[0].left_on = clock.today()
    db.session.commit()
    with unchanged(app), pytest.raises(NotTakingPart):
        tap(one, judges[0], homes[0], 2)


def test_a_household_of_another_grid_is_not_marked(app, grid, judges):
    one = opened(grid, judges)
    other = factories.HouseholdFactory(grid=factories.GridFactory(village=grid.village))
    with unchanged(app), pytest.raises(NotInThisGrid):
        tap(one, judges[0], other, 2)


def test_another_village_s_household_is_not_found(app, grid, judges):
    one, foreign = opened(grid, judges), factories.HouseholdFactory()
    with unchanged(app), pytest.raises(NotFoundHere):
        tap(one, judges[0], foreign, 2)


def test_a_look_inside_needs_the_householder_s_yes(app, grid, judges, homes):
    one = opened(grid, judges, rule_code="J02")
    with unchanged(app), pytest.raises(ConsentNeeded):
        tap(one, judges[0], homes[0], 1)
    tap(one, judges[0], homes[0], "declined")
    tap(one, judges[0], homes[1], 1, consent=True)
    assert round_queries.marks_of(one.id, judges[0].id)[homes[1].id].has_consent


def test_nobody_marks_before_the_day(app, grid, judges, homes):
    one = opened(grid, judges, day=clock.today() + timedelta(days=1))
    with unchanged(app), pytest.raises(RoundNotYet):
        tap(one, judges[0], homes[0], 2)


def test_the_trail_doesn_t_tell_the_level(grid, judges, homes):
    one = opened(grid, judges)
    tap(one, judges[0], homes[0], 2)
    row = db.session.query(Audit).filter_by(action="awarding.mark").one()
    assert (row.household_id, row.subject_id, row.details) == (homes[0].id, one.id, {})


# ---- signing -------------------------------------------------------------------------------------------------------


def test_after_handing_in_nothing_changes(app, grid, judges, homes):
    one = opened(grid, judges)
    tap(one, judges[0], homes[0], 2)
    hand_in(one, judges[0])
    with unchanged(app), pytest.raises(AlreadyHandedIn):
        tap(one, judges[0], homes[0], 1)
    with unchanged(app), pytest.raises(AlreadyHandedIn):
        hand_in(one, judges[0])


def test_nothing_is_handed_in_empty(app, grid, judges):
    one = opened(grid, judges)
    with unchanged(app), pytest.raises(NothingMarked):
        hand_in(one, judges[0])


def test_a_cosigner_stands_for_what_the_recorder_marked(grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    for household, value in zip(homes, (2, 1, "declined"), strict=False):
        tap(one, judges[0], household, value)
    declare_kin(judges[1], homes[0])
    cosign(one, judges[0], judges[1])
    marks = round_queries.marks_of(one.id, judges[1].id)
    assert {number: round_queries.value_of(mark) for number, mark in marks.items()} == {
        homes[1].id: "1", homes[2].id: "declined",
    }  # fmt: skip


def test_the_cosigner_says_what_the_recorder_may_not(grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    declare_kin(judges[0], homes[0])
    tap(one, judges[0], homes[1], 2)
    said = {homes[0].id: Tap(homes[0].id, "1"), homes[1].id: Tap(homes[1].id, "0")}
    cosign(one, judges[0], judges[1], taps=said)
    cosign(one, judges[0], judges[2], taps=said)
    close(one, judges[0])
    assert levels(one) == {homes[0].id: 1, homes[1].id: 2}


def test_after_the_first_signature_the_recorder_changes_nothing(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    cosign(one, judges[0], judges[1])
    with unchanged(app), pytest.raises(AlreadyHandedIn):
        tap(one, judges[0], homes[0], 1)
    with unchanged(app), pytest.raises(AlreadyHandedIn):
        cosign(one, judges[0], judges[1])


def test_the_recorder_is_no_cosigner(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    with unchanged(app), pytest.raises(CosignerIsRecorder):
        cosign(one, judges[0], judges[0])


def test_a_wrong_password_signs_nothing_and_is_throttled(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    for _ in range(5):
        with unchanged(app), pytest.raises(WrongSignature):
            cosign(one, judges[0], judges[1], password="not-it-at-all")
    with unchanged(app), pytest.raises(TooManyTries):
        cosign(one, judges[0], judges[1])


@pytest.mark.parametrize("role", ["supervisor", "keeper"])
def test_who_may_not_judge_does_not_sign(app, grid, judges, homes, role):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    watcher = factories.CAST[role](grid.village)
    with unchanged(app), pytest.raises(WrongSignature):
        cosign(one, judges[0], watcher)


def test_only_on_the_recorder_s_phone(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    with unchanged(app), pytest.raises(NotAJudge):
        cosign(one, judges[1], judges[2])


def sheet_of(one, by):
    number = sheets.print_for_round(one.village_id, one.id, key=keys.new(), by=by.id).result["first"]
    return sheet_queries.printed_number(number)


def sign_on(one, number, recorder, *signers):
    return signing.cosign_on_sheet(
        one.village_id, one.id, number, [signer.id for signer in signers], key=keys.new(), by=recorder.id
    )


def test_the_signed_sheet_s_number_stands_for_both(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    number = sheet_of(one, judges[0])
    sign_on(one, number, judges[0], *judges[1:])
    close(one, judges[0])
    assert levels(one) == {homes[0].id: 2}
    with unchanged(app), pytest.raises(SheetAlreadyEntered):
        sign_on(one, number, judges[0], *judges[1:])


def test_another_round_s_sheet_signs_nothing(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    other = opened(factories.GridFactory(village=grid.village), judges, mode="recorder")
    number = sheet_of(other, judges[0])
    with unchanged(app), pytest.raises(WrongSheet):
        sign_on(one, number, judges[0], *judges[1:])
    with unchanged(app), pytest.raises(UnknownSheet):
        sign_on(one, "00009-1", judges[0], *judges[1:])


# ---- closing -------------------------------------------------------------------------------------------------------


def test_fewer_than_two_judges_close_nothing(app, grid, judges, homes):
    one = opened(grid, judges)
    tap(one, judges[0], homes[0], 2)
    hand_in(one, judges[0])
    with unchanged(app), pytest.raises(TooFewJudges):
        close(one, judges[1])


def test_a_recorder_needs_two_cosigners(app, grid, judges, homes):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    cosign(one, judges[0], judges[1])
    with unchanged(app), pytest.raises(TooFewJudges):
        close(one, judges[0])


def test_while_one_is_missing_a_second_person_closes(app, grid, judges, homes):
    one = opened(grid, judges)
    for judge in judges:
        tap(one, judge, homes[0], 0 if judge is judges[2] else 2)
    hand_in(one, *judges[:2])
    with unchanged(app), pytest.raises(SecondPersonClosesRound):
        close(one, judges[0])
    close(one, judges[1])
    # What the third one marked was never handed in.
    assert levels(one) == {homes[0].id: 2}
    with unchanged(app), pytest.raises(RoundOver):
        tap(one, judges[2], homes[0], 2)


@pytest.mark.parametrize("role", ["supervisor", "keeper"])
def test_who_only_watches_closes_nothing(app, grid, judges, homes, role):
    one = opened(grid, judges)
    for judge in judges:
        tap(one, judge, homes[0], 2)
    hand_in(one, *judges)
    watcher = factories.CAST[role](grid.village)
    with unchanged(app), pytest.raises(MayNotJudge):
        close(one, watcher)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((2, 2, 2), 2), ((2, 1, 0), 1), ((2, 2, 0), 2), ((0, 0, 2), 0), ((2, 0), 0), ((2, 1), 1), ((2,), None),
        (("declined", "declined", "declined"), None), ((2, "not_visited", "declined"), None),
        ((2, "not_visited", 1), 1), ((1, "declined", 1), 1),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_median_of_at_least_two_the_lower_of_two(grid, judges, homes, given, expected):
    one = opened(grid, judges)
    for judge in judges:
        tap(one, judge, homes[3], "not_visited")
    for judge, value in zip(judges, given, strict=False):
        tap(one, judge, homes[0], value)
    hand_in(one, *judges)
    close(one, judges[0])
    assert levels(one)[homes[0].id] == expected


# ---- deciding ------------------------------------------------------------------------------------------------------


@pytest.fixture
def closed(grid, judges, homes):
    """Three judges: 2, 1, 0, and one household that nobody met."""
    one = opened(grid, judges)
    for judge in judges:
        for household, value in zip(homes, (2, 1, 0, "not_visited"), strict=True):
            tap(one, judge, household, value)
    hand_in(one, *judges)
    close(one, judges[0])
    return one


def deeds_of(one):
    return db.session.query(Deed).filter_by(way="round").order_by(Deed.household_id).all()


def test_the_result_is_proposed_and_level_0_gives_no_deed(closed, judges, homes):
    assert decide(closed, judges[0]).result == {"proposed": 2, "refused": 0}
    deeds = deeds_of(closed)
    assert [(deed.household_id, deed.points, deed.state) for deed in deeds] == [
        (homes[0].id, 2, "proposed"), (homes[1].id, 1, "proposed"),
    ]  # fmt: skip
    assert [(deed.happened_on, deed.route) for deed in deeds] == [(closed.day, "review")] * 2
    results = db.session.query(RoundResult).order_by(RoundResult.household_id).all()
    assert [(row.level, row.judges, row.deed_id) for row in results] == [
        (2, 3, deeds[0].id), (1, 3, deeds[1].id), (0, 3, None), (None, 0, None),
    ]  # fmt: skip


def test_deciding_twice_is_refused(app, closed, judges):
    decide(closed, judges[0])
    with unchanged(app), pytest.raises(RoundOver):
        decide(closed, judges[1])


def test_every_judge_is_a_proposer_and_none_reviews(app, closed, judges):
    here = closed.village_id
    for judge in judges:
        factories.RoleGrantFactory(user=judge, role="reviewer", village_id=here)
    decide(closed, judges[0])
    deed = deeds_of(closed)[0]
    steps = db.session.query(DeedStep).filter_by(deed_id=deed.id, action="propose").all()
    assert {step.by_id for step in steps} == {judge.id for judge in judges}
    for judge in judges:
        assert db.session.scalars(queries.review_queue(here, judge.id)).all() == []
        with unchanged(app), pytest.raises(OwnProposal):
            services.approve(here, deed.id, key=keys.new(), by=judge.id)
        with unchanged(app):
            done = services.approve_many(here, [deed.id], key=keys.new(), by=judge.id).result
        assert done == {"approved": [], "whole": 0, "refused": {str(deed.id): "OwnProposal"}}
    free = factories.reviewer(db.session.get(Village, here))
    assert len(db.session.scalars(queries.review_queue(here, free.id)).all()) == 2
    assert services.approve(here, deed.id, key=keys.new(), by=free.id).result["state"] == "approved"


def test_no_judge_takes_the_result_back_alone(app, closed, judges):
    decide(closed, judges[0])
    deed = deeds_of(closed)[0]
    assert queries.recent_by(closed.village_id, deed.proposed_by_id, clock.now() - timedelta(minutes=10)) == []
    with unchanged(app), pytest.raises(RoundTakesBackNothing):
        services.take_back(closed.village_id, deed.id, key=keys.new(), by=deed.proposed_by_id)


def test_kin_counts_nowhere(grid, judges, homes):
    one = opened(grid, judges)
    declare_kin(judges[0], homes[0])
    for judge in judges:
        tap(one, judge, homes[1], 2)
    tap(one, judges[1], homes[0], 2)
    tap(one, judges[2], homes[0], 1)
    hand_in(one, *judges)
    close(one, judges[0])
    decide(one, judges[0])
    deed = db.session.query(Deed).filter_by(household_id=homes[0].id).one()
    assert (deed.points, deed.proposed_by_id) == (1, judges[1].id)


def test_a_full_cap_is_told_and_the_rest_goes_on(closed, village, judges, homes):  # noqa: F811
    other = factories.committee(village)
    services.propose(
        village.id, services.Proposal(homes[0].id, rule(village, "J01"), clock.today(), level=2), key=keys.new(),
        by=other.id,
    )  # fmt: skip
    assert decide(closed, judges[0]).result == {"proposed": 1, "refused": 1}
    result = db.session.query(RoundResult).filter_by(household_id=homes[0].id).one()
    assert (result.refused, result.deed_id) == ("CapReached", None)


def test_a_closed_month_takes_no_round(app, closed, judges):
    month = clock.month_of(closed.day)
    db.session.add(
        ClosedMonth(
            village_id=closed.village_id, month=month, first_by_id=judges[0].id, first_at=clock.now(),
            second_by_id=judges[1].id, second_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    with unchanged(app), pytest.raises(DayInClosedMonth):
        decide(closed, judges[0])


def test_a_changed_rule_is_told(app, closed, judges):
    found = queries.find_rule_by_code(closed.village_id, "J01")
    found.levels = "5/3/0"
    db.session.commit()
    with unchanged(app), pytest.raises(RoundRuleChanged):
        decide(closed, judges[0])
    rounds.cancel(closed.village_id, closed.id, why="细则换了", key=keys.new(), by=judges[0].id)
    assert round_queries.find_round(closed.village_id, closed.id).state == "cancelled"


def test_levels_inside_a_home_are_proposed_with_consent(grid, judges, homes):
    one = opened(grid, judges, rule_code="J02")
    for judge in judges:
        tap(one, judge, homes[0], 1, consent=True)
    hand_in(one, *judges)
    close(one, judges[0])
    assert decide(one, judges[0]).result == {"proposed": 1, "refused": 0}


# ---- the table of states -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_action_from_every_state_moves_or_is_refused(app):
    for action, (sources, target) in ROUND_STEPS.items():
        for state in RoundState:
            if state in sources:
                assert round_target(action, state) == target
            else:
                with pytest.raises(RoundStillOpen if state == RoundState.OPEN else RoundOver):
                    round_target(action, state)


ACTIONS = {
    "mark": lambda one, judge, home: tap(one, judge, home, 2),
    "sign": lambda one, judge, home: hand_in(one, judge),
    "close": lambda one, judge, home: close(one, judge),
    "decide": lambda one, judge, home: decide(one, judge),
    "cancel": lambda one, judge, home: rounds.cancel(one.village_id, one.id, why="重来", key=keys.new(), by=judge.id),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", list(RoundState))
def test_the_services_keep_to_the_table(app, grid, judges, homes, action, state):
    one = opened(grid, judges)
    for judge in judges:
        tap(one, judge, homes[0], 2)
    hand_in(one, *(judges[1:] if action in {"mark", "sign"} else judges))
    one.state = state
    db.session.commit()
    sources, target = ROUND_STEPS[action]
    if state in sources:
        ACTIONS[action](one, judges[0], homes[0])
        assert round_queries.find_round(one.village_id, one.id).state == target
    else:
        with unchanged(app), pytest.raises((RoundOver, RoundStillOpen)):
            ACTIONS[action](one, judges[0], homes[0])
