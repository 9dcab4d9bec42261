"""How the states and steps of a deed read to the household they are about."""

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.awarding import public_queries as awarding
from virtue.awarding.models import Deed
from virtue.formatting import day
from virtue.notices.models import Notice

STATES = {
    "lead": _l("有人反映，正在核实"),
    "verified": _l("已核实，还没有告知"),
    "told": _l("已告知，等您家陈述申辩"),
    "proposed": _l("已报上，等评议"),
    "sent_back": _l("退回去补充"),
    "approved": _l("评议通过，等公示"),
    "on_notice": _l("公示中"),
    "frozen": _l("有异议，先停着"),
    "settled": _l("已入账"),
    "reversed": _l("已更正"),
    "rejected": _l("评议没有通过"),
    "withdrawn": _l("已撤下"),
    "dropped": _l("已撤销，不扣"),
}

STEPS = {
    "lead": _l("有人反映"),
    "propose": _l("报上来"),
    "verify": _l("第二个人核实"),
    "offer": _l("放进积分存折，等您家打开"),
    "tell": _l("告知您家"),
    "repair": _l("说已改好，等复查"),
    "repair_failed": _l("复查还没改好"),
    "answer": _l("您家陈述申辩"),
    "decide": _l("评议小组成员评议"),
    "approve": _l("评议小组成员同意"),
    "amend": _l("评议小组成员改了分"),
    "publish": _l("公示"),
    "freeze": _l("有异议，暂停"),
    "thaw": _l("异议处理完，继续公示"),
    "settle": _l("入账"),
    "drop": _l("撤销，不扣"),
    "withdraw": _l("异议成立，撤下"),
    "reverse": _l("更正，全部退回"),
}

TOLD_HOW = {
    "in_person": _l("当面"),
    "slip": _l("书面通知"),
    "phone": _l("电话"),
    "passbook": _l("积分存折"),
    "refused": _l("拒收，两人见证，通知留下"),
}

# What officials write before the household was told may name whoever reported; it stays with them.
BEFORE_TOLD = frozenset({"lead", "verify", "propose"})


def state(deed: Deed, notice: Notice | None, today: date) -> str:
    """Where a deed stands, in words, with the day that matters."""
    if notice is None or deed.state != "on_notice":
        return str(STATES[deed.state])
    if awarding.is_due(notice, today):
        return gettext("第%(number)s号公示到期，待入账", number=notice.number)
    return gettext("第%(number)s号公示中，%(day)s入账", number=notice.number, day=day(awarding.booked_on(notice)))
