"""What a stocktake can be asked; the books of a moment; never the other's numbers while both still count."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from virtue.extensions import db
from virtue.store.models import Batch, Movement
from virtue.store.stocktake_models import Stocktake, StocktakeCount, StocktakeGood, StocktakeSeat, TakeState

OPEN_STATES = (TakeState.COUNTING, TakeState.COMPARED, TakeState.TO_SIGN)


@dataclass(frozen=True)
class Line:
    """A good with what was counted of it, by place (1 and 2: the two counters, 3: the recount)."""

    good: StocktakeGood
    counts: dict[int, StocktakeCount] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Both counted exactly what the books said at the time."""
        return all(place in self.counts and self.counts[place].difference == 0 for place in (1, 2))


def takes_of(village_id: int) -> Select[Stocktake]:
    """A village's stocktakes, newest first; to be paged."""
    return select(Stocktake).where(Stocktake.village_id == village_id).order_by(Stocktake.id.desc())


def find_take(village_id: int, stocktake_id: int) -> Stocktake | None:
    """A stocktake of this village."""
    return db.session.scalar(
        select(Stocktake).where(Stocktake.id == stocktake_id, Stocktake.village_id == village_id)
    )  # fmt: skip


def open_take_of(store_id: int) -> Stocktake | None:
    """The stocktake of a store that isn't over yet."""
    return db.session.scalar(select(Stocktake).where(Stocktake.store_id == store_id, Stocktake.state.in_(OPEN_STATES)))


def seats_of(stocktake_id: int) -> list[StocktakeSeat]:
    """Who counts, the first who joined first."""
    query = select(StocktakeSeat).where(StocktakeSeat.stocktake_id == stocktake_id).order_by(StocktakeSeat.place)
    return list(db.session.scalars(query))


def goods_of(stocktake_id: int) -> list[StocktakeGood]:
    """What is to be counted, in the order of the shelf."""
    query = select(StocktakeGood).where(StocktakeGood.stocktake_id == stocktake_id).order_by(StocktakeGood.id)
    return list(db.session.scalars(query))


def lines_of(stocktake_id: int) -> list[Line]:
    """All numbers of a stocktake; for when both have handed in."""
    lines = {good.id: Line(good) for good in goods_of(stocktake_id)}
    for one in db.session.scalars(select(StocktakeCount).where(StocktakeCount.good_id.in_(lines))):
        lines[one.good_id].counts[one.place] = one
    return list(lines.values())


def own_counts(stocktake_id: int, place: int) -> dict[int, StocktakeCount]:
    """What one of the two has counted so far, by good."""
    query = (
        select(StocktakeCount)
        .join(StocktakeGood, StocktakeGood.id == StocktakeCount.good_id)
        .where(StocktakeGood.stocktake_id == stocktake_id, StocktakeCount.place == place)
    )
    return {one.good_id: one for one in db.session.scalars(query)}


def uncounted(stocktake_id: int, place: int) -> int:
    """How many goods one of the two hasn't counted yet."""
    return len(goods_of(stocktake_id)) - len(own_counts(stocktake_id, place))


def recounters(stocktake_id: int) -> set[int]:
    """Who wrote down the recount."""
    query = (
        select(StocktakeCount.by_id)
        .join(StocktakeGood, StocktakeGood.id == StocktakeCount.good_id)
        .where(StocktakeGood.stocktake_id == stocktake_id, StocktakeCount.place == 3)
    )
    return set(db.session.scalars(query))


def worth(stocktake_id: int) -> int:
    """What is over and what is short, added up at cost, in fen."""
    query = select(func.sum(func.abs(StocktakeGood.difference) * StocktakeGood.cost_fen)).where(
        StocktakeGood.stocktake_id == stocktake_id
    )
    return db.session.scalar(query) or 0


def book(store_id: int, item_id: int, at: datetime | None) -> tuple[int, int]:
    """What the books say of a good in a store now, or said at an instant: pieces, and the last movement up to then."""
    here = (
        select(func.coalesce(func.sum(Movement.quantity), 0), func.coalesce(func.max(Movement.id), 0))
        .join(Batch, Batch.id == Movement.batch_id)
        .where(Batch.store_id == store_id, Movement.item_id == item_id)
    )
    if at is None:
        pieces = select(func.coalesce(func.sum(Batch.quantity), 0))
        lies = db.session.scalar(pieces.where(Batch.store_id == store_id, Batch.item_id == item_id)) or 0
        last = db.session.execute(here).one()[1]
        return lies, last
    row = db.session.execute(here.where(Movement.recorded_at <= at)).one()
    return row[0], row[1]


@dataclass(frozen=True)
class Waiting:
    """How many stocktakes of a village wait for this person, and for what."""

    to_join: int = 0
    to_count: int = 0
    to_settle: int = 0
    to_sign: int = 0


def waiting(village_id: int, user_id: int) -> Waiting:
    """Open stocktakes by what they want of this person; two statements."""
    takes = list(
        db.session.scalars(
            select(Stocktake).where(Stocktake.village_id == village_id, Stocktake.state.in_(OPEN_STATES))
        )
    )
    seats: dict[int, list[Any]] = {}
    for seat in db.session.scalars(
        select(StocktakeSeat).where(StocktakeSeat.stocktake_id.in_([take.id for take in takes]))
    ):
        seats.setdefault(seat.stocktake_id, []).append(seat)
    found = {"to_join": 0, "to_count": 0, "to_settle": 0, "to_sign": 0}
    for take in takes:
        mine = next((seat for seat in seats.get(take.id, []) if seat.user_id == user_id), None)
        if take.state == TakeState.TO_SIGN:
            found["to_sign"] += mine is None
        elif take.state == TakeState.COMPARED:
            found["to_settle"] += mine is not None
        elif mine is None:
            found["to_join"] += len(seats.get(take.id, [])) < 2
        else:
            found["to_count"] += mine.handed_in_at is None
    return Waiting(**found)
