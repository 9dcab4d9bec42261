"""What is written for an honour's wall: a story and a portrait. Whether they hang there is for the consents to say."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from virtue import clock
from virtue.core import audit, files, keys, remarks
from virtue.core.files import Upload
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.honours import title_queries
from virtue.honours.wall_models import WallEntry
from virtue.ledger import services as ledger
from virtue.people import public_queries as people
from virtue.places import services as places

LONGEST = 200


class WallStoryTooLong(BrokenRule):
    """At most 200 characters, without telephone or document numbers."""

    sentence = _l("事迹最多 200 个字，不写电话、证件号。")


class NoPortraitHere(BrokenRule):
    """The title hangs without a portrait."""

    sentence = _l("这个称号不挂照片。")


@dataclass(frozen=True)
class Telling:
    """What the wall tells. ``photo``: a cleaned upload; ``drops_photo``: the present one goes."""

    story: str
    photo: Upload | None = None
    drops_photo: bool = False


def tell(village_id: int, honour_id: int, telling: Telling, *, key: str, by: int) -> Outcome:
    """Write an honour's story down, hang or take down its portrait. Raises WallStoryTooLong, NoPortraitHere."""

    def work() -> dict[str, Any]:
        honour = title_queries.find_honour(village_id, honour_id)
        if honour is None:
            raise NotFoundHere
        story = telling.story.strip()
        if len(story) > LONGEST or people.has_long_number(story):
            raise WallStoryTooLong
        if telling.photo is not None and not honour.title.has_portrait:
            raise NoPortraitHere
        entry = db.session.get(WallEntry, honour_id) or WallEntry(honour_id=honour_id)
        entry.story_id, _hash = remarks.keep(story, village_id=village_id)
        old = entry.photo_id
        if telling.photo is not None or telling.drops_photo:
            entry.photo_id = files.claim_picture(telling.photo, village_id, by=by) if telling.photo else None
        entry.set_by_id, entry.set_at = by, clock.now()
        db.session.add(entry)
        db.session.flush()
        if old is not None and old != entry.photo_id:
            files.forget_picture(old)
        audit.record(
            "honours.wall", village_id=village_id, by=by, household_id=honour.household_id, subject="honour",
            subject_id=honour_id,
        )  # fmt: skip
        places.raise_board_version(village_id)
        return {"honour_id": honour_id}

    contents = [honour_id, telling.story, telling.photo.sha256 if telling.photo else None, telling.drops_photo, by]
    return keys.run_once(
        key, "honours.wall", [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
