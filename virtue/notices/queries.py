"""Notices by number, by village; objections to their lines. Who objected is asked for by one name alone."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, Select, func, select

from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.notices.models import Notice, NoticeLine, Objection, Objector, SealOpening

LISTED = ("deeds", "booked", "stars", "star_loss")
"""The kinds that stand in the list of notices. A dividend's trial sheet has pages of its own, and names its kind."""


def find_notice(village_id: int, number: int) -> Notice | None:
    """第N号 of a village, if it stands in the list."""
    wanted = (Notice.village_id == village_id, Notice.number == number, Notice.kind.in_(LISTED))
    return db.session.scalar(select(Notice).where(*wanted))


def notices(village_id: int) -> Select[Notice]:
    """All notices of a village, newest first."""
    return select(Notice).where(Notice.village_id == village_id, Notice.kind.in_(LISTED)).order_by(Notice.number.desc())


def open_notices(village_id: int, day: date) -> list[Notice]:
    """Notices that are still open on ``day``."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.ends_on >= day, Notice.village_id == village_id, Notice.kind.in_(LISTED))
            .order_by(Notice.number)
        )
    )


def next_number(village_id: int) -> int:
    """The number of the next notice; the caller holds the village's lock."""
    return (db.session.scalar(select(func.max(Notice.number)).where(Notice.village_id == village_id)) or 0) + 1


def find_line(
    village_id: int, notice_number: int, line_number: int, kinds: Collection[str] = LISTED
) -> NoticeLine | None:
    """第N号第M行 of a village, with its notice."""
    return db.session.scalar(
        select(NoticeLine)
        .join(NoticeLine.notice)
        .where(
            Notice.village_id == village_id, Notice.number == notice_number, NoticeLine.number == line_number,
            Notice.kind.in_(kinds),
        )
    )  # fmt: skip


def last_line(notice_id: int) -> int:
    """The number of a notice's last line; 0 for one without lines."""
    return db.session.scalar(select(func.max(NoticeLine.number)).where(NoticeLine.notice_id == notice_id)) or 0


# ---- objections


def next_objection_number(village_id: int) -> int:
    """The number of the next receipt; the caller holds the village's lock."""
    return (db.session.scalar(select(func.max(Objection.number)).where(Objection.village_id == village_id)) or 0) + 1


def _of(kinds: Collection[str]) -> ColumnElement[bool]:
    """Inside a query: objections to lines of notices of these kinds."""
    lines = select(NoticeLine.id).join(Notice, Notice.id == NoticeLine.notice_id).where(Notice.kind.in_(kinds))
    return Objection.line_id.in_(lines.where(NoticeLine.id == Objection.line_id))


def objections(village_id: int, *, is_open: bool, kinds: Collection[str] = LISTED) -> Select[Objection]:
    """The open ones by the day they must be answered, so that overdue ones come first; or the answered, newest first."""
    query = select(Objection).where(Objection.village_id == village_id, _of(kinds))
    if is_open:
        return query.where(Objection.state == "open").order_by(Objection.answer_by, Objection.number)
    return query.where(Objection.state != "open").order_by(Objection.number.desc())


def find_objection(village_id: int, number: int, kinds: Collection[str] = LISTED) -> Objection | None:
    """The objection with this receipt number."""
    wanted = (Objection.village_id == village_id, Objection.number == number, _of(kinds))
    return db.session.scalar(select(Objection).where(*wanted))


def locked_objection(village_id: int, number: int, kinds: Collection[str] = LISTED) -> Objection:
    """The same, loaded anew for writing. Raises ``NotFoundHere``."""
    found = db.session.scalar(
        select(Objection)
        .where(Objection.village_id == village_id, Objection.number == number, _of(kinds))
        .with_for_update(of=Objection)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundHere
    return found


def open_on_line(line_id: int) -> int:
    """How many objections to a line wait for an answer."""
    query = select(func.count()).where(Objection.line_id == line_id, Objection.state == "open")
    return db.session.scalar(query) or 0


def contested_lines(notice_id: int) -> set[int]:
    """The numbers of a notice's lines to which an objection is open."""
    return set(
        db.session.scalars(
            select(NoticeLine.number)
            .join(Objection, Objection.line_id == NoticeLine.id)
            .where(NoticeLine.notice_id == notice_id, Objection.state == "open")
        )
    )


def objections_to(lines: Collection[tuple[int, int]]) -> list[Objection]:
    """The objections to these lines, given as (notice's id, line's number); newest first. Not who made them."""
    if not lines:
        return []
    rows = db.session.scalars(
        select(Objection)
        .join(NoticeLine, NoticeLine.id == Objection.line_id)
        .where(NoticeLine.notice_id.in_({notice_id for notice_id, _number in lines}))
        .order_by(Objection.number.desc())
    )
    return [row for row in rows if (row.line.notice_id, row.line.number) in lines]


def waiting(village_id: int, day: date, settler_id: int | None = None) -> tuple[int, int]:
    """How many objections are open, and how many of these are overdue on ``day``; only one settler's, if asked."""
    query = select(func.count(), func.count().filter(Objection.answer_by < day)).where(
        Objection.village_id == village_id, Objection.state == "open", _of(LISTED)
    )
    if settler_id is not None:
        query = query.where(Objection.settler_id == settler_id)
    row = db.session.execute(query).one()
    return int(row[0]), int(row[1])


def overdue(village_ids: Collection[int], day: date) -> dict[int, int]:
    """By village, how many objections are overdue: all that is told above the village."""
    rows = db.session.execute(
        select(Objection.village_id, func.count())
        .where(Objection.state == "open", Objection.answer_by < day, Objection.village_id.in_(list(village_ids)))
        .group_by(Objection.village_id)
    )
    return {row[0]: row[1] for row in rows}


def corrections(village_id: int) -> list[Objection]:
    """Upheld objections whose 更正 is, or was, shown; the latest first."""
    return list(
        db.session.scalars(
            select(Objection)
            .where(Objection.village_id == village_id, Objection.corrected_until.is_not(None))
            .order_by(Objection.settled_on.desc(), Objection.number.desc())
            .limit(200)
        )
    )


# ---- what is sealed


def find_objector(objection_id: int) -> Objector | None:
    """Who objected. For the services that open the seal or keep objector and settler apart; no page asks this."""
    return db.session.get(Objector, objection_id)


def has_opened_seal(objection_id: int, user_id: int) -> bool:
    """Whether a user has opened the seal, and so knows who objected."""
    query = select(SealOpening.id).where(SealOpening.objection_id == objection_id, SealOpening.by_id == user_id)
    return db.session.scalar(query.limit(1)) is not None


def own_objections(household_id: int) -> Select[Objection]:
    """A household's own objections, newest first: for its own passbook alone."""
    return (
        select(Objection)
        .join(Objector, Objector.objection_id == Objection.id)
        .where(Objector.household_id == household_id)
        .order_by(Objection.id.desc())
    )


def open_objections_of(household_id: int) -> int:
    """How many objections of a household wait for an answer: they keep it from ending, and its passbook from flooding."""
    query = (
        select(func.count())
        .select_from(Objection)
        .join(Objector, Objector.objection_id == Objection.id)
        .where(Objector.household_id == household_id, Objection.state == "open")
    )
    return db.session.scalar(query) or 0


def openings_of(objection_ids: Collection[int]) -> list[Row[int, int, datetime]]:
    """Who opened the names of these objections, and when: (objection's id, user's id, instant)."""
    if not objection_ids:
        return []
    return list(
        db.session.execute(
            select(SealOpening.objection_id, SealOpening.by_id, SealOpening.opened_at)
            .where(SealOpening.objection_id.in_(list(objection_ids)))
            .order_by(SealOpening.id)
        ).all()
    )
