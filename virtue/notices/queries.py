"""Notices by number, by village."""

from datetime import date

from sqlalchemy import Select, func, select

from virtue.extensions import db
from virtue.notices.models import Notice


def find_notice(village_id: int, number: int) -> Notice | None:
    """第N号 of a village."""
    return db.session.scalar(select(Notice).where(Notice.village_id == village_id, Notice.number == number))


def notices(village_id: int) -> Select[Notice]:
    """All notices of a village, newest first."""
    return select(Notice).where(Notice.village_id == village_id).order_by(Notice.number.desc())


def open_notices(village_id: int, day: date) -> list[Notice]:
    """Notices that are still open on ``day``."""
    return list(
        db.session.scalars(
            select(Notice).where(Notice.ends_on >= day, Notice.village_id == village_id).order_by(Notice.number)
        )
    )


def next_number(village_id: int) -> int:
    """The number of the next notice; the caller holds the village's lock."""
    return (db.session.scalar(select(func.max(Notice.number)).where(Notice.village_id == village_id)) or 0) + 1
