"""What must hold of lapsed points: each is an entry of a close that was announced in time, and the figures agree."""

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select

from virtue.core.invariants import ALTERED, Invariant, Query, Row, altered_remarks, of_query, stream
from virtue.ledger.models import Entry, Transfer
from virtue.store.year_models import YearCarry, YearClose
from virtue.store.year_queries import SUBJECTS

NOTICE = timedelta(days=60)
"""So long before points lapse it is announced."""

_OF_YEAR = and_(Entry.kind == "lapse", Entry.subject_id >= SUBJECTS)


def _wrong_sums() -> Query:
    """A close whose households or points aren't those of its entries; civility points never lapse."""
    first = YearClose.id * SUBJECTS
    rows = (
        select(
            YearClose.id, YearClose.households, YearClose.points, func.count(Transfer.id).label("entries"),
            func.coalesce(func.sum(Transfer.points), 0).label("due"),
            func.count(Transfer.id).filter(Transfer.unit != "home").label("civility"),
        )
        .outerjoin(Entry, and_(Entry.kind == "lapse", Entry.subject_id > first, Entry.subject_id < first + SUBJECTS))
        .outerjoin(Transfer, Transfer.entry_id == Entry.id)
        .where(YearClose.state == "closed")
        .group_by(YearClose.id, YearClose.households, YearClose.points)
        .subquery()
    )  # fmt: skip
    wrong = or_(rows.c.households != rows.c.entries, rows.c.points != rows.c.due, rows.c.civility > 0)
    return select(rows.c.id, rows.c.points, rows.c.due).where(wrong).order_by(rows.c.id)


def _too_early() -> Query:
    """A lapse before its announced day, without a signed close, or of another household than it says."""
    return (
        select(Entry.village_id, Entry.seq)
        .outerjoin(YearClose, YearClose.id * SUBJECTS + Entry.household_id == Entry.subject_id)
        .where(
            _OF_YEAR,
            or_(
                YearClose.id.is_(None), Entry.day < YearClose.lapses_on, YearClose.signed_at.is_(None),
                YearClose.village_id != Entry.village_id,
            ),
        )
        .order_by(Entry.id)
    )  # fmt: skip


def _short_notice() -> Iterator[Row]:
    """A close announced later than it must be, or for a day before its year's end."""
    rows = stream(
        select(YearClose.id, YearClose.year, YearClose.announced_on, YearClose.lapses_on).order_by(YearClose.id)
    )
    return (
        row for row in rows
        if row["lapses_on"] < row["announced_on"] + NOTICE or row["lapses_on"].year <= row["year"]
    )  # fmt: skip


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "store.year_sums", _l("年结作废的积分，就是各户作废的流水加起来的"),
        _l("%(id)s 号年结记的是作废 %(points)s 分，流水加起来是 %(due)s 分。"), _wrong_sums,
    ),
    of_query(
        "store.year_day", _l("到了公布的日子、两人签了字，积分才作废"),
        _l("村 %(village_id)s 流水 %(seq)s：不到日子，或者没有签字，积分就作废了。"), _too_early,
    ),
    Invariant(
        "store.year_notice", _l("积分作废，提前60天公布"), _l("%(id)s 号年结公布得太晚。"), lambda _run: _short_notice()
    ),
    Invariant("store.year_carry", _l("转到下年的原因没有被改过"), ALTERED, lambda _run: altered_remarks(YearCarry.__table__)),
)  # fmt: skip
