"""What must hold of slips that were typed in: each is one order of its household, and only such orders leave a debt."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from virtue.core.invariants import Invariant, Query, of_query
from virtue.ledger import queries as ledger
from virtue.store.models import Order, Return
from virtue.store.paper_models import PaperSlip


def _stray_slips() -> Query:
    """A slip whose order is another household's or village's, or was drawn before the day that stands on the paper."""
    return (
        select(PaperSlip.id, PaperSlip.order_id)
        .outerjoin(Order, Order.id == PaperSlip.order_id)
        .where(
            PaperSlip.state == "entered",
            or_(
                Order.id.is_(None), Order.household_id != PaperSlip.household_id,
                Order.village_id != PaperSlip.village_id, Order.drawn_at != PaperSlip.ended_at,
            ),
        )
        .order_by(PaperSlip.id)
    )  # fmt: skip


def _owed_without_paper() -> Query:
    """An order, or a return of one, that went over a household's debt though no slip of paper stands behind it."""
    orders, returns = ledger.owing_entries("order"), ledger.owing_entries("return")
    taken = select(orders.c.subject_id.label("order_id"), orders.c.seq)
    back = select(Return.order_id, returns.c.seq).join(returns, returns.c.subject_id == Return.id)
    rows = taken.union_all(back).subquery("owing")
    return (
        select(rows.c.order_id, rows.c.seq)
        .outerjoin(PaperSlip, PaperSlip.order_id == rows.c.order_id)
        .where(PaperSlip.id.is_(None))
        .order_by(rows.c.seq)
    )


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "store.paper", _l("每张录入的纸条就是那一户的一张兑换单"), _l("%(id)s 号纸条：和 %(order_id)s 号兑换单对不上。"), _stray_slips
    ),
    of_query(
        "store.paper_owed", _l("兑换时欠下的积分，都有一张纸条"), _l("流水 %(seq)s：%(order_id)s 号兑换单记了欠，却没有纸条。"),
        _owed_without_paper,
    ),
)  # fmt: skip
