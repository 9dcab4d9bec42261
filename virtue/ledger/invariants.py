"""The ledger's laws as queries over its rows; seals stand in ``sealed``. Whoever breaks one is named by ``verify``."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Subquery, and_, case, column, func, not_, or_, select, table, union_all

from virtue import clock
from virtue.core.invariants import Invariant, Query, of_query
from virtue.ledger.models import Account, ClosedMonth, Entry, Transfer
from virtue.ledger.sealed import SEALED
from virtue.ledger.services import ENTRY_IDS

_ACCOUNT, _ENTRY, _TRANSFER = Account.__table__, Entry.__table__, Transfer.__table__
_HOUSEHOLD = table("household", column("id"), column("village_id"), column("state"), column("ended_on"))
_SOURCE, _DESTINATION = _ACCOUNT.alias("source"), _ACCOUNT.alias("destination")
_LAPSE_AFTER = timedelta(days=60)

# From which kind of account to which one points may ever go.
_WAYS = (
    ("fund", "purse"), ("fund", "owed"), ("purse", "fund"), ("owed", "fund"), ("purse", "till"), ("till", "purse"),
    ("purse", "held"), ("held", "purse"), ("held", "till"), ("purse", "lapsed"),
    ("owed", "till"), ("till", "owed"),
)  # fmt: skip


def _transfers(*columns: Any) -> Query:
    """Transfers with both accounts and the entry."""
    return (
        select(_TRANSFER.c.id, _ENTRY.c.village_id, _ENTRY.c.seq, *columns)
        .join_from(_TRANSFER, _ENTRY, _ENTRY.c.id == _TRANSFER.c.entry_id)
        .join(_SOURCE, _SOURCE.c.id == _TRANSFER.c.source_id)
        .join(_DESTINATION, _DESTINATION.c.id == _TRANSFER.c.destination_id)
        .order_by(_TRANSFER.c.id)
    )


def _legs() -> Subquery:
    """Each transfer twice: what it took from one account, what it gave to the other."""
    taken = select(
        _TRANSFER.c.id, _TRANSFER.c.source_id.label("account_id"), (-_TRANSFER.c.points).label("change"),
        _TRANSFER.c.balance_after,
    )  # fmt: skip
    given = select(
        _TRANSFER.c.id, _TRANSFER.c.destination_id.label("account_id"), _TRANSFER.c.points.label("change"),
        _TRANSFER.c.balance_after,
    )  # fmt: skip
    return union_all(taken, given).subquery("leg")


def _mixed_units() -> Query:
    return _transfers().where(or_(_SOURCE.c.unit != _TRANSFER.c.unit, _DESTINATION.c.unit != _TRANSFER.c.unit))


def _over_the_border() -> Query:
    here = _ENTRY.c.village_id
    places = (_TRANSFER.c.village_id, _SOURCE.c.village_id, _DESTINATION.c.village_id)
    return _transfers().where(or_(*(place != here for place in places)))


def _foreign_households() -> Query:
    """An account, or an entry, of a household that belongs to another village."""
    accounts = (
        select(_ACCOUNT.c.village_id, _ACCOUNT.c.household_id)
        .join(_HOUSEHOLD, _HOUSEHOLD.c.id == _ACCOUNT.c.household_id)
        .where(_HOUSEHOLD.c.village_id != _ACCOUNT.c.village_id)
    )
    entries = (
        select(_ENTRY.c.village_id, _ENTRY.c.household_id)
        .join(_HOUSEHOLD, _HOUSEHOLD.c.id == _ENTRY.c.household_id)
        .where(_HOUSEHOLD.c.village_id != _ENTRY.c.village_id)
    )
    return select(union_all(accounts, entries).subquery())


def _wrong_ways() -> Query:
    """Points that went where none may go, or touched a purse that isn't the entry's household's."""
    allowed = or_(
        *(and_(_SOURCE.c.kind == source, _DESTINATION.c.kind == destination) for source, destination in _WAYS)
    )
    owner = func.coalesce(_SOURCE.c.household_id, _DESTINATION.c.household_id)
    return _transfers(_SOURCE.c.kind.label("source"), _DESTINATION.c.kind.label("destination")).where(
        or_(not_(allowed), func.coalesce(owner, _ENTRY.c.household_id) != _ENTRY.c.household_id)
    )


def _below_zero() -> Query:
    purse = and_(or_(_SOURCE.c.kind == "purse", _DESTINATION.c.kind == "purse"), _TRANSFER.c.balance_after < 0)
    owed = and_(or_(_SOURCE.c.kind == "owed", _DESTINATION.c.kind == "owed"), _TRANSFER.c.balance_after > 0)
    return _transfers(_TRANSFER.c.balance_after, _ENTRY.c.household_id).where(or_(purse, owed))


def _wrong_balance_after() -> Query:
    legs = _legs()
    running = func.sum(legs.c.change).over(partition_by=legs.c.account_id, order_by=legs.c.id)
    rows = (
        select(legs.c.id, _ACCOUNT.c.household_id, legs.c.balance_after, running.label("due"))
        .join(_ACCOUNT, _ACCOUNT.c.id == legs.c.account_id)
        .where(_ACCOUNT.c.household_id.is_not(None))
        .subquery("running")
    )
    wrong: ColumnElement[bool] = or_(rows.c.balance_after.is_(None), rows.c.balance_after != rows.c.due)
    return (
        select(_ENTRY.c.village_id, _ENTRY.c.seq, rows.c.household_id, rows.c.balance_after, rows.c.due)
        .join_from(rows, _TRANSFER, _TRANSFER.c.id == rows.c.id)
        .join(_ENTRY, _ENTRY.c.id == _TRANSFER.c.entry_id)
        .where(wrong)
        .order_by(rows.c.id)
    )


def _sums() -> Subquery:
    legs = _legs()
    return select(legs.c.account_id, func.sum(legs.c.change).label("due")).group_by(legs.c.account_id).subquery("sums")


def _wrong_balance() -> Query:
    sums = _sums()
    due = func.coalesce(sums.c.due, 0)
    return (
        select(_ACCOUNT.c.village_id, _ACCOUNT.c.household_id, _ACCOUNT.c.unit, _ACCOUNT.c.kind, _ACCOUNT.c.balance, due.label("due"))
        .outerjoin(sums, sums.c.account_id == _ACCOUNT.c.id)
        .where(case((_ACCOUNT.c.household_id.is_(None), _ACCOUNT.c.balance != 0), else_=_ACCOUNT.c.balance != due))
        .order_by(_ACCOUNT.c.id)
    )  # fmt: skip


def _drained() -> Query:
    """A till, what is held, or what lapsed, out of which more went than had gone in."""
    sums = _sums()
    return (
        select(_ACCOUNT.c.village_id, _ACCOUNT.c.unit, _ACCOUNT.c.kind, sums.c.due)
        .join(sums, sums.c.account_id == _ACCOUNT.c.id)
        .where(_ACCOUNT.c.kind.in_(("till", "held", "lapsed")), sums.c.due < 0)
    )


def _twice() -> Query:
    """Two entries about one and the same thing."""
    return select(_ENTRY.c.kind, _ENTRY.c.subject_id, func.count().label("times")).group_by(
        _ENTRY.c.kind, _ENTRY.c.subject_id
    ).having(func.count() > 1)  # fmt: skip


def _following() -> Subquery:
    """Entries with the sequence and the time of the one before them."""
    window: dict[str, Any] = {"partition_by": _ENTRY.c.village_id, "order_by": _ENTRY.c.id}
    return select(
        _ENTRY.c.id, _ENTRY.c.village_id, _ENTRY.c.seq, _ENTRY.c.recorded_at,
        func.coalesce(func.lag(_ENTRY.c.seq).over(**window), 0).label("seq_before"),
        func.lag(_ENTRY.c.recorded_at).over(**window).label("recorded_before"),
    ).subquery("following")  # fmt: skip


def _gaps() -> Query:
    rows = _following()
    return (
        select(rows.c.village_id, rows.c.seq, rows.c.seq_before)
        .where(or_(rows.c.seq != rows.c.seq_before + 1, rows.c.id != rows.c.village_id * ENTRY_IDS + rows.c.seq))
        .order_by(rows.c.id)
    )


def _backwards() -> Query:
    rows = _following()
    return select(rows.c.village_id, rows.c.seq).where(rows.c.recorded_at < rows.c.recorded_before).order_by(rows.c.id)


def _in_closed_month() -> Query:
    return (
        select(_ENTRY.c.village_id, _ENTRY.c.seq, _ENTRY.c.month)
        .join(ClosedMonth, and_(ClosedMonth.village_id == _ENTRY.c.village_id, ClosedMonth.month == _ENTRY.c.month))
        .where(ClosedMonth.second_at.is_not(None), _ENTRY.c.recorded_at > ClosedMonth.second_at)
        .order_by(_ENTRY.c.id)
    )


def _wrong_reversals() -> Query:
    """A reversal of something else than an earlier deed of the same household, of a deed twice, or of other sums.

    An award is taken back whole (from the purse, or owed), a deduction given back as it was taken.
    """
    original = _ENTRY.alias("original")
    moved = _net()
    back = _net()
    same = func.coalesce(back.c.net, 0) == -func.coalesce(moved.c.net, 0)
    times = func.count().over(partition_by=_ENTRY.c.reverses_id)
    rows = (
        select(
            _ENTRY.c.id, _ENTRY.c.village_id, _ENTRY.c.seq, _ENTRY.c.reverses_id,
            and_(
                original.c.kind == "deed", original.c.household_id == _ENTRY.c.household_id, original.c.id < _ENTRY.c.id,
                original.c.village_id == _ENTRY.c.village_id, _ENTRY.c.subject_id == _ENTRY.c.reverses_id, same,
            ).label("is_right"),
            times.label("times"),
        )
        .outerjoin(original, original.c.id == _ENTRY.c.reverses_id)
        .outerjoin(moved, moved.c.entry_id == _ENTRY.c.reverses_id)
        .outerjoin(back, back.c.entry_id == _ENTRY.c.id)
        .where(_ENTRY.c.kind == "reversal")
        .subquery()
    )  # fmt: skip
    is_right = func.coalesce(rows.c.is_right, False)
    return (
        select(rows.c.village_id, rows.c.seq, rows.c.reverses_id).where(or_(not_(is_right), rows.c.times > 1)).order_by(rows.c.id)
    )  # fmt: skip


def _net() -> Subquery:
    """What came out of the fund less what went into it, by entry of a deed or reversal (units apart: a deed has one)."""
    change = case((_SOURCE.c.kind == "fund", _TRANSFER.c.points), else_=-_TRANSFER.c.points)
    return (
        select(_TRANSFER.c.entry_id, func.sum(change).label("net"))
        .join(_SOURCE, _SOURCE.c.id == _TRANSFER.c.source_id)
        .join(_ENTRY, _ENTRY.c.id == _TRANSFER.c.entry_id)
        .where(_ENTRY.c.kind.in_(("deed", "reversal")))
        .group_by(_TRANSFER.c.entry_id)
        .subquery()
    )


def _points_of_ended() -> Query:
    return (
        select(_ACCOUNT.c.village_id, _ACCOUNT.c.household_id, _ACCOUNT.c.unit, _ACCOUNT.c.balance)
        .join(_HOUSEHOLD, _HOUSEHOLD.c.id == _ACCOUNT.c.household_id)
        .where(
            _HOUSEHOLD.c.state == "ended", _ACCOUNT.c.kind == "purse", _ACCOUNT.c.balance > 0,
            _HOUSEHOLD.c.ended_on < clock.today() - _LAPSE_AFTER,
        )
    )  # fmt: skip


_AT = _l("村 %(village_id)s 流水 %(seq)s：这一笔不对。")

INVARIANTS: tuple[Invariant, ...] = (
    of_query("ledger.unit", _l("两种积分从不混在一起"), _AT, _mixed_units),
    of_query("ledger.village", _l("积分不出本村"), _AT, _over_the_border),
    of_query(
        "ledger.household", _l("账户和流水都是本村户的"),
        _l("村 %(village_id)s 有 %(household_id)s 号户的账，那一户却是别的村的。"), _foreign_households,
    ),
    of_query(
        "ledger.way", _l("积分只走该走的路，一笔只动一户的账"),
        _l("村 %(village_id)s 流水 %(seq)s：积分从 %(source)s 走到 %(destination)s，不应该。"), _wrong_ways,
    ),
    of_query(
        "ledger.below_zero", _l("每一笔之后，余额不小于零"),
        _l("村 %(village_id)s 流水 %(seq)s：%(household_id)s 号户的余额成了 %(balance_after)s。"), _below_zero,
    ),
    of_query(
        "ledger.balance_after", _l("每一笔记下的余额，等于从头加起来的"),
        _l("村 %(village_id)s 流水 %(seq)s：%(household_id)s 号户的余额记成 %(balance_after)s，应为 %(due)s。"),
        _wrong_balance_after,
    ),
    of_query(
        "ledger.balance", _l("现在的余额，等于从头加起来的"),
        _l("村 %(village_id)s，%(household_id)s 号户，%(unit)s（%(kind)s）：余额是 %(balance)s，应为 %(due)s。"), _wrong_balance,
    ),
    of_query(
        "ledger.drained", _l("超市、预留、过期的积分不小于零"),
        _l("村 %(village_id)s，%(unit)s（%(kind)s）：成了 %(due)s。"), _drained,
    ),
    of_query("ledger.once", _l("一件事只记一笔"), _l("%(kind)s %(subject_id)s 记了 %(times)s 笔。"), _twice),
    of_query(
        "ledger.sequence", _l("流水号从 1 开始，一个不少"),
        _l("村 %(village_id)s：流水 %(seq_before)s 之后是 %(seq)s。"), _gaps,
    ),
    of_query("ledger.time", _l("流水的时间不倒退"), _l("村 %(village_id)s 流水 %(seq)s：比前一笔还早。"), _backwards),
    of_query(
        "ledger.closed_month", _l("结了账的月份不再记账"),
        _l("村 %(village_id)s 流水 %(seq)s：记进了已结账的 %(month)s。"), _in_closed_month,
    ),
    of_query(
        "ledger.reversal", _l("冲正只有一次，和原来那笔正好相反"),
        _l("村 %(village_id)s 流水 %(seq)s：和它冲正的那笔（%(reverses_id)s）对不上。"), _wrong_reversals,
    ),
    of_query(
        "ledger.ended", _l("注销 60 天以后的户没有积分"),
        _l("村 %(village_id)s，%(household_id)s 号户已注销，还有 %(balance)s 分（%(unit)s）。"), _points_of_ended,
    ),
    *SEALED,
)  # fmt: skip
