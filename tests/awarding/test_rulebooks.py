"""A rulebook's way from draft into force: every state with every action and role; what a draft never does."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests import factories
from tests.awarding import books
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import adopting, book_queries, comments, drafts, queries, rulebooks, services
from virtue.awarding.book_errors import (
    AdoptedTooEarly,
    AlreadyScheduled,
    BadCommentDay,
    BadRule,
    BadStartDay,
    BadVote,
    CommentsClosed,
    CommentsStillOpen,
    EmptyBook,
    FilingNumberNeeded,
    InForceAlready,
    KeptForBooks,
    NotADraft,
    NoWords,
    OwnCheck,
    PaperNeeded,
    TownshipChecks,
    VoteNotCarried,
    WrongBookState,
)
from virtue.awarding.book_models import BookState, RulebookStep
from virtue.awarding.book_states import STEPS, target
from virtue.awarding.errors import ReasonNeeded, UnknownRule
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.services import Proposal
from virtue.core import keys, remarks, settings
from virtue.core.models import Audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.office.actions import ACTIONS
from virtue.office.daily import settle_village
from virtue.staff.roles import PERMISSIONS

ACTIONS_OF_PEOPLE = sorted(set(STEPS) - {"start", "call_off_trial"})


@pytest.fixture
def village(app):
    village = factories.VillageFactory()
    books.in_force(village)
    return village


@pytest.fixture
def clerk(village):
    return factories.village_admin(village)


@pytest.fixture
def town(village):
    return books.township(village)


@pytest.fixture
def later():
    """The second day: comments that were open through the first are over."""
    with clock.set_to(clock.now() + timedelta(days=1)):
        yield


# ---- the table ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_action_from_every_state_leads_on_or_is_refused(app):
    for action, step in STEPS.items():
        for state in BookState:
            if state in step.sources:
                assert target(action, state) == step.target
            else:
                with pytest.raises(WrongBookState):
                    target(action, state)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_step_has_a_permission_that_some_role_holds_and_a_word_in_the_trail(app):
    held = set().union(*PERMISSIONS.values())
    assert {step.permission for step in STEPS.values()} - held == {None}
    assert [action for action in STEPS if f"awarding.book_{action}" not in ACTIONS] == []


@pytest.mark.parametrize("state", [str(state) for state in BookState])
def test_from_every_state_each_action_moves_as_the_table_says_or_changes_nothing(app, village, clerk, town, state):
    book = books.in_state(village, state, clerk, town)
    with clock.set_to(clock.now() + timedelta(days=1)):
        for action in ACTIONS_OF_PEOPLE:
            by = town if action in {"confirm", "send_back"} else clerk
            if BookState(state) in STEPS[action].sources:
                continue
            with unchanged(app), pytest.raises(WrongBookState):
                books.do(action, village, book.id, by)
    assert books.found(village, book.id).state == state


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (str(state), action)
        for action in ACTIONS_OF_PEOPLE
        for state in BookState
        if state in STEPS[action].sources and action != "enter_paper"
    ],
)
def test_each_allowed_action_moves_once_with_its_step_and_audit(village, clerk, town, later, state, action):
    with clock.set_to(clock.now() - timedelta(days=1)):
        book = books.in_state(village, state, clerk, town)
    by = town if action in {"confirm", "send_back"} else clerk
    key = keys.new()
    first = books.do(action, village, book.id, by, key=key)
    assert first.result["state"] == str(STEPS[action].target)
    assert books.do(action, village, book.id, by, key=key).is_repeat
    assert books.found(village, book.id).state == str(STEPS[action].target)
    steps = book_queries.steps_of_book(book.id)
    assert (steps[-1].action, steps[-1].from_state, steps[-1].to_state) == (action, state, str(STEPS[action].target))
    assert [step.action for step in steps].count(action) == 1
    last = db.session.scalars(select(Audit).where(Audit.subject == "rulebook").order_by(Audit.id.desc())).first()
    assert (last.action, last.subject_id, last.by_id) == (f"awarding.book_{action}", book.id, by.id)


# ---- a draft never counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "comments", "township_check", "vote", "voted", "filed", "withdrawn"])
def test_a_book_on_its_way_is_never_in_force(app, village, clerk, town, state):
    current = queries.rulebook_in_force(village.id).id
    book = books.in_state(village, state, clerk, town)
    assert book.in_force_from is None
    assert queries.rulebook_in_force(village.id).id == current
    assert queries.rulebook_in_force(village.id, clock.today() + timedelta(days=4000)).id == current
    assert {rule.rulebook_id for rule in queries.rules_in_force(village.id)} == {current}
    household = factories.HouseholdFactory(grid__village=village)
    member, proposal = factories.committee(village), Proposal(household.id, book.rules[0].id, clock.today())
    with unchanged(app), pytest.raises(UnknownRule):
        services.propose(village.id, proposal, key=keys.new(), by=member.id)


def test_the_database_refuses_a_draft_with_a_day_and_a_book_in_force_without_one(app, village, clerk):
    book = books.draft(village, clerk)
    for change in ("in_force_from = '2026-01-01'", "state = 'in_force'", "state = 'lost'"):
        with unchanged(app), pytest.raises(Exception, match=r"(?i)check"):
            db.session.execute(text(f"UPDATE rulebook SET {change} WHERE id = {book.id}"))


# ---- comments -------------------------------------------------------------------------------------------------


def test_comments_are_open_through_their_last_day(app, village, clerk):
    book = books.draft(village, clerk)
    until = clock.today() + timedelta(days=3)
    adopting.open_comments(village.id, book.id, until, key=keys.new(), by=clerk.id)
    household = factories.HouseholdFactory(grid__village=village)
    comments.comment(village.id, book.id, household.id, "垃圾分类分低了", key=keys.new())
    with clock.set_to(clock.now() + timedelta(days=3)):
        comments.take_down(village.id, book.id, "王家大娘", "扣分要先说一声", key=keys.new(), by=clerk.id)
        with unchanged(app), pytest.raises(CommentsStillOpen):
            adopting.submit(village.id, book.id, key=keys.new(), by=clerk.id)
    with clock.set_to(clock.now() + timedelta(days=4)):
        assert book_queries.book_in_comments(village.id) is None
        with unchanged(app), pytest.raises(CommentsClosed):
            comments.comment(village.id, book.id, household.id, "晚了", key=keys.new())
        assert adopting.submit(village.id, book.id, key=keys.new(), by=clerk.id).result["state"] == "township_check"
    rows = list(db.session.scalars(book_queries.comments_of(book.id)))
    assert [(row.household_id, row.by_id) for row in rows] == [(None, clerk.id), (household.id, None)]
    assert set(remarks.texts([row.remark_id for row in rows]).values()) == {"垃圾分类分低了", "扣分要先说一声"}
    assert list(remarks.texts([row.speaker_id for row in rows]).values()) == ["王家大娘"]


def test_no_comment_stands_in_the_trail(village, clerk):
    book = books.draft(village, clerk)
    books.do("open_comments", village, book.id, clerk)
    comments.take_down(village.id, book.id, "马家媳妇", "红榜别写名字", key=keys.new(), by=clerk.id)
    for row in db.session.scalars(select(Audit)):
        assert "马家" not in str(row.details)
        assert "红榜" not in str(row.details)


@pytest.mark.parametrize("days", [-1, 61])
def test_comments_end_from_today_to_two_months_on(app, village, clerk, days):
    book = books.draft(village, clerk)
    with unchanged(app), pytest.raises(BadCommentDay):
        adopting.open_comments(
            village.id, book.id, clock.today() + timedelta(days=days), key=keys.new(), by=clerk.id
        )  # fmt: skip


@pytest.mark.parametrize(("speaker", "words"), [("", "有话"), ("  ", "有话"), ("王家", ""), ("王家", " ")])
def test_a_comment_has_words_and_a_speaker(app, village, clerk, speaker, words):
    book = books.draft(village, clerk)
    books.do("open_comments", village, book.id, clerk)
    with unchanged(app), pytest.raises(NoWords):
        comments.take_down(village.id, book.id, speaker, words, key=keys.new(), by=clerk.id)


# ---- the township ---------------------------------------------------------------------------------------------


def test_without_a_township_user_the_paper_is_entered(app, village, clerk, later):
    with clock.set_to(clock.now() - timedelta(days=1)):
        book = books.draft(village, clerk)
        books.do("open_comments", village, book.id, clerk)
    books.do("submit", village, book.id, clerk)
    for number, day in (("", clock.today()), (" 1", clock.today()), ("黄镇审1号", clock.today() + timedelta(days=1))):
        with unchanged(app), pytest.raises(PaperNeeded):
            adopting.enter_paper(village.id, book.id, number, day, key=keys.new(), by=clerk.id)
    books.do("enter_paper", village, book.id, clerk)
    book = books.found(village, book.id)
    assert (book.state, book.check_number, book.checked_by_id) == ("vote", "黄镇审〔2026〕1号", None)


def test_with_a_township_user_no_paper_is_taken(app, village, clerk, town):
    book = books.in_state(village, "township_check", clerk, town)
    with unchanged(app), pytest.raises(TownshipChecks):
        books.do("enter_paper", village, book.id, clerk)


def test_the_villages_own_people_and_other_townships_do_not_check(app, village, clerk, town):
    book = books.in_state(village, "township_check", clerk, town)
    both = factories.village_admin(village)
    factories.RoleGrantFactory(user=both, role="county_admin")
    other = factories.UserFactory()
    elsewhere = factories.TownshipFactory(name="别的镇")
    factories.RoleGrantFactory(user=other, role="township_admin", township_id=elsewhere.id)
    for by in (clerk, both, other, factories.supervisor(village)):
        for action in ("confirm", "send_back"):
            with unchanged(app), pytest.raises(OwnCheck):
                books.do(action, village, book.id, by)
    books.do("confirm", village, book.id, town)
    assert books.found(village, book.id).checked_by_id == town.id


def test_a_county_admin_checks_where_there_is_no_township(village, clerk):
    county = factories.UserFactory()
    factories.RoleGrantFactory(user=county, role="county_admin")
    book = books.in_state(village, "township_check", clerk, county)
    books.do("confirm", village, book.id, county)
    assert books.found(village, book.id).state == "vote"


def test_sent_back_goes_with_a_reason_and_starts_anew(app, village, clerk, town):
    book = books.in_state(village, "township_check", clerk, town)
    with unchanged(app), pytest.raises(ReasonNeeded):
        adopting.send_back(village.id, book.id, why=" ", key=keys.new(), by=town.id)
    books.do("send_back", village, book.id, town)
    book = books.found(village, book.id)
    assert (book.state, book.comments_until) == ("draft", None)
    step = book_queries.last_step(book.id)
    assert remarks.texts([step.remark_id]) == {step.remark_id: "要改一处"}


# ---- the vote -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "favour", "women", "refusal"),
    [
        (80, 40, 30, VoteNotCarried), (81, 40, 30, VoteNotCarried), (80, 0, 30, VoteNotCarried), (80, 81, 30, BadVote),
        (80, -1, 30, BadVote), (0, 0, 0, BadVote), (80, 60, 81, BadVote), (80, 60, -1, BadVote),
    ],
)  # fmt: skip
def test_a_vote_that_is_not_more_than_half_or_cannot_be_is_refused(app, village, clerk, town, present, favour, women, refusal):  # fmt: skip
    book = books.in_state(village, "vote", clerk, town)
    with clock.set_to(clock.now() + timedelta(days=1)), unchanged(app), pytest.raises(refusal):
        adopting.record_vote(village.id, book.id, books.vote(present, favour, women), key=keys.new(), by=clerk.id)


@pytest.mark.parametrize("days", [-1, 2])
def test_a_vote_lies_between_the_check_and_today(app, village, clerk, town, days):
    book = books.in_state(village, "vote", clerk, town)
    with clock.set_to(clock.now() + timedelta(days=1)):
        day = clock.today() + timedelta(days=days)
        with unchanged(app), pytest.raises(BadVote):
            adopting.record_vote(village.id, book.id, books.vote(day=day), key=keys.new(), by=clerk.id)


def test_one_more_than_half_carries(village, clerk, town):
    book = books.in_state(village, "vote", clerk, town)
    with clock.set_to(clock.now() + timedelta(days=1)):
        adopting.record_vote(village.id, book.id, books.vote(81, 41, 0), key=keys.new(), by=clerk.id)
    book = books.found(village, book.id)
    assert (book.present, book.in_favour, book.women_present) == (81, 41, 0)


def test_a_filing_has_a_number(app, village, clerk, town):
    book = books.in_state(village, "voted", clerk, town)
    with unchanged(app), pytest.raises(FilingNumberNeeded):
        adopting.file(village.id, book.id, " ", key=keys.new(), by=clerk.id)


def test_what_was_voted_on_another_text_no_longer_counts(village, clerk, town):
    book = books.in_state(village, "filed", clerk, town)
    books.do("revise", village, book.id, clerk)
    book = books.found(village, book.id)
    papers = (book.comments_until, book.checked_on, book.adopted_on, book.present, book.filing_number)
    assert (book.state, papers) == ("draft", (None,) * 5)


# ---- into force -----------------------------------------------------------------------------------------------


def test_a_scheduled_book_takes_over_on_its_day_and_not_before(app, village, clerk, town):
    old = queries.rulebook_in_force(village.id).id
    book = books.in_state(village, "filed", clerk, town)
    day = clock.today() + timedelta(days=10)
    version = village.board_version
    adopting.put_in_force(village.id, book.id, day, key=keys.new(), by=clerk.id)
    assert (queries.rulebook_in_force(village.id).id, book_queries.next_book(village.id).id) == (old, book.id)
    with clock.set_to(clock.now() + timedelta(days=9)):
        settle_village(village.id)
        assert queries.rulebook_in_force(village.id).id == old
        assert book_queries.last_step(book.id).action == "put_in_force"
    with clock.set_to(clock.now() + timedelta(days=10)):
        assert queries.rulebook_in_force(village.id).id == book.id
        assert book_queries.next_book(village.id) is None
        assert adopting.settle_due(village.id) == 1
        assert adopting.settle_due(village.id) == 0
        assert book_queries.last_step(book.id).action == "start"
    db.session.expire_all()
    assert db.session.get(type(village), village.id).board_version == version + 1


def test_today_starts_at_once_when_the_old_one_is_older(village, clerk, town):
    with clock.set_to(clock.now() + timedelta(days=2)):
        book = books.in_state(village, "filed", clerk, town)
        with clock.set_to(clock.now() + timedelta(days=1)):
            adopting.put_in_force(village.id, book.id, clock.today(), key=keys.new(), by=clerk.id)
            assert queries.rulebook_in_force(village.id).id == book.id
            assert [step.action for step in book_queries.steps_of_book(book.id)][-2:] == ["put_in_force", "start"]


@pytest.mark.parametrize("days", [-1, 367])
def test_no_book_starts_in_the_past_or_far_ahead(app, village, clerk, town, days):
    book = books.in_state(village, "filed", clerk, town)
    with unchanged(app), pytest.raises(BadStartDay):
        adopting.put_in_force(
            village.id, book.id, clock.today() + timedelta(days=days), key=keys.new(), by=clerk.id
        )  # fmt: skip


@pytest.mark.parametrize("days", [0, 5, 10, 20])
def test_nothing_is_scheduled_twice(app, village, clerk, town, days):
    first = books.in_state(village, "in_force", clerk, town)
    second = books.in_state(village, "filed", clerk, town)
    with unchanged(app), pytest.raises(AlreadyScheduled):
        adopting.put_in_force(village.id, second.id, clock.today() + timedelta(days=days), key=keys.new(), by=clerk.id)
    assert first.in_force_from is not None


def test_a_book_does_not_start_on_the_day_another_did(app, village, clerk, town):
    book = books.in_state(village, "filed", clerk, town)
    with unchanged(app), pytest.raises(AlreadyScheduled):
        adopting.put_in_force(village.id, book.id, clock.today(), key=keys.new(), by=clerk.id)


def test_a_day_is_taken_back_until_it_has_come(app, village, clerk, town):
    book = books.in_state(village, "in_force", clerk, town)
    adopting.call_off(village.id, book.id, key=keys.new(), by=clerk.id)
    assert books.found(village, book.id).state == "filed"
    adopting.put_in_force(village.id, book.id, clock.today() + timedelta(days=2), key=keys.new(), by=clerk.id)
    with clock.set_to(clock.now() + timedelta(days=2)):
        settle_village(village.id)
        with unchanged(app), pytest.raises(InForceAlready):
            adopting.call_off(village.id, book.id, key=keys.new(), by=clerk.id)


def test_a_trial_run_holds_the_till_from_its_day_and_a_proper_book_frees_it(village, clerk, town):
    trial = books.draft(village, clerk)
    adopting.try_out(village.id, trial.id, clock.today() + timedelta(days=3), key=keys.new(), by=clerk.id)
    assert settings.value("is_trial_run", village.id) is False
    with clock.set_to(clock.now() + timedelta(days=3)):
        settle_village(village.id)
        assert settings.value("is_trial_run", village.id) is True
        proper = books.in_state(village, "filed", clerk, town)
        with clock.set_to(clock.now() + timedelta(days=2)):
            adopting.put_in_force(village.id, proper.id, clock.today(), key=keys.new(), by=clerk.id)
            assert settings.value("is_trial_run", village.id) is False
            assert queries.rulebook_in_force(village.id).is_trial is False


def test_a_trial_that_is_called_off_is_a_draft_again(village, clerk):
    trial = books.draft(village, clerk)
    books.do("try_out", village, trial.id, clerk)
    adopting.call_off(village.id, trial.id, key=keys.new(), by=clerk.id)
    book = books.found(village, trial.id)
    assert (book.state, book.is_trial, book.in_force_from) == ("draft", False, None)


def test_a_book_with_papers_does_not_slip_behind_the_one_in_force(app, village):
    early = rulebooks.Adoption(
        clock.today() - timedelta(days=1), adopted_on=clock.today(), present=9, in_favour=8, women_present=3
    )
    with unchanged(app), pytest.raises(AdoptedTooEarly):
        rulebooks.adopt_book(village.id, "旧", books.COUNTY.read_bytes(), "rules.csv", early, by=None)


def test_adopting_with_papers_leaves_a_step(village):
    book = queries.rulebook_in_force(village.id)
    steps = list(db.session.scalars(select(RulebookStep).where(RulebookStep.rulebook_id == book.id)))
    assert [(step.action, step.to_state) for step in steps] == [("adopt", "in_force")]


# ---- drafts and their rules -----------------------------------------------------------------------------------


def test_a_draft_from_the_book_in_force_has_its_rules_and_a_number_of_its_own(village, clerk):
    current = queries.rulebook_in_force(village.id)
    key = keys.new()
    made = drafts.draft_from_book(village.id, current.id, "第二版", key=key, by=clerk.id)
    assert drafts.draft_from_book(village.id, current.id, "第二版", key=key, by=clerk.id).is_repeat
    book = books.found(village, made.result["rulebook_id"])
    old = books.found(village, current.id)
    columns = [column.name for column in Rule.__table__.c if column.name not in {"id", "rulebook_id"}]
    assert [[getattr(rule, name) for name in columns] for rule in book.rules] == [
        [getattr(rule, name) for name in columns] for rule in old.rules
    ]
    assert (book.version, book.state, book.is_trial) == (old.version + 1, "draft", False)


def test_a_foreign_book_is_no_source(app, village, clerk):
    foreign = books.in_force(factories.VillageFactory())
    with unchanged(app), pytest.raises(NotFoundHere):
        drafts.draft_from_book(village.id, foreign.id, "偷来的", key=keys.new(), by=clerk.id)


def test_rules_are_added_changed_moved_and_removed(village, clerk):
    book = books.draft(village, clerk)
    before = [rule.code for rule in book.rules]
    added = drafts.add_rule(village.id, book.id, books.ROW, key=keys.new(), by=clerk.id).result["rule_id"]
    drafts.change_rule(village.id, book.id, added, {**books.ROW, "points": "4", "cap_month": ""}, by=clerk.id)
    drafts.move_rule(village.id, book.id, added, 1, by=clerk.id)
    drafts.remove_rule(village.id, book.id, books.found(village, book.id).rules[2].id, by=clerk.id)
    book = books.found(village, book.id)
    assert [rule.code for rule in book.rules] == ["X01", before[0], *before[2:]]
    assert [rule.position for rule in book.rules] == list(range(1, len(before) + 1))
    assert (book.rules[0].points, book.rules[0].cap_month, book.rules[0].decides) == (4, None, "group")


@pytest.mark.parametrize(("to", "at"), [(-5, 0), (0, 0), (1, 0), (3, 2), (999, -1)])
def test_a_rule_moves_to_any_place(village, clerk, to, at):
    book = books.draft(village, clerk)
    rule = book.rules[1]
    drafts.move_rule(village.id, book.id, rule.id, to, by=clerk.id)
    assert books.found(village, book.id).rules[at].code == rule.code


@pytest.mark.parametrize("state", ["comments", "township_check", "vote", "voted", "filed", "in_force", "withdrawn"])
def test_only_a_draft_is_edited(app, village, clerk, town, state):
    book = books.in_state(village, state, clerk, town)
    rule = book.rules[0]
    for edit in (
        lambda: drafts.rename_draft(village.id, book.id, "别的", by=clerk.id),
        lambda: drafts.add_rule(village.id, book.id, books.ROW, key=keys.new(), by=clerk.id),
        lambda: drafts.change_rule(village.id, book.id, rule.id, books.ROW, by=clerk.id),
        lambda: drafts.remove_rule(village.id, book.id, rule.id, by=clerk.id),
        lambda: drafts.move_rule(village.id, book.id, rule.id, 2, by=clerk.id),
        lambda: drafts.drop_picture(village.id, book.id, rule.id, by=clerk.id),
    ):
        with unchanged(app), pytest.raises(NotADraft):
            edit()


def test_a_code_stands_once_and_the_opening_rules_stay(app, village, clerk):
    book = books.draft(village, clerk)
    first, second = book.rules[:2]
    with unchanged(app), pytest.raises(BadRule):
        drafts.add_rule(village.id, book.id, {**books.ROW, "code": first.code}, key=keys.new(), by=clerk.id)
    with unchanged(app), pytest.raises(BadRule):
        drafts.change_rule(village.id, book.id, second.id, {**books.ROW, "code": first.code}, by=clerk.id)
    opening = next(rule for rule in book.rules if rule.code == "OPEN1")
    with unchanged(app), pytest.raises(KeptForBooks):
        drafts.remove_rule(village.id, book.id, opening.id, by=clerk.id)
    with unchanged(app), pytest.raises(KeptForBooks):
        drafts.change_rule(village.id, book.id, opening.id, books.ROW, by=clerk.id)


def test_a_foreign_draft_and_a_rule_of_another_book_are_not_found(app, village, clerk):
    book = books.draft(village, clerk)
    other = factories.VillageFactory()
    foreign = books.draft(other, factories.village_admin(other))
    with unchanged(app), pytest.raises(NotFoundHere):
        drafts.remove_rule(village.id, foreign.id, foreign.rules[0].id, by=clerk.id)
    with unchanged(app), pytest.raises(NotFoundHere):
        drafts.remove_rule(village.id, book.id, foreign.rules[0].id, by=clerk.id)
    with unchanged(app), pytest.raises(NotFoundHere):
        books.do("open_comments", village, foreign.id, clerk)


def test_a_book_without_a_scoring_rule_goes_nowhere(app, village, clerk):
    book = books.draft(village, clerk)
    for rule in book.rules:
        if rule.code not in drafts.KEPT and rule.subject != "opening":
            drafts.remove_rule(village.id, book.id, rule.id, by=clerk.id)
    for action in ("open_comments", "try_out"):
        with unchanged(app), pytest.raises(EmptyBook):
            books.do(action, village, book.id, clerk)


def test_deeds_keep_the_rule_they_were_entered_under(village, clerk, town):
    household = factories.HouseholdFactory(grid__village=village)
    member = factories.committee(village)
    rule = queries.find_rule_by_code(village.id, "J16")
    done = services.propose(
        village.id, Proposal(household.id, rule.id, clock.today()), key=keys.new(), by=member.id
    ).result
    book = books.draft(village, clerk)
    new = next(one for one in book.rules if one.code == "J16")
    row = {**books.ROW, "code": "J16", "points": "9", "cap_month": "9"}
    drafts.change_rule(village.id, book.id, new.id, row, by=clerk.id)
    with clock.set_to(clock.now() + timedelta(days=1)):
        adopting.try_out(village.id, book.id, clock.today(), key=keys.new(), by=clerk.id)
        deed = queries.find_deed(village.id, done["deed_id"])
        assert (deed.points, deed.rule_version, deed.rule_name) == (5, 1, rule.name)
        assert queries.find_rule_by_code(village.id, "J16").points == 9


def test_two_villages_do_not_see_each_other(village, clerk, town):
    other = factories.VillageFactory()
    books.in_state(village, "in_force", clerk, town)
    assert queries.rulebook_in_force(other.id) is None
    assert book_queries.next_book(other.id) is None
    assert db.session.scalars(select(Rulebook).where(Rulebook.village_id == other.id)).all() == []
