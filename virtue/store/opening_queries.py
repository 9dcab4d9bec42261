"""What can be asked about opening days: open now, when next, in which days; whole schedules in two statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, exists, or_, select

from virtue import clock
from virtue.extensions import db
from virtue.prepared import Prepared
from virtue.store.models import Store
from virtue.store.opening_models import Opening, Pause

AHEAD = 120
"""So many days are looked ahead for the next opening."""

_OPENING, _PAUSE = Opening.__table__, Pause.__table__
_IS_PAUSED = exists(
    select(_PAUSE.c.id).where(
        _PAUSE.c.store_id == bindparam("store_id"), _PAUSE.c.ended_at.is_(None), _PAUSE.c.from_on <= bindparam("today"),
        _PAUSE.c.until_on >= bindparam("today"),
    )
)  # fmt: skip
# Of each sale, so it is one statement: all hours that may bear on a day; none where the store never said any.
_TODAY = Prepared(
    select(
        _OPENING.c.day, _OPENING.c.weekday, _OPENING.c.opens, _OPENING.c.closes, _IS_PAUSED.label("is_paused")
    ).where(
        _OPENING.c.store_id == bindparam("store_id"),
        or_(_OPENING.c.weekday.is_not(None), _OPENING.c.day == bindparam("today")),
    )
)


@dataclass(frozen=True)
class Hours:
    """From one minute of a day to another."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Next:
    """When a store opens next. ``is_market``: the day was typed by itself, as market days are."""

    day: date
    opens: int
    is_market: bool


@dataclass(frozen=True)
class Schedule:
    """A store's hours and pauses, from a day on."""

    store_id: int
    store_name: str
    weekdays: dict[int, tuple[Hours, ...]]
    days: dict[date, tuple[Hours, ...]]
    pauses: tuple[Pause, ...]

    @property
    def is_set(self) -> bool:
        """Whether anybody said when this store is open; until then it is neither open nor closed."""
        return bool(self.weekdays or self.days)

    def pause_on(self, day: date) -> Pause | None:
        """The pause that holds on a day; of several the one that lasts longest."""
        found = [pause for pause in self.pauses if pause.from_on <= day <= pause.until_on]
        return max(found, key=lambda pause: pause.until_on, default=None)

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """When the store is open on a day; nothing on a closed one."""
        if self.pause_on(day) is not None:
            return ()
        return self.days.get(day) or self.weekdays.get(day.weekday(), ())

    def open_until(self, at: datetime) -> int | None:
        """The minute at which the store closes, if it is open at this instant."""
        now = minute_of(at)
        return next((one.closes for one in self.hours_on(clock.day_of(at)) if one.opens <= now < one.closes), None)

    def next_after(self, at: datetime) -> Next | None:
        """The next opening after an instant; None when none is known within ``AHEAD`` days."""
        today, now = clock.day_of(at), minute_of(at)
        for day in (today + timedelta(days=number) for number in range(AHEAD)):
            for one in self.hours_on(day):
                if day > today or one.opens > now:
                    return Next(day, one.opens, day in self.days)
        return None

    def open_days(self, first: date, count: int) -> Iterator[tuple[date, tuple[Hours, ...], bool]]:
        """The open ones of the next ``count`` days, with their hours and whether they are market days."""
        for day in (first + timedelta(days=number) for number in range(count)):
            hours = self.hours_on(day)
            if hours:
                yield day, hours, day in self.days


def minute_of(at: datetime) -> int:
    """Minutes after midnight in Shanghai."""
    local = at.astimezone(clock.SHANGHAI)
    return local.hour * 60 + local.minute


def schedules(village_id: int) -> list[Schedule]:
    """The schedules of a village's stores from today on, in three statements; in one where it has none."""
    stores = db.session.scalars(select(Store).where(Store.village_id == village_id).order_by(Store.id)).all()
    return _schedules(stores)


def find_schedule(village_id: int, store_id: int) -> Schedule | None:
    """One store's schedule; None for a store that isn't this village's."""
    store = db.session.scalar(select(Store).where(Store.village_id == village_id, Store.id == store_id))
    return _schedules([store])[0] if store is not None else None


def _schedules(stores: Sequence[Store]) -> list[Schedule]:
    if not stores:
        return []
    ids, today = [store.id for store in stores], clock.today()
    openings = db.session.scalars(
        select(Opening)
        .where(Opening.store_id.in_(ids), or_(Opening.day.is_(None), Opening.day >= today))
        .order_by(Opening.day, Opening.weekday, Opening.opens)
    ).all()
    pauses = db.session.scalars(
        select(Pause)
        .where(Pause.store_id.in_(ids), Pause.ended_at.is_(None), Pause.until_on >= today)
        .order_by(Pause.from_on, Pause.id)
    ).all()
    return [_schedule(store, openings, pauses) for store in stores]


def _schedule(store: Store, openings: Sequence[Opening], pauses: Sequence[Pause]) -> Schedule:
    weekdays: dict[int, tuple[Hours, ...]] = {}
    days: dict[date, tuple[Hours, ...]] = {}
    for row in openings:
        if row.store_id != store.id:
            continue
        hours = Hours(row.opens, row.closes)
        if row.day is not None:
            days[row.day] = (*days.get(row.day, ()), hours)
        elif row.weekday is not None:
            weekdays[row.weekday] = (*weekdays.get(row.weekday, ()), hours)
    return Schedule(
        store.id, store.name, weekdays, days, tuple(pause for pause in pauses if pause.store_id == store.id)
    )  # fmt: skip


def is_outside_hours(store_id: int, at: datetime) -> bool:
    """Whether a store that has hours is closed at an instant; one small statement, for every sale."""
    today, now = clock.day_of(at), minute_of(at)
    rows = _TODAY.all({"store_id": store_id, "today": today})
    if not rows:
        return False
    hours = [row for row in rows if row.day is not None] or [row for row in rows if row.weekday == today.weekday()]
    return bool(rows[0].is_paused) or not any(row.opens <= now < row.closes for row in hours)


def pauses_of(store_id: int, limit: int = 20) -> list[Pause]:
    """The latest pauses, ended ones too."""
    query = select(Pause).where(Pause.store_id == store_id).order_by(Pause.from_on.desc(), Pause.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def stores_of(village_id: int) -> list[Store]:
    """A village's stores, the first one first."""
    return list(db.session.scalars(select(Store).where(Store.village_id == village_id).order_by(Store.id)))
