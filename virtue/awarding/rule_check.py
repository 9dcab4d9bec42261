"""What a rule may be, column by column: one law for the form and for files, each error at its column."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from virtue.awarding import rule_words as words

MOST_POINTS = 1_000
MOST_CAP = 100_000
LENGTHS = {
    "code": 12, "name": 60, "name_en": 80, "dimension": 20, "per": 10, "standard": 200, "levels": 40, "entry": 40,
}  # fmt: skip
ON_DEDUCTIONS = {"scan", "round"}

_WHOLE = re.compile(r"[+-]?[0-9]{1,7}")
_LEVELS = re.compile(r"[0-9]{1,4}(/[0-9]{1,4})+")

Errors = dict[str, list[str]]


def check(row: Mapping[str, str]) -> tuple[dict[str, Any], Errors]:
    """A row's texts as columns of ``Rule``, and what is wrong with them, by column of the file."""
    text = {column: (row.get(column) or "").strip() for column in words.COLUMNS}
    errors: Errors = {}

    def wrong(column: str, sentence: str) -> None:
        errors.setdefault(column, []).append(sentence)

    _texts(text, wrong)
    _choices(text, wrong)
    numbers = {name: _number(text, name, wrong) for name in ("points", "cap_month", "cap_year", "cap_ever")}
    points = numbers["points"] or 0
    _points(text, points, wrong)
    _caps(numbers, wrong)
    _together(text, points, wrong)
    columns = {
        **{name: text[name] for name in ("code", "name", "name_en", "subject", "unit", "route", "entry", "publish")},
        **numbers,
        "standard": text["standard"], "dimension": text["dimension"] or "-", "levels": text["levels"] or None,
        "has_quantity": text["quantity"] == "1", "per": text["per"] or "次", "scores": text["scores"] != "0",
        "evidence": text["evidence"] or "record", "needs": text["needs"] or None, "veto": text["veto"] or None,
        "is_starter": text["starter"] == "1",
        "decides": text["decides"] or words.default_decides(text["route"], text["entry"]),
    }  # fmt: skip
    return columns, errors


Wrong = Callable[[str, str], None]


def _texts(text: dict[str, str], wrong: Wrong) -> None:
    for column in ("code", "name"):
        if not text[column]:
            wrong(column, gettext("这里要填"))
    for column, most in LENGTHS.items():
        if len(text[column]) > most:
            wrong(column, gettext("最多%(most)s个字", most=most))
        if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text[column]):
            wrong(column, gettext("不能换行，也不能有看不见的符号"))


def _choices(text: dict[str, str], wrong: Wrong) -> None:
    if text["subject"] in words.FORBIDDEN:
        wrong("subject", str(words.FORBIDDEN[text["subject"]]))
    elif text["subject"] not in words.SUBJECTS:
        wrong("subject", gettext("主题“%(subject)s”不在允许的范围里", subject=text["subject"][:20]))
    for column in ("unit", "route", "publish"):
        if text[column] not in (words.UNITS if column == "unit" else words.CHOICES[column]):
            _only(column, words.UNITS if column == "unit" else words.CHOICES[column], wrong)
    for column in ("evidence", "needs", "veto", "decides"):
        if text[column] and text[column] not in words.CHOICES[column]:
            _only(column, words.CHOICES[column], wrong)
    for column in ("quantity", "starter", "scores"):
        if text[column] not in {"", "0", "1"}:
            _only(column, ("0", "1"), wrong)
    ways = text["entry"].split("+")
    if not set(ways) <= set(words.WAYS) or len(ways) != len(set(ways)):
        wrong("entry", gettext("只能是 %(choices)s，用加号连接", choices=" / ".join(words.WAYS)))


def _only(column: str, choices: Any, wrong: Wrong) -> None:
    wrong(column, gettext("只能是 %(choices)s", choices=" / ".join(choices)))


def _number(text: dict[str, str], column: str, wrong: Wrong) -> int | None:
    plain = unicodedata.normalize("NFKC", text[column]).replace("−", "-").strip()
    if not plain:
        return None
    if not _WHOLE.fullmatch(plain):
        wrong(column, gettext("要填整数"))
        return None
    return int(plain)


def _points(text: dict[str, str], points: int, wrong: Wrong) -> None:
    """Sign, route and unit fit each other; levels are of the rule's points."""
    if not 1 <= abs(points) <= MOST_POINTS:
        wrong("points", gettext("要在 1 到 1000 之间，扣分前面加减号"))
    if points and (points < 0) != (text["route"] == "deduction"):
        wrong("points", gettext("扣分的分值是负数、走扣分的办法；加分的反过来"))
    if points < 0 and text["unit"] == "home":
        wrong("unit", gettext("只能扣文明积分，家美积分从不扣"))
    if not text["levels"]:
        return
    if not _LEVELS.fullmatch(text["levels"]):
        wrong("levels", gettext("像 2/1/0 这样写，从高到低"))
    elif points and max(map(int, text["levels"].split("/"))) != points:
        wrong("levels", gettext("最高一档要等于分值"))


def _caps(numbers: Mapping[str, int | None], wrong: Wrong) -> None:
    """Caps are points of one household, and no shorter time allows more than a longer one."""
    least = 0
    for column in ("cap_month", "cap_year", "cap_ever"):
        cap = numbers[column]
        if cap is None:
            continue
        if not 1 <= cap <= MOST_CAP:
            wrong(column, gettext("上限要在 1 到 %(most)s 之间，没有就空着", most=MOST_CAP))
        elif cap < least:
            wrong(column, gettext("每月、每年、一共的上限只能越来越大"))
        least = max(least, cap)


def _together(text: dict[str, str], points: int, wrong: Wrong) -> None:
    """What only makes sense together: ways, publishing, who decides."""
    ways = set(text["entry"].split("+"))
    if text["route"] == "deduction" or points < 0:
        if not ways <= ON_DEDUCTIONS:
            wrong("entry", gettext("扣分只能是 scan、round"))
        if text["publish"] in {"red", "list"}:
            wrong("publish", gettext("扣分从不列出户，只能是 place_only 或 never"))
    elif text["veto"]:
        wrong("veto", gettext("只有扣分才有一票否决"))
    if text["route"] == "at_once" and "event" not in ways:
        wrong("entry", gettext("当场记的要能在活动上扫卡（event）"))
    if "import" in ways and text["subject"] != "opening":
        wrong("entry", gettext("import 只用来记期初余额"))
    decides = text["decides"] or words.default_decides(text["route"], text["entry"])
    if text["route"] in words.ROUTES and (decides == "member") != (text["route"] == "at_once"):
        wrong("decides", gettext("当场记的由妇联执委、网格员定，别的不能由他们定"))
