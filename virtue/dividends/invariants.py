"""What must hold of dividends: a sheet sums to its pot, each line is paid once as it stands, what was signed is unchanged."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select

from virtue.core.invariants import Invariant, Query, Row, of_query
from virtue.dividends import sheets
from virtue.dividends.models import DividendLine, Payout, Pot, PotState
from virtue.dividends.queries import SHOWN
from virtue.extensions import db

FROZEN = (PotState.SIGNED, PotState.CLOSED)


def _wrong_sum() -> Query:
    """A sheet that is, or was, open and whose lines don't add up to its pot. A draft may be changed after a sheet."""
    total = func.coalesce(func.sum(DividendLine.fen), 0)
    return (
        select(Pot.id, Pot.fen, total.label("sum"))
        .outerjoin(DividendLine, and_(DividendLine.pot_id == Pot.id, DividendLine.sheet == Pot.sheet))
        .where(Pot.state.in_(SHOWN))
        .group_by(Pot.id, Pot.fen)
        .having(total != Pot.fen)
        .order_by(Pot.id)
    )


def _wrongly_paid() -> Query:
    """A payment of another amount, household or sheet than its line's, of an unsigned sheet, or a second one."""
    again = (
        select(Payout.line_id).group_by(Payout.line_id).having(func.count() > 1).correlate(None).scalar_subquery()
    )  # fmt: skip
    return (
        select(Payout.id, Payout.pot_id, Payout.fen)
        .outerjoin(DividendLine, DividendLine.id == Payout.line_id)
        .outerjoin(Pot, Pot.id == Payout.pot_id)
        .where(
            or_(
                DividendLine.id.is_(None), Payout.fen != DividendLine.fen, DividendLine.pot_id != Payout.pot_id,
                DividendLine.household_id != Payout.household_id, DividendLine.sheet != Pot.sheet,
                Pot.state.not_in(FROZEN), Payout.line_id.in_(again),
            )
        )
        .order_by(Payout.id)
    )  # fmt: skip


def _unsealed() -> Iterator[Row]:
    """A signed sheet that isn't what was sealed, or isn't what its own inputs give."""
    for pot in db.session.scalars(select(Pot).where(Pot.state.in_(FROZEN)).order_by(Pot.id)):
        if sheets.seal_of(pot) != pot.seal or not sheets.adds_up(pot):
            yield {"id": pot.id, "year": pot.year}


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "dividends.sum", _l("分红表各户加起来就是分红资金"), _l("%(id)s 号分红：资金 %(fen)s 分，各户加起来 %(sum)s 分。"), _wrong_sum
    ),
    of_query(
        "dividends.paid", _l("签字以后照表发，一行只发一次"), _l("%(pot_id)s 号分红：第 %(id)s 笔发放（%(fen)s 分）和表对不上。"),
        _wrongly_paid,
    ),
    Invariant(
        "dividends.seal", _l("签过字的分红表没有被改过"), _l("%(year)s年的 %(id)s 号分红：表和封印对不上，被改过。"),
        lambda _run: _unsealed(),
    ),
)  # fmt: skip
