"""What can be asked about numbered sheets."""

from datetime import date

from sqlalchemy import Select, func, select

from virtue import clock
from virtue.awarding.round_models import Sheet, SheetState
from virtue.extensions import db
from virtue.people import codes


def sheets(village_id: int, *, state: str = "", kind: str = "") -> Select[Sheet]:
    """All sheets, newest first."""
    query = select(Sheet).where(Sheet.village_id == village_id).order_by(Sheet.number.desc())
    if state:
        query = query.where(Sheet.state == state)
    return query.where(Sheet.kind == kind) if kind else query


def find_sheet(village_id: int, sheet_id: int) -> Sheet | None:
    """A sheet of this village."""
    return db.session.scalar(select(Sheet).where(Sheet.id == sheet_id, Sheet.village_id == village_id))


def not_entered(village_id: int, day: date) -> int:
    """How many sheets that were printed before ``day`` are neither typed in nor voided."""
    query = select(func.count()).where(
        Sheet.village_id == village_id, Sheet.state == str(SheetState.PRINTED), Sheet.printed_at < clock.start_of(day)
    )
    return db.session.scalar(query) or 0


def sheets_between(village_id: int, first: int, last: int) -> list[Sheet]:
    """The sheets with these numbers, for one printing."""
    query = select(Sheet).where(Sheet.village_id == village_id, Sheet.number.between(first, last))
    return list(db.session.scalars(query.order_by(Sheet.number)))


def sheets_of_round(round_id: int) -> list[Sheet]:
    """The sheets printed for a round."""
    return list(db.session.scalars(select(Sheet).where(Sheet.round_id == round_id).order_by(Sheet.number)))


def printed_number(number: int) -> str:
    """As it stands on the paper: five digits and a check digit, 00042-2."""
    return f"{number:05d}-{codes.check_digit(str(number))}"


def read_number(text: str) -> int | None:
    """The number that was typed with its check digit; None when a digit was misread."""
    digits = codes.clean(text)
    if not 2 <= len(digits) <= 15 or codes.check_digit(digits[:-1].lstrip("0") or "0") != digits[-1]:
        return None
    return int(digits[:-1])
