"""A stocktake's states and reasons in words."""

from flask_babel import lazy_gettext as _l

STATES = {
    "counting": _l("正在点"), "compared": _l("点完了，对差数"), "to_sign": _l("等村监会签字"), "booked": _l("已入账"),
    "cancelled": _l("已取消"),
}  # fmt: skip
REASONS = {
    "lost": _l("少了，找不到"), "broken": _l("破损、过期没报"), "mixed_up": _l("拿混了、发错了"),
    "typed_wrong": _l("入库、兑换时记错"), "unknown": _l("查不出原因"),
}  # fmt: skip
