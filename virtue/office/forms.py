"""The settings a village may change: their words and limits, as data, and reading them from a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.people.queries import plain


@dataclass(frozen=True)
class Number:
    """A whole number within limits."""

    label: Any
    help: Any
    least: int
    most: int


@dataclass(frozen=True)
class Switch:
    """On or off."""

    label: Any
    help: Any


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    label: Any
    help: Any
    options: dict[str, Any]


FIELDS: dict[str, Number | Switch | Choice] = {
    "notice_days": Number(_l("公示几天"), _l("村规定的公示期，从发布第二天算起。"), 3, 30),
    "objection_days": Number(_l("异议几天内答复"), _l("从收到那天算起，过了就列在村监会和镇里的最前面。"), 3, 30),
    "two_reviewers_from": Number(_l("多少分起要两人评议"), _l("一项达到这个分数，要两位评议员都通过。"), 2, 1000),
    "rebuttal_days": Number(_l("扣分陈述申辩几天"), _l("送达本人以后，本户可以申辩的天数。"), 1, 30),
    "rebuttal_days_absent": Number(_l("在外的人申辩几天"), _l("人在外地，电话送达时的天数。"), 3, 60),
    "event_close_days": Number(_l("活动几天内关闭"), _l("到时没有第二人关闭的活动，列给村监会看。"), 1, 10),
    "take_back_minutes": Number(_l("扫错几分钟内可撤回"), _l("加分的人自己撤回，积分还没花掉才行。"), 1, 60),
    "return_minutes": Number(_l("兑换几分钟内可退"), _l("管理员自己退回的时间，过后要第二个人办。"), 1, 60),
    "spot_checks": Number(_l("每月抽查几项"), _l("从上个月入账的事项里抽，村监会到现场核。"), 1, 100),
    "point_value_fen": Number(_l("一分积分值几分钱"), _l("100 就是一分值一元，用来算货够不够。"), 1, 10000),
    "fund_second_from": Number(_l("买货的钱多少元起要两人签字"), _l("到这个数，第二个人签字后才算数。"), 1, 100000),
    "reserve_days": Number(_l("预约保留几天"), _l("到期没取的，积分和商品自动退回。"), 1, 30),
    "helper_points_per_fetch": Number(_l("代领人一次最多几分"), _l("家美积分和文明积分分开算。"), 1, 10000),
    "helper_points_per_month": Number(
        _l("代领人每月最多几分"), _l("同一位代领人替几户领，加在一起算；家美积分和文明积分分开算。"), 1, 100000
    ),
    "paper_points_per_day": Number(
        _l("停电断网时，一户一天凭纸条最多换几分"), _l("家美积分和文明积分分开算；超过的，来电以后再换。"), 1, 1000
    ),
    "pin_from_points": Number(
        _l("一次兑换多少分起要输密码"), _l("也可以由另一位工作人员在场确认。0 表示从不要。"), 0, 10000
    ),
    "receive_second_from_yuan": Number(
        _l("进货多少元起要两个人收"), _l("到了这个数，登记以后等另一个人点过才入库。0 表示从不要第二人。"), 0, 100000
    ),
    "transfer_second": Switch(_l("店之间调货要第二人收下"), _l("打开以后，货到那边由另一个人点过、收下，才算调过去。")),
    "stocktake_sign_from_yuan": Number(
        _l("盘点差多少元起要村监会签字"), _l("多的、少的按进价合计，到了这个数，村监会签了才入账。"), 0, 100000
    ),
    "home_points_at_year_end": Choice(
        _l("年底没兑换的家美积分"),
        _l("作废要提前60天公布，先用掉的算旧的分，由两个人办；文明积分从不作废。"),
        {"carry": _l("结转，照样能兑换"), "lapse": _l("到期作废")},
    ),
    "home_delivery": Switch(
        _l("志愿者送货上门"), _l("打开后，预约时可以选送到家。送货的人只看得到网格、遮名户主和尾号。")
    ),
    "black_board": Switch(
        _l("开黑榜（限期整改）"),
        _l("只写公共地点和问题，不点名；先私下告知，期满没改才由两人定。关掉时榜上的马上全撤。"),
    ),
    "black_repair_days": Number(_l("黑榜整改至少给几天"), _l("从告知那天算起，期满没改好才能上榜。"), 1, 60),
    "black_board_days": Number(_l("黑榜最多挂几天"), _l("到了那天自动撤下；改好了、有异议，当时就撤。"), 1, 90),
    "keep_phones": Switch(_l("登记电话号码"), _l("不打开，导入名册时不保存电话。打开前请先告诉村民。")),
}

NAMES = {"phone": (0, 20), "store": (1, 40)}


def read_settings(form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values a form gives and, by field, what is wrong with them."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, field in FIELDS.items():
        if isinstance(field, Switch):
            values[name] = form.get(name) == "1"
            continue
        if isinstance(field, Choice):
            values[name] = form.get(name, next(iter(field.options)))
            if values[name] not in field.options:
                errors[name] = gettext("请从列出的里面选一个。")
            continue
        text = plain(form.get(name, ""))
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
        if number is None or not field.least <= number <= field.most:
            errors[name] = gettext("请填 %(least)s 到 %(most)s 的整数。", least=field.least, most=field.most)
        else:
            values[name] = number
    return values, errors


def read_phone(text: str) -> tuple[str | None, str | None]:
    """A telephone number as typed, cleaned, and what is wrong with it."""
    number = plain(text)
    digits = number.replace("-", "")
    if not number:
        return None, None
    if not (digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 16 and len(number) <= 20):
        return None, gettext("请填电话号码，只用数字和横线。")
    return number, None
