"""What stands on the red board today, as everybody may see it; and what may be picked for it. Reads only.

Whether something stands is computed at every read: from its last day, from the deed or honour behind it, and from the
household's word. So nothing waits for a nightly run.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, text

from virtue.awarding.models import Deed
from virtue.core.models import Remark
from virtue.extensions import db
from virtue.formatting import rule_name
from virtue.honours.red_models import RedPick
from virtue.honours.title_models import Honour, HonourConsent
from virtue.people import public_queries as people
from virtue.people.models import Household
from virtue.people.public_queries import Face
from virtue.people.queries import NAME_ON_BOARD

MOST_SHOWN = 24
# Written out, not bound: only so does SQLite see that the small index of red deeds fits.
DEED_STANDS = and_(text("deed.publish = 'red' AND deed.state = 'settled'"), Deed.settled_points > 0)
"""A deed that may stand on the red board."""


@dataclass(frozen=True)
class Told:
    """One good deed or honour, told in a line or two."""

    name: str
    tail: str | None
    text: str
    until: date
    """The last day on which it may be shown."""
    is_honour: bool = False


@dataclass(frozen=True)
class Standing:
    """A pick that stands, before a name is put to it."""

    id: int
    household_id: int
    ends_on: date
    picked_by_id: int
    story: str | None
    rule_name: str | None
    rule_name_en: str | None
    title_name: str | None
    member_id: int | None

    @property
    def is_honour(self) -> bool:
        """Whether an honour is told, by name with its own consent."""
        return self.title_name is not None


def honour_stands(day: date) -> ColumnElement[bool]:
    """An honour that may be shown on a day: confirmed, not over, with consent for the name."""
    consented = exists().where(
        HonourConsent.honour_id == Honour.id, HonourConsent.purpose == "name", HonourConsent.withdrawn_at.is_(None)
    )
    return and_(Honour.state == "confirmed", or_(Honour.ends_on.is_(None), Honour.ends_on >= day), consented)


def standing(village_id: int, day: date, *, without: Collection[int] = (), limit: int | None = None) -> list[Standing]:
    """What stands on a day, picked last first; nothing of the households in ``without``."""
    query = (
        select(
            RedPick.id, RedPick.household_id, RedPick.ends_on, RedPick.picked_by_id, Remark.text, Deed.rule_name,
            Deed.rule_name_en, Honour.title_name, Honour.member_id,
        )
        .outerjoin(Deed, Deed.id == RedPick.deed_id)
        .outerjoin(Honour, Honour.id == RedPick.honour_id)
        .outerjoin(Remark, Remark.id == RedPick.story_id)
        .where(
            RedPick.village_id == village_id, RedPick.ended_at.is_(None), RedPick.ends_on >= day,
            or_(DEED_STANDS, honour_stands(day)),
        )
        .order_by(RedPick.id.desc())
        .limit(limit)
    )  # fmt: skip
    if without:
        query = query.where(RedPick.household_id.not_in(without))
    return [Standing(*row) for row in db.session.execute(query)]


def told(village_id: int, picks: Sequence[Standing], faces: dict[int, Face]) -> list[Told]:
    """Picks as everybody may read them. ``faces``: the households' by name on the board (``people.faces``)."""
    named = people.names_within(village_id, "\n".join(pick.story for pick in picks if pick.story))
    honoured = people.honoured_faces({(one.household_id, one.member_id) for one in picks if one.is_honour})
    shown = []
    for pick in picks:
        honour_face = honoured.get((pick.household_id, pick.member_id)) if pick.is_honour else None
        face = honour_face if pick.is_honour else faces.get(pick.household_id)
        if face is not None:
            shown.append(Told(face.name, face.tail, _text(pick, face, named), pick.ends_on, pick.is_honour))
    return shown


def board(village_id: int, day: date) -> list[Told]:
    """All that stands on the red board on a day, for the village's page."""
    picks = standing(village_id, day, without=people.unlisted(village_id))
    faces = people.faces({pick.household_id for pick in picks if not pick.is_honour}, NAME_ON_BOARD)
    return told(village_id, picks, faces)


def says_too_much(story: str, own: Collection[str], named: Collection[tuple[str, int]]) -> bool:
    """Whether a story names somebody who didn't agree, or holds a number that could be somebody's."""
    return people.has_long_number(story) or any(name in story and name not in own for name, _household in named)


def _text(pick: Standing, face: Face, named: set[tuple[str, int]]) -> str:
    """The story, unless it says more than the household has agreed to; else the rule's or the title's name."""
    story = (pick.story or "").strip()
    own = {face.name.removesuffix("家")} if face.is_full else set()
    is_told = bool(story) and not says_too_much(story, own, named)
    if pick.title_name is not None:
        return f"{pick.title_name}：{story}" if is_told else pick.title_name
    return story if is_told else rule_name(pick)


def settled_between(village_id: int, first: date, last: date) -> list[Any]:
    """Good deeds for all to know that were settled on these days, the latest first; nothing of who stands on no board.

    Rows: household_id, grid_id, rule_name, rule_name_en.
    """
    rows = db.session.execute(
        select(Deed.household_id, Deed.grid_id, Deed.rule_name, Deed.rule_name_en)
        .where(DEED_STANDS, Deed.settled_on >= first, Deed.settled_on <= last, Deed.village_id == village_id)
        .order_by(Deed.settled_on.desc(), Deed.id.desc())
    )
    unlisted = people.unlisted(village_id)
    return [row for row in rows if row.household_id not in unlisted]


def find_pick(village_id: int, pick_id: int) -> RedPick | None:
    """A pick of this village."""
    return db.session.scalar(select(RedPick).where(RedPick.id == pick_id, RedPick.village_id == village_id))


def _standing_pick(column: Any, subject: Any) -> Any:
    return exists().where(column == subject, RedPick.ended_at.is_(None))


def deeds_to_pick(
    village_id: int, since: date, *, grid_id: int | None = None, words: str = ""
) -> Select[Deed, Household]:
    """The settled deeds that may be picked, newest first, each with its household: (deed, household)."""
    query = (
        select(Deed, Household)
        .join(Household, Household.id == Deed.household_id)
        .where(
            DEED_STANDS, Deed.village_id == village_id, Deed.settled_on >= since, Household.state == "active",
            Household.left_on.is_(None), Household.board_opt_out.is_(False), ~_standing_pick(RedPick.deed_id, Deed.id),
        )
        .order_by(Deed.settled_on.desc(), Deed.id.desc())
    )  # fmt: skip
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    return query.where(Deed.rule_name.contains(words, autoescape=True)) if words else query


def honours_to_pick(village_id: int, day: date) -> Select[Honour, Household]:
    """The honours that may be picked, newest first, each with its household: (honour, household)."""
    return (
        select(Honour, Household)
        .join(Household, Household.id == Honour.household_id)
        .where(
            Honour.village_id == village_id, honour_stands(day), Household.state == "active",
            Household.left_on.is_(None), Household.board_opt_out.is_(False),
            ~_standing_pick(RedPick.honour_id, Honour.id),
        )
        .order_by(Honour.given_on.desc(), Honour.id.desc())
    )  # fmt: skip
