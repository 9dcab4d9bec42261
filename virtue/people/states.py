"""States of cards and of taking part, their names, and which step leads from where to where: one table."""

from flask_babel import lazy_gettext as _l

CARD_STATES = {
    "in_force": _l("启用"),
    "lost": _l("挂失"),
    "replaced": _l("已补卡"),
    "ended": _l("已注销"),
}

CARD_STEPS: dict[str, tuple[frozenset[str], str]] = {
    "mark_lost": (frozenset({"in_force"}), "lost"),
    "mark_found": (frozenset({"lost"}), "in_force"),
    "reissue": (frozenset({"in_force", "lost"}), "replaced"),
    "end": (frozenset({"in_force", "lost"}), "ended"),
}
"""Step -> the states it may start from, and the state it leads to."""

CARD_STEP_NAMES = {
    "mark_lost": _l("挂失"),
    "mark_found": _l("解除挂失"),
    "reissue": _l("补卡"),
    "end": _l("注销"),
}

CONSENT_PURPOSES = {"name_on_board": _l("红榜和大屏上写全名"), "name_by_voice": _l("大喇叭里念全名")}
CONSENT_WAYS = {"signed": _l("本人签字"), "by_mouth": _l("当面口头"), "passbook": _l("在存折里点的")}

KIN = {
    "spouse": _l("配偶"),
    "parent": _l("父母"),
    "child": _l("子女"),
    "sibling": _l("兄弟姐妹"),
    "in_law": _l("上述亲属的配偶"),
    "other": _l("其他近亲属"),
}
"""How a user may be related to a household (product.md, section 3)."""

LOOKS = {
    "household": _l("看了本户页面"),
    "history": _l("看了明细和更正记录"),
    "why": _l("看了积分是怎么来的"),
    "statement": _l("打印了积分对账单"),
    "reveal": _l("核对了姓名"),
    "export": _l("导出了名单"),
    "card": _l("打印了积分卡"),
    "pin_slip": _l("打印了一次性密码条"),
    "month_sheet": _l("打印了家庭积分单"),
}
"""What a look was at, as the household reads it."""
