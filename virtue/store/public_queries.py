"""The quarter's public sheets: what a quarter adds up to, and which versions stand."""

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import func, select

from virtue import clock
from virtue.extensions import db
from virtue.store import stock_book
from virtue.store.models import Order, OrderLine, ReturnLine
from virtue.store.public_models import PublicSheet

GIVEN = ("out", "back")
BESIDE = ("opened", "moved", "counted", "held")
"""Neither bought nor donated, given nor lost: registered at the start, moved, found in a stocktake, set aside."""


def quarter_of(day: date) -> int:
    """The quarter of a day by its first month: 202610."""
    return clock.months_of_quarter(day)[0]


def next_quarter(quarter: int) -> int:
    """The first month of the quarter after."""
    return clock.next_month(clock.next_month(clock.next_month(quarter)))


def quarters_back(quarter: int, count: int) -> list[int]:
    """So many quarters that end with this one, the newest first."""
    return clock.months_back(quarter, count * 3)[::3]


def figures(village_id: int, quarter: int) -> dict[str, Any]:
    """What a quarter adds up to: lines by good (pieces) and what was bought and donated in fen.

    Each line: name, measure, opening, bought, donated, given, lost, other, left; opening + bought + donated - given -
    lost + other = left.
    """
    start, end = (clock.start_of(clock.first_day(month)) for month in (quarter, next_quarter(quarter)))
    lines = [
        {
            "item": line.item.id, "name": line.item.name, "measure": line.item.measure, "opening": line.opening,
            "bought": line.moved.get("bought", 0), "donated": line.moved.get("donated", 0),
            "given": -sum(line.moved.get(name, 0) for name in GIVEN), "lost": -line.moved.get("lost", 0),
            "other": sum(line.moved.get(name, 0) for name in BESIDE), "left": line.closing,
        }
        for line in stock_book.stock_lines(village_id, start, end)
    ]  # fmt: skip
    cost = stock_book.spent(village_id, start, end)
    return {"lines": lines, "bought_fen": cost.get("bought", 0), "donated_fen": cost.get("donated", 0)}


def fingerprint(sheet: PublicSheet, figures: dict[str, Any]) -> str:
    """What a signer has before their eyes, in one word: the figures, the collective's money, its proof, the reason."""
    seen = [sheet.id, sheet.collective_fen, sheet.proof_hash, sheet.reason_hash, figures]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def versions(village_id: int, quarter: int) -> list[PublicSheet]:
    """All versions of a quarter, the newest first, a draft among them."""
    query = select(PublicSheet).where(PublicSheet.village_id == village_id, PublicSheet.quarter == quarter)
    return list(db.session.scalars(query.order_by(PublicSheet.version.desc())))


def signed(village_id: int) -> list[PublicSheet]:
    """What everybody may read: the newest signed version of each quarter, the newest quarter first."""
    query = (
        select(PublicSheet)
        .where(PublicSheet.village_id == village_id, PublicSheet.signed_at.is_not(None))
        .order_by(PublicSheet.quarter.desc(), PublicSheet.version.desc())
    )
    newest: dict[int, PublicSheet] = {}
    for sheet in db.session.scalars(query):
        newest.setdefault(sheet.quarter, sheet)
    return list(newest.values())


def redeemed_by_village(month: int) -> dict[tuple[int, str], tuple[int, int]]:
    """By village and unit, the points redeemed in a month, and by how many households; lines taken back are out of both."""
    rows = db.session.execute(
        select(
            Order.village_id, OrderLine.unit, func.sum(OrderLine.points), func.count(OrderLine.household_id.distinct())
        )
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(ReturnLine, ReturnLine.line_id == OrderLine.id)
        .where(OrderLine.month == month, ReturnLine.id.is_(None))
        .group_by(Order.village_id, OrderLine.unit)
    )
    return {(village_id, unit): (int(points), households) for village_id, unit, points, households in rows}
