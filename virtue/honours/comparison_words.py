"""The comparison board's measures, and the rule that is printed under each."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

KINDS = {"month": _l("本月"), "quarter": _l("本季"), "year": _l("今年")}

TITLES = {
    "civility": _l("户均文明积分"),
    "home": _l("户均家美积分"),
    "courtyards": _l("庭院合格"),
    "participation": _l("参与"),
}

RULES = {
    "civility": _l("网格里参加的户，文明积分得分合起来，除以户数。"),
    "home": _l("网格里参加的户，家美积分得分合起来，除以户数。"),
    "courtyards": _l("月评合格的户次，占应评的多少。"),
    "participation": _l("得过分的户，占参加的多少。"),
}


def figure(measure: str, value: int) -> str:
    """A figure with its measure: 5.4分, 86%."""
    if measure in {"courtyards", "participation"}:
        return f"{value}%"
    return gettext("%(points)s分", points=f"{value // 10}.{value % 10}")
