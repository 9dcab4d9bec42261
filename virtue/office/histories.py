"""What moved a household's points, line by line, as the desk reads it: which rule or which goods, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from virtue.awarding import public_queries as awarding
from virtue.awarding.models import Deed
from virtue.formatting import own_language
from virtue.ledger import queries as ledger
from virtue.staff import queries as staff
from virtue.store import order_queries as store
from virtue.store.order_queries import OrderWords


@dataclass(frozen=True)
class Line:
    """One movement: what it was, whose deed or order, who booked it, and what was left."""

    title: str
    deed_id: int | None
    day: date
    who: str
    unit: str | None
    change: int
    left: int | None


def lines(household_id: int, months: Sequence[int]) -> list[Line]:
    """The movements of these months, newest first, in a fixed number of statements."""
    rows = ledger.statement(household_id, months)
    reversed_deeds = ledger.subjects_of(row.reverses_id for row in rows if row.reverses_id is not None)
    deeds = awarding.deeds_by_id(_subjects(rows, "deed") | set(reversed_deeds.values()))
    returned = store.orders_by_returns(_subjects(rows, "return"))
    orders = store.orders_by_ids(_subjects(rows, "order") | set(returned.values()))
    names = staff.names_of({row.by_id for row in rows})
    found = []
    for row in rows:
        deed = deeds.get(reversed_deeds.get(row.reverses_id, 0) if row.kind == "reversal" else row.subject_id)
        order = orders.get(returned.get(row.subject_id, 0) if row.kind == "return" else row.subject_id)
        found.append(
            Line(
                _title(row.kind, deed, order) + _owed(row), deed.id if deed and row.kind in {"deed", "reversal"} else None, row.day,
                names.get(row.by_id or 0, ""), row.unit, row.change,
                row.balance_after if row.account_kind == "purse" else None,
            )
        )  # fmt: skip
    return found


def _owed(row: Any) -> str:
    if row.account_kind != "owed":
        return ""
    return _("（记作欠，以后得分先补上）") if row.change < 0 else _("（补了以前欠的）")


def _subjects(rows: Sequence[Any], kind: str) -> set[int]:
    return {row.subject_id for row in rows if row.kind == kind}


def _title(kind: str, deed: Deed | None, order: OrderWords | None) -> str:
    if kind == "deed" and deed:
        return own_language(deed.rule_name, deed.rule.name_en)
    if kind == "reversal" and deed:
        return _("更正：%(rule)s", rule=own_language(deed.rule_name, deed.rule.name_en))
    if kind == "order" and order:
        return _("兑换 %(goods)s", goods=order.words)
    if kind == "return" and order:
        return _("退回 %(goods)s", goods=order.words)
    return _("积分变动")
