"""What awarding can be asked."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, not_, or_, select
from sqlalchemy.orm import aliased, joinedload

from virtue import clock
from virtue.awarding.models import Deduction, Deed, DeedState, DeedStep, Event, Rule, Rulebook
from virtue.awarding.states import OPEN
from virtue.core.models import Audit, StoredFile
from virtue.extensions import db
from virtue.notices.models import Notice
from virtue.people import hats
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.prepared import Prepared

_EVENT, _DEED, _HOUSEHOLD, _AUDIT = Event.__table__, Deed.__table__, Household.__table__, Audit.__table__
_RULE, _BOOK = Rule.__table__, Rulebook.__table__
_FIND_WAYS = Prepared(
    select(_RULE.c.route, _RULE.c.subject, _RULE.c.entry)
    .join(_BOOK, _BOOK.c.id == _RULE.c.rulebook_id)
    .where(_RULE.c.id == bindparam("rule_id"), _BOOK.c.village_id == bindparam("village_id"))
)
_EVENTS_OPEN = Prepared(
    select(_EVENT)
    .where(
        _EVENT.c.day <= bindparam("today"), _EVENT.c.day >= bindparam("first"),
        _EVENT.c.village_id == bindparam("village_id"), _EVENT.c.closed_at.is_(None),
    )
    .order_by(_EVENT.c.day.desc(), _EVENT.c.id.desc())
)  # fmt: skip
_RECENT = Prepared(
    select(
        _DEED.c.id, _DEED.c.state, _DEED.c.rule_name, _DEED.c.rule_name_en, _DEED.c.unit,
        func.coalesce(_DEED.c.settled_points, _DEED.c.points).label("points"), _HOUSEHOLD.c.head_name, _HOUSEHOLD.c.tail,
    )
    .select_from(
        _AUDIT.join(_DEED, _DEED.c.id == _AUDIT.c.subject_id).join(_HOUSEHOLD, _HOUSEHOLD.c.id == _DEED.c.household_id)
    )
    .where(
        _AUDIT.c.by_id == bindparam("user_id"), _AUDIT.c.recorded_at >= bindparam("since"),
        _AUDIT.c.action == "awarding.propose", _AUDIT.c.subject == "deed",
        _DEED.c.village_id == bindparam("village_id"), _DEED.c.proposed_by_id == bindparam("user_id"),
        _DEED.c.state.in_((str(DeedState.PROPOSED), str(DeedState.SETTLED))), _DEED.c.route != "deduction",
        _DEED.c.way != "round",
    )
    .order_by(_DEED.c.id.desc())
    .limit(5)
)  # fmt: skip

STARTS_AGAIN = ("propose", "resubmit", "reopen", "tell", "amend")
"""The steps before which an approval no longer counts."""

REJECTED_MONTHS = 4
"""How far back rejected deeds are listed."""

EVENT_DAYS = 3
"""Days after an event in which its cards may still be scanned and a second person closes it."""


def rulebook_in_force(village_id: int, day: date | None = None) -> Rulebook | None:
    """The book whose day has come: one at a time, the latest ``in_force_from`` not after ``day`` (today)."""
    return db.session.scalar(
        select(Rulebook)
        .where(Rulebook.village_id == village_id, Rulebook.in_force_from <= (day or clock.today()))
        .order_by(Rulebook.in_force_from.desc(), Rulebook.version.desc())
        .limit(1)
    )


def rules_in_force(village_id: int, way: str | None = None) -> list[Rule]:
    """The rules one may use today, in the book's order; only those of one way in, if asked."""
    book = rulebook_in_force(village_id)
    if book is None:
        return []
    rules = db.session.scalars(select(Rule).where(Rule.rulebook_id == book.id).order_by(Rule.position))
    return [rule for rule in rules if way is None or way in rule.ways]


def find_rule_in_force(village_id: int, rule_id: int) -> Rule | None:
    """A rule of the book in force here, with its book."""
    rule = db.session.scalar(select(Rule).where(Rule.id == rule_id).options(joinedload(Rule.rulebook)))
    book = rulebook_in_force(village_id)
    return rule if rule is not None and book is not None and rule.rulebook_id == book.id else None


def find_ways(village_id: int, rule_id: int) -> Any:
    """What decides how a rule of this village may be entered: route, subject, entry. None: no such rule."""
    return _FIND_WAYS.first({"village_id": village_id, "rule_id": rule_id})


def find_rule_by_code(village_id: int, code: str) -> Rule | None:
    """A rule of the book in force by its code."""
    book = rulebook_in_force(village_id)
    if book is None:
        return None
    return db.session.scalar(
        select(Rule).where(Rule.rulebook_id == book.id, Rule.code == code).options(joinedload(Rule.rulebook))
    )


def favourites(village_id: int, user_id: int, limit: int = 5) -> list[str]:
    """The codes of the rules a member used most in the last 90 days."""
    since = clock.start_of(clock.today() - timedelta(days=90))
    months = {clock.month_of(clock.today() - timedelta(days=back)) for back in (0, 30, 60, 90)}
    return list(
        db.session.scalars(
            select(Deed.rule_code)
            .where(
                Deed.month.in_(months), Deed.village_id == village_id, Deed.proposed_by_id == user_id,
                Deed.proposed_at >= since, Deed.points > 0,
            )
            .group_by(Deed.rule_code)
            .order_by(func.count().desc(), Deed.rule_code)
            .limit(limit)
        )
    )  # fmt: skip


def find_deed(village_id: int, deed_id: int) -> Deed | None:
    """A deed of this village with its rule."""
    return db.session.scalar(
        select(Deed).where(Deed.id == deed_id, Deed.village_id == village_id).options(joinedload(Deed.rule))
    )


def deeds_of_ids(village_id: int, deed_ids: Collection[int]) -> list[Deed]:
    """Those of these deeds that are this village's, in the order of their entry."""
    return list(
        db.session.scalars(select(Deed).where(Deed.id.in_(deed_ids), Deed.village_id == village_id).order_by(Deed.id))
    )


def approvals(deed_id: int) -> list[int]:
    """Who has approved a deed (or decided a deduction) since it was last proposed, amended or told."""
    steps = db.session.execute(
        select(DeedStep.action, DeedStep.by_id).where(DeedStep.deed_id == deed_id).order_by(DeedStep.id)
    ).all()
    found: list[int] = []
    for action, by_id in steps:
        if action in STARTS_AGAIN:
            found = []
        elif action in {"approve", "decide"} and by_id is not None:
            found.append(by_id)
    return found


def proposers(deed_id: int) -> set[int]:
    """Who proposed a deed: one person, or all judges of a round."""
    steps = select(DeedStep.by_id).where(
        DeedStep.deed_id == deed_id, DeedStep.action == "propose", DeedStep.by_id.is_not(None)
    )
    return set(db.session.scalars(steps))


def deciders(deed_id: int) -> set[int | None]:
    """Everybody who had a hand in a deed: proposed, verified, amended, approved."""
    return set(
        db.session.scalars(
            select(DeedStep.by_id).where(
                DeedStep.deed_id == deed_id,
                DeedStep.action.in_(
                    ("propose", "lead", "verify", "approve", "amend", "decide", "countersign", "book", "resubmit")
                ),
            )
        )
    )


def review_queue(
    village_id: int, user_id: int, *, grid_id: int | None = None, rule_code: str = "", waiting_days: int = 0
) -> Select[Deed]:
    """Deeds a reviewer may decide now, oldest first: not the own proposals, kin's, those served at the till, or signed.

    ``waiting_days``: only what has waited for so many days.
    """
    barred = people.kin_household_ids(user_id) | hats.households_of_other_hat(user_id, hats.AWARD)
    query = (
        select(Deed)
        .where(
            Deed.village_id == village_id,
            Deed.state == DeedState.PROPOSED,
            Deed.way != "import",
            or_(Deed.proposed_by_id.is_(None), Deed.proposed_by_id != user_id),
            Deed.household_id.not_in(barred),
            not_(_has_signed(user_id)),
            # All judges of a round propose what it came to.
            not_(and_(Deed.way == "round", _has_proposed(user_id))),
        )
        .order_by(Deed.id)
        .options(joinedload(Deed.rule))
    )
    if grid_id is not None:
        query = query.where(Deed.grid_id == grid_id)
    if waiting_days:
        query = query.where(Deed.proposed_at < clock.start_of(clock.today() - timedelta(days=waiting_days - 1)))
    return query.where(Deed.rule_code == rule_code) if rule_code else query


def _has_proposed(user_id: int) -> ColumnElement[bool]:
    return (
        select(DeedStep.id)
        .where(DeedStep.deed_id == Deed.id, DeedStep.action == "propose", DeedStep.by_id == user_id)
        .exists()
    )


def _has_signed(user_id: int) -> ColumnElement[bool]:
    """Whether an approval of this user still counts: read from the steps of the few open deeds, whatever the history."""
    later = aliased(DeedStep)
    again = select(later.id).where(
        later.deed_id == Deed.id, later.id > DeedStep.id, later.action.in_(STARTS_AGAIN)
    )  # fmt: skip
    return (
        select(DeedStep.id)
        .where(
            DeedStep.deed_id == Deed.id, DeedStep.by_id == user_id, DeedStep.action == "approve",
            not_(again.correlate(Deed, DeedStep).exists()),
        )
        .exists()
    )  # fmt: skip


def reviewed(village_id: int, user_id: int, state: DeedState) -> Select[Deed]:
    """What was approved and waits for its notice, or was rejected in these months; for who may still decide on it."""
    query = (
        select(Deed)
        .where(
            Deed.village_id == village_id, Deed.state == state, Deed.route != "deduction", Deed.way != "import",
            or_(Deed.proposed_by_id.is_(None), Deed.proposed_by_id != user_id),
            Deed.household_id.not_in(people.kin_household_ids(user_id)),
            not_(and_(Deed.way == "round", _has_proposed(user_id))),
        )
        .order_by(Deed.id.desc())
    )  # fmt: skip
    if state == DeedState.REJECTED:
        months = clock.months_back(clock.month_of(clock.today()), REJECTED_MONTHS)
        query = query.where(Deed.month.in_(months))
    return query


def deductions_open(village_id: int) -> Select[Deed]:
    """Deductions that are under way, oldest first."""
    states = (
        DeedState.LEAD,
        DeedState.VERIFIED,
        DeedState.TOLD,
        DeedState.APPROVED,
        DeedState.ON_NOTICE,
        DeedState.FROZEN,
    )
    return (
        select(Deed)
        .where(Deed.village_id == village_id, Deed.route == "deduction", Deed.state.in_(states))
        .order_by(Deed.id)
        .options(joinedload(Deed.rule), joinedload(Deed.deduction))
    )


def find_deduction(deed_id: int) -> Deduction | None:
    """What a deduction has beyond its deed."""
    return db.session.get(Deduction, deed_id)


def approved_deeds(village_id: int) -> list[Deed]:
    """Deeds that wait for the next notice, in the order of grid and rule."""
    return list(
        db.session.scalars(
            select(Deed)
            .where(Deed.village_id == village_id, Deed.state == DeedState.APPROVED)
            .order_by(Deed.grid_id, Deed.rule_code, Deed.id)
        )
    )


def lines_of(notice_id: int, text: str = "", *, only: Iterable[int] | None = None) -> Select[Deed, Household]:
    """A notice's deeds in the order of its lines, each with its household; by code, tail, name or rule, of lines ``only``."""
    query = (
        select(Deed, Household)
        .join(Household, Household.id == Deed.household_id)
        .where(Deed.notice_id == notice_id)
        .order_by(Deed.notice_line)
    )
    if only is not None:
        query = query.where(Deed.notice_line.in_(list(only)))
    if wanted := people.plain(text):
        words = (Deed.rule_name, Deed.rule_name_en, Household.head_name)
        query = query.where(
            or_(
                Household.tail == wanted, Household.code == wanted,
                *(column.icontains(wanted, autoescape=True) for column in words),
            )
        )  # fmt: skip
    return query


def events_open(village_id: int) -> list[Any]:
    """Events whose cards may be scanned: not closed, of today or the last days. Rows with the columns of ``Event``."""
    today = clock.today()
    return _EVENTS_OPEN.all({"village_id": village_id, "today": today, "first": today - timedelta(days=EVENT_DAYS)})


def events(village_id: int) -> Select[Event]:
    """All events, newest first."""
    return select(Event).where(Event.village_id == village_id).order_by(Event.day.desc(), Event.id.desc())


def events_to_close(village_id: int) -> int:
    """How many events of the past are still open."""
    return db.session.scalar(
        select(func.count()).where(
            Event.village_id == village_id, Event.closed_at.is_(None), Event.day < clock.today()
        )
    ) or 0  # fmt: skip


def find_event(village_id: int, event_id: int) -> Event | None:
    """An event of this village."""
    return db.session.scalar(select(Event).where(Event.id == event_id, Event.village_id == village_id))


def deeds_of_event(event_id: int, day: date) -> list[tuple[Deed, Household]]:
    """What was scanned in an event, latest first."""
    months = [clock.month_of(day)]
    return list(
        db.session.execute(
            select(Deed, Household)
            .join(Household, Household.id == Deed.household_id)
            .where(Deed.month.in_(months), Deed.event_id == event_id)
            .order_by(Deed.id.desc())
        )
    )


def recent_by(village_id: int, user_id: int, since: datetime) -> list[Any]:
    """What a member added lately and may still take back, latest first: id, state, rule_name and rule_name_en, unit, points (as booked,
    else as proposed), head_name and tail of the household.

    Whose deeds they are the trail tells: its index leads to a person's last minutes, the deeds' would to whole months.
    """
    return _RECENT.all({"village_id": village_id, "user_id": user_id, "since": since})


def open_deeds_of_month(village_id: int, month: int) -> int:
    """How many deeds of a month are still open: it can't be closed before."""
    return db.session.scalar(
        select(func.count()).where(
            Deed.village_id == village_id, Deed.month == month, Deed.state.in_([str(state) for state in OPEN])
        )
    ) or 0  # fmt: skip


def counts(village_id: int) -> dict[str, int]:
    """How many deeds stand in each open state, for the desk; deductions apart as "deduction:<state>"."""
    key = case((Deed.route == "deduction", "deduction:" + Deed.state), else_=Deed.state)
    rows = db.session.execute(
        select(key, func.count())
        .where(Deed.village_id == village_id, Deed.state.in_([str(state) for state in OPEN]))
        .group_by(key)
    )
    return dict(rows.all())


NOTICE_KINDS = ("deeds", "booked")
"""Notices on which deeds stand; other rooms have kinds of their own."""
STAR_KINDS = ("stars", "star_loss")
"""Notices that have a page of their own among the stars."""


def due_notices(village_id: int, day: date) -> list[Notice]:
    """Notices of deeds whose last open day is before ``day`` and that aren't settled."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(
                Notice.village_id == village_id,
                Notice.ends_on < day,
                Notice.settled_at.is_(None),
                Notice.kind.in_(NOTICE_KINDS),
            )
            .order_by(Notice.ends_on, Notice.id)
        )
    )


def steps_of(deed_ids: Collection[int]) -> dict[int, list[DeedStep]]:
    """The steps of several deeds, in their order."""
    found: dict[int, list[DeedStep]] = {deed_id: [] for deed_id in deed_ids}
    for step in db.session.scalars(select(DeedStep).where(DeedStep.deed_id.in_(list(deed_ids))).order_by(DeedStep.id)):
        found[step.deed_id].append(step)
    return found


def same_rule_this_year(deed: Deed) -> list[Deed]:
    """The household's other deeds under the same rule in that calendar year, newest first."""
    year = deed.happened_on.year * 100
    return list(
        db.session.scalars(
            select(Deed)
            .where(
                Deed.month.in_(range(year + 1, year + 13)), Deed.household_id == deed.household_id,
                Deed.rule_code == deed.rule_code, Deed.id != deed.id,
            )
            .order_by(Deed.id.desc())
            .limit(20)
        )
    )  # fmt: skip


def notice_of(deed: Deed) -> Notice | None:
    """The notice a deed stands on."""
    return db.session.get(Notice, deed.notice_id) if deed.notice_id is not None else None


def photo_name(photo_id: int | None) -> str | None:
    """The random name of a deed's picture."""
    return None if photo_id is None else db.session.scalar(select(StoredFile.name).where(StoredFile.id == photo_id))


def proposed_by(village_id: int, user_id: int, day: date) -> Select[Deed]:
    """What a member proposed in the last three months, newest first."""
    months = {clock.month_of(day - timedelta(days=back)) for back in (0, 30, 60, 90)}
    return (
        select(Deed)
        .where(Deed.month.in_(months), Deed.village_id == village_id, Deed.proposed_by_id == user_id)
        .order_by(Deed.id.desc())
    )
