"""The columns of a rule and what stands in them, in the reader's words."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.awarding.models import Rule
from virtue.formatting import signed, unit_name

COLUMNS = {
    "code": _l("编号"), "name": _l("名称"), "name_en": _l("英文名"), "dimension": _l("评星项目"), "subject": _l("主题"),
    "unit": _l("积分种类"), "points": _l("分值"), "levels": _l("档次"), "quantity": _l("按数量记"), "per": _l("每什么"),
    "cap_month": _l("每月上限"), "cap_year": _l("每年上限"), "cap_ever": _l("一共上限"), "scores": _l("计入得分"),
    "evidence": _l("凭什么"), "needs": _l("要先有"), "route": _l("怎样入账"), "entry": _l("怎样录入"), "publish": _l("怎样公示"),
    "veto": _l("一票否决"), "standard": _l("标准"), "starter": _l("起步项"), "decides": _l("谁来定"),
}  # fmt: skip
"""Every column of a rulebook file, in its order."""

SUBJECTS = {
    "environment": _l("环境卫生"), "community": _l("邻里互助、公益"), "order": _l("治安、安全"), "family_care": _l("孝老爱亲"),
    "customs": _l("移风易俗"), "work": _l("勤劳致富"), "civic": _l("村务参与"), "honour": _l("荣誉"), "honesty": _l("诚实守信"),
    "opening": _l("开户、期初"),
}  # fmt: skip
"""The closed list of subjects that points may touch."""

FORBIDDEN = {
    "belief": _l("信仰不能计分"),
    "speech": _l("言论不能计分"),
    "petitioning": _l("信访是权利，不能计分"),
    "health": _l("疾病和健康不能计分"),
    "births": _l("生育不能计分"),
    "poverty": _l("贫困不能计分"),
    "marriage": _l("婚姻和家庭争吵不能计分，请找妇联或司法所"),
    "land_consent": _l("同意征地、搬迁不能计分"),
    "police_record": _l("公安、吸毒、欠债、家暴、监护记录不能计分，由妇联、司法所、学校处理"),
}
"""Subjects that a rulebook must not touch, with the reason that is told (product.md, section 4, "Rulebook")."""

UNITS = ("home", "civility")
ROUTES = {
    "at_once": _l("活动上扫卡就记"), "review": _l("评议、公示后记"), "deduction": _l("扣分：核实、送达、申辩、评议"),
}  # fmt: skip
WAYS = {
    "scan": _l("扫卡申报"), "event": _l("活动扫卡"), "round": _l("月评"), "claim": _l("本户自报"), "title": _l("荣誉称号"),
    "import": _l("期初导入"),
}  # fmt: skip
PUBLISH = {
    "red": _l("公示，可上红榜"), "list": _l("公示，列出户"), "place_only": _l("只公布地点和问题"), "never": _l("不公开，只记件数"),
}  # fmt: skip
EVIDENCE = {
    "photo": _l("照片"), "sign_in": _l("签到"), "score_sheet": _l("打分表"), "document": _l("文书"), "record": _l("记录"),
}  # fmt: skip
NEEDS = {"home_consent": _l("户主同意入户")}
VETO = {"dimension": _l("本项星一票否决")}
DECIDES = {
    "member": _l("妇联执委、网格员当场定"), "group": _l("评议小组评议"), "assembly": _l("村民代表会议定"),
    "above": _l("县、镇、村评选定"),
}  # fmt: skip

CHOICES: dict[str, dict[str, Any]] = {
    "subject": SUBJECTS, "route": ROUTES, "publish": PUBLISH, "evidence": EVIDENCE, "needs": NEEDS, "veto": VETO,
    "decides": DECIDES,
}  # fmt: skip


def default_decides(route: str, entry: str) -> str:
    """Who decides when a file doesn't say: it follows from how the rule is entered and booked."""
    if entry == "title":
        return "above"
    return "member" if route == "at_once" else "group"


def raw(rule: Rule) -> dict[str, str]:
    """A rule as a row of a file: every column as text, empty where there is nothing."""
    row = {name: str(getattr(rule, name) or "") for name in COLUMNS if hasattr(rule, name)}
    return {
        **row,
        "dimension": "" if rule.dimension == "-" else rule.dimension,
        "quantity": "1" if rule.has_quantity else "",
        "scores": "1" if rule.scores else "0",
        "starter": "1" if rule.is_starter else "",
    }


def shown(column: str, value: str) -> str:
    """A column's value as people read it; a dash where there is nothing."""
    if column in {"quantity", "starter", "scores"}:
        return gettext("是") if value == "1" else gettext("否")
    if not value:
        return "—"
    if column == "unit":
        return unit_name(value)
    if column == "points":
        return signed(int(value))
    if column == "entry":
        return "、".join(str(WAYS.get(way, way)) for way in value.split("+"))
    return str(CHOICES.get(column, {}).get(value, value))
