"""The black board's words: its states, and how a private repair notice is given."""

from flask_babel import lazy_gettext as _l

STATES = {
    "reported": _l("已报告，等告知"),
    "told": _l("限期整改中"),
    "signed": _l("一人已定，等第二人"),
    "posted": _l("在榜上"),
    "objected": _l("有异议，已撤下，等复核"),
    "repaired": _l("已改好"),
    "withdrawn": _l("已撤下"),
    "over": _l("到期撤下"),
    "dropped": _l("不再办"),
}

HOW = {"in_person": _l("当面说"), "slip": _l("留条子"), "phone": _l("打电话")}
