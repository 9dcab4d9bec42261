"""Three of the seven: the stock ledger, the price list, the redemption ledger. They add up to movements and orders."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from virtue import clock
from virtue.extensions import db
from virtue.formatting import day as day_words
from virtue.formatting import fen, unit_name
from virtue.reports.ledgers import Cell, Sheet, Window, masked
from virtue.staff import queries as staff
from virtue.store import stock_book
from virtue.store.close_queries import returned_sums
from virtue.store.models import Item, Order, OrderLine, Price, Return


def bounds(month: int) -> tuple[datetime, datetime]:
    """The first instant of a month, and of the one after it."""
    return clock.start_of(clock.first_day(month)), clock.start_of(clock.first_day(clock.next_month(month)))


def last_day(month: int) -> date:
    """The last day of a month that has come."""
    return min(clock.first_day(clock.next_month(month)) - timedelta(days=1), clock.today())


def stock(village_id: int, month: int, window: Window) -> Sheet:
    """Each good: what lay there at first, what came and went, what lies there at last; all stores together."""
    found = stock_book.stock_lines(village_id, *bounds(month))
    lines: list[list[Cell]] = [
        [
            line.item.barcode, line.item.name, line.item.measure, line.opening,
            *(line.moved.get(name, 0) for name in stock_book.COLUMNS), line.closing,
        ]
        for line in found
    ]  # fmt: skip
    heads = [
        _("条码"), _("商品"), _("单位"), _("月初"), _("期初登记"), _("购进"), _("捐赠"), _("换出"), _("退回"), _("损耗"),
        _("调拨"), _("盘点增减"), _("预留"), _("月末"),
    ]  # fmt: skip
    return Sheet(heads, window.cut(lines), len(lines))


def prices(village_id: int, month: int, window: Window) -> Sheet:
    """The prices in force on the month's last day, and what changed in the month."""
    first, last = clock.first_day(month), last_day(month)
    rows = db.session.execute(
        select(Price.item_id, Price.unit, Price.points, Price.from_on, Price.set_by_id)
        .join(Item, Item.id == Price.item_id)
        .where(Item.village_id == village_id, Price.from_on <= last)
        .order_by(Price.from_on, Price.id)
    ).all()
    force: dict[tuple[int, str], Any] = {}
    changes: dict[int, list[str]] = defaultdict(list)
    names = staff.names_of({row.set_by_id for row in rows if row.from_on >= first})
    for row in rows:
        before = force.get((row.item_id, row.unit))
        if row.from_on >= first:
            changes[row.item_id].append(_change(row, before, names))
        force[row.item_id, row.unit] = row
    items = db.session.scalars(select(Item).where(Item.village_id == village_id).order_by(Item.barcode)).all()
    lines: list[list[Cell]] = []
    for item in items:
        now = [force.get((item.id, unit)) for unit in ("home", "civility")]
        if any(row is not None and row.points for row in now) or item.id in changes:
            lines.append([
                item.barcode, item.name, item.measure, fen(item.cost_fen), fen(item.market_fen),
                *("" if row is None or row.points is None else row.points for row in now),
                "" if item.is_active else _("已停兑"), _("；").join(changes[item.id]),
            ])  # fmt: skip
    heads = [
        _("条码"), _("商品"), _("单位"), _("进价"), _("市场价"), _("家美积分价"), _("文明积分价"), _("现在"), _("本月调整"),
    ]  # fmt: skip
    notes = [_("%(day)s的价格。进价和市场价是现在登记的。", day=day_words(last))]
    return Sheet(heads, window.cut(lines), len(lines), notes=notes)


def _change(row: Any, before: Any, names: dict[int, str]) -> str:
    old = _("无") if before is None or before.points is None else _("%(n)s分", n=before.points)
    new = _("不再用它换") if row.points is None else _("%(n)s分", n=row.points)
    said = _(
        "%(day)s %(unit)s %(old)s改为%(new)s", day=day_words(row.from_on), unit=unit_name(row.unit), old=old, new=new
    )
    return _("%(said)s（%(name)s定）", said=said, name=names[row.set_by_id]) if row.set_by_id in names else said


def redemptions(village_id: int, month: int, window: Window) -> Sheet:
    """Each order of the month in the order it was drawn, with goods, points by unit, and who handed over."""
    start, end = bounds(month)
    drawn = (Order.drawn_at >= start, Order.drawn_at < end, Order.village_id == village_id)
    count, *sums = db.session.execute(
        select(
            func.count(), func.coalesce(func.sum(Order.pieces), 0), func.coalesce(func.sum(Order.home_points), 0),
            func.coalesce(func.sum(Order.civility_points), 0), func.coalesce(func.sum(Order.cash_fen), 0),
        ).where(*drawn)
    ).one()  # fmt: skip
    sums_back = returned_sums()
    back = (
        select(
            Return.order_id, func.max(Return.returned_at).label("returned_at"), func.sum(sums_back.c.pieces).label("pieces")
        )
        .join(sums_back, sums_back.c.return_id == Return.id)
        .group_by(Return.order_id)
        .subquery("back")
    )  # fmt: skip
    query = (
        select(
            Order.id, Order.household_id, Order.drawn_at, Order.by_id, Order.pieces, Order.home_points,
            Order.civility_points, Order.cash_fen.label("cash"), back.c.returned_at, back.c.pieces.label("back"),
        )
        .outerjoin(back, back.c.order_id == Order.id)
        .where(*drawn)
        .order_by(Order.id)
    )  # fmt: skip
    orders = db.session.execute(window.of(query)).all()
    goods, names = _goods([row.id for row in orders]), staff.names_of({row.by_id for row in orders})
    homes = masked({row.household_id for row in orders})
    lines: list[list[Cell]] = [
        [
            str(row.id), day_words(clock.day_of(row.drawn_at)), homes[row.household_id], goods[row.id], row.pieces,
            row.home_points, row.civility_points, fen(row.cash), names.get(row.by_id, ""),
            _came_back(row),
        ]
        for row in orders
    ]  # fmt: skip
    heads = [
        _("单号"), _("日期"), _("农户"), _("商品"), _("件数"), _("家美积分"), _("文明积分"), _("现金"), _("经手人"), _("备注"),
    ]  # fmt: skip
    pieces, home, civility, cash = (int(number) for number in sums)
    foot: list[list[Cell]] = [
        [_("合计"), "", "", "", pieces, home, civility, fen(cash), "", ""], _returned(village_id, start, end),
    ]  # fmt: skip
    return Sheet(heads, lines, count, foot, households=frozenset(row.household_id for row in orders))


def _came_back(row: Any) -> str:
    """What came back of an order and when, last; empty if nothing did."""
    if row.returned_at is None:
        return ""
    day = day_words(clock.day_of(row.returned_at))
    if row.back == row.pieces:
        return _("%(day)s撤单", day=day)
    return _("%(day)s退%(pieces)s件", day=day, pieces=int(row.back))


def _returned(village_id: int, start: datetime, end: datetime) -> list[Cell]:
    """What was taken back in the month, of whichever month's orders."""
    back = returned_sums()
    figures = (back.c.pieces, back.c.home, back.c.civility, back.c.cash)
    row = db.session.execute(
        select(func.count(), *(func.sum(figure) for figure in figures))
        .select_from(Return)
        .join(back, back.c.return_id == Return.id)
        .join(Order, Order.id == Return.order_id)
        .where(Return.returned_at >= start, Return.returned_at < end, Order.village_id == village_id)
    ).one()
    count, pieces, home, civility, cash = (int(number or 0) for number in row)
    return [_("撤单"), "", "", _("%(n)s张", n=count), -pieces, -home, -civility, fen(cash), "", ""]


def _goods(order_ids: list[int]) -> dict[int, str]:
    """The goods of these orders in full: 洗衣液 2kg×1、食用盐 400g×2."""
    rows = db.session.execute(
        select(OrderLine.order_id, Item.name, func.sum(OrderLine.quantity))
        .join(Item, Item.id == OrderLine.item_id)
        .where(OrderLine.order_id.in_(order_ids))
        .group_by(OrderLine.order_id, Item.id, Item.name)
        .order_by(OrderLine.order_id, Item.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for order_id, name, pieces in rows:
        found[order_id].append(f"{name}×{int(pieces)}")
    return {order_id: _("、").join(names) for order_id, names in found.items()}
