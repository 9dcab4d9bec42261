"""Movements in words, for a page and for a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue import clock

KINDS = {
    "received": _l("入库"), "sold": _l("兑换"), "returned": _l("撤销退回"), "written_off": _l("报损"),
    "moved_out": _l("调出"), "moved_in": _l("调入"), "counted": _l("盘点"),
    "reserved": _l("预约留下"), "released": _l("预约放回"), "fetched": _l("预约取走"),
}  # fmt: skip
REASONS = {"broken": _l("破损"), "expired": _l("过期"), "lost": _l("丢失")}


def what(row: Any) -> str:
    """What happened: 兑换 第12号; 报损（过期）; 调出到二组店."""
    words = str(KINDS.get(row.kind, row.kind))
    if row.order_id:
        return gettext("%(kind)s 第%(order)s号", kind=words, order=row.order_id)
    if row.reason:
        return gettext("%(kind)s（%(reason)s）", kind=words, reason=REASONS[row.reason])
    if row.kind == "moved_out":
        return gettext("调出到%(store)s", store=row.other)
    if row.kind == "moved_in":
        return gettext("从%(store)s调入", store=row.other)
    if row.delivery_id and row.kind == "received":
        return gettext("入库单 第%(number)s号", number=row.delivery_id)
    if row.stocktake_id:
        return gettext("第%(number)s次盘点", number=row.stocktake_id)
    return words


def lines(rows: Sequence[Any], names: Mapping[int, str]) -> list[list[str]]:
    """A heading and a line for each movement, for a file."""
    heading = [
        gettext("时间"), gettext("超市"), gettext("批次"), gettext("进出"), gettext("件数"), gettext("前"), gettext("后"),
        gettext("经手"), gettext("说明"),
    ]  # fmt: skip
    return [heading, *(_line(row, names) for row in rows)]


def _line(row: Any, names: Mapping[int, str]) -> list[str]:
    local = row.recorded_at.astimezone(clock.SHANGHAI)
    return [
        f"{local:%Y-%m-%d %H:%M}", row.store, str(row.batch_id), what(row), str(row.quantity), str(row.before),
        str(row.after), names.get(row.by_id, ""), row.why or "",
    ]  # fmt: skip
