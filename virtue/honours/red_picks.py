"""Picking for the red board, and taking down again: by hand, or by itself when its day has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.awarding import checks
from virtue.awarding.models import Deed
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import red_queries as queries
from virtue.honours.red_errors import (
    AlreadyOnBoard,
    BadBoardEnd,
    HonourNotConsented,
    NotForTheBoard,
    NothingPicked,
    PickEnded,
    StorySaysTooMuch,
    StoryTooLong,
)
from virtue.honours.red_models import RedPick
from virtue.honours.title_models import Honour
from virtue.ledger import services as ledger
from virtue.people import public_queries as people
from virtue.people.queries import NAME_ON_BOARD
from virtue.places import services as places
from virtue.transactions import atomic

MOST_DAYS = 92
"""As long as a quarter; a pick that should stand longer is picked again."""
MOST_STORY = 40
USUAL_DAYS = 30


@dataclass(frozen=True)
class Pick:
    """One thing to put on the board: a deed or an honour, and what is told of it."""

    deed_id: int | None = None
    honour_id: int | None = None
    story: str = ""


def pick(village_id: int, chosen: Sequence[Pick], ends_on: date, *, key: str, by: int) -> Outcome:
    """Put deeds and honours on the red board until a day. Gives ``pick_ids``.

    Raises NothingPicked, BadBoardEnd, NotForTheBoard, HonourNotConsented, AlreadyOnBoard, StoryTooLong,
    StorySaysTooMuch, OwnKin, TwoHats.
    """

    def work() -> dict[str, Any]:
        today = clock.today()
        if not chosen:
            raise NothingPicked
        if not today < ends_on <= today + timedelta(days=MOST_DAYS):
            raise BadBoardEnd(days=MOST_DAYS)
        _end_what_is_over(village_id, today)
        unlisted = people.unlisted(village_id)
        ids = [_put_up(village_id, one, ends_on, unlisted, by=by) for one in chosen]
        places.raise_board_version(village_id)
        return {"pick_ids": ids}

    contents = [[[one.deed_id, one.honour_id, one.story] for one in chosen], ends_on, by]
    return keys.run_once(
        key, "honours.red_pick", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def take_down(village_id: int, pick_id: int, *, key: str, by: int) -> Outcome:
    """Take one off the board; it is gone from screens at their next refresh. Raises PickEnded."""

    def work() -> dict[str, Any]:
        found = queries.find_pick(village_id, pick_id)
        if found is None:
            raise NotFoundHere
        if found.ended_at is not None:
            raise PickEnded
        found.ended_at, found.ended_by_id = clock.now(), by
        db.session.flush()
        _note("honours.red_take_down", found, by=by)
        places.raise_board_version(village_id)
        return {"pick_id": pick_id}

    return keys.run_once(
        key, "honours.red_take_down", [pick_id, by], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def settle_due(village_id: int) -> int:
    """Close the rows of picks that are over; they were shown nowhere any more. Gives how many."""
    if not _over(village_id, clock.today()):
        return 0
    with atomic():
        ledger.lock(village_id)
        return _end_what_is_over(village_id, clock.today())


def _over(village_id: int, today: date) -> list[RedPick]:
    """Rows without an end whose day is past, or whose deed or honour doesn't stand any more."""
    stands = {one.id for one in queries.standing(village_id, today)}
    rows = db.session.scalars(
        select(RedPick).where(RedPick.village_id == village_id, RedPick.ended_at.is_(None)).order_by(RedPick.id)
    )
    return [row for row in rows if row.id not in stands]


def _end_what_is_over(village_id: int, today: date) -> int:
    over = _over(village_id, today)
    for row in over:
        row.ended_at = clock.now()
        _note("honours.red_over", row, by=None)
    db.session.flush()
    return len(over)


def _put_up(village_id: int, one: Pick, ends_on: date, unlisted: set[int], *, by: int) -> int:
    household_id = _household_of(village_id, one)
    if household_id in unlisted:
        raise NotForTheBoard
    checks.not_own(household_id, by=by)
    story_id, _hash = remarks.keep(_story(village_id, household_id, one), village_id=village_id)
    row = RedPick(
        village_id=village_id, household_id=household_id, deed_id=one.deed_id, honour_id=one.honour_id,
        story_id=story_id, picked_on=clock.today(), ends_on=ends_on, picked_by_id=by, picked_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _note("honours.red_pick", row, by=by, until=ends_on.isoformat())
    return row.id


def _household_of(village_id: int, one: Pick) -> int:
    """Whose deed or honour it is, if it may stand on the board and doesn't yet."""
    if one.honour_id is not None:
        stands = queries.honour_stands(clock.today())
        query = select(Honour.household_id).where(Honour.id == one.honour_id, Honour.village_id == village_id, stands)
        refusal: type[NotForTheBoard | HonourNotConsented] = HonourNotConsented
        is_there = RedPick.honour_id == one.honour_id
    else:
        query = select(Deed.household_id).where(
            Deed.id == one.deed_id, Deed.village_id == village_id, queries.DEED_STANDS
        )
        refusal, is_there = NotForTheBoard, RedPick.deed_id == one.deed_id
    household_id = db.session.scalar(query)
    if household_id is None:
        raise refusal
    if db.session.scalar(select(RedPick.id).where(is_there, RedPick.ended_at.is_(None)).limit(1)) is not None:
        raise AlreadyOnBoard
    return household_id


def _story(village_id: int, household_id: int, one: Pick) -> str:
    """The story, trimmed, if everybody may read it."""
    story = " ".join(one.story.split())
    if len(story) > MOST_STORY:
        raise StoryTooLong(most=MOST_STORY)
    if not story:
        return ""
    face = _face(household_id, one)
    own = {face.name.removesuffix("家")} if face is not None and face.is_full else set()
    if queries.says_too_much(story, own, people.names_within(village_id, story)):
        raise StorySaysTooMuch(story=story)
    return story


def _face(household_id: int, one: Pick) -> people.Face | None:
    if one.honour_id is None:
        return people.faces([household_id], NAME_ON_BOARD).get(household_id)
    who = (household_id, db.session.get_one(Honour, one.honour_id).member_id)
    return people.honoured_faces([who]).get(who)


def _note(action: str, row: RedPick, *, by: int | None, **details: Any) -> None:
    audit.record(
        action, village_id=row.village_id, by=by, household_id=row.household_id, subject="red_pick",
        subject_id=row.id, **details,
    )  # fmt: skip
