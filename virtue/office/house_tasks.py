"""What waits of the village's own order: months, the year's close, cards, reviewers."""

from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _

from virtue import clock
from virtue.core import settings
from virtue.extensions import db
from virtue.formatting import month_name, month_short
from virtue.ledger import queries as ledger
from virtue.office import year_services
from virtue.office.desk_task import Ask, Task, task
from virtue.people import data_queries, print_queries
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.store import year_queries

MONTH_DUE = 10
"""A month is closed at the latest on this day of the next."""


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


def _data_requests(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count, late = data_queries.waiting(village_id)
    words = _("有的已过%(days)s天，请先答复", days=data_queries.ANSWER_DAYS) if late else _("农户在存折里提的。")
    return task(
        count, _("件更正、删除资料的请求要答复"), words, "people.data_requests", _("去答复"), is_hot=bool(late)
    )  # fmt: skip


def _cards(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    missing = sum(row.missing for row in print_queries.cards_by_grid(village_id))
    return task(missing, _("户还没有积分卡"), _("按网格发卡、打印、签收。"), "people.cards", _("去发卡"))


def _reviewers(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = staff.holders(village_id, "reviewer")
    if count >= 2:
        return []
    words = _("评议员不到两人，20分以上的事和扣分都定不了。")
    return [Task(str(count), _("评议员不够"), words, "staff.users", _("去加人"), is_hot=True)]


def _silent_screens(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    # The screens' room stands beside this one: the application hands its question over.
    count = current_app.extensions["virtue_silent_screens"](village_id)
    words = _("该开着的时候，15分钟没有消息了。看看电源和网络。")
    return task(count, _("块大屏没有消息"), words, "kiosk.screens", _("去看"), is_hot=True)


ASKED: tuple[tuple[str, Ask], ...] = (
    ("ledger.close", _months),
    ("settings.edit", _year_to_announce),
    ("ledger.close", _year_to_sign),
    ("people.edit", _data_requests),
    ("people.cards", _cards),
    ("staff.edit", _reviewers),
    ("screens.manage", _silent_screens),
)
"""By permission, in the order of the desk."""
