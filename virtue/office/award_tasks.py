"""What waits of awarding: objections, deductions, reviews, notices, events, rounds, sheets, lots."""

from datetime import timedelta

from flask_babel import gettext as _

from virtue import clock
from virtue.awarding import objection_queries as objections
from virtue.awarding import queries as awarding
from virtue.awarding import repairs, round_queries, sheet_queries, stand_ins
from virtue.awarding import spot_check_queries as spot_checks
from virtue.formatting import day as day_words
from virtue.notices import queries as notices
from virtue.office import queries
from virtue.office.desk_task import Ask, Task, task
from virtue.staff import queries as staff

NOTICE_DUE = 25
"""More days than these an approved deed doesn't wait for a notice unsaid."""


def _objections(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the supervision committee: all that wait, the overdue before everything else."""
    return _waiting(*notices.waiting(village_id, clock.today()))


def _own_objections(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For others: those they were named to settle."""
    if user_id in {user.id for user in staff.active_staff(village_id, "supervisor")}:
        return []
    return _waiting(*notices.waiting(village_id, clock.today(), user_id))


def _waiting(count: int, late: int) -> list[Task]:
    found = task(
        late, _("异议超期没有答复"), _("镇里也看得到。今天就办。"), "awarding.objection_list", _("去处理"), is_hot=True
    )
    return found + task(
        count - late, _("异议等答复"), _("由没有参与评议的人处理。"), "awarding.objection_list", _("去处理")
    )


def _deductions_to_tell(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("deduction:verified", 0)
    words = _("告知本户以后才能评议。")
    return task(count, _("扣分还没有送达本户"), words, "awarding.deductions", _("去送达"), is_hot=True)


def _too_few_reviewers(village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    """Deductions that fewer than two reviewers may decide: said at once, to whoever can draw or hand over."""
    if not counts.get("deduction:verified", 0) + counts.get("deduction:told", 0):
        return []
    count = len(stand_ins.short_of_reviewers(village_id))
    words = _("抽签请村民代表，或交到镇里。")
    return task(count, _("扣分没有两位评议员能评议"), words, "awarding.deductions", _("去看"), is_hot=True)


def _to_stand_in(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = len(stand_ins.to_sign(village_id, user_id))
    return task(count, _("请您评议的扣分"), _("抽签抽到您，或交到镇里的。"), "awarding.stand_in", _("去评议"))


def _repairs_to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = repairs.to_check(village_id, user_id)
    return task(count, _("说已改好，等复查"), _("由另一个人到现场看。"), "awarding.deductions", _("去复查"))


def _leads(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("deduction:lead", 0)
    return task(count, _("扣分线索等核实"), _("由另一个人核实。"), "awarding.deductions", _("去核实"))


def _to_review(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, first = queries.review_waiting(village_id, user_id)
    if first is None:
        return []
    since = day_words(clock.day_of(first))
    return task(
        count, _("申报等评议"), _("最早 %(day)s", day=since), "awarding.review", _("去评议")
    )  # fmt: skip


def _deductions_to_decide(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("deduction:told", 0)
    return task(count, _("扣分已送达，等评议"), _("申辩期满后由两位评议员决定。"), "awarding.deductions", _("去看"))


def _sent_back(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = queries.sent_back_to(village_id, user_id)
    return task(count, _("退回来要补充的"), _("补充后重新提交。"), "awarding.mine", _("去补充"))


def _to_publish(_village_id: int, _user_id: int, counts: dict[str, int]) -> list[Task]:
    count = counts.get("approved", 0) + counts.get("deduction:approved", 0)
    return task(count, _("评议通过，等公示"), "", "awarding.notices", _("去公示"))


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
        found += task(len(ending), _("公示快要结束"), words, "awarding.notices", _("看一看"))
    if due:
        found += task(len(due), _("公示到期，待入账"), _("今天第一笔办理时自动入账。"), "awarding.notices", _("看一看"))
    return found


def _events_to_close(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = awarding.events_to_close(village_id)
    return task(count, _("活动还没有关闭"), _("由没有扫卡的第二个人关闭。"), "awarding.events", _("去关闭"))


def _rounds(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = round_queries.waiting(village_id, user_id, clock.today())
    page, found = "awarding.rounds_list", []
    found += task(
        waiting.mine, _("月评等您评完、签字"), _("记录人请旁边两位签字；各评各的，评完就交。"), page, _("去评")
    )
    found += task(waiting.unsigned, _("月评还没签齐"), _("等评的人交齐、签齐。"), page, _("去看"))
    found += task(waiting.signed, _("月评签齐了，等收"), _("收了才看得到结果。"), page, _("去收"))
    return found + task(waiting.closed, _("月评收了，等送评议"), _("核对结果，再送评议小组。"), page, _("去送"))


def _sheets(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = sheet_queries.not_entered(village_id, clock.today())
    words = _("收回来录入；写坏的、不用的作废。")
    return task(count, _("纸表发出去了，还没有录入"), words, "awarding.sheets_list", _("去录入"))


def _to_check_on_site(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, late = spot_checks.to_check(village_id, user_id)
    words = _("到现场看一看，记下结果。")
    return task(count, _("抽查还没有结果"), words, "awarding.spot_checks_list", _("去核"), is_hot=late > 0)


ASKED: tuple[tuple[str, Ask], ...] = (
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
)
"""By permission, in the order of the desk."""
