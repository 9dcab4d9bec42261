"""Two of the seven: the minutes (who decided what, when, who was there) and the posting record (what hung where, how long)."""

from collections import defaultdict
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from virtue import clock
from virtue.awarding.models import Rulebook
from virtue.awarding.round_models import Round, RoundJudge
from virtue.awarding.spot_check_models import SpotDraw
from virtue.core.invariants import day_in_shanghai
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.formatting import day as day_words
from virtue.formatting import month_name, own_language
from virtue.notices.models import Notice, NoticeLine, Objection
from virtue.places.models import Grid
from virtue.reports.ledgers import Cell, Sheet, Window
from virtue.reports.store_ledgers import bounds, last_day
from virtue.staff import queries as staff
from virtue.staff.models import RoleGrant

DECISIONS = {
    "awarding.approve": _l("评议通过"), "awarding.amend": _l("评议时改分"), "awarding.reject": _l("评议不通过"),
    "awarding.send_back": _l("评议退回补充"), "awarding.decide": _l("评议扣分"), "awarding.drop": _l("撤销扣分"),
    "awarding.reverse": _l("冲正入账的"), "awarding.draw": _l("抽签请村民代表"), "awarding.hand_over": _l("扣分交镇里评议"),
    "awarding.publish": _l("发了公示"), "awarding.publish_booked": _l("公示当场入账的"),
    "awarding.close_event": _l("关闭活动"), "awarding.decide_round": _l("月评送评议"),
    "awarding.spot_check": _l("抽查到现场核"), "awarding.book_record_vote": _l("记下村民对细则的表决"),
    "awarding.book_confirm": _l("镇里审核细则"), "awarding.book_file": _l("细则备案"),
    "awarding.book_put_in_force": _l("定细则生效日期"), "awarding.adopt_book": _l("启用细则"),
    "awarding.book_withdraw": _l("撤回细则草案"), "awarding.book_openings": _l("核对期初余额"),
    "notices.settle_objection": _l("办结异议"), "notices.name_settler": _l("指定异议处理人"),
    "store.set_price": _l("定价格"), "store.write_off": _l("报损"), "store.sign_close": _l("日结签字"),
    "ledger.sign_month": _l("月结签字"),
}  # fmt: skip
"""What stands in the minutes: decisions, as the trail keeps them."""


def minutes(village_id: int, month: int, window: Window) -> Sheet:
    """What was decided on which day, how often, by whom; votes and rounds with who was there."""
    start, end = bounds(month)
    # Through the people's own index, which is led by who and when: the trail's length doesn't matter.
    people = select(RoleGrant.user_id).where(or_(RoleGrant.village_id == village_id, RoleGrant.village_id.is_(None)))
    day = day_in_shanghai(Audit.recorded_at).label("day")
    rows = db.session.execute(
        select(day, Audit.action, Audit.by_id, func.count())
        .where(
            Audit.by_id.in_(people), Audit.recorded_at >= start, Audit.recorded_at < end,
            Audit.village_id == village_id, Audit.action.in_(DECISIONS),
        )
        .group_by(day, Audit.action, Audit.by_id)
    ).all()  # fmt: skip
    names = staff.names_of({row[2] for row in rows})
    decided: dict[tuple[date, str], list[tuple[str, int]]] = defaultdict(list)
    for happened, action, by_id, count in rows:
        decided[_as_day(happened), action].append((names.get(by_id, ""), int(count)))
    lines = [
        (
            on,
            _line(
                on, str(DECISIONS[action]), sum(count for _name, count in who), [name for name, _count in sorted(who)]
            ),
        )
        for (on, action), who in decided.items()
    ]
    lines += _votes(village_id, month) + _rounds(village_id, month)
    ordered = [line for _on, line in sorted(lines, key=lambda pair: (pair[0], [str(cell) for cell in pair[1]]))]
    heads = [_("日期"), _("办了什么"), _("件数"), _("谁办的"), _("到场")]
    notes = [_("每件事的理由写在各自的页面和留痕里。")]
    return Sheet(heads, window.cut(ordered), len(ordered), notes=notes)


def _as_day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _line(on: date, what: str, count: int, who: list[str], present: str = "") -> list[Cell]:
    return [day_words(on), what, count, _("、").join(dict.fromkeys(who)), present]


def _votes(village_id: int, month: int) -> list[tuple[date, list[Cell]]]:
    """The villagers' votes on rulebooks, with how many were there."""
    first, last = clock.first_day(month), last_day(month)
    books = db.session.scalars(
        select(Rulebook).where(
            Rulebook.village_id == village_id, Rulebook.adopted_on >= first, Rulebook.adopted_on <= last
        )
    )
    return [
        (
            book.adopted_on,
            _line(
                book.adopted_on, _("村民表决第%(n)s版积分细则", n=book.version), 1, [_("村民会议")],
                _("到场%(present)s人，其中妇女%(women)s人，同意%(yes)s人", present=book.present or 0,
                  women=book.women_present or 0, yes=book.in_favour or 0),
            ),
        )
        for book in books if book.adopted_on is not None
    ]  # fmt: skip


def _rounds(village_id: int, month: int) -> list[tuple[date, list[Cell]]]:
    """The rounds held, with their judges who signed."""
    first, last = clock.first_day(month), last_day(month)
    rounds = db.session.execute(
        select(Round.id, Round.day, Round.rule_name, Round.rule_name_en, Grid.name)
        .join(Grid, Grid.id == Round.grid_id)
        .where(
            Round.village_id == village_id, Round.day >= first, Round.day <= last,
            Round.state.in_(("closed", "decided")),
        )
    ).all()  # fmt: skip
    judges: dict[int, list[int]] = defaultdict(list)
    signed = select(RoundJudge.round_id, RoundJudge.user_id).where(
        RoundJudge.round_id.in_([row.id for row in rounds]), RoundJudge.signed_at.is_not(None)
    )
    for round_id, user_id in db.session.execute(signed.order_by(RoundJudge.id)):
        judges[round_id].append(user_id)
    names = staff.names_of({number for each in judges.values() for number in each})
    found = []
    for number, on, name, name_en, grid in rounds:
        who, rule = [names[user_id] for user_id in judges[number]], own_language(name, name_en)
        found.append(
            (on, _line(on, _("月评：%(grid)s，%(rule)s", grid=grid, rule=rule), 1, who, _("%(n)s位评议人", n=len(who))))
        )
    return found


def posting(village_id: int, month: int, window: Window) -> Sheet:
    """Everything that hung during the month: notices, corrections, drawn lots, drafts out for comments."""
    first, last = clock.first_day(month), last_day(month)
    lines = [
        *_notices(village_id, first, last), *_corrections(village_id, first, last), *_lots(village_id, first, last),
        *_drafts(village_id, first, last),
    ]  # fmt: skip
    ordered = [line for _on, line in sorted(lines, key=lambda pair: (pair[0], [str(cell) for cell in pair[1]]))]
    heads = [_("贴了什么"), _("从"), _("到"), _("行数"), _("谁发布的")]
    return Sheet(heads, window.cut(ordered), len(ordered), notes=[_("本月里贴着的都在，上个月贴出来的也算。")])


def _posted(what: str, since: date, until: date | None, count: int, who: str) -> tuple[date, list[Cell]]:
    return since, [what, day_words(since), day_words(until), count, who]


def _notices(village_id: int, first: date, last: date) -> list[tuple[date, list[Cell]]]:
    rows = db.session.execute(
        select(Notice, func.count(NoticeLine.id))
        .outerjoin(NoticeLine, NoticeLine.notice_id == Notice.id)
        .where(Notice.ends_on >= first, Notice.village_id == village_id, Notice.published_on <= last)
        .group_by(Notice.id)
    ).all()
    names = staff.names_of({notice.published_by_id for notice, _count in rows})
    words = {"booked": _("第%(n)s号公示（当场入账）"), "deeds": _("第%(n)s号公示")}
    return [
        _posted(
            words.get(one.kind, words["deeds"]) % {"n": one.number}, one.published_on, one.ends_on, count,
            names.get(one.published_by_id or 0, ""),
        )
        for one, count in rows
    ]  # fmt: skip


def _corrections(village_id: int, first: date, last: date) -> list[tuple[date, list[Cell]]]:
    rows = db.session.scalars(
        select(Objection).where(
            Objection.village_id == village_id, Objection.corrected_until >= first, Objection.settled_on <= last
        )
    ).all()
    names = staff.names_of({one.settled_by_id for one in rows})
    return [
        _posted(
            _("更正（异议回执第%(n)s号）", n=one.number), one.settled_on, one.corrected_until, 1,
            names.get(one.settled_by_id or 0, ""),
        )
        for one in rows if one.settled_on is not None
    ]  # fmt: skip


def _lots(village_id: int, first: date, last: date) -> list[tuple[date, list[Cell]]]:
    rows = db.session.scalars(
        select(SpotDraw).where(SpotDraw.village_id == village_id, SpotDraw.shown_until >= first)
    ).all()
    names = staff.names_of({one.drawn_by_id for one in rows})
    return [
        _posted(
            _("%(month)s抽查", month=month_name(one.month)), clock.day_of(one.drawn_at), one.shown_until, one.wanted,
            names.get(one.drawn_by_id or 0, _("系统自动抽签")),
        )
        for one in rows if clock.day_of(one.drawn_at) <= last
    ]  # fmt: skip


def _drafts(village_id: int, first: date, last: date) -> list[tuple[date, list[Cell]]]:
    rows = db.session.scalars(
        select(Rulebook).where(Rulebook.village_id == village_id, Rulebook.comments_until >= first)
    ).all()
    names = staff.names_of({one.entered_by_id for one in rows})
    return [
        _posted(
            _("细则草案征求意见（第%(n)s版）", n=one.version), clock.day_of(one.entered_at), one.comments_until, 1,
            names.get(one.entered_by_id or 0, ""),
        )
        for one in rows if clock.day_of(one.entered_at) <= last
    ]  # fmt: skip
