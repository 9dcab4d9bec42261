"""Deeds in any state, written as the pipeline writes them, for tests of those who only read them."""

from datetime import date, timedelta
from typing import Any

from tests import factories
from virtue import clock
from virtue.awarding.models import Deed, DeedStep, Rule
from virtue.core import remarks
from virtue.extensions import db
from virtue.honours.red_models import RedPick
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.notices import services as notices
from virtue.notices.models import Notice
from virtue.people.models import Household
from virtue.places import services as places
from virtue.scores import services as scores
from virtue.staff.models import User
from virtue.transactions import atomic


def rule_of(village_id: int, **fields: Any) -> Rule:
    """A rule of the village's book."""
    book = db.session.query(factories.Rulebook).filter_by(village_id=village_id).one_or_none()
    return factories.RuleFactory(rulebook=book or factories.RulebookFactory(village_id=village_id), **fields)


def deed_of(household: Household, rule: Rule, *, by: User | None = None, **fields: Any) -> Deed:
    """A proposed deed (a lead, for a deduction) with its first step."""
    day: date = fields.pop("happened_on", clock.today())
    state = "lead" if rule.route == "deduction" else "proposed"
    deed = Deed(
        village_id=household.village_id,
        household_id=household.id,
        grid_id=household.grid_id,
        rule_id=rule.id,
        rule_code=rule.code,
        rule_version=1,
        rule_name=rule.name,
        rule_name_en=rule.name_en,
        standard=rule.standard,
        dimension=rule.dimension,
        unit=rule.unit,
        scores=rule.scores,
        publish=rule.publish,
        points=fields.pop("points", rule.points),
        happened_on=day,
        month=clock.month_of(day),
        state=fields.pop("state", state),
        route=rule.route,
        way="scan",
        proposed_by_id=by.id if by else None,
        proposed_at=clock.now(),
        **fields,
    )
    db.session.add(deed)
    db.session.flush()
    step(deed, "propose", deed.state, by=by)
    return deed


def step(deed: Deed, action: str, state: str, *, by: User | None = None, **fields: Any) -> Deed:
    """Move a deed on, and leave a step."""
    before = None if action == "propose" else deed.state
    deed.state = state
    db.session.add(
        DeedStep(
            deed_id=deed.id,
            action=action,
            from_state=before,
            to_state=state,
            points=deed.points,
            by_id=by.id if by else None,
            at=clock.now(),
            **fields,
        )
    )
    db.session.commit()
    return deed


def on_notice(*deeds: Deed, days: int = 5) -> Notice:
    """Put deeds on a public notice, a line each."""
    village_id = deeds[0].village_id
    levels = [deed.publish for deed in deeds]
    ids = [deed.id for deed in deeds]
    with atomic():
        ledger.lock(village_id)
        notice = notices.publish(village_id, levels, days=days, by=None)
        for number, deed_id in enumerate(ids, 1):
            deed = db.session.get(Deed, deed_id)
            deed.state, deed.notice_id, deed.notice_line = "on_notice", notice.id, number
    return db.session.get(Notice, notice.id)


def settle(deed: Deed) -> Deed:
    """Book a deed: ledger, tally, state; and raise the village's board version."""
    deed_id = deed.id
    with atomic():
        deed = db.session.get(Deed, deed_id)
        points = abs(deed.points)
        flow = ledger.Flow.AWARD if deed.points > 0 else ledger.Flow.DEDUCT
        moves = (ledger.Move(deed.unit, points, flow),)
        posting = ledger.Posting(EntryKind.DEED, deed.id, deed.household_id, moves)
        posted = ledger.post(deed.village_id, [posting], by=None)[0]
        deed.state, deed.entry_id, deed.settled_on = "settled", posted.entry_id, clock.today()
        deed.settled_points, deed.counts_in = deed.points, deed.month
        earned, deducted = (points, 0) if deed.points > 0 else (0, points)
        scores.add(
            deed.village_id,
            [scores.Change(deed.month, deed.household_id, "-", deed.unit, earned, deducted, 1, posted.seq)],
        )
        household = db.session.get(Household, deed.household_id)
        household.village.board_version += 1
        db.session.add(
            DeedStep(deed_id=deed.id, action="settle", from_state="on_notice", to_state="settled", points=deed.points,
                     at=clock.now())
        )  # fmt: skip
    return db.session.get(Deed, deed_id)


def settled(household: Household, rule: Rule, *, by: User | None = None, **fields: Any) -> Deed:
    """A deed that went all the way."""
    return settle(deed_of(household, rule, by=by, **fields))


def picked(deed: Deed, story: str | None = None, *, days: int = 30) -> RedPick:
    """A settled deed on the red board, as picking writes it."""
    by, deed_id = factories.UserFactory().id, deed.id
    with atomic():
        deed = db.session.get(Deed, deed_id)
        story_id, _hash = remarks.keep(story, village_id=deed.village_id)
        pick = RedPick(
            village_id=deed.village_id, household_id=deed.household_id, deed_id=deed.id, story_id=story_id,
            picked_on=clock.today(), ends_on=clock.today() + timedelta(days=days),
            picked_by_id=by, picked_at=clock.now(),
        )  # fmt: skip
        db.session.add(pick)
        db.session.flush()
        places.raise_board_version(deed.village_id)
    return pick
