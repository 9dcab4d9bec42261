"""What may be asked about reservations: a household's, the store's, one by its code; what is held; what it waits for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select

from virtue import clock
from virtue.core import remarks
from virtue.extensions import db
from virtue.people import codes
from virtue.people import queries as people
from virtue.store.models import Movement
from virtue.store.order_queries import goods_words
from virtue.store.reservation_errors import UnknownFetchCode
from virtue.store.reservation_models import Reservation, ReservationLine
from virtue.store.reservation_states import HELD

_TABLE = Reservation.__table__


def find_reservation(village_id: int, reservation_id: int) -> Reservation | None:
    """A reservation of this village with its lines."""
    return db.session.scalar(
        select(Reservation).where(Reservation.id == reservation_id, Reservation.village_id == village_id)
    )


def find_own(household_id: int, reservation_id: int) -> Reservation | None:
    """A reservation of this household."""
    return db.session.scalar(
        select(Reservation).where(Reservation.id == reservation_id, Reservation.household_id == household_id)
    )


def by_code(village_id: int, text: str) -> Reservation:
    """The reservation that a code fetches, typed, spoken or scanned; the newest, if an old one had the same.

    Raises UnknownFetchCode.
    """
    digits = codes.clean(text)
    found = None
    if codes.is_fetch_code(digits):
        found = db.session.scalar(
            select(Reservation)
            .where(Reservation.village_id == village_id, Reservation.code_hmac.in_(codes.fetch_hmacs(digits)))
            .order_by(Reservation.id.desc())
            .limit(1)
        )
    if found is None:
        raise UnknownFetchCode
    return found


def is_of_code(village_id: int, text: str) -> bool:
    """Whether what was typed or scanned fetches a reservation here."""
    try:
        by_code(village_id, text)
    except UnknownFetchCode:
        return False
    return True


def of_order(order_id: int) -> Reservation | None:
    """The reservation that became an order."""
    return db.session.scalar(select(Reservation).where(Reservation.order_id == order_id))


def of_household(household_id: int) -> Select[Reservation]:
    """A household's reservations, newest first; to be paged."""
    return select(Reservation).where(Reservation.household_id == household_id).order_by(Reservation.id.desc())


def held_of(village_id: int, household_id: int) -> list[Reservation]:
    """What is held for a household now, the first to end first."""
    return list(
        db.session.scalars(
            select(Reservation)
            .where(
                Reservation.village_id == village_id, Reservation.state.in_(HELD),
                Reservation.household_id == household_id,
            )
            .order_by(Reservation.fetch_by, Reservation.id)
        )
    )  # fmt: skip


def held_by(household_id: int) -> list[Reservation]:
    """The same by the household alone, for what asks before a household ends."""
    query = select(Reservation).where(Reservation.household_id == household_id, Reservation.state.in_(HELD))
    return list(db.session.scalars(query.order_by(Reservation.fetch_by, Reservation.id)))


def count_held(household_id: int) -> int:
    """How many reservations are held for a household now."""
    of_it = (_TABLE.c.household_id == household_id, _TABLE.c.state.in_(HELD))
    return db.session.scalar(select(func.count()).select_from(_TABLE).where(*of_it)) or 0


def reservations_of(village_id: int, *, text: str = "", state: str = "held") -> Select[Reservation]:
    """The statement that lists reservations: what is held, the first to end first; others newest first.

    ``text`` finds a household by its number (card, 户号, tail, 3-0147), never by name. ``state``: held, delivery, fetched,
    released, or empty for all.
    """
    query = select(Reservation).where(Reservation.village_id == village_id)
    if state in {"held", "delivery"}:
        query = query.where(Reservation.state.in_(HELD)).order_by(Reservation.fetch_by, Reservation.id)
        query = query.where(Reservation.wants_delivery) if state == "delivery" else query
    else:
        query = query.where(Reservation.state == state) if state in {"fetched", "released"} else query
        query = query.order_by(Reservation.id.desc())
    wanted = people.plain(text)
    if wanted:
        households = people.search_households(village_id, wanted if wanted[0].isdigit() else "").order_by(None)
        of_household = Reservation.household_id.in_(households.with_only_columns(households.selected_columns.id))
        query = query.where(of_household if wanted[0].isdigit() else Reservation.id == 0)
    return query


def to_deliver(village_id: int, volunteer_id: int | None = None) -> list[Reservation]:
    """What is to be brought to doors: all of it, or what is in one volunteer's hands."""
    query = select(Reservation).where(
        Reservation.village_id == village_id, Reservation.state.in_(HELD), Reservation.wants_delivery
    )
    if volunteer_id is not None:
        query = query.where(Reservation.volunteer_id == volunteer_id)
    return list(db.session.scalars(query.order_by(Reservation.fetch_by, Reservation.id)))


@dataclass(frozen=True)
class Waiting:
    """What waits at the store: to be fetched, of it on its last day or over, to be handed to a volunteer."""

    open: int
    last_day: int
    to_hand_out: int


def waiting(village_id: int, today: date) -> Waiting:
    """The counts of what is held at the store."""
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(_TABLE.c.fetch_by <= today),
            func.count().filter(_TABLE.c.wants_delivery, _TABLE.c.fetch_by >= today),
        ).where(_TABLE.c.village_id == village_id, _TABLE.c.state == "open")
    ).one()
    return Waiting(*row)


def held_pieces(store_id: int) -> dict[int, int]:
    """By good, how many pieces lie in a store for reservations: beside what its batches hold, when somebody counts.

    Those with a volunteer on the way are not among them.
    """
    rows = db.session.execute(
        select(ReservationLine.item_id, func.sum(ReservationLine.quantity))
        .join(Reservation, Reservation.id == ReservationLine.reservation_id)
        .where(Reservation.store_id == store_id, Reservation.state == "open")
        .group_by(ReservationLine.item_id)
    )
    return {item_id: int(pieces) for item_id, pieces in rows}


def held_in_batches(item_id: int) -> dict[int, int]:
    """By batch, how many pieces of a good are held for reservations, at the store or on the way."""
    rows = db.session.execute(
        select(Movement.batch_id, -func.sum(Movement.quantity))
        .join(Reservation, Reservation.id == Movement.reservation_id)
        .where(Movement.item_id == item_id, Reservation.state.in_(HELD))
        .group_by(Movement.batch_id)
    )
    return {batch_id: int(pieces) for batch_id, pieces in rows}


def fetched_by_helper(village_id: int, helper_hash: str, day: date) -> dict[str, int]:
    """What a helper fetched in the month of ``day``, by unit, for whichever households."""
    first = clock.first_day(clock.month_of(day))
    following = clock.first_day(clock.next_month(clock.month_of(day)))
    row = db.session.execute(
        select(func.coalesce(func.sum(_TABLE.c.home_points), 0), func.coalesce(func.sum(_TABLE.c.civility_points), 0))
        .where(
            _TABLE.c.ended_at >= clock.start_of(first), _TABLE.c.ended_at < clock.start_of(following),
            _TABLE.c.village_id == village_id, _TABLE.c.is_by_helper, _TABLE.c.helper_hash == helper_hash,
        )
    ).one()  # fmt: skip
    return {"home": int(row[0]), "civility": int(row[1])}


def helpers_of(reservations: Iterable[Reservation]) -> dict[int, str]:
    """By remark, the names of the helpers of these reservations; forgotten ones are missing."""
    return remarks.texts([one.helper_id for one in reservations])


def words_of(reservation: Reservation) -> str:
    """洗衣液 2kg等 3 件."""
    names = list(dict.fromkeys(line.item.name for line in reservation.lines))
    return goods_words(names, reservation.pieces)


@dataclass(frozen=True)
class ReservationWords:
    """What a line of a household's history says of a reservation."""

    reservation_id: int
    words: str
    fetch_by: date
    reserved_by_id: int | None
    released_for: str | None
    is_by_helper: bool
    helper: str
    order_id: int | None
    ended_at: datetime | None
    volunteer_id: int | None


def words_by_ids(reservation_ids: Collection[int], order_ids: Collection[int] = ()) -> list[ReservationWords]:
    """The words of these reservations, and of those that became these orders."""
    if not reservation_ids and not order_ids:
        return []
    rows = list(
        db.session.scalars(
            select(Reservation)
            .where(or_(Reservation.id.in_(sorted(reservation_ids)), Reservation.order_id.in_(sorted(order_ids))))
            .order_by(Reservation.id)
        )
    )
    helpers = helpers_of(rows)
    return [
        ReservationWords(
            one.id, words_of(one), one.fetch_by, one.reserved_by_id, one.released_for, one.is_by_helper,
            helpers.get(one.helper_id or 0, ""), one.order_id, one.ended_at, one.volunteer_id,
        )
        for one in rows
    ]  # fmt: skip
