"""What everybody may see of a household: a masked name and the tail, or the full name where it gave its word.

Public pages and screens are drawn from ``Face``, which has no field for anything else.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from virtue import clock
from virtue.extensions import db
from virtue.formatting import public_name
from virtue.people.models import Household, Member
from virtue.people.queries import has_consent

OF_AGE = 18

# An ID number, a mobile, a bank card: whatever is longer than a year, a number of notice or of pieces.
_LONG_NUMBER = re.compile(r"\d{6,}")


@dataclass(frozen=True)
class Face:
    """A household as it may stand on a wall: 王某某家 with its tail, or 王永智家 without one."""

    household_id: int
    name: str
    tail: str | None

    @property
    def is_full(self) -> bool:
        """Whether the full name stands here, by recorded consent."""
        return self.tail is None


def faces(household_ids: Collection[int], purpose: str | None) -> dict[int, Face]:
    """How these households are shown to everybody; the full name only where consent for ``purpose`` is recorded.

    A household that takes no part (暂不参加, ended) isn't in the answer. A householder under 18 is never named in full.
    """
    if not household_ids:
        return {}
    consented = has_consent(household_ids, purpose) if purpose else set()
    minor = exists().where(Member.household_id == Household.id, Member.is_head, _under_age())
    rows = db.session.execute(
        select(Household.id, Household.head_name, Household.tail, minor.label("is_minor")).where(
            Household.id.in_(household_ids), Household.state == "active", Household.left_on.is_(None)
        )
    )
    return {
        row.id: Face(row.id, f"{row.head_name}家", None)
        if row.id in consented and not row.is_minor
        else Face(row.id, public_name(row.head_name), row.tail)
        for row in rows
    }


def honoured_faces(honoured: Collection[tuple[int, int | None]]) -> dict[tuple[int, int | None], Face]:
    """By household and member (None: the whole household), the full names of who agreed to stand with an honour.

    The caller has looked for that consent. Missing: households that take no part, members that are gone or under 18.
    """
    if not honoured:
        return {}
    rows = db.session.execute(
        select(Household.id, Household.head_name, Member.id.label("member_id"), Member.name, Member.is_head)
        .join(Member, Member.household_id == Household.id)
        .where(
            Household.id.in_({household_id for household_id, _member in honoured}), Household.state == "active",
            Household.left_on.is_(None), Member.gone_on.is_(None), ~_under_age(),
        )
    )  # fmt: skip
    found: dict[tuple[int, int | None], Face] = {}
    for row in rows:
        found[row.id, row.member_id] = Face(row.id, row.name, None)
        if row.is_head:
            found[row.id, None] = Face(row.id, f"{row.head_name}家", None)
    return {key: found[key] for key in honoured if key in found}


def _under_age() -> ColumnElement[bool]:
    """A member known to be under 18 today; of a birth only year and month are known."""
    today = clock.today()
    born = Member.birth_year * 12 + func.coalesce(Member.birth_month, 12)
    return and_(Member.birth_year.is_not(None), born > (today.year - OF_AGE) * 12 + today.month)


def codes_of(household_ids: Collection[int]) -> dict[int, str]:
    """The household codes, which break ties; never shown."""
    rows = db.session.execute(select(Household.id, Household.code).where(Household.id.in_(household_ids)))
    return {row.id: row.code for row in rows}


def unlisted(village_id: int) -> set[int]:
    """The households that stand on no board: ended, 暂不参加, or opted out."""
    return set(
        db.session.scalars(
            select(Household.id).where(
                Household.village_id == village_id,
                or_(Household.state != "active", Household.left_on.is_not(None), Household.board_opt_out),
            )
        )
    )


def names_within(village_id: int, text: str) -> set[tuple[str, int]]:
    """Names of people of the village that occur in a text, each with its household."""
    if not text:
        return set()
    rows = db.session.execute(
        select(Member.name, Member.household_id).where(
            Member.village_id == village_id, literal(text).like("%" + Member.name + "%")
        )
    )
    return {(row.name, row.household_id) for row in rows}


def has_long_number(text: str) -> bool:
    """Whether a text holds something like an ID number, a telephone number or a bank card's."""
    plain = re.sub(r"[\s\-\u2010-\u2015·.]+", "", unicodedata.normalize("NFKC", text))
    return _LONG_NUMBER.search(plain) is not None


def taking_part() -> dict[int, int]:
    """By village, how many households take part."""
    rows = db.session.execute(
        select(Household.village_id, func.count())
        .where(Household.state == "active", Household.left_on.is_(None))
        .group_by(Household.village_id)
    )
    return {village_id: count for village_id, count in rows}  # noqa: C416 - a Row is no pair to mypy
