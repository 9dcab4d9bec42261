"""When a screen is on, and whether it is silent while it should be on."""

from datetime import datetime, timedelta
from typing import Protocol

from virtue import clock
from virtue.kiosk.screen_models import Screen

SILENT_AFTER = timedelta(minutes=15)
_DAY = 24 * 60


class HasHours(Protocol):
    """When a screen is on."""

    @property
    def on_from(self) -> str | None: ...
    @property
    def off_from(self) -> str | None: ...


def minutes_on(screen: HasHours, at: datetime) -> int | None:
    """For how many minutes a screen has been on today; None while it is off. Hours may pass midnight."""
    here = at.astimezone(clock.SHANGHAI)
    now = here.hour * 60 + here.minute
    if screen.on_from is None or screen.off_from is None:
        return _DAY
    start, end = _minute(screen.on_from), _minute(screen.off_from)
    passed = (now - start) % _DAY
    return passed if passed < (end - start) % _DAY else None


def is_silent(screen: Screen, at: datetime) -> bool:
    """Whether it should be on and has given no sign of life for a quarter of an hour."""
    since = minutes_on(screen, at)
    if since is None or since < SILENT_AFTER.total_seconds() // 60:
        return False
    return at - (screen.seen_at or screen.paired_at) >= SILENT_AFTER


def _minute(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)
