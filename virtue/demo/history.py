"""Twelve months of a village, with a fixed seed, through the same batch services as real work.

The clock is set day by day; nothing here writes a table of its own. Whoever reads it sees a village's week: events on
Wednesday and Saturday, scans in between, review every evening, a notice each Monday, market on Tuesday and Friday.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.awarding import booked, deductions, events, objection_queries, services, settling, spot_checks
from virtue.awarding import queries as awarding
from virtue.awarding.models import Deed, DeedState
from virtue.awarding.services import Proposal
from virtue.core import keys
from virtue.demo import boards, dividends, doings, elections, market, plan, shelves, stars
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.honours import star_publishing
from virtue.ledger import months
from virtue.ledger import queries as ledger
from virtue.people import services as people
from virtue.people.models import Household
from virtue.staff.models import User
from virtue.transactions import atomic

SEED = 2026
DAYS = 365
ROUND_DAY = 20
MARKET_DAYS = (1, 4)
EVENT_DAYS = (2, 5)
NOTICE_DAY = 0
NOTICE_DATES = (3, 26)
"""Beside each Monday: what happened late in a month has settled before the month is due."""
LEAVE_OPEN = 3
"""The last days' proposals stay unreviewed, so that every queue has something in it."""

KEEP_SENT_BACK = 20
"""What was sent back in these last days waits for its proposer."""


@dataclass
class Village:
    """The demo village as the story-teller knows it."""

    id: int
    store_id: int
    people: dict[str, int]
    """User ids by username."""
    households: list[int]
    rules: dict[str, int]
    by_grid: dict[int, list[int]] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))

    def who(self, *names: str) -> int:
        """One of these people, by chance."""
        return self.people[self.dice.choice(names)]

    def some(self, fewest: int, most: int) -> list[int]:
        """Some households, by chance; busy ones come up more often."""
        count = self.dice.randint(fewest, most)
        chosen = self.dice.choices(self.households, weights=self.weights, k=count * 2)
        return list(dict.fromkeys(chosen))[:count]

    @property
    def weights(self) -> list[float]:
        """How busy each household is: a few do much, most do something."""
        return [1 / (1 + index % 17) + 0.25 for index in range(len(self.households))]


def load(village_id: int, store_id: int) -> Village:
    """The village from the database."""
    rows = db.session.execute(
        select(Household.id, Household.grid_id).where(Household.village_id == village_id).order_by(Household.id)
    ).all()
    by_grid: dict[int, list[int]] = {}
    for row in rows:
        by_grid.setdefault(row.grid_id, []).append(row.id)
    people_by_name = dict(db.session.execute(select(User.username, User.id)).all())
    rules = {rule.code: rule.id for rule in awarding.rules_in_force(village_id)}
    return Village(village_id, store_id, people_by_name, [row.id for row in rows], rules, by_grid)


@contextmanager
def at(day: date, hour: int, minute: int = 0) -> Iterator[None]:
    """Let the clock stand at a time of a day in the village; never later than the true present."""
    instant = datetime.combine(day, time(hour, minute), clock.SHANGHAI)
    with clock.set_to(min(instant, _true_now)):
        yield


_true_now = clock.now()


def days(village: Village, first: date, start: date, last: date) -> Iterator[date]:
    """Let every day from ``start`` to ``last`` happen, one at each step; the story began on ``first``."""
    for number in range((last - start).days + 1):
        day = start + timedelta(days=number)
        # One transaction a day: what was told is told whole, and a year costs 365 commits instead of ten thousand.
        with atomic():
            _day(village, day, first, last)
        yield day


def _day(village: Village, day: date, first: date, last: date) -> None:
    with at(day, 7):
        settling.settle_due(village.id)
        star_publishing.settle_due(village.id)
        spot_checks.draw_due(village.id)
    if (last - day).days > KEEP_SENT_BACK:
        with at(day, 9):
            _resubmit(village)
    if day == first:
        with at(day, 8):
            _open_cards(village, day)
    if day.weekday() in EVENT_DAYS or day == last:
        _event(village, day, is_last=(last - day).days < LEAVE_OPEN)
    if day.day == ROUND_DAY:
        _round(village, day, is_last=doings.is_last_round(day, last))
    _scans(village, day)
    if day.weekday() in MARKET_DAYS and (day - first).days > 20:
        market.morning(village, day, at)
        market.evening(village, day, last, at)
    if day.day == market.SHEET_DAY and day.month % 3 == 1 and (day - first).days > 40:
        market.quarter_sheet(village, day, at)
    _deductions(village, day, is_open=(last - day).days < 20)
    _small_things(village, day, first)
    doings.objections_of_the_month(village, day, at)
    doings.last_days(village, day, last, at)
    boards.show(village, day, last, at)
    shelves.happen(village, day, last, at)
    stars.rate(village, day, first, at)
    stars.objection(village, day, at)
    stars.dispute(village, day, last, at)
    elections.tell(village, day, last, at)
    dividends.tell(village, day, last, at)
    if day.day == doings.LOTS_DAY:
        with at(day, 16, 30):
            doings.look_on_site(village, day, last)
    _evening(village, day, first, last)


def _evening(village: Village, day: date, first: date, last: date) -> None:
    """Review, notices, and the closing of the month before."""
    if (last - day).days >= LEAVE_OPEN:
        with at(day, 19):
            _review(village)
    if day.weekday() == NOTICE_DAY or day.day in NOTICE_DATES:
        with at(day, 20):
            _publish(village)
            if day.weekday() == NOTICE_DAY:
                _publish_booked(village)
    if 9 <= day.day <= 20 and (day - first).days > 20:
        with at(day, 21):
            _close_month(village, day)


def _many(village: Village, proposals: list[Proposal], by: int) -> list[dict[str, Any]]:
    if not proposals:
        return []
    outcome = services.propose_many(village.id, proposals, key=keys.new(), by=by)
    return list(outcome.result["lines"])


def _open_cards(village: Village, day: date) -> None:
    """Cards are handed out: each household gets its opening bonus."""
    by = village.people["zhiwei"]
    event = events.open_event(village.id, "发放积分卡", "村委会", day, key=keys.new(), by=by, rule_code="J00")
    event_id = event.result["event_id"]
    rule = village.rules["J00"]
    _many(village, [Proposal(h, rule, day, way="event", event_id=event_id) for h in village.households], by)
    events.close_event(village.id, event_id, key=keys.new(), by=village.people["wangge"])


def _event(village: Village, day: date, *, is_last: bool) -> None:
    """An activity: cards scanned by one, closed by another in the evening; the last days' stay open."""
    activity = village.dice.choice(plan.ACTIVITIES)
    by, other = village.people["zhiwei"], village.people["wangge"]
    with at(day, 9, 30):
        opened = events.open_event(
            village.id, activity.name, activity.place, day, key=keys.new(), by=by, rule_code=activity.rule
        )
        event_id = opened.result["event_id"]
        households = village.some(activity.fewest, activity.most)
        rule = village.rules[activity.rule]
        _many(village, [Proposal(h, rule, day, way="event", event_id=event_id) for h in households], by)
    if not is_last:
        with at(day, 18):
            events.close_event(village.id, event_id, key=keys.new(), by=other)


def _round(village: Village, day: date, *, is_last: bool) -> None:
    """The monthly round: grid by grid, a level for each household that was visited and passed."""
    apart = doings.grids_apart(village) if is_last else []
    with at(day, 10):
        for grid_id, grid_households in village.by_grid.items():
            if grid_id in apart:
                continue
            lines = []
            for household in grid_households:
                level = village.dice.choices((2, 1, 0), (70, 20, 10))[0]
                if level:
                    lines.append(Proposal(household, village.rules["J01"], day, way="round", level=level))
                if village.dice.random() < 0.22:
                    lines.append(Proposal(household, village.rules["J18"], day, way="round"))
            _many(village, lines, village.people["wangge"])
    if is_last:
        with at(day, 14, 30):
            doings.finished_round(village, day)


def _scans(village: Village, day: date) -> None:
    """What members see on their way: some proposals a day."""
    with at(day, 11):
        for username in ("zhiwei", "wangge"):
            codes = village.dice.choices(list(plan.SCANS), list(plan.SCANS.values()), k=village.dice.randint(2, 6))
            lines = []
            for code in codes:
                (household,) = village.some(1, 1)
                words = plan.WORDS.get(code, "")
                lines.append(Proposal(household, village.rules[code], day, words=words))
            _many(village, lines, village.people[username])


def _review(village: Village) -> None:
    """Evening: the review group decides what it may; a few are refused or sent back."""
    for username in ("pingyi1", "pingyi2", "pingyi3"):
        by = village.people[username]
        deeds = list(db.session.scalars(awarding.review_queue(village.id, by)))
        yes = []
        for deed in deeds:
            chance = village.dice.random()
            if deed.way == "scan" and chance < 0.012:
                _quietly(services.reject, village, deed.id, why=village.dice.choice(plan.REJECTIONS), by=by)
            elif deed.way == "scan" and chance < 0.02:
                _quietly(services.send_back, village, deed.id, why="请补一张照片", by=by)
            elif deed.publish == "red" and deed.rule_code in plan.STORIES and chance < 0.25 and abs(deed.points) < 20:
                _quietly(services.approve, village, deed.id, story=plan.STORIES[deed.rule_code], by=by)
            else:
                yes.append(deed.id)
        if yes:
            services.approve_many(village.id, yes, key=keys.new(), by=by)


def _resubmit(village: Village) -> None:
    """Next morning: what was sent back comes again with what was asked for."""
    query = select(Deed).where(Deed.village_id == village.id, Deed.state == str(DeedState.SENT_BACK)).order_by(Deed.id)
    for deed in db.session.scalars(query).all():
        _quietly(services.resubmit, village, deed.id, words="照片补在积分本上了", by=deed.proposed_by_id)


def _quietly(service: Callable[..., Any], village: Village, deed_id: int, **words: Any) -> None:
    """Do it, or leave it when a rule says no (the reviewer is kin)."""
    try:
        service(village.id, deed_id, key=keys.new(), **words)
    except BrokenRule:
        return


def _publish(village: Village) -> None:
    if awarding.approved_deeds(village.id):
        settling.publish_notice(village.id, key=keys.new(), by=village.people["wenshu"])


def _publish_booked(village: Village) -> None:
    """What was booked at once in the week's events can be objected to as well."""
    if objection_queries.booked_count(village.id):
        booked.publish_booked(village.id, key=keys.new(), by=village.people["wenshu"])


def _deductions(village: Village, day: date, *, is_open: bool) -> None:
    """Now and then a deduction goes its whole way; the last weeks' stand at different steps."""
    if village.dice.random() < (0.25 if is_open else 0.07):
        code, words = village.dice.choice(plan.DEDUCTIONS)
        (household,) = village.some(1, 1)
        with at(day, 15):
            what = deductions.Lead(household, village.rules[code], day, words)
            try:
                deductions.lead(village.id, what, key=keys.new(), by=village.people["wangge"])
            except BrokenRule:
                return
    with at(day, 16):
        for deed in db.session.scalars(awarding.deductions_open(village.id)).all():
            if village.dice.random() < (0.25 if is_open else 0.8):
                _advance(village, deed)


def _advance(village: Village, deed: Deed) -> None:
    """One step on: verified, told, decided by two; some are repaired in time and dropped."""
    state = deed.state
    if state == DeedState.LEAD:
        if village.dice.random() < 0.3:
            _quietly(deductions.drop, village, deed.id, why="限期内已经整改，复查合格", by=village.people["wenshu"])
        else:
            _quietly(deductions.verify, village, deed.id, by=village.people["wenshu"])
    elif state == DeedState.VERIFIED:
        told = deductions.Telling(village.dice.choice(("in_person", "slip", "phone")))
        _quietly(deductions.tell, village, deed.id, telling=told, by=village.people["wangge"])
    elif state == DeedState.TOLD:
        for username in ("pingyi1", "pingyi2", "pingyi3"):
            _quietly(deductions.decide, village, deed.id, by=village.people[username])


def _small_things(village: Village, day: date, first: date) -> None:
    """Consents, lost cards, households that leave and come back, a wrong deed reversed."""
    number = (day - first).days
    admin = village.people["wenshu"]
    with at(day, 14):
        if number % 5 == 1:
            (household,) = village.some(1, 1)
            people.give_consent(village.id, household, "name_on_board", "signed", by=admin)
            people.give_consent(village.id, household, "name_by_voice", "signed", by=admin)
        if number % 60 == 30:
            card = next(iter(_household(village).cards), None)
            if card is not None and card.state == "in_force":
                people.mark_lost(village.id, card.id, by=admin)
                if number % 120 == 30:
                    people.reissue(village.id, card.id, key=keys.new(), by=admin)
        if number % 45 == 40:
            people.leave(village.id, _household(village).id, by=admin)
        if number % 50 == 49:
            _reverse_one(village, day)


def _household(village: Village) -> Household:
    (household_id,) = village.some(1, 1)
    return db.session.get_one(Household, household_id)


def _reverse_one(village: Village, day: date) -> None:
    deed_id = db.session.scalar(
        select(Deed.id)
        .where(
            Deed.month == clock.month_of(day), Deed.village_id == village.id, Deed.state == str(DeedState.SETTLED),
            Deed.way == "event",
        )
        .order_by(Deed.id.desc())
        .limit(1)
    )  # fmt: skip
    if deed_id is not None:
        _quietly(settling.reverse, village, deed_id, why="扫错了卡，不是这一户", by=village.people["jianwei"])


def _close_month(village: Village, day: date) -> None:
    month = clock.month_of(day.replace(day=1) - timedelta(days=1))
    if awarding.open_deeds_of_month(village.id, month):
        return
    signed = ledger.find_signed_month(village.id, month)
    if signed is None or signed.second_at is None:
        by = village.people["wenshu"] if signed is None else village.people["jianwei"]
        months.sign_month(village.id, month, by=by)
