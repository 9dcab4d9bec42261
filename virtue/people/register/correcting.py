"""The workbook to correct: the households left out, with what is to change beside each row.

It reads like a register itself, so that it can be imported once corrected. Forbidden columns aren't in it: they
were never read.
"""

import re
from io import BytesIO
from typing import Any

import xlsxwriter

from virtue.people.register.households import Household, Member
from virtue.people.register.parsing import Reading
from virtue.people.register.problems import Problem

HEADINGS = ("网格", "户编号", "户主姓名", "姓名", "与户主关系", "性别", "出生年月")
PROBLEM_HEADING = "要改的地方"
WIDTHS = (12, 14, 12, 12, 14, 8, 14)
HOUSEHOLD_FIELDS, MEMBER_FIELDS = ("grid", "code", "head"), ("name", "relation", "sex", "birth")


def workbooks(reading: Reading) -> dict[str, bytes]:
    """One workbook a village with households to correct, by the village's name."""
    bad: dict[str, list[Household]] = {}
    for village, household in reading.bad():
        bad.setdefault(village, []).append(household)
    words = _by_row(reading.problems)
    return {village: _workbook(village, households, words) for village, households in bad.items()}


def _by_row(problems: list[Problem]) -> dict[tuple[str, str, int], str]:
    words: dict[tuple[str, str, int], str] = {}
    for problem in problems:
        place = (problem.file, problem.sheet, problem.row)
        words[place] = words.get(place, "") + problem.sentence
    return words


def _workbook(village: str, households: list[Household], words: dict[tuple[str, str, int], str]) -> bytes:
    out = BytesIO()
    # constant_memory wants rows in order; write_string keeps leading zeros and makes no formula of a name.
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("待改正")
    bold, wrong = book.add_format({"bold": True}), book.add_format({"bg_color": "#F6D5D0", "text_wrap": True})
    phones = any(member.phone for household in households for member in household.members)
    headings = [*HEADINGS, *(["联系电话"] if phones else []), PROBLEM_HEADING]
    for column, width in enumerate([*WIDTHS, *([16] if phones else []), 60]):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, f"{village}户籍花名册（待改正）", bold)
    sheet.write_string(1, 0, f"填表单位：{village}")
    for column, heading in enumerate(headings):
        sheet.write_string(2, column, heading, bold)
    row = 3
    for household in households:
        for member in household.members or [Member("", "", "", None, None, None, household.row)]:
            texts, wrong_fields = _texts(household, member)
            if phones:
                texts.append(member.phone or "")
            for column, text in enumerate(texts):
                if text or column in wrong_fields:
                    sheet.write_string(row, column, text, wrong if column in wrong_fields else None)
            sentence = words.get((household.file, household.sheet, member.row), "")
            if sentence:
                sheet.write_string(row, len(texts), sentence, wrong)
            row += 1
    book.close()
    return out.getvalue()


def _texts(household: Household, member: Member) -> tuple[list[str], set[int]]:
    """A row's cells: what was read, or what stood there where it couldn't be."""
    is_first = not household.members or member is household.members[0]
    read: dict[str, Any] = {
        "grid": household.grid if is_first else "",
        "code": household.code if is_first else "",
        "head": household.named_head if is_first else "",
        "name": member.name,
        "relation": member.relation,
        "sex": member.sex,
        "birth": _month(member),
    }
    typed = {
        key.partition(":")[2]: text for key, text in household.typed.items() if key == f"{member.row}:{_field(key)}"
    }
    if is_first:
        typed |= {field: text for key, text in household.typed.items() if (field := _field(key)) in HOUSEHOLD_FIELDS}
    columns = [*HOUSEHOLD_FIELDS, *MEMBER_FIELDS]
    texts = [typed.get(field, read[field]) or "" for field in columns]
    return texts, {columns.index(field) for field in typed}


def _field(key: str) -> str:
    return key.partition(":")[2]


def _month(member: Member) -> str:
    if member.birth_year is None:
        return ""
    return f"{member.birth_year}" if member.birth_month is None else f"{member.birth_year}-{member.birth_month:02d}"


def file_name(village: str) -> str:
    """The workbook's name."""
    return re.sub(r"[^\w·-]", "", village) + "-待改正.xlsx"
