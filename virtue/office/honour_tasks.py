"""What waits of the stars and of the dividend."""

from flask_babel import gettext as _

from virtue import clock
from virtue.dividends import task_queries as dividends
from virtue.extensions import db
from virtue.honours import star_quarters, star_queries
from virtue.honours import star_removal_queries as star_removals
from virtue.office.desk_task import Ask, Task, task
from virtue.places.models import Village


def _stars(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the clerk: a finished quarter without a proposal, and decided removals that wait for a notice."""
    quarter = star_quarters.last_finished()
    village = db.session.get(Village, village_id)
    found = []
    if village is not None and clock.day_of(village.created_at) <= star_quarters.span(quarter)[1]:
        count = int(star_queries.find_period(village_id, quarter) is None)
        words = _("%(quarter)s结束了，按得分提名。", quarter=star_quarters.name(quarter))
        found += task(count, _("星级还没有提名"), words, "honours.star_list", _("去提名"))
    decided = len(star_removals.removals(village_id, "decided"))
    return found + task(decided, _("摘星已决定，等公示"), "", "honours.star_list", _("去公示"))


def _stars_to_review(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    """For the review group: a quarter in review, and removals whose days to answer are over."""
    today, latest = clock.today(), star_queries.latest_period(village_id)
    count = int(latest is not None and latest.state == "review")
    found = task(
        count, _("季度星级等评议"), _("评议得星的那颗要评；别的有理由可以改。"), "honours.star_list", _("去评")
    )
    due = [
        one for one in star_removals.removals(village_id, "told") if one.rebuttal_until and one.rebuttal_until < today
    ]
    return found + task(len(due), _("摘星申辩期满，等决定"), _("要两位评议员同意。"), "honours.star_list", _("去看"))


def _stars_to_tell(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = len(star_removals.removals(village_id, "proposed"))
    return task(count, _("摘星还没有告知本户"), _("告知以后才能决定。"), "honours.star_list", _("去告知"), is_hot=True)


def _dividend_drafts(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting, page = dividends.to_draft(village_id, clock.today()), "dividends.pot_list"
    found = task(waiting.to_vote, _("分红试算表期满，等表决"), _("开会表决，记下到会和赞成人数。"), page, _("去记"))
    found += task(waiting.ending, _("分红试算表快要到期"), _("到期没有异议，就可以开会表决。"), page, _("看一看"))
    return found + task(waiting.to_open, _("分红草稿等公开试算表"), _("年过完了，算出来公开十天。"), page, _("去公开"))


def _sheet_objections(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, late = dividends.to_answer(village_id, user_id, clock.today())
    words = _("答复以前不能表决；由没有起草的人答复。")
    return task(count, _("对分红试算表的异议等答复"), words, "dividends.pot_list", _("去答复"), is_hot=late > 0)


def _dividends_to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = dividends.to_check(village_id, user_id)
    return task(count, _("分红等镇里审核"), _("核对试算表和会议记录。"), "dividends.pot_list", _("去审核"), is_hot=True)


def _dividends_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = dividends.to_sign(village_id, user_id)
    return task(count, _("分红等您签字"), _("签了就定下来，才能发。"), "dividends.pot_list", _("去签字"), is_hot=True)


def _dividends_to_pay(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting, page = dividends.to_pay(village_id, user_id, clock.today()), "dividends.pot_list"
    words = _("签字以后五天内发完，一户一户签收。")
    found = task(waiting.lines, _("户的分红还没有发"), words, page, _("去发"), is_hot=waiting.is_late)
    return found + task(waiting.to_close, _("分红发完了，等办结"), _("办结以后打印办结表。"), page, _("去办结"))


ASKED: tuple[tuple[str, Ask], ...] = (
    ("dividends.answer", _sheet_objections),
    ("dividends.check", _dividends_to_check),
    ("dividends.sign", _dividends_to_sign),
    ("dividends.pay", _dividends_to_pay),
    ("dividends.draft", _dividend_drafts),
    ("stars.tell", _stars_to_tell),
    ("stars.review", _stars_to_review),
    ("stars.notice", _stars),
)
"""By permission, in the order of the desk."""
