"""A store's opening days: hours by weekday, market days, pauses. Screens and public pages follow at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from virtue import clock
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.places import services as places
from virtue.store.models import Store
from virtue.store.opening_models import Opening, Pause
from virtue.store.opening_queries import Hours

FARTHEST = 400
"""Days ahead for which market days and pauses may be typed."""
LONGEST_PAUSE = 366
MOST_SPANS = 2


class BadHours(BrokenRule):
    """Hours that end before they begin, or overlap."""

    sentence = _l("关门要晚于开门，上下午两段不能重叠。")


class BadOpeningDay(BrokenRule):
    """A day gone by, or too far ahead."""

    sentence = _l("%(day)s不行：只能填今天到%(last)s之间的日子。")


class NoOpeningDays(BrokenRule):
    """No day, or no hours were typed."""

    sentence = _l("请填日子和开门时间。")


class BadPause(BrokenRule):
    """A pause without end, reason, or in the past."""

    sentence = _l("暂停要写原因；结束那天不能早于今天，也不能早于开始，最多停一年。")


def set_weekdays(village_id: int, store_id: int, hours: Mapping[int, Sequence[Hours]], *, key: str, by: int) -> Outcome:
    """The hours of each weekday (0 is Monday); weekdays left out are closed. Raises ``BadHours``."""

    def work() -> dict[str, Any]:
        _check_hours(hours.values())
        db.session.execute(delete(Opening).where(Opening.store_id == store_id, Opening.weekday.is_not(None)))
        for weekday, spans in sorted(hours.items()):
            _add(store_id, spans, weekday=weekday)
        return _done(village_id, store_id, "store.set_hours", by=by, days=sum(1 for spans in hours.values() if spans))

    plain = {str(weekday): [[one.opens, one.closes] for one in spans] for weekday, spans in hours.items()}
    return _once(village_id, store_id, "set_hours", [plain, by], work, key=key)


def add_days(
    village_id: int, store_id: int, days: Sequence[date], spans: Sequence[Hours], *, key: str, by: int
) -> Outcome:
    """Open on these days (market days) at these hours; what a day had before is replaced. Raises BadHours, BadOpeningDay."""

    def work() -> dict[str, Any]:
        wanted = sorted(set(days))
        if not wanted or not spans:
            raise NoOpeningDays
        _check_hours([spans])
        _check_days(wanted)
        db.session.execute(delete(Opening).where(Opening.store_id == store_id, Opening.day.in_(wanted)))
        for day in wanted:
            _add(store_id, spans, day=day)
        return _done(village_id, store_id, "store.add_days", by=by, days=[day.isoformat() for day in wanted])

    contents = [sorted(day.isoformat() for day in days), [[one.opens, one.closes] for one in spans], by]
    return _once(village_id, store_id, "add_days", contents, work, key=key)


def remove_day(village_id: int, store_id: int, day: date, *, key: str, by: int) -> Outcome:
    """Take a market day off the list; its weekday's hours hold again."""

    def work() -> dict[str, Any]:
        gone = db.session.execute(delete(Opening).where(Opening.store_id == store_id, Opening.day == day))
        if not gone.rowcount:  # type: ignore[attr-defined]
            raise NotFoundHere
        return _done(village_id, store_id, "store.remove_day", by=by, days=[day.isoformat()])

    return _once(village_id, store_id, "remove_day", [day.isoformat(), by], work, key=key)


def pause(village_id: int, store_id: int, from_on: date, until_on: date, reason: str, *, key: str, by: int) -> Outcome:
    """Close the store from a day through another, with a reason that everybody reads. Raises ``BadPause``."""

    def work() -> dict[str, Any]:
        words = " ".join(reason.split())
        last = clock.today() + timedelta(days=FARTHEST)
        is_good = (
            from_on <= until_on <= last and until_on >= clock.today() and (until_on - from_on).days < LONGEST_PAUSE
        )
        if not words or not is_good:
            raise BadPause
        row = Pause(
            store_id=store_id, from_on=from_on, until_on=until_on, reason=words[:40], set_by_id=by, set_at=clock.now()
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        done = _done(village_id, store_id, "store.pause", by=by, first=from_on.isoformat(), last=until_on.isoformat())
        return {**done, "pause_id": row.id}

    return _once(village_id, store_id, "pause", [from_on, until_on, reason, by], work, key=key)


def end_pause(village_id: int, store_id: int, pause_id: int, *, key: str, by: int) -> Outcome:
    """Open again before a pause's end, or call one off. An ended one stays ended."""

    def work() -> dict[str, Any]:
        row = db.session.scalar(
            select(Pause).where(Pause.id == pause_id, Pause.store_id == store_id).with_for_update()
        )  # fmt: skip
        if row is None:
            raise NotFoundHere
        if row.ended_at is None:
            row.ended_by_id, row.ended_at = by, clock.now()
            db.session.flush()
            _done(village_id, store_id, "store.end_pause", by=by, first=row.from_on.isoformat())
        return {"store_id": store_id}

    return _once(village_id, store_id, "end_pause", [pause_id, by], work, key=key)


def _check_hours(all_spans: Any) -> None:
    for spans in all_spans:
        ends = [minute for one in sorted(spans, key=lambda one: one.opens) for minute in (one.opens, one.closes)]
        rises = all(before < after for before, after in zip(ends[::2], ends[1::2], strict=True))
        if not rises or ends != sorted(ends) or len(spans) > MOST_SPANS or (ends and ends[-1] > 24 * 60):
            raise BadHours


def _check_days(days: Sequence[date]) -> None:
    last = clock.today() + timedelta(days=FARTHEST)
    for day in days:
        if not clock.today() <= day <= last:
            raise BadOpeningDay(day=day.isoformat(), last=last.isoformat())


def _add(store_id: int, spans: Sequence[Hours], **when: Any) -> None:
    for one in spans:
        db.session.add(Opening(store_id=store_id, opens=one.opens, closes=one.closes, **when))


def _done(village_id: int, store_id: int, action: str, *, by: int, **details: Any) -> dict[str, Any]:
    db.session.flush()
    places.raise_board_version(village_id)
    audit.record(action, village_id=village_id, by=by, subject="store", subject_id=store_id, **details)
    return {"store_id": store_id}


def _once(
    village_id: int, store_id: int, purpose: str, contents: list[Any], work: Callable[[], dict[str, Any]], *, key: str
) -> Outcome:
    def checked() -> dict[str, Any]:
        if db.session.scalar(select(Store.id).where(Store.id == store_id, Store.village_id == village_id)) is None:
            raise NotFoundHere
        return work()

    return keys.run_once(
        key, f"store.{purpose}", [store_id, *contents], checked, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip
