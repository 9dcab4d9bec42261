"""What waits for a person: one question a room, and only of the rooms where this person may act."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from virtue import clock
from virtue.awarding import book_queries as books
from virtue.awarding import objection_queries as objections
from virtue.awarding import queries as awarding
from virtue.awarding import repairs, round_queries, sheet_queries, stand_ins
from virtue.awarding import spot_check_queries as spot_checks
from virtue.core import settings
from virtue.dividends import task_queries as dividends
from virtue.extensions import db
from virtue.formatting import day as day_words
from virtue.formatting import month_name, month_short
from virtue.honours import star_quarters, star_queries
from virtue.honours import star_removal_queries as star_removals
from virtue.ledger import queries as ledger
from virtue.notices import queries as notices
from virtue.office import queries, year_services
from virtue.people import print_queries
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.store import budget_queries as budgets
from virtue.store import budget_words, year_queries
from virtue.store import close_queries as closes
from virtue.store import queries as store
from virtue.store import reservation_queries as reservations
from virtue.store import stock_queries as stock
from virtue.store import stocktake_queries as takes

NOTICE_DUE = 25
"""More days than these an approved deed doesn't wait for a notice unsaid."""
MONTH_DUE = 10
"""A month is closed at the latest on this day of the next."""


@dataclass(frozen=True)
class Task:
    """One line of the desk: how many (or a short word), what, why, and where to go."""

    count: str
    title: str
    words: str
    endpoint: str
    action: str
    is_hot: bool = False


def tasks(village_id: int, user_id: int, permissions: Collection[str]) -> list[Task]:
    """All that waits for this person, what can't wait first."""
    found: list[Task] = []
    counts = awarding.counts(village_id) if {"awarding.review", "awarding.view"} & set(permissions) else {}
    for permission, ask in _ASKED:
        if permission in permissions:
            found += ask(village_id, user_id, counts)
    return sorted(found, key=lambda task: not task.is_hot)


def _objections(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the supervision committee: all that wait, the overdue before everything else."""
    return _waiting(*notices.waiting(village_id, clock.today()))


def _own_objections(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For others: those they were named to settle."""
    if user_id in {user.id for user in staff.active_staff(village_id, "supervisor")}:
        return []
    return _waiting(*notices.waiting(village_id, clock.today(), user_id))


def _waiting(count: int, late: int) -> list[Task]:
    found = _task(
        late, _("异议超期没有答复"), _("镇里也看得到。今天就办。"), "awarding.objection_list", _("去处理"), is_hot=True
    )
    return found + _task(
        count - late, _("异议等答复"), _("由没有参与评议的人处理。"), "awarding.objection_list", _("去处理")
    )


def _deductions_to_tell(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("deduction:verified", 0)
    words = _("告知本户以后才能评议。")
    return _task(count, _("扣分还没有送达本户"), words, "awarding.deductions", _("去送达"), is_hot=True)


def _too_few_reviewers(village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    """Deductions that fewer than two reviewers may decide: said at once, to whoever can draw or hand over."""
    if not counts.get("deduction:verified", 0) + counts.get("deduction:told", 0):
        return []
    count = len(stand_ins.short_of_reviewers(village_id))
    words = _("抽签请村民代表，或交到镇里。")
    return _task(count, _("扣分没有两位评议员能评议"), words, "awarding.deductions", _("去看"), is_hot=True)


def _to_stand_in(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = len(stand_ins.to_sign(village_id, user_id))
    return _task(count, _("请您评议的扣分"), _("抽签抽到您，或交到镇里的。"), "awarding.stand_in", _("去评议"))


def _repairs_to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = repairs.to_check(village_id, user_id)
    return _task(count, _("说已改好，等复查"), _("由另一个人到现场看。"), "awarding.deductions", _("去复查"))


def _leads(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("deduction:lead", 0)
    return _task(count, _("扣分线索等核实"), _("由另一个人核实。"), "awarding.deductions", _("去核实"))


def _to_review(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, first = queries.review_waiting(village_id, user_id)
    if first is None:
        return []
    since = day_words(clock.day_of(first))
    return _task(
        count, _("申报等评议"), _("最早 %(day)s", day=since), "awarding.review", _("去评议")
    )  # fmt: skip


def _deductions_to_decide(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("deduction:told", 0)
    return _task(count, _("扣分已送达，等评议"), _("申辩期满后由两位评议员决定。"), "awarding.deductions", _("去看"))


def _sent_back(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = queries.sent_back_to(village_id, user_id)
    return _task(count, _("退回来要补充的"), _("补充后重新提交。"), "awarding.mine", _("去补充"))


def _to_publish(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("approved", 0) + counts.get("deduction:approved", 0)
    return _task(count, _("评议通过，等公示"), "", "awarding.notices", _("去公示"))


def _monthly_notice(village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    """A notice at least monthly: said some days before the month is over."""
    since = objections.waiting_since(village_id) if counts.get("approved") or counts.get("deduction:approved") else None
    if since is None or (clock.today() - clock.day_of(since)).days <= NOTICE_DUE:
        return []
    words = _("最早一项 %(day)s 就通过了，每月至少公示一次。", day=day_words(clock.day_of(since)))
    return [Task("!", _("该发公示了"), words, "awarding.notices", _("去公示"), is_hot=True)]


def _notices_ending(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    today = clock.today()
    ending = [one for one in notices.open_notices(village_id, today) if one.ends_on <= today + timedelta(days=1)]
    due = awarding.due_notices(village_id, today)
    found = []
    if ending:
        numbers = "、".join(_("第%(number)s号", number=one.number) for one in ending)
        last = day_words(min(one.ends_on for one in ending))
        words = _("%(numbers)s，最早 %(day)s 结束", numbers=numbers, day=last)
        found += _task(len(ending), _("公示快要结束"), words, "awarding.notices", _("看一看"))
    if due:
        found += _task(
            len(due), _("公示到期，待入账"), _("今天第一笔办理时自动入账。"), "awarding.notices", _("看一看")
        )
    return found


def _events_to_close(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = awarding.events_to_close(village_id)
    return _task(count, _("活动还没有关闭"), _("由没有扫卡的第二个人关闭。"), "awarding.events", _("去关闭"))


def _rounds(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = round_queries.waiting(village_id, user_id, clock.today())
    page, found = "awarding.rounds_list", []
    found += _task(
        waiting.mine, _("月评等您评完、签字"), _("记录人请旁边两位签字；各评各的，评完就交。"), page, _("去评")
    )
    found += _task(waiting.unsigned, _("月评还没签齐"), _("等评的人交齐、签齐。"), page, _("去看"))
    found += _task(waiting.signed, _("月评签齐了，等收"), _("收了才看得到结果。"), page, _("去收"))
    return found + _task(waiting.closed, _("月评收了，等送评议"), _("核对结果，再送评议小组。"), page, _("去送"))


def _sheets(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = sheet_queries.not_entered(village_id, clock.today())
    words = _("收回来录入；写坏的、不用的作废。")
    return _task(count, _("纸表发出去了，还没有录入"), words, "awarding.sheets_list", _("去录入"))


def _books_to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = [book for book in books.prepared(village_id) if book.state == "township_check"]
    count = len(waiting) if user_id in staff.overseers(village_id) else 0
    return _task(count, _("细则草案等镇里审核"), "", "awarding.rules", _("去审核"), is_hot=True)


def _books_waiting(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    today = clock.today()
    waiting = [
        book
        for book in books.prepared(village_id)
        if book.state in {"vote", "voted", "filed"}
        or (book.state == "comments" and book.comments_until is not None and book.comments_until < today)
    ]
    return _task(len(waiting), _("细则草案等下一步"), _("送审、表决、备案、定生效日期。"), "awarding.rules", _("去办"))


def _to_check_on_site(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, late = spot_checks.to_check(village_id, user_id)
    words = _("到现场看一看，记下结果。")
    return _task(count, _("抽查还没有结果"), words, "awarding.spot_checks_list", _("去核"), is_hot=late > 0)


def _stars(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the clerk: a finished quarter without a proposal, and decided removals that wait for a notice."""
    quarter = star_quarters.last_finished()
    village = db.session.get(Village, village_id)
    found = []
    if village is not None and clock.day_of(village.created_at) <= star_quarters.span(quarter)[1]:
        count = int(star_queries.find_period(village_id, quarter) is None)
        words = _("%(quarter)s结束了，按得分提名。", quarter=star_quarters.name(quarter))
        found += _task(count, _("星级还没有提名"), words, "honours.star_list", _("去提名"))
    decided = len(star_removals.removals(village_id, "decided"))
    return found + _task(decided, _("摘星已决定，等公示"), "", "honours.star_list", _("去公示"))


def _stars_to_review(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the review group: a quarter in review, and removals whose days to answer are over."""
    today, latest = clock.today(), star_queries.latest_period(village_id)
    count = int(latest is not None and latest.state == "review")
    found = _task(
        count, _("季度星级等评议"), _("评议得星的那颗要评；别的有理由可以改。"), "honours.star_list", _("去评")
    )
    due = [
        one for one in star_removals.removals(village_id, "told") if one.rebuttal_until and one.rebuttal_until < today
    ]
    return found + _task(len(due), _("摘星申辩期满，等决定"), _("要两位评议员同意。"), "honours.star_list", _("去看"))


def _stars_to_tell(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = len(star_removals.removals(village_id, "proposed"))
    return _task(count, _("摘星还没有告知本户"), _("告知以后才能决定。"), "honours.star_list", _("去告知"), is_hot=True)


def _dividend_drafts(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting, page = dividends.to_draft(village_id, clock.today()), "dividends.pot_list"
    found = _task(waiting.to_vote, _("分红试算表期满，等表决"), _("开会表决，记下到会和赞成人数。"), page, _("去记"))
    found += _task(waiting.ending, _("分红试算表快要到期"), _("到期没有异议，就可以开会表决。"), page, _("看一看"))
    return found + _task(waiting.to_open, _("分红草稿等公开试算表"), _("年过完了，算出来公开十天。"), page, _("去公开"))


def _sheet_objections(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, late = dividends.to_answer(village_id, user_id, clock.today())
    words = _("答复以前不能表决；由没有起草的人答复。")
    return _task(count, _("对分红试算表的异议等答复"), words, "dividends.pot_list", _("去答复"), is_hot=late > 0)


def _dividends_to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = dividends.to_check(village_id, user_id)
    return _task(
        count, _("分红等镇里审核"), _("核对试算表和会议记录。"), "dividends.pot_list", _("去审核"), is_hot=True
    )


def _dividends_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = dividends.to_sign(village_id, user_id)
    return _task(count, _("分红等您签字"), _("签了就定下来，才能发。"), "dividends.pot_list", _("去签字"), is_hot=True)


def _dividends_to_pay(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting, page = dividends.to_pay(village_id, user_id, clock.today()), "dividends.pot_list"
    words = _("签字以后五天内发完，一户一户签收。")
    found = _task(waiting.lines, _("户的分红还没有发"), words, page, _("去发"), is_hot=waiting.is_late)
    return found + _task(waiting.to_close, _("分红发完了，等办结"), _("办结以后打印办结表。"), page, _("去办结"))


def _low_stock(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    shop = stock.store_of(village_id, user_id)
    low = store.low_stock(shop, clock.today()) if shop else []
    names = "、".join(good.name for good in low[:3]) + ("……" if len(low) > 3 else "")
    return _task(len(low), _("库存不足"), names, "store.goods", _("去看"))


def _to_receive(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    found = _task(
        stock.deliveries_to_confirm(village_id, user_id), _("入库单等第二人"), _("当面点过，确认了才入库。"),
        "store.deliveries", _("去点"),
    )  # fmt: skip
    return found + _task(
        stock.transfers_to_take_over(village_id, user_id), _("别的店调来的货等收下"), _("点过数再收。"),
        "store.transfers", _("去收"),
    )  # fmt: skip


def _stocktakes(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    found, page = takes.waiting(village_id, user_id), "store.stocktakes"
    tasks = _task(found.to_join, _("盘点还缺一个人点"), _("两个人各点各的。"), page, _("去点"))
    tasks += _task(found.to_count, _("盘点等您点完、交"), _("都点了再交。"), page, _("去点"))
    return tasks + _task(found.to_settle, _("盘点点完了，等复点、入账"), _("两位盘点人一起办。"), page, _("去办"))


def _stocktakes_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = takes.waiting(village_id, user_id).to_sign
    return _task(count, _("盘点等您签字"), _("差数大，看过原因再签。"), "store.stocktakes", _("去看"))


def _expiring(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    found = stock.expiring(village_id, clock.today())
    tasks = _task(found.expired, _("批商品过期了"), _("不能再换，请下架报损。"), "store.goods", _("去看"), is_hot=True)
    first = _("最早 %(day)s", day=day_words(found.first_on))
    return tasks + _task(found.soon, _("批商品60天内过期"), first, "store.goods", _("去看"))


def _day_to_close(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the keeper: a day before today that nobody closed."""
    shop = stock.store_of(village_id, user_id)
    if shop is None or not closes.is_open_before(shop.id, clock.today()):
        return []
    words = _("昨天或以前的兑换还没有日结，点一点现金，核对了再结。")
    return [Task("!", _("该日结了"), words, "store.day", _("去日结"), is_hot=True)]


def _days_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    shop = stock.store_of(village_id, user_id)
    count = closes.unsigned(shop.id, user_id) if shop else 0
    return _task(count, _("日结等您签字"), _("管理员结好了，由第二个人核对、签字。"), "store.day", _("去签字"))


def _budget(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """Points without goods, or soon: before anybody stands at an empty shelf."""
    found = budgets.budget_of(village_id)
    level = found.level()
    if level == "good":
        return []
    title = _("货和钱快不够换积分了")
    return [Task("!", title, budget_words.warning(found), "store.budget", _("去看"), is_hot=level == "bad")]


def _money_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = sum(row.by_id != user_id for row in budgets.unsigned(village_id))
    return _task(count, _("买货的钱等第二人签字"), _("核对单据再签，签了才算数。"), "store.budget", _("去签字"))


def _reservations(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = reservations.waiting(village_id, clock.today())
    words = _("其中%(count)s份今天是最后一天或已经到期。", count=waiting.last_day) if waiting.last_day else ""
    found = _task(waiting.open, _("预约等来取"), words, "store.reservations", _("去看"))
    return found + _task(
        waiting.to_hand_out, _("预约要送到家"), _("交给志愿者。"), "store.to_bring", _("去交"), is_hot=True
    )


def _deliveries(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = len(reservations.to_deliver(village_id, user_id))
    return _task(count, _("您要送到家的"), _("送到以后记一下。"), "store.to_bring", _("去送"), is_hot=True)


def _months(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    today = clock.today()
    month = clock.month_of(today.replace(day=1) - timedelta(days=1))
    village = db.session.get(Village, village_id)
    if village is None or clock.month_of(clock.day_of(village.created_at)) > month:
        return []  # nothing can have happened in it
    row = ledger.find_signed_month(village_id, month)
    if row is not None and (row.second_at is not None or row.first_by_id == user_id):
        return []
    late = today.day > MONTH_DUE
    if row:
        words = _("等第二人签字")
    elif late:
        words = _("已过本月%(day)s日，请尽快由两个人签字", day=MONTH_DUE)
    else:
        words = _("最晚本月%(day)s日，两个人签字", day=MONTH_DUE)
    return [
        Task(
            month_short(month), _("%(month)s要月结", month=month_name(month)), words, "office.months", _("去月结"), late
        )
    ]


def _year_to_announce(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """From October, where the village lets points lapse: sixty days are soon gone."""
    today = clock.today()
    if today.month < year_services.FROM_MONTH or settings.value("home_points_at_year_end", village_id) != "lapse":
        return []
    row = year_queries.close_of(village_id, today.year)
    if row is not None and row.state != "withdrawn":
        return []
    words = _("没兑换的家美积分要作废的话，提前60天公布。")
    return [Task("!", _("%(year)s年的年结要公布", year=today.year), words, "office.year", _("去公布"))]


def _year_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    row = year_queries.running(village_id)
    if row is None or row.lapses_on > clock.today():
        return []
    if row.state != "announced":
        words = _("还没有全部入账；停了的话，点“接着入账”。")
        return [Task("!", _("年结正在入账"), words, "office.year", _("去看"), is_hot=True)]
    if row.announced_by_id == user_id:
        return []
    words = _("先把列出的事办完，再看清户数和分数，签字。")
    return [Task("!", _("%(year)s年的年结等您签字", year=row.year), words, "office.year", _("去签字"), is_hot=True)]


def _cards(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    missing = sum(row.missing for row in print_queries.cards_by_grid(village_id))
    return _task(missing, _("户还没有积分卡"), _("按网格发卡、打印、签收。"), "people.cards", _("去发卡"))


def _reviewers(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = staff.holders(village_id, "reviewer")
    if count >= 2:
        return []
    words = _("评议员不到两人，20分以上的事和扣分都定不了。")
    return [Task(str(count), _("评议员不够"), words, "staff.users", _("去加人"), is_hot=True)]


def _task(count: int, title: str, words: str, endpoint: str, action: str, *, is_hot: bool = False) -> list[Task]:
    return [Task(str(count), title, words, endpoint, action, is_hot)] if count else []


_ASKED: tuple[tuple[str, Callable[[int, int, dict[str, int]], list[Task]]], ...] = (
    ("notices.settle", _objections),
    ("notices.view", _own_objections),
    ("awarding.tell", _deductions_to_tell),
    ("awarding.notice", _too_few_reviewers),
    ("awarding.stand_in", _to_stand_in),
    ("awarding.lead", _repairs_to_check),
    ("awarding.lead", _leads),
    ("awarding.review", _to_review),
    ("awarding.review", _deductions_to_decide),
    ("awarding.propose", _sent_back),
    ("awarding.notice", _monthly_notice),
    ("awarding.notice", _to_publish),
    ("awarding.view", _notices_ending),
    ("awarding.view", _events_to_close),
    ("awarding.judge", _rounds),
    ("awarding.sheet", _sheets),
    ("awarding.spot_check", _to_check_on_site),
    ("dividends.answer", _sheet_objections),
    ("dividends.check", _dividends_to_check),
    ("dividends.sign", _dividends_to_sign),
    ("dividends.pay", _dividends_to_pay),
    ("dividends.draft", _dividend_drafts),
    ("stars.tell", _stars_to_tell),
    ("stars.review", _stars_to_review),
    ("stars.notice", _stars),
    ("rules.check", _books_to_check),
    ("rules.edit", _books_waiting),
    ("store.sell", _day_to_close),
    ("store.sign", _days_to_sign),
    ("store.stock", _to_receive),
    ("store.sell", _reservations),
    ("store.deliver", _deliveries),
    ("store.stock", _low_stock),
    ("store.goods", _budget),
    ("ledger.close", _money_to_sign),
    ("store.stock", _expiring),
    ("store.count", _stocktakes),
    ("store.sign_count", _stocktakes_to_sign),
    ("ledger.close", _months),
    ("settings.edit", _year_to_announce),
    ("ledger.close", _year_to_sign),
    ("people.cards", _cards),
    ("staff.edit", _reviewers),
)
