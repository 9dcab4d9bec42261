"""The screens of a village, and which screen a device's token belongs to."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy import and_, bindparam, or_, select

from virtue import clock
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.kiosk import hours, screen_codes
from virtue.kiosk.screen_models import Screen
from virtue.places.models import Village
from virtue.prepared import Prepared

_HERE = Screen.revoked_at.is_(None)
_OF_TOKEN = Prepared(
    select(
        Screen.id, Screen.village_id, Screen.version, Screen.slides, Screen.on_from, Screen.off_from, Screen.token_hash,
        Screen.seen_at, Village.board_version,
    )
    .join(Village, Village.id == Screen.village_id)
    .where(
        _HERE,
        or_(
            Screen.token_hash == bindparam("token_hash"),
            # Until its first sign of life it is known by its code alone.
            and_(Screen.token_hash.is_(None), Screen.code_hash == bindparam("code_hash")),
        ),
    )
    .order_by(Screen.token_hash.is_(None))
    .limit(1)
)  # fmt: skip


@dataclass(frozen=True)
class Asker:
    """What is asked for before it is known that anything has to be drawn."""

    id: int
    village_id: int
    version: int
    slides: list[str]
    on_from: str | None
    off_from: str | None
    token_hash: str | None
    seen_at: datetime | None
    board_version: int
    """Of its village."""


def of_token(token: str) -> Asker | None:
    """The screen that a device is; None when it isn't paired, or no more. One small statement: two hundred ask it all day."""
    row = _OF_TOKEN.first({
        "token_hash": screen_codes.token_hash(token), "code_hash": screen_codes.code_hash(screen_codes.pairing_code(token)),
    })  # fmt: skip
    return None if row is None else Asker(**row._asdict())


def is_code_taken(digits: str) -> bool:
    """Whether a screen of any village has this pairing code."""
    wanted = (_HERE, Screen.code_hash == screen_codes.code_hash(digits))
    return db.session.scalar(select(Screen.id).where(*wanted).limit(1)) is not None


def screens(village_id: int) -> list[Screen]:
    """The village's screens: silent ones first, then by name."""
    found = db.session.scalars(select(Screen).where(_HERE, Screen.village_id == village_id).order_by(Screen.name))
    now = clock.now()
    return sorted(found, key=lambda screen: not hours.is_silent(screen, now))


def find_screen(village_id: int, screen_id: int) -> Screen | None:
    """A screen of this village that isn't revoked."""
    return db.session.scalar(select(Screen).where(_HERE, Screen.id == screen_id, Screen.village_id == village_id))


def locked_screen(village_id: int, screen_id: int) -> Screen:
    """The same, loaded anew for writing. Raises ``NotFoundHere``."""
    found = find_screen(village_id, screen_id)
    if found is None:
        raise NotFoundHere
    return found


def silent(village_id: int) -> int:
    """How many of a village's screens are silent."""
    now = clock.now()
    return sum(hours.is_silent(screen, now) for screen in screens(village_id))


def init_silent(app: Flask) -> None:
    """Let the desk, which stands beside this room and can't look in, ask how many screens are silent."""
    app.extensions["virtue_silent_screens"] = silent
