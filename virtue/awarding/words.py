"""States and steps of a deed in the reader's words."""

from flask_babel import lazy_gettext as _l

from virtue.awarding.models import Deed
from virtue.formatting import rule_name

STATES = {
    "lead": _l("待核实"), "verified": _l("待送达"), "told": _l("陈述申辩中"), "proposed": _l("待评议"),
    "sent_back": _l("退回补充"), "approved": _l("评议通过，待公示"), "on_notice": _l("公示中"), "frozen": _l("有异议，暂停"),
    "settled": _l("已入账"), "reversed": _l("已冲正"), "rejected": _l("评议未通过"), "withdrawn": _l("已撤回"),
    "dropped": _l("已撤销"),
}  # fmt: skip

STEPS = {
    "propose": _l("申报"), "approve": _l("评议同意"), "amend": _l("评议改分"), "send_back": _l("退回补充"), "resubmit": _l("补充后再交"),
    "reject": _l("评议不同意"), "reopen": _l("重新评议"), "publish": _l("上公示"), "freeze": _l("有异议，暂停"),
    "thaw": _l("异议不成立，恢复公示"), "withdraw": _l("异议成立，撤回"), "settle": _l("公示期满，入账"),
    "book": _l("入账"), "countersign": _l("第二人核对"), "take_back": _l("自己撤回"), "undo": _l("自己撤回"),
    "reverse": _l("冲正"), "lead": _l("报告"),
    "verify": _l("核实"), "tell": _l("送达本户"), "offer": _l("放进本户的积分存折"), "repair": _l("说已改好，等复查"),
    "repair_failed": _l("复查还没改好"), "answer": _l("本户陈述申辩"), "decide": _l("评议同意扣分"),
    "drop": _l("撤销"),
}  # fmt: skip

HOW = {
    "in_person": _l("当面告知"), "slip": _l("送达通知单"), "phone": _l("电话告知"), "passbook": _l("本户在积分本上看到"),
    "refused": _l("拒收，两人见证，留下通知单"),
}  # fmt: skip
"""How a household was told of a deduction."""

CAME_BY = {
    "passbook": _l("从积分存折提的"), "desk": _l("当面写的"), "paper": _l("纸条"), "spoken": _l("口头说的，记下来"),
}  # fmt: skip
"""How an objection came."""

FOUND = {"right": _l("属实"), "not_found": _l("没有这回事"), "differs": _l("和记的不一样")}
"""What a drawn deed turned out to be on site."""

OUTCOMES = {
    "open": _l("正在处理"), "upheld_withdrawn": _l("异议成立，撤下"), "upheld_amended": _l("异议成立，改分重新评议"),
    "dismissed": _l("异议不成立"), "taken_back": _l("提的人收回"),
}  # fmt: skip


def title(deed: Deed) -> str:
    """The rule's name, and how many where it counts: 交售可回收物 3 kg."""
    name = rule_name(deed)
    return f"{name} {deed.quantity} {deed.rule.per}" if deed.rule.has_quantity else name
