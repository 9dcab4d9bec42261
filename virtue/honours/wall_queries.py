"""What walls show: honours with the household's consent, until their end; a portrait and a story where it agreed to them.

Drawn from types without a telephone, a birth date or a household code. What has no consent today isn't in the answer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from virtue.core import remarks
from virtue.core.models import StoredFile
from virtue.extensions import db
from virtue.honours import campaign_queries, title_queries
from virtue.honours.title_models import LEVELS, Honour, HonourConsent, HonourState, Title
from virtue.honours.wall_models import WallEntry
from virtue.people import queries as people


@dataclass(frozen=True)
class Shown:
    """One honour on a wall."""

    honour_id: int
    name: str
    title: Title
    year: int
    given_on: date
    ends_on: date | None
    story: str
    photo: str | None
    """The portrait's name; None without one, or without consent to it."""


def shown(village_id: int, day: date) -> list[Shown]:
    """All that may be shown on a day, the latest first; households that take no part today are left out."""
    honours = title_queries.shown(village_id, day)
    households = people.households_by_ids({one.household_id for one in honours})
    members = campaign_queries.member_names({one.member_id for one in honours if one.member_id is not None})
    portraits = {
        one
        for one, purposes in title_queries.consents_of([one.id for one in honours]).items()
        if "portrait" in purposes
    }
    entries = _entries([one.id for one in honours])
    stories = remarks.texts([entry.story_id for entry, _photo in entries.values()])
    found = []
    for one in honours:
        entry, photo = entries.get(one.id, (None, None))
        if households[one.household_id].takes_part:
            found.append(
                Shown(
                    one.id, _name(one, households[one.household_id].head_name, members), one.title, one.year, one.given_on,
                    one.ends_on, stories.get(entry.story_id or 0, "") if entry else "",
                    photo if one.id in portraits and one.title.has_portrait else None,
                )
            )  # fmt: skip
    return found


def good_people(village_id: int, day: date) -> list[Shown]:
    """好人墙: those with a story or a portrait to show."""
    return [one for one in shown(village_id, day) if one.story or one.photo]


def find_entry(honour_id: int) -> WallEntry | None:
    """What was written for an honour's wall."""
    return db.session.get(WallEntry, honour_id)


def is_public_photo(village_id: int, name: str, day: date) -> bool:
    """Whether a portrait hangs on this village's wall today."""
    query = (
        select(Honour.household_id)
        .join(WallEntry, WallEntry.honour_id == Honour.id)
        .join(StoredFile, StoredFile.id == WallEntry.photo_id)
        .join(HonourConsent, HonourConsent.honour_id == Honour.id)
        .where(
            Honour.village_id == village_id, StoredFile.name == name, Honour.state == HonourState.CONFIRMED,
            HonourConsent.purpose == "portrait", HonourConsent.withdrawn_at.is_(None),
        )
    )  # fmt: skip
    if db.session.scalar(query.limit(1)) is None:
        return False
    return any(one.photo == name for one in shown(village_id, day))


def photo_name(honour_id: int) -> str | None:
    """The name of an honour's portrait, for the desk."""
    query = select(StoredFile.name).join(WallEntry, WallEntry.photo_id == StoredFile.id)
    return db.session.scalar(query.where(WallEntry.honour_id == honour_id))


def _name(honour: Honour, head_name: str, members: dict[int, str]) -> str:
    return members[honour.member_id] if honour.member_id is not None else f"{head_name}家"


def _entries(honour_ids: Collection[int]) -> dict[int, tuple[WallEntry, str | None]]:
    if not honour_ids:
        return {}
    rows = db.session.execute(
        select(WallEntry, StoredFile.name)
        .outerjoin(StoredFile, StoredFile.id == WallEntry.photo_id)
        .where(WallEntry.honour_id.in_(list(honour_ids)))
    )
    return {row[0].honour_id: (row[0], row[1]) for row in rows}


def roll(village_id: int, day: date) -> dict[int, dict[Title, list[Shown]]]:
    """光荣榜: by year, the latest first, and title, the highest level first."""
    rows = sorted(shown(village_id, day), key=lambda one: (-one.year, -LEVELS.index(one.title.level), one.title.id))
    found: dict[int, dict[Title, list[Shown]]] = {}
    for one in rows:
        found.setdefault(one.year, {}).setdefault(one.title, []).append(one)
    return found
