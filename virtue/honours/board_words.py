"""The top lists' names and the rule that is printed under each."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

TITLES = {
    "civility": _l("文明积分得分"),
    "home": _l("家美积分得分"),
    "improved": _l("进步最大"),
    "per_able": _l("人均得分"),
    "newcomers": _l("新上榜的"),
    "helpers": _l("默默做事的"),
}

RULES = {
    "civility": _l("本季得的减去扣的，花掉不减。"),
    "home": _l("本季得的，花掉不减。"),
    "improved": _l("本季文明积分得分，比上季多出来的。"),
    "per_able": _l("本季文明积分得分，除以18到59岁的人数；没有的算一个人。"),
    "newcomers": _l("这个季度以前，一年里还没有得过分的户。"),
    "helpers": _l("本季做得件数最多，平均一件不超过5分的。"),
}

TIES = _l("同分的，先到的在前，再按户号。不愿上榜，说一声就不列。")


def figure(name: str, value: int) -> str:
    """A row's figure with its measure: 168分, 5.4分, 12件."""
    if name == "helpers":
        return gettext("%(count)s件", count=value)
    if name == "per_able":
        return gettext("%(points)s分", points=f"{value // 10}.{value % 10}")
    return gettext("%(points)s分", points=value)
