"""A quarter's stars on a public notice, and published when it is over; decided removals on a notice of their own."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from virtue import clock
from virtue.core import audit, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import star_facts, star_list_queries, star_queries
from virtue.honours import star_quarters as quarters
from virtue.honours import star_removal_queries as removal_queries
from virtue.honours.star_errors import MonthStillOpen, NobodyToRate, NoRemovalToPublish, WordStillMissing
from virtue.honours.star_models import Mode, PeriodState, RatingState, StarPeriod, StarRating, StarRemoval
from virtue.honours.star_states import PERIOD_STEPS, RATING_STEPS, REMOVAL_STEPS, target
from virtue.honours.stars import once, set_star, star_of
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.notices import services as notices
from virtue.notices.models import Notice
from virtue.people import public_queries as faces
from virtue.places import services as places
from virtue.places.models import Village
from virtue.prepared import Prepared
from virtue.transactions import atomic

KIND = "stars"
"""The kind of a notice on which a quarter's stars stand."""
LOSS_KIND = "star_loss"
"""The kind of a notice of removals: its lines are counted, and shown to nobody but their households."""

_RATING = StarRating.__table__
_ON_NOTICE = Prepared(
    update(_RATING)
    .where(_RATING.c.id == bindparam("of_rating"))
    .values(state=str(RatingState.ON_NOTICE), notice_line=bindparam("line"))
)


def publish(village_id: int, quarter: int, *, key: str, by: int) -> Outcome:
    """Put a quarter's stars on a notice, a line each household; who has fewer than six is not listed, but told.

    Its months must be closed: from then on the figures stand. Raises MonthStillOpen, WordStillMissing, NobodyToRate.
    """

    def work() -> dict[str, Any]:
        period = _locked_period(village_id, quarter)
        to_state = target(PERIOD_STEPS, "publish", period.state)
        _ready(period)
        rows = _those_who_take_part(period)
        if not rows:
            raise NobodyToRate
        unlisted = faces.unlisted(village_id)
        levels = [
            "list" if row.stars >= period.scheme.listed_from and row.household_id not in unlisted else "never"
            for row in rows
        ]
        notice = notices.publish(
            village_id, levels, days=settings.value("notice_days", village_id), by=by, kind=KIND
        )  # fmt: skip
        _ON_NOTICE.run_many([{"of_rating": row.id, "line": number} for number, row in enumerate(rows, 1)])
        period.state, period.notice_id = to_state, notice.id
        db.session.flush()
        places.raise_board_version(village_id)
        audit.record(
            "honours.publish_stars", village_id=village_id, by=by, subject="notice", subject_id=notice.id, quarter=quarter,
            lines=len(rows),
        )  # fmt: skip
        return {"number": notice.number, "lines": len(rows), "ends_on": notice.ends_on.isoformat()}

    return once("honours.publish_stars", village_id, [quarter, by], work, key=key)


def publish_removals(village_id: int, *, key: str, by: int) -> Outcome:
    """Put all decided removals on a notice: nobody reads who loses a star, each household was told. Raises NoRemovalToPublish."""

    def work() -> dict[str, Any]:
        rows = removal_queries.removals(village_id, "decided")
        if not rows:
            raise NoRemovalToPublish
        notice = notices.publish(
            village_id, ["never"] * len(rows), days=settings.value("notice_days", village_id), by=by, kind=LOSS_KIND
        )
        for number, row in enumerate(rows, 1):
            row.state = target(REMOVAL_STEPS, "publish", row.state)
            row.notice_id, row.notice_line = notice.id, number
        db.session.flush()
        places.raise_board_version(village_id)
        audit.record(
            "honours.publish_removals", village_id=village_id, by=by, subject="notice", subject_id=notice.id,
            lines=len(rows),
        )  # fmt: skip
        return {"number": notice.number, "lines": len(rows)}

    return once("honours.publish_removals", village_id, [by], work, key=key)


def settle_due(village_id: int, day: date | None = None) -> int:
    """Publish every quarter, and end every removal, whose notice is over. Idempotent; gives how many households it touched."""
    due = select(Notice.id, Notice.kind).where(
        Notice.village_id == village_id, Notice.ends_on < (day or clock.today()), Notice.settled_at.is_(None),
        Notice.kind.in_((KIND, LOSS_KIND)),
    )  # fmt: skip
    rows = db.session.execute(due.order_by(Notice.id)).all()
    return sum((_settle_quarter if row.kind == KIND else _settle_removals)(village_id, row.id) for row in rows)


def _settle_quarter(village_id: int, notice_id: int) -> int:
    """What nobody objects to is published; a line that is frozen follows when its objection is settled."""
    with atomic():
        ledger.lock(village_id)
        notice, period = _over(notice_id), star_queries.find_period_of_notice(notice_id)
        if notice is None or period is None:
            return 0
        if period.state == PeriodState.NOTICE:
            period.state, period.published_on = target(PERIOD_STEPS, "settle", period.state), clock.today()
        rows = star_queries.in_state(period, RatingState.ON_NOTICE)
        here = star_facts.taking_part(village_id, [row.household_id for row in rows])
        for row in rows:
            row.state = target(RATING_STEPS, "settle" if row.household_id in here else "leave", row.state)
        db.session.flush()
        _end(notice, is_whole=not star_queries.in_state(period, RatingState.FROZEN))
        if rows:
            audit.record(
                "honours.settle_stars", village_id=village_id, by=None, subject="star_period", subject_id=period.id,
                households=len(here), quarter=period.quarter,
            )  # fmt: skip
    return len(here)


def _settle_removals(village_id: int, notice_id: int) -> int:
    """The stars are taken; one that is objected to waits."""
    with atomic():
        ledger.lock(village_id)
        notice = _over(notice_id)
        if notice is None:
            return 0
        rows = removal_queries.removals_on(notice_id)
        due = [row for row in rows if row.state == "on_notice"]
        for row in due:
            row.state, row.ended_at = target(REMOVAL_STEPS, "settle", row.state), clock.now()
            _take(row)
        _end(notice, is_whole=all(row.state != "frozen" for row in rows))
    return len(due)


def _take(removal: StarRemoval) -> None:
    rating = star_queries.locked_rating(removal.village_id, removal.rating_id)
    star = star_of(rating, removal.dimension)
    if rating.state != RatingState.WITHDRAWN and rating.held[star.position - 1] == "1":
        set_star(rating, star, is_held=False, occasion="removal", why=None, by=None)


def _over(notice_id: int) -> Notice | None:
    """A notice whose last day is over and that isn't settled, as it is under the lock."""
    notice = db.session.get(Notice, notice_id, populate_existing=True)
    return notice if notice and notice.settled_at is None and notice.ends_on < clock.today() else None


def _end(notice: Notice, *, is_whole: bool) -> None:
    if is_whole:
        notice.settled_at = clock.now()
    db.session.flush()
    places.raise_board_version(notice.village_id)


def _ready(period: StarPeriod) -> None:
    """The figures stand, and the review group has spoken. Raises MonthStillOpen, WordStillMissing."""
    closed = ledger_queries.closed_months(period.village_id)
    village = db.session.get_one(Village, period.village_id)
    # Before the village began there was nothing to close.
    begun = clock.month_of(clock.day_of(village.created_at))
    for month in quarters.months(period.quarter):
        if month >= begun and month not in closed:
            raise MonthStillOpen(month=month)
    for star in period.scheme.stars:
        if star.mode == Mode.REVIEW and not star_list_queries.given(period.id, star.position):
            raise WordStillMissing(star=star.name)


def _those_who_take_part(period: StarPeriod) -> list[StarRating]:
    """The ratings that go on notice, in the order of their lines; who left since the proposal has none."""
    rows = [row for row, _household in db.session.execute(star_list_queries.ratings(period)).all()]
    here = star_facts.taking_part(period.village_id, [row.household_id for row in rows])
    for row in rows:
        if row.household_id not in here:
            row.state = target(RATING_STEPS, "leave", row.state)
    db.session.flush()
    return [row for row in rows if row.household_id in here]


def _locked_period(village_id: int, quarter: int) -> StarPeriod:
    period = star_queries.find_period(village_id, quarter)
    if period is None:
        raise NotFoundHere
    db.session.refresh(period)
    return period
