"""Reading a rulebook from CSV or Excel: rows of rules, with errors by row in plain words.

Columns are those of ``virtue/demo/data/rules.csv``; ``code name subject unit points route entry publish`` must be there.
"""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

import python_calamine
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

SUBJECTS = {
    "opening", "environment", "community", "order", "family_care", "customs", "work", "civic", "honour", "honesty",
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

NEEDED = ("code", "name", "subject", "unit", "points", "route", "entry", "publish")
WAYS = {"scan", "event", "round", "claim", "title", "import"}
CHOICES = {
    "unit": {"home", "civility"},
    "route": {"at_once", "review", "deduction"},
    "publish": {"red", "list", "place_only", "never"},
    "evidence": {"photo", "sign_in", "score_sheet", "document", "record"},
}
MOST_ROWS = 500
MOST_POINTS = 1_000


@dataclass
class ReadBook:
    """What a file holds: rules as columns of ``Rule``, and what is wrong, by row."""

    rules: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(data: bytes, name: str) -> ReadBook:
    """Read a rulebook file; never raises for its contents, all problems are in the result."""
    book = ReadBook()
    try:
        rows = _rows(data, name)
    except (ValueError, OSError, python_calamine.CalamineError, csv.Error):
        book.problems.append(gettext("这不是 CSV 或 Excel 文件，或者文件坏了。"))
        return book
    if not rows or any(column not in rows[0] for column in NEEDED):
        missing = "、".join(column for column in NEEDED if not rows or column not in rows[0])
        book.problems.append(gettext("表头缺这些列：%(missing)s", missing=missing))
        return book
    if len(rows) > MOST_ROWS:
        book.problems.append(gettext("细则最多 %(most)s 项。", most=MOST_ROWS))
        return book
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        rule, wrong = _rule(row)
        if rule.get("code") in seen:
            wrong.append(gettext("编号重复"))
        seen.add(str(rule.get("code")))
        if wrong:
            book.problems.append(
                gettext("第 %(row)s 行“%(rule)s”：%(wrong)s", row=number, rule=row["name"], wrong="；".join(wrong))
            )
        else:
            book.rules.append({**rule, "position": len(book.rules) + 1})
    if not book.rules and not book.problems:
        book.problems.append(gettext("文件里没有一项细则。"))
    return book


def _rows(data: bytes, name: str) -> list[dict[str, str]]:
    if name.lower().endswith((".xlsx", ".xls")):
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        header = [str(cell).strip() for cell in sheet[0]] if sheet else []
        return [dict(zip(header, map(_cell, row), strict=False)) for row in sheet[1:] if any(map(_cell, row))]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    reader = csv.DictReader(io.StringIO(text))
    return [
        {column: (value or "").strip() for column, value in row.items() if column}
        for row in reader
        if any(row.values())
    ]


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _rule(row: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """One row as a rule's columns, and what is wrong with it."""
    wrong: list[str] = []
    code, name = row["code"], row["name"]
    if not code or len(code) > 12:
        wrong.append(gettext("编号要有，最多12个字"))
    if not name or len(name) > 60:
        wrong.append(gettext("名称要有，最多60个字"))
    subject = row["subject"]
    if subject in FORBIDDEN:
        wrong.append(str(FORBIDDEN[subject]))
    elif subject not in SUBJECTS:
        wrong.append(gettext("主题“%(subject)s”不在允许的范围里", subject=subject))
    for column, choices in CHOICES.items():
        value = row.get(column) or ("record" if column == "evidence" else "")
        if value not in choices:
            wrong.append(gettext("%(column)s 只能是 %(choices)s", column=column, choices=" / ".join(sorted(choices))))
    if not set(row["entry"].split("+")) <= WAYS:
        wrong.append(gettext("entry 只能是 %(choices)s，用加号连接", choices=" / ".join(sorted(WAYS))))
    points = _points(row, wrong)
    rule = {
        "code": code, "name": name, "subject": subject, "unit": row["unit"], "points": points, "route": row["route"],
        "entry": row["entry"], "publish": row["publish"], "name_en": row.get("name_en", "")[:80],
        "dimension": row.get("dimension") or "-", "levels": row.get("levels") or None,
        "has_quantity": row.get("quantity") == "1", "per": row.get("per") or "次",
        "cap_month": _number(row.get("cap_month"), wrong, "cap_month"),
        "cap_year": _number(row.get("cap_year"), wrong, "cap_year"),
        "cap_ever": _number(row.get("cap_ever"), wrong, "cap_ever"), "scores": row.get("scores", "1") != "0",
        "evidence": row.get("evidence") or "record", "needs": row.get("needs") or None, "veto": row.get("veto") or None,
        "standard": row.get("standard", "")[:200], "is_starter": row.get("starter") == "1",
    }  # fmt: skip
    return rule, wrong


def _points(row: dict[str, str], wrong: list[str]) -> int | None:
    """The signed points, and whether sign, route and unit fit each other."""
    points = _number(row["points"], wrong, "points")
    if points is not None and (points == 0 or abs(points) > MOST_POINTS):
        wrong.append(gettext("points 要在 1 到 1000 之间，扣分前面加减号"))
    if points and (points < 0) != (row["route"] == "deduction"):
        wrong.append(gettext("扣分的 points 是负数，route 是 deduction；加分的反过来"))
    if points and points < 0 and row["unit"] != "civility":
        wrong.append(gettext("只能扣文明积分，家美积分从不扣"))
    return points


def _number(value: str | None, wrong: list[str], column: str) -> int | None:
    if not value:
        return None
    try:
        return int(value)
    except ValueError:
        wrong.append(gettext("%(column)s 要填整数", column=column))
        return None
