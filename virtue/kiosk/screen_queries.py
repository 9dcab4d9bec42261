"""The screens of a village, and which screen a device's token belongs to."""

from flask import Flask
from sqlalchemy import or_, select

from virtue import clock
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.kiosk import hours, screen_codes
from virtue.kiosk.screen_models import Screen
from virtue.places.models import Village

_HERE = Screen.revoked_at.is_(None)


def of_token(token: str) -> tuple[Screen, Village] | None:
    """The screen that a device is, with its village; None when it isn't paired, or no more. One statement."""
    code_hash = screen_codes.code_hash(screen_codes.pairing_code(token))
    row = db.session.execute(
        select(Screen, Village)
        .join(Village, Village.id == Screen.village_id)
        .where(
            _HERE,
            or_(
                Screen.token_hash == screen_codes.token_hash(token),
                # Until its first sign of life it is known by its code alone.
                (Screen.token_hash.is_(None)) & (Screen.code_hash == code_hash),
            ),
        )
        .order_by(Screen.token_hash.is_(None))
    ).first()
    return (row[0], row[1]) if row is not None else None


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
