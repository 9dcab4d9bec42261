"""The slides that a screen may play, by name, and what each is called; in the order in which they are offered."""

from flask_babel import lazy_gettext as _l

SLIDES = {
    "red-board": _l("红榜"), "top-lists": _l("得分榜"), "stars": _l("星级榜"), "comparison": _l("评比栏"),
    "good-people": _l("好人墙"), "honour-roll": _l("光荣榜"), "notices": _l("正在公示"), "goods": _l("本周好货"),
    "campaigns": _l("评选"), "announcements": _l("招工、培训和通知"), "dividends": _l("文明股分红"),
    "thanks": _l("感谢墙"), "black-board": _l("黑榜（限期整改）"), "seal": _l("今日对账码"),
}  # fmt: skip
KINDS = {"notice": _l("通知"), "job": _l("招工"), "training": _l("培训")}
"""What an announcement is."""
