"""What moved a household's points, line by line, as the desk reads it: which rule or which goods, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from virtue.awarding.models import Deed
from virtue.formatting import rule_name
from virtue.ledger import queries as ledger
from virtue.store.order_queries import OrderWords
from virtue.store.year_models import YearClose
from virtue.why.facts import Facts, look_up
from virtue.why.reservation_sentences import reservation_title
from virtue.why.sentences import lapse_title


@dataclass(frozen=True)
class Line:
    """One movement: what it was, whose deed or order, who booked it, and what was left."""

    title: str
    deed_id: int | None
    seq: int
    """The entry's number."""
    day: date
    who: str
    unit: str | None
    change: int
    left: int | None


def lines(household_id: int, months: Sequence[int]) -> list[Line]:
    """The movements of these months, newest first, in a fixed number of statements."""
    rows = ledger.statement(household_id, months)
    facts = look_up(rows)
    found = []
    for row in rows:
        deed = facts.deed_of(row)
        found.append(
            Line(
                _title_of(row, facts, deed) + _owed(row), deed.id if deed else None, row.seq, row.day,
                facts.name(row.by_id), row.unit, row.change,
                row.balance_after if row.account_kind == "purse" else None,
            )
        )  # fmt: skip
    return found


def _owed(row: Any) -> str:
    if row.account_kind != "owed":
        return ""
    return _("（记作欠，以后得分先补上）") if row.change < 0 else _("（补了以前欠的）")


def _title_of(row: Any, facts: Facts, deed: Deed | None) -> str:
    kept = facts.reservation_of(row)
    return (
        reservation_title(row, kept)
        if kept is not None
        else _title(row.kind, deed, facts.order_of(row), facts.lapse_of(row))
    )


def _title(kind: str, deed: Deed | None, order: OrderWords | None, close: YearClose | None) -> str:
    if kind == "deed" and deed:
        return rule_name(deed)
    if kind == "reversal" and deed:
        return _("更正：%(rule)s", rule=rule_name(deed))
    if kind == "order" and order:
        return _("兑换 %(goods)s", goods=order.words)
    if kind == "return" and order:
        return _("退回 %(goods)s", goods=order.words)
    return lapse_title(close) if close else _("积分变动")
