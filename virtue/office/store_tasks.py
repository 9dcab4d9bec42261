"""What waits of the points store: stock, counts, days, budget, reservations."""

from flask_babel import gettext as _

from virtue import clock
from virtue.formatting import day as day_words
from virtue.office.desk_task import Ask, Task, task
from virtue.store import budget_queries as budgets
from virtue.store import budget_words
from virtue.store import close_queries as closes
from virtue.store import queries as store
from virtue.store import reservation_queries as reservations
from virtue.store import stock_queries as stock
from virtue.store import stocktake_queries as takes


def _low_stock(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    shop = stock.store_of(village_id, user_id)
    low = store.low_stock(shop, clock.today()) if shop else []
    names = "、".join(good.name for good in low[:3]) + ("……" if len(low) > 3 else "")
    return task(len(low), _("库存不足"), names, "store.goods", _("去看"))


def _to_receive(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    found = task(
        stock.deliveries_to_confirm(village_id, user_id), _("入库单等第二人"), _("当面点过，确认了才入库。"),
        "store.deliveries", _("去点"),
    )  # fmt: skip
    return found + task(
        stock.transfers_to_take_over(village_id, user_id), _("别的店调来的货等收下"), _("点过数再收。"),
        "store.transfers", _("去收"),
    )  # fmt: skip


def _stocktakes(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    found, page = takes.waiting(village_id, user_id), "store.stocktakes"
    tasks = task(found.to_join, _("盘点还缺一个人点"), _("两个人各点各的。"), page, _("去点"))
    tasks += task(found.to_count, _("盘点等您点完、交"), _("都点了再交。"), page, _("去点"))
    return tasks + task(found.to_settle, _("盘点点完了，等复点、入账"), _("两位盘点人一起办。"), page, _("去办"))


def _stocktakes_to_sign(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = takes.waiting(village_id, user_id).to_sign
    return task(count, _("盘点等您签字"), _("差数大，看过原因再签。"), "store.stocktakes", _("去看"))


def _expiring(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    found = stock.expiring(village_id, clock.today())
    tasks = task(found.expired, _("批商品过期了"), _("不能再换，请下架报损。"), "store.goods", _("去看"), is_hot=True)
    first = _("最早 %(day)s", day=day_words(found.first_on))
    return tasks + task(found.soon, _("批商品60天内过期"), first, "store.goods", _("去看"))


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
    return task(count, _("日结等您签字"), _("管理员结好了，由第二个人核对、签字。"), "store.day", _("去签字"))


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
    return task(count, _("买货的钱等第二人签字"), _("核对单据再签，签了才算数。"), "store.budget", _("去签字"))


def _reservations(village_id: int, _user_id: int, _counts: dict[str, int]) -> list[Task]:
    waiting = reservations.waiting(village_id, clock.today())
    words = _("其中%(count)s份今天是最后一天或已经到期。", count=waiting.last_day) if waiting.last_day else ""
    found = task(waiting.open, _("预约等来取"), words, "store.reservations", _("去看"))
    return found + task(
        waiting.to_hand_out, _("预约要送到家"), _("交给志愿者。"), "store.to_bring", _("去交"), is_hot=True
    )


def _deliveries(village_id: int, user_id: int, _counts: dict[str, int]) -> list[Task]:
    count = len(reservations.to_deliver(village_id, user_id))
    return task(count, _("您要送到家的"), _("送到以后记一下。"), "store.to_bring", _("去送"), is_hot=True)


ASKED: tuple[tuple[str, Ask], ...] = (
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
)
"""By permission, in the order of the desk."""
