"""What must hold among deeds, their steps, their entries in the ledger, and the score lane."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from virtue.awarding import spot_check_queries
from virtue.awarding.models import Deduction, Deed, DeedStep, StandIn
from virtue.core.invariants import ALTERED, Invariant, Query, altered_remarks, day_in_shanghai, of_query
from virtue.ledger import queries as ledger
from virtue.ledger.models import ClosedMonth, Entry
from virtue.notices.models import Notice
from virtue.people import recusals
from virtue.places.models import Village
from virtue.scores import queries as scores
from virtue.staff.models import RoleGrant
from virtue.staff.roles import PERMISSIONS

_BOOKED = ("settled", "reversed")
_APPROVING = ("approve", "decide")
# Scanned in an event under a rule that is booked on the spot: who adds it answers for it, a second one closes the event.
_AT_ONCE = and_(Deed.route == "at_once", Deed.way == "event")


def _entryless() -> Query:
    """A settled deed without its one entry, or whose entry is of another household or other points.

    An award is booked in full (into the purse, or against what is owed); a deduction takes at most its points.
    """
    booked = ledger.purse_sums("deed")
    moved = case((Deed.unit == "home", booked.c.home), else_=booked.c.civility)
    other = case((Deed.unit == "home", booked.c.civility), else_=booked.c.home)
    points = func.coalesce(Deed.settled_points, 0)
    is_right = and_(
        booked.c.entry_id == Deed.entry_id, booked.c.household_id == Deed.household_id,
        booked.c.village_id == Deed.village_id, other == 0,
        case((points >= 0, moved == points), else_=moved.between(points, 0)),
    )  # fmt: skip
    return (
        select(Deed.id, Deed.entry_id)
        .outerjoin(booked, booked.c.subject_id == Deed.id)
        .where(Deed.state.in_(_BOOKED), or_(booked.c.entry_id.is_(None), not_(is_right)))
        .order_by(Deed.id)
    )


def _deedless() -> Query:
    return (
        select(Entry.village_id, Entry.seq, Entry.subject_id)
        .outerjoin(Deed, and_(Deed.id == Entry.subject_id, Deed.state.in_(_BOOKED)))
        .where(Entry.kind == "deed", Deed.id.is_(None))
        .order_by(Entry.id)
    )


def _half_reversed() -> Query:
    """Reversed here and not there: state, entry, step and the month whose tally was lowered belong together."""
    back = select(DeedStep.id).where(DeedStep.deed_id == Deed.id, DeedStep.action.in_(("reverse", "undo"))).exists()
    reversal = select(Entry.id).where(Entry.reverses_id == Deed.entry_id).exists()
    is_reversed = Deed.state == "reversed"
    return (
        select(Deed.id)
        .where(
            Deed.state.in_(_BOOKED),
            or_(is_reversed != reversal, is_reversed != back, is_reversed != Deed.reversed_in.is_not(None)),
        )
        .order_by(Deed.id)
    )


def _unexplained() -> Query:
    """A reversal by somebody else without a reason. (An awarder's own, within minutes, needs none.)"""
    return (
        select(DeedStep.id, DeedStep.deed_id)
        .where(DeedStep.action.in_(("reverse", "reject", "send_back", "drop", "amend")), DeedStep.remark_hash.is_(None))
        .order_by(DeedStep.id)
    )


def _broken_ways() -> Query:
    """A step that doesn't begin where the one before it ended."""
    before = func.lag(DeedStep.to_state).over(partition_by=DeedStep.deed_id, order_by=DeedStep.id)
    rows = select(DeedStep.id, DeedStep.deed_id, DeedStep.action, DeedStep.from_state, before.label("due")).subquery()
    return (
        select(rows.c.id, rows.c.deed_id, rows.c.action)
        .where(rows.c.due.is_not(None), or_(rows.c.from_state.is_(None), rows.c.from_state != rows.c.due))
        .order_by(rows.c.id)
    )


def _stepless() -> Query:
    """A deed that stands where no step has led it."""
    last = select(DeedStep.deed_id, func.max(DeedStep.id).label("id")).group_by(DeedStep.deed_id).subquery("last")
    return (
        select(Deed.id, Deed.state)
        .outerjoin(last, last.c.deed_id == Deed.id)
        .outerjoin(DeedStep, DeedStep.id == last.c.id)
        .where(or_(DeedStep.id.is_(None), DeedStep.to_state != Deed.state))
        .order_by(Deed.id)
    )


def _approvals(*columns: Any) -> Query:
    return (
        select(DeedStep.id, DeedStep.deed_id, DeedStep.by_id, *columns)
        .join(Deed, Deed.id == DeedStep.deed_id)
        .where(DeedStep.action.in_(_APPROVING), not_(_AT_ONCE))
        .order_by(DeedStep.id)
    )


def _own_approvals() -> Query:
    """Approved by whoever proposed or verified it, or by one person twice without a new start between."""
    twice = func.count().over(partition_by=(DeedStep.deed_id, DeedStep.by_id, DeedStep.to_state))
    rows = _approvals(
        func.coalesce(DeedStep.by_id, 0).label("who"), Deed.proposed_by_id, Deduction.verified_by_id,
        case((Deed.route == "deduction", twice), else_=1).label("times"),
    ).outerjoin(Deduction, Deduction.deed_id == Deed.id).order_by(None).subquery()  # fmt: skip
    # Of a round all judges are proposers, each with a step.
    proposed = (
        select(DeedStep.id)
        .where(DeedStep.deed_id == rows.c.deed_id, DeedStep.action == "propose", DeedStep.by_id == rows.c.who)
        .exists()
    )
    own = or_(
        rows.c.who == 0, rows.c.who == rows.c.proposed_by_id, rows.c.who == rows.c.verified_by_id, rows.c.times > 1,
        proposed,
    )  # fmt: skip
    return select(rows.c.id, rows.c.deed_id, rows.c.by_id).where(own).order_by(rows.c.id)


def _kin_approvals() -> Query:
    """Proposed, verified, approved or booked by somebody of the household, or declared kin."""
    hands = (*_APPROVING, "propose", "lead", "verify", "amend", "book")
    return (
        select(DeedStep.id, DeedStep.deed_id, DeedStep.by_id)
        .join(Deed, Deed.id == DeedStep.deed_id)
        .where(
            DeedStep.action.in_(hands), DeedStep.by_id.is_not(None),
            recusals.was_kin(DeedStep.by_id, Deed.household_id, DeedStep.at),
        )
        .order_by(DeedStep.id)
    )  # fmt: skip


def _unauthorised() -> Query:
    """Approved by somebody who didn't hold the role then, nor was drawn or handed it in a reviewer's stead."""
    roles = sorted(role for role, permissions in PERMISSIONS.items() if "awarding.review" in permissions)
    held = (
        select(RoleGrant.id)
        .where(
            RoleGrant.user_id == DeedStep.by_id, RoleGrant.role.in_(roles), RoleGrant.granted_at <= DeedStep.at,
            or_(RoleGrant.ended_at.is_(None), RoleGrant.ended_at > DeedStep.at),
            or_(
                RoleGrant.village_id == Deed.village_id,
                RoleGrant.township_id.in_(select(Village.township_id).where(Village.id == Deed.village_id)),
            ),
        )
        .exists()
    )  # fmt: skip
    township = (
        select(RoleGrant.id)
        .where(
            RoleGrant.user_id == DeedStep.by_id, RoleGrant.role == "township_admin", RoleGrant.granted_at <= DeedStep.at,
            or_(RoleGrant.ended_at.is_(None), RoleGrant.ended_at > DeedStep.at),
            RoleGrant.township_id.in_(select(Village.township_id).where(Village.id == Deed.village_id)),
        )
        .exists()
    )  # fmt: skip
    stands_in = (
        select(StandIn.id)
        .where(
            StandIn.deed_id == DeedStep.deed_id, StandIn.at <= DeedStep.at,
            or_(StandIn.user_id == DeedStep.by_id, and_(StandIn.how == "township", township)),
        )
        .exists()
    )  # fmt: skip
    return _approvals().where(not_(held), not_(stands_in))


def _too_early() -> Query:
    """Settled by a notice that wasn't over, that isn't the deed's, or without any approval before it."""
    earlier = aliased(DeedStep)
    approved = select(earlier.id).where(earlier.deed_id == Deed.id, earlier.action.in_(_APPROVING)).exists()
    return (
        select(Deed.id, Deed.settled_on, Notice.ends_on)
        .join(DeedStep, and_(DeedStep.deed_id == Deed.id, DeedStep.action == "settle"))
        .outerjoin(Notice, and_(Notice.id == Deed.notice_id, Notice.village_id == Deed.village_id))
        .where(or_(Notice.id.is_(None), Notice.ends_on >= Deed.settled_on, not_(approved)))
        .order_by(Deed.id)
    )


def _booked_at_once() -> Query:
    """Booked without a notice though its rule asks for one; an opening balance, by the one who entered it."""
    opening = and_(Deed.way == "import", DeedStep.by_id != Deed.proposed_by_id)
    return (
        select(Deed.id, Deed.route)
        .join(DeedStep, and_(DeedStep.deed_id == Deed.id, DeedStep.action == "book"))
        .where(not_(_AT_ONCE), not_(opening))
        .order_by(Deed.id)
    )


def _unheard() -> Query:
    """A deduction decided before the household was told and its days to answer were over, or by fewer than two."""
    decided = (
        select(
            DeedStep.deed_id, func.min(DeedStep.at).label("at"), func.count(DeedStep.by_id.distinct()).label("people")
        )
        .where(DeedStep.action == "decide")
        .group_by(DeedStep.deed_id)
        .subquery("decided")
    )
    heard: ColumnElement[bool] = and_(
        Deduction.told_on.is_not(None), Deduction.told_how.is_not(None), Deduction.rebuttal_until.is_not(None),
        day_in_shanghai(decided.c.at) > Deduction.rebuttal_until, decided.c.people >= 2,
    )  # fmt: skip
    return (
        select(Deed.id)
        .outerjoin(Deduction, Deduction.deed_id == Deed.id)
        .outerjoin(decided, decided.c.deed_id == Deed.id)
        .where(Deed.route == "deduction", Deed.state.in_((*_BOOKED, "approved", "on_notice", "frozen")))
        .where(not_(func.coalesce(heard, False)))
        .order_by(Deed.id)
    )


def _in_closed_month() -> Query:
    """Counted into, or out of, a month after two people had closed it."""
    settled = and_(DeedStep.action.in_(("settle", "book")), ClosedMonth.month == Deed.counts_in)
    taken_back = and_(DeedStep.action.in_(("reverse", "undo")), ClosedMonth.month == Deed.reversed_in)
    return (
        select(Deed.id, ClosedMonth.month)
        .join(DeedStep, DeedStep.deed_id == Deed.id)
        .join(ClosedMonth, and_(ClosedMonth.village_id == Deed.village_id, or_(settled, taken_back)))
        .where(ClosedMonth.second_at.is_not(None), DeedStep.at > ClosedMonth.second_at)
        .order_by(Deed.id)
    )


def _wrong_tallies() -> Query:
    """Tallies that aren't the sum of the settled deeds less the reversed ones."""
    points = func.coalesce(Deed.settled_points, 0)
    earned, deducted = case((points > 0, points), else_=0), case((points < 0, -points), else_=0)

    def deeds(month: Any, sign: int, *which: ColumnElement[bool]) -> Query:
        return select(
            Deed.village_id, month.label("month"), Deed.household_id, Deed.dimension, Deed.unit, (earned * sign).label("earned"),
            (deducted * sign).label("deducted"), literal(sign).label("deeds"),
        ).where(Deed.scores, *which)  # fmt: skip

    rows = union_all(
        scores.kept(), deeds(Deed.counts_in, -1, Deed.state.in_(_BOOKED)), deeds(Deed.reversed_in, 1, Deed.state == "reversed")
    ).subquery("rows")  # fmt: skip
    by = (rows.c.village_id, rows.c.month, rows.c.household_id, rows.c.dimension, rows.c.unit)
    sums = [func.sum(rows.c[name]).label(name) for name in ("earned", "deducted", "deeds")]
    return select(*by, *sums).group_by(*by).having(or_(*(func.sum(rows.c[name]) != 0 for name in ("earned", "deducted", "deeds")))).order_by(*by)  # fmt: skip


def _wrong_grid_tallies() -> Query:
    def deeds(month: Any, sign: int, *which: ColumnElement[bool]) -> Query:
        return select(month.label("month"), Deed.grid_id, Deed.rule_code, literal(sign).label("deeds")).where(
            Deed.scores, *which
        )

    rows = union_all(
        scores.kept_grids(), deeds(Deed.counts_in, -1, Deed.state.in_(_BOOKED)), deeds(Deed.reversed_in, 1, Deed.state == "reversed")
    ).subquery("rows")  # fmt: skip
    by = (rows.c.month, rows.c.grid_id, rows.c.rule_code)
    return (
        select(*by, func.sum(rows.c.deeds).label("deeds"))
        .group_by(*by)
        .having(func.sum(rows.c.deeds) != 0)
        .order_by(*by)
    )


INVARIANTS: tuple[Invariant, ...] = (
    of_query(
        "awarding.entry", _l("入账的积分事项正好有一笔流水，分数一样"),
        _l("%(id)s 号积分事项：流水（%(entry_id)s）没有，或户、分数不一样。"), _entryless,
    ),
    of_query(
        "awarding.deed", _l("积分流水都有积分事项"),
        _l("村 %(village_id)s 流水 %(seq)s：没有 %(subject_id)s 号积分事项，或它没有入账。"), _deedless,
    ),
    of_query("awarding.reversed", _l("冲正的事项和流水一致"), _l("%(id)s 号积分事项：有一处写着冲正，另一处没有。"), _half_reversed),
    of_query("awarding.reason", _l("冲正、退回、否决都有理由"), _l("%(deed_id)s 号积分事项：第 %(id)s 步没有理由。"), _unexplained),
    of_query("awarding.step", _l("每一步从上一步的状态走起"), _l("%(deed_id)s 号积分事项：第 %(id)s 步（%(action)s）接不上。"), _broken_ways),
    of_query("awarding.state", _l("事项的状态就是最后一步的结果"), _l("%(id)s 号积分事项：状态 %(state)s 不是哪一步走到的。"), _stepless),
    of_query(
        "awarding.own", _l("提的人不审，一个人不审两遍"),
        _l("%(deed_id)s 号积分事项：%(by_id)s 号用户不应审这一步（%(id)s）。"), _own_approvals,
    ),
    of_query(
        "awarding.kin", _l("不办自己家和亲属家的事项"), _l("%(deed_id)s 号积分事项：%(by_id)s 号用户是这家人或亲属（第 %(id)s 步）。"), _kin_approvals
    ),
    of_query(
        "awarding.role", _l("审的人当时有评议的职务"), _l("%(deed_id)s 号积分事项：%(by_id)s 号用户当时没有评议的职务（第 %(id)s 步）。"), _unauthorised
    ),
    of_query(
        "awarding.notice", _l("评议通过、公示期满才入账"),
        _l("%(id)s 号积分事项：%(settled_on)s 入账，公示到 %(ends_on)s，或没有评议。"), _too_early,
    ),
    of_query("awarding.at_once", _l("要公示的事项不当场入账"), _l("%(id)s 号积分事项（%(route)s）没有公示就入了账。"), _booked_at_once),
    of_query("awarding.heard", _l("扣分先告知、听申辩，两个人定"), _l("%(id)s 号扣分：没有告知、申辩期没过，或不够两个人定。"), _unheard),
    of_query("awarding.closed_month", _l("结了账的月份不再计分"), _l("%(id)s 号积分事项：计进了已结账的 %(month)s。"), _in_closed_month),
    of_query(
        "scores.tally", _l("得分等于入账的事项减去冲正的"),
        _l(
            "%(household_id)s 号户 %(month)s，%(dimension)s，%(unit)s：得分比事项多加 %(earned)s、多扣 %(deducted)s、多 %(deeds)s 件。"
        ),
        _wrong_tallies,
    ),
    of_query(
        "scores.grid", _l("网格的件数等于入账的事项减去冲正的"),
        _l("%(grid_id)s 号网格 %(month)s，%(rule_code)s：比事项多 %(deeds)s 件。"), _wrong_grid_tallies,
    ),
    Invariant(
        "awarding.draw", _l("抽查重抽一遍，抽到的还是那些"), _l("村 %(village_id)s %(month)s 的抽查：种子或抽到的事项不对。"),
        lambda _run: spot_check_queries.wrongly_drawn(),
    ),
    Invariant("awarding.remark", _l("评议的理由没有被改过"), ALTERED, lambda _run: altered_remarks(DeedStep.__table__)),
)  # fmt: skip
