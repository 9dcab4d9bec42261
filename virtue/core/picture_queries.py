"""Whether a photo was used before: the same bytes, or nearly the same look, anywhere in the village at any time."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from virtue.core import pictures
from virtue.core.models import PictureMark, StoredFile
from virtue.extensions import db

MOST_LOOKED_AT = 5000
"""So many photos with a mark in common are compared, the latest first: a bound however many black photos there are."""


@dataclass(frozen=True)
class Alike:
    """An earlier photo that looks the same; ``is_same``: to the byte."""

    file_id: int
    is_same: bool


def earlier_alike(village_id: int, file_ids: Collection[int]) -> dict[int, list[Alike]]:
    """For each of these photos the earlier ones that look the same, oldest first; two statements however many."""
    if not file_ids:
        return {}
    asked = db.session.execute(
        select(StoredFile.id, StoredFile.look, StoredFile.sha256).where(
            StoredFile.id.in_(file_ids), StoredFile.village_id == village_id, StoredFile.look.is_not(None)
        )
    ).all()
    wanted = {mark for row in asked for mark in pictures.marks_near(row.look)}
    others = db.session.execute(
        select(StoredFile.id, StoredFile.look, StoredFile.sha256)
        .join(PictureMark, PictureMark.file_id == StoredFile.id)
        .where(PictureMark.village_id == village_id, PictureMark.mark.in_(wanted))
        .distinct()
        .order_by(StoredFile.id.desc())
        .limit(MOST_LOOKED_AT)
    ).all()
    found: dict[int, list[Alike]] = {}
    for row in asked:
        for other in reversed(others):
            if other.id < row.id and pictures.distance(row.look, other.look) <= pictures.NEARLY:
                found.setdefault(row.id, []).append(Alike(other.id, other.sha256 == row.sha256))
    return found
