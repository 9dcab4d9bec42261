"""Whether the goods and the money for goods carry the points in people's hands, and for how many months more.

A point redeemed takes a point from the hands and its value from the shelf: the gap stays. A point awarded narrows it by
its value. So the months left are the gap divided by what an ordinary month awards.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from virtue import clock
from virtue.core import settings
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.ledger.queries import MonthSums
from virtue.store.budget_models import FundMoney, FundSignature
from virtue.store.models import Batch

MONTHS = 12
LEAST_MONTHS = 3
"""With fewer months of bookings nothing is forecast."""
FORECAST = 3
ENOUGH_MONTHS = 3
"""Fewer months left than these are a warning."""


@dataclass(frozen=True)
class Budget:
    """Where a village stands. Money in fen; the units are asked together, since both buy the same goods."""

    home: int
    civility: int
    value_fen: int
    """Of one point, a setting of the village."""
    stock_fen: int
    """Goods that may be given out, at cost."""
    fund_fen: int
    unsigned: int
    """Sums that wait for the second signature; they don't count yet."""
    months: tuple[MonthSums, ...]
    """The last full months in which anything was booked, oldest first; twelve at most."""

    @property
    def need_fen(self) -> int:
        """What all points in hands are worth."""
        return (self.home + self.civility) * self.value_fen

    @property
    def cover_fen(self) -> int:
        """Goods and money for goods."""
        return self.stock_fen + self.fund_fen

    @property
    def gap_fen(self) -> int:
        """What is left when everybody redeems everything; below zero: points without goods."""
        return self.cover_fen - self.need_fen

    @property
    def percent(self) -> int | None:
        """How much of what is needed is there; None while nobody has points."""
        return self.cover_fen * 100 // self.need_fen if self.need_fen else None

    @property
    def has_history(self) -> bool:
        """Whether there are enough months to forecast from."""
        return len(self.months) >= LEAST_MONTHS

    @property
    def awarded(self) -> int:
        """Points that an ordinary month awards."""
        return round(sum(one.awarded for one in self.months) / len(self.months)) if self.months else 0

    @property
    def redeemed(self) -> int:
        """Points that an ordinary month redeems."""
        return round(sum(one.redeemed for one in self.months) / len(self.months)) if self.months else 0

    def months_left(self, more: int = 0) -> float | None:
        """How long it lasts if ``more`` points are awarded at once; 0 when it is over, None when nothing can be said."""
        gap = self.gap_fen - more * self.value_fen
        if gap < 0:
            return 0.0
        if not self.has_history or self.awarded <= 0:
            return None
        return gap * 10 // (self.awarded * self.value_fen) / 10

    def level(self, more: int = 0) -> str:
        """good, warn (fewer than three months), or bad (points without goods)."""
        left = self.months_left(more)
        if left is None or left >= ENOUGH_MONTHS:
            return "good"
        return "warn" if self.gap_fen >= more * self.value_fen else "bad"

    def forecast(self, month: int) -> list[tuple[int, int, int, int]]:
        """The next three months after ``month``: month, points in hands, goods and money (fen), gap (fen)."""
        found, hands, cover = [], self.home + self.civility, self.cover_fen
        for _number in range(FORECAST):
            month = clock.next_month(month)
            hands = max(0, hands + self.awarded - self.redeemed)
            cover = max(0, cover - self.redeemed * self.value_fen)
            found.append((month, hands, cover, cover - hands * self.value_fen))
        return found


def budget_of(village_id: int) -> Budget:
    """A village's budget as of now, in a fixed number of statements. Points and goods held for reservations are outside."""
    today = clock.today()
    last = clock.previous_month(clock.month_of(today))
    sums = ledger.month_sums(village_id, clock.months_back(last, MONTHS))
    hands = ledger.points_in_hands(village_id)
    return Budget(
        home=hands.get("home", 0), civility=hands.get("civility", 0),
        value_fen=settings.value("point_value_fen", village_id), stock_fen=_stock_fen(village_id, today),
        fund_fen=_fund_fen(village_id), unsigned=len(unsigned(village_id)), months=tuple(sums),
    )  # fmt: skip


def _stock_fen(village_id: int, day: date) -> int:
    in_date = or_(Batch.best_before.is_(None), Batch.best_before >= day)
    query = select(func.coalesce(func.sum(Batch.quantity * Batch.cost_fen), 0)).where(
        Batch.village_id == village_id, Batch.quantity > 0, in_date
    )
    return int(db.session.scalar(query) or 0)


def _fund_fen(village_id: int) -> int:
    return int(db.session.scalar(_counted(village_id)) or 0)


def _counted(village_id: int) -> Select[int]:
    """The sum of the money that counts: what needs a second person only once it has one."""
    return (
        select(func.coalesce(func.sum(FundMoney.amount_fen), 0))
        .outerjoin(FundSignature, FundSignature.money_id == FundMoney.id)
        .where(
            FundMoney.village_id == village_id, or_(FundMoney.needs_second.is_(False), FundSignature.id.is_not(None))
        )
    )


def collective_fen(village_id: int, first: date, after: date) -> int:
    """What the collective put in for goods from one day up to another (without it), as entered here, in fen."""
    query = _counted(village_id).where(FundMoney.source == "collective", FundMoney.day >= first, FundMoney.day < after)
    return int(db.session.scalar(query) or 0)


def unsigned(village_id: int) -> list[FundMoney]:
    """The sums that wait for a second person."""
    query = (
        select(FundMoney)
        .outerjoin(FundSignature, FundSignature.money_id == FundMoney.id)
        .where(FundMoney.village_id == village_id, FundMoney.needs_second.is_(True), FundSignature.id.is_(None))
        .order_by(FundMoney.id)
    )
    return list(db.session.scalars(query))


def money_list(village_id: int) -> Select[Any, Any]:
    """All money with who signed as second, newest first; to be paged. Rows: FundMoney, second_by_id."""
    return (
        select(FundMoney, FundSignature.by_id.label("second_by_id"))
        .outerjoin(FundSignature, FundSignature.money_id == FundMoney.id)
        .where(FundMoney.village_id == village_id)
        .order_by(FundMoney.id.desc())
    )
