"""Pairing a screen, changing what it plays, revoking it; its sign of life."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update

from virtue import clock
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.kiosk import screen_codes
from virtue.kiosk import screen_queries as queries
from virtue.kiosk.hours import SILENT_AFTER
from virtue.kiosk.screen_errors import (
    BadPairingCode,
    BadScreenHours,
    BadScreenName,
    BadSeconds,
    NoSlides,
    PairingCodeTaken,
)
from virtue.kiosk.screen_models import Screen
from virtue.kiosk.screen_queries import Asker
from virtue.kiosk.slide_words import SLIDES
from virtue.ledger import services as ledger
from virtue.transactions import atomic

SEEN_EVERY = SILENT_AFTER / 15
MOST_NAME = 20
LONGEST_TITLE = 40
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class Plan:
    """What a screen is called and plays, as the form sent it."""

    name: str
    slides: tuple[str, ...]
    seconds: int | None
    on_from: str
    off_from: str
    is_tall: bool
    is_slow: bool
    is_led: bool


def pair(village_id: int, digits: str, plan: Plan, *, key: str, by: int) -> Outcome:
    """Make the device that shows these digits a screen of the village. Gives ``screen_id``.

    Raises BadPairingCode, PairingCodeTaken, and what ``Plan`` may have wrong: BadScreenName, NoSlides, BadSeconds,
    BadScreenHours.
    """

    def work() -> dict[str, Any]:
        if not screen_codes.is_pairing_code(digits):
            raise BadPairingCode
        if queries.is_code_taken(digits):
            raise PairingCodeTaken
        screen = Screen(
            village_id=village_id, code_hash=screen_codes.code_hash(digits), paired_at=clock.now(), paired_by_id=by,
            **_checked(village_id, plan, None),
        )  # fmt: skip
        db.session.add(screen)
        db.session.flush()
        _note("pair", screen, by=by)
        return {"screen_id": screen.id}

    return _once(key, "kiosk.pair_screen", [digits, asdict(plan), by], work, village_id)


def change(village_id: int, screen_id: int, plan: Plan, *, key: str, by: int) -> Outcome:
    """Change what a screen is called and plays; it shows so within ten seconds. Raises what ``Plan`` may have wrong."""

    def work() -> dict[str, Any]:
        screen = queries.locked_screen(village_id, screen_id)
        for name, value in _checked(village_id, plan, screen_id).items():
            setattr(screen, name, value)
        screen.version += 1
        db.session.flush()
        _note("change", screen, by=by)
        return {"screen_id": screen_id}

    return _once(key, "kiosk.change_screen", [screen_id, asdict(plan), by], work, village_id)


def revoke(village_id: int, screen_id: int, *, key: str, by: int) -> Outcome:
    """Its token reaches nothing any more: at its next question the device shows a pairing code."""

    def work() -> dict[str, Any]:
        screen = queries.locked_screen(village_id, screen_id)
        screen.revoked_at, screen.revoked_by_id = clock.now(), by
        db.session.flush()
        _note("revoke", screen, by=by)
        return {"screen_id": screen_id}

    return _once(key, "kiosk.revoke_screen", [screen_id, by], work, village_id)


def alive(screen: Asker, token: str, slide: str) -> bool:
    """Write that a screen lives and which slide stands, at most once a minute; gives whether it was written.

    The first time the screen is bound to the device's token: from then on its code alone opens nothing.
    """
    now = clock.now()
    if screen.token_hash is not None and screen.seen_at is not None and now - screen.seen_at < SEEN_EVERY:
        return False
    seen = {
        "seen_at": now, "seen_slide": " ".join(slide.split())[:LONGEST_TITLE], "token_hash": screen_codes.token_hash(token)
    }  # fmt: skip
    with atomic():
        db.session.execute(update(Screen).where(Screen.id == screen.id, Screen.revoked_at.is_(None)).values(**seen))
    return True


def note_pictures(village_id: int, count: int, *, by: int) -> None:
    """Write down that somebody took so many pictures of slides away on a stick."""
    with atomic():
        audit.record("kiosk.download_pictures", village_id=village_id, by=by, pictures=count)


def _checked(village_id: int, plan: Plan, screen_id: int | None) -> dict[str, Any]:
    """The plan's columns."""
    name = " ".join(plan.name.split())
    taken = select(Screen.id).where(Screen.village_id == village_id, Screen.name == name, Screen.revoked_at.is_(None))
    if not 1 <= len(name) <= MOST_NAME or db.session.scalar(taken.where(Screen.id != (screen_id or 0))) is not None:
        raise BadScreenName
    if not plan.slides or not set(plan.slides) <= set(SLIDES):
        raise NoSlides
    if plan.seconds is None:
        raise BadSeconds
    given = [time for time in (plan.on_from, plan.off_from) if time]
    if given and (not all(map(_TIME.fullmatch, given)) or len(set(given)) != 2):
        raise BadScreenHours
    return {
        "name": name, "slides": list(plan.slides), "seconds": plan.seconds, "on_from": plan.on_from or None,
        "off_from": plan.off_from or None, "is_tall": plan.is_tall, "is_slow": plan.is_slow, "is_led": plan.is_led,
    }  # fmt: skip


def _once(key: str, purpose: str, contents: Any, work: Any, village_id: int) -> Outcome:
    return keys.run_once(key, purpose, contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id))


def _note(action: str, screen: Screen, *, by: int) -> None:
    audit.record(
        f"kiosk.{action}_screen", village_id=screen.village_id, by=by, subject="screen", subject_id=screen.id,
        slides=len(screen.slides),
    )  # fmt: skip
