"""All that the lines of a chain point to: deeds with their steps, notices, orders, names; read in a fixed number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from virtue.awarding import public_queries as awarding
from virtue.awarding.models import Deed, DeedStep
from virtue.awarding.queries import steps_of
from virtue.core import remarks
from virtue.ledger import queries as ledger
from virtue.ledger.queries import Moved
from virtue.notices.models import Notice
from virtue.staff import queries as staff
from virtue.store import order_queries as store
from virtue.store import reservation_queries, year_queries
from virtue.store.order_queries import OrderWords
from virtue.store.reservation_queries import ReservationWords
from virtue.store.year_models import YearClose

BACK = frozenset({"reverse", "undo"})
"""The steps that take a settled deed back."""


@dataclass(frozen=True)
class Facts:
    """What stands behind some entries and deeds."""

    deeds: dict[int, Deed]
    entries: dict[int, Any]
    """The deeds' entries, and the originals of reversals."""
    moved: dict[int, Moved]
    steps: dict[int, list[DeedStep]]
    notices: dict[int, Notice]
    events: dict[int, str]
    amended: dict[int, int]
    orders: dict[int, OrderWords]
    returned: dict[int, OrderWords]
    """By return: what came back."""
    lapses: dict[int, YearClose]
    reservations: dict[int, ReservationWords]
    """Those that an entry holds or releases."""
    fetched: dict[int, ReservationWords]
    """By order, those that became one."""
    names: dict[int, str]
    reasons: dict[int, str]
    """What its household may read of what was written: why a deed was reversed, what a told deduction is for."""

    def deed_of(self, row: Any) -> Deed | None:
        """The deed that an entry books or reverses."""
        if row.kind == "deed":
            return self.deeds.get(row.subject_id)
        original = self.entries.get(row.reverses_id) if row.kind == "reversal" else None
        return self.deeds.get(original.subject_id) if original is not None else None

    def order_of(self, row: Any) -> OrderWords | None:
        """The order that an entry pays, or what it pays back of one."""
        if row.kind == "return":
            return self.returned.get(row.subject_id)
        return self.orders.get(row.subject_id) if row.kind == "order" else None

    def lapse_of(self, row: Any) -> YearClose | None:
        """The year's close that an entry of lapsed points belongs to."""
        return self.lapses.get(row.subject_id) if row.kind == "lapse" else None

    def reservation_of(self, row: Any) -> ReservationWords | None:
        """The reservation that an entry holds, releases, or gives to the till."""
        if row.kind == "fetch":
            return self.fetched.get(row.subject_id)
        return self.reservations.get(row.subject_id) if row.kind in {"reservation", "release"} else None

    def name(self, user_id: int | None) -> str:
        """Who that is; empty for nobody."""
        return self.names.get(user_id or 0, "")


def look_up(rows: Sequence[Any], deeds: Iterable[Deed] = ()) -> Facts:
    """The facts behind these entries, and behind deeds that may have none yet."""
    given = {deed.id: deed for deed in deeds}
    wanted = {row.reverses_id for row in rows if row.reverses_id is not None}
    entries = ledger.entries_by_ids(wanted | {deed.entry_id for deed in given.values() if deed.entry_id is not None})
    subjects = _subjects(rows, "deed") | {entries[number].subject_id for number in wanted}
    found = given | awarding.deeds_by_id(subjects - set(given))
    booked = [row for row in rows if row.kind in {"deed", "reversal"}]
    steps = steps_of(found) if found else {}
    kept = reservation_queries.words_by_ids(
        _subjects(rows, "reservation") | _subjects(rows, "release"), _subjects(rows, "fetch")
    )
    people = {row.by_id for row in rows} | {one.volunteer_id for one in kept}
    people |= {deed.proposed_by_id for deed in found.values()}
    lapses = year_queries.closes_by_subjects(_subjects(rows, "lapse"))
    people |= {number for one in lapses.values() for number in (one.announced_by_id, one.signed_by_id)}
    people |= {step.by_id for each in steps.values() for step in each}
    return Facts(
        deeds=found,
        entries=entries | {row.entry_id: row for row in booked},
        moved=ledger.moved_by({row.entry_id for row in booked} | set(entries)),
        steps=steps,
        notices=awarding.notices_of(found.values()),
        events=awarding.event_names({deed.event_id for deed in found.values() if deed.event_id is not None}),
        amended=awarding.amended_from(list(found)),
        orders=store.orders_by_ids(_subjects(rows, "order")),
        returned=store.orders_by_returns(_subjects(rows, "return")),
        lapses=lapses,
        reservations={one.reservation_id: one for one in kept},
        fetched={one.order_id: one for one in kept if one.order_id is not None},
        names=staff.names_of(people),
        reasons=remarks.texts(_reasons(found.values(), steps)),
    )


def is_told(deed: Deed) -> bool:
    """Whether a deduction was told to its household; before that, what officials wrote stays with them."""
    return deed.deduction is not None and deed.deduction.told_on is not None


def _reasons(deeds: Iterable[Deed], steps: dict[int, list[DeedStep]]) -> list[int | None]:
    back = [step.remark_id for each in steps.values() for step in each if step.action in BACK]
    return back + [deed.remark_id for deed in deeds if is_told(deed)]


def _subjects(rows: Sequence[Any], kind: str) -> set[int]:
    return {row.subject_id for row in rows if row.kind == kind}
