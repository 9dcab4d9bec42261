"""What waits of campaigns."""

from flask_babel import gettext as _

from virtue import clock
from virtue.honours import campaign_task_queries as campaigns
from virtue.office.desk_task import Ask, Task, task

PAGE = "honours.campaign_list"


def _to_run(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = campaigns.to_run(village_id, clock.today())
    return [
        *task(waiting.to_begin, _("评选推荐期满，等开始"), _("候选人审核完了，就开始投票或打分。"), PAGE, _("去开始")),
        *task(waiting.to_close, _("评选投票期满，等关箱"), _("关了箱，由另一个人计票。"), PAGE, _("去关箱"), is_hot=True),
        *task(waiting.to_publish, _("评选计好票了，等公示"), _("公示以后谁都可以提异议。"), PAGE, _("去公示")),
        *task(waiting.to_give, _("评选公示期满，等登记荣誉"), _("没有异议，就一人一项登记，再由另一个人核对。"), PAGE, _("去登记")),
    ]  # fmt: skip


def _to_check(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = campaigns.to_check(village_id, user_id)
    return task(count, _("评选候选人等审核"), _("对照条件看一看；推荐的人自己不审。"), PAGE, _("去审核"))


def _to_judge(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = campaigns.to_judge(village_id, user_id, clock.today())
    return task(count, _("评选等您打分"), _("打的分只有您看得到，计票时一起开。"), PAGE, _("去打分"))


def _to_count(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = campaigns.to_count(village_id, user_id)
    return task(count, _("票箱关了，等您计票"), _("由没有关箱的人计。"), PAGE, _("去计票"), is_hot=True)


def _to_answer(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, is_late = campaigns.to_answer(village_id, user_id, clock.today())
    words = _("答复以前不能登记荣誉；由没有经手这次评选的人答复。")
    return task(count, _("对评选结果的异议等答复"), words, PAGE, _("去答复"), is_hot=is_late)


ASKED: tuple[tuple[str, Ask], ...] = (
    ("campaigns.answer", _to_answer),
    ("campaigns.count", _to_count),
    ("campaigns.judge", _to_judge),
    ("campaigns.check", _to_check),
    ("campaigns.run", _to_run),
)
"""By permission, in the order of the desk."""
