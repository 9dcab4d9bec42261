"""Events: an activity with name, place and day, where cards are scanned one after another."""

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from virtue import clock
from virtue.awarding.errors import BadDay, EventAlreadyClosed, SecondPersonCloses, UnknownRule, WayNotAllowed
from virtue.awarding.models import Deed, Event
from virtue.awarding.queries import EVENT_DAYS, find_event, find_rule_by_code
from virtue.awarding.rule_refusals import named
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger


class EventNeedsName(BrokenRule):
    """An event has a name and a place."""

    sentence = _l("请写活动的名称和地点。")


def open_event(
    village_id: int, name: str, place: str, day: date, *, key: str, by: int, rule_code: str | None = None
) -> Outcome:
    """Open an event of today or of the last three days; ``rule_code``: the rule that is offered first."""

    def work() -> dict[str, Any]:
        if not name.strip() or not place.strip():
            raise EventNeedsName
        if not clock.today() - timedelta(days=EVENT_DAYS) <= day <= clock.today():
            raise BadDay
        if rule_code:
            rule = find_rule_by_code(village_id, rule_code)
            if rule is None:
                raise UnknownRule
            if "event" not in rule.ways:
                raise WayNotAllowed(**named(rule))
        event = Event(
            village_id=village_id, name=name.strip()[:40], place=place.strip()[:40], day=day, rule_code=rule_code or None,
            opened_by_id=by, opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(event)
        db.session.flush()
        audit.record("awarding.open_event", village_id=village_id, by=by, subject="event", subject_id=event.id)
        return {"event_id": event.id}

    contents = [village_id, name, place, day.isoformat(), rule_code, by]
    return keys.run_once(
        key, "awarding.open_event", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def close_event(village_id: int, event_id: int, *, key: str, by: int) -> Outcome:
    """A second person, who neither opened it nor scanned in it, closes an event. Gives how many deeds it has."""

    def work() -> dict[str, Any]:
        event = find_event(village_id, event_id)
        if event is None:
            raise NotFoundHere
        if event.closed_at is not None:
            raise EventAlreadyClosed
        of_event = (Deed.month == clock.month_of(event.day), Deed.event_id == event_id)
        scanners = set(db.session.scalars(select(Deed.proposed_by_id).where(*of_event)))
        if by == event.opened_by_id or by in scanners:
            raise SecondPersonCloses
        event.closed_by_id, event.closed_at = by, clock.now()
        db.session.flush()
        audit.record("awarding.close_event", village_id=village_id, by=by, subject="event", subject_id=event_id)
        deeds = db.session.query(Deed.id).filter(*of_event).count()
        return {"event_id": event_id, "deeds": deeds}

    return keys.run_once(
        key, "awarding.close_event", [village_id, event_id, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip
