"""Photos of deeds: who may see one, and where the same one stood before."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from virtue.awarding.models import Deduction, Deed
from virtue.core import picture_queries
from virtue.core.models import StoredFile
from virtue.extensions import db
from virtue.people.models import Household

MOST_SHOWN = 3
_NAME = re.compile(r"[A-Za-z0-9_-]{32}\.jpg")


@dataclass(frozen=True)
class EarlierUse:
    """A deed that showed the same photo before; ``is_same``: the very file, not only nearly the same look."""

    deed: Deed
    household: Household
    is_same: bool


def photo_names(photo_ids: Iterable[int | None]) -> dict[int, str]:
    """The random names of several deeds' photos, by id."""
    wanted = {photo_id for photo_id in photo_ids if photo_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(StoredFile.id, StoredFile.name).where(StoredFile.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def photo_of_village(village_id: int, name: str) -> str | None:
    """The name, if a deed of this village shows that photo."""
    if not _NAME.fullmatch(name):
        return None
    return db.session.scalar(_shown(name).where(Deed.village_id == village_id).limit(1))


def photo_of_household(village_id: int, household_id: int, name: str) -> str | None:
    """The name, if a deed of this household shows that photo; of a deduction only once the household was told."""
    if not _NAME.fullmatch(name):
        return None
    query = (
        _shown(name)
        .outerjoin(Deduction, Deduction.deed_id == Deed.id)
        .where(
            Deed.village_id == village_id, Deed.household_id == household_id,
            or_(Deed.route != "deduction", Deduction.told_on.is_not(None)),
        )
    )  # fmt: skip
    return db.session.scalar(query.limit(1))


def _shown(name: str):  # type: ignore[no-untyped-def]
    return select(StoredFile.name).join(Deed, Deed.photo_id == StoredFile.id).where(StoredFile.name == name)


def earlier_uses(village_id: int, deeds: Iterable[Deed]) -> dict[int, list[EarlierUse]]:
    """By deed id: up to three earlier deeds with the same or nearly the same photo; four statements however many."""
    of_photo = {deed.photo_id: deed for deed in deeds if deed.photo_id is not None}
    alike = picture_queries.earlier_alike(village_id, list(of_photo))
    ids = {one.file_id for found in alike.values() for one in found}
    if not ids:
        return {}
    rows = db.session.scalars(
        select(Deed)
        .where(Deed.photo_id.in_(ids), Deed.village_id == village_id)
        .order_by(Deed.id)
        .options(joinedload(Deed.rule))
    ).all()
    households = {
        household.id: household
        for household in db.session.scalars(
            select(Household).where(Household.id.in_({row.household_id for row in rows}))
        )
    }  # fmt: skip
    shown: dict[int, list[EarlierUse]] = {}
    for photo_id, deed in of_photo.items():
        same = {one.file_id: one.is_same for one in alike.get(photo_id, [])}
        uses = [
            EarlierUse(row, households[row.household_id], same[row.photo_id])
            for row in rows
            if row.photo_id in same and row.id != deed.id
        ]
        if uses:
            shown[deed.id] = uses[:MOST_SHOWN]
    return shown
