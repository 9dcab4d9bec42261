"""States and steps of a rulebook in the reader's words."""

from flask_babel import lazy_gettext as _l

STATES = {
    "draft": _l("草案"), "comments": _l("征求意见"), "township_check": _l("镇里审核"), "vote": _l("等村民表决"),
    "voted": _l("表决通过，等备案"), "filed": _l("已备案，等生效"), "in_force": _l("生效"), "withdrawn": _l("已撤回"),
}  # fmt: skip

STEPS = {
    "draft": _l("起草"), "open_comments": _l("开始征求意见"), "submit": _l("送镇里审核"), "confirm": _l("镇里审核同意"),
    "send_back": _l("镇里退回"), "enter_paper": _l("填了镇里的批复"), "record_vote": _l("村民表决通过"),
    "file": _l("备案"), "put_in_force": _l("定了生效日期"), "try_out": _l("定了试运行日期"), "start": _l("开始生效"),
    "call_off": _l("取消了生效日期"), "call_off_trial": _l("取消了试运行"), "revise": _l("退回草案修改"),
    "withdraw": _l("撤回"), "adopt": _l("凭手续启用"),
}  # fmt: skip

BANDS = {
    "less_much": _l("少20分以上"), "less": _l("少1–19分"), "same": _l("不变"), "more": _l("多1–19分"),
    "more_much": _l("多20分以上"),
}  # fmt: skip
"""A household's year under the draft against what it was."""
