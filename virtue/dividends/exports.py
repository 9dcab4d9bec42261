"""The sheet as a workbook that anybody can recompute: every input, every rounding; and the list for the bank."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from flask_babel import gettext

from virtue.dividends.models import DividendLine, Pot
from virtue.dividends.words import formula
from virtue.people.models import Household


def sheet_rows(lines: Sequence[DividendLine], households: dict[int, Household]) -> list[list[Any]]:
    """The heading and a line for each household, with all that its amount was worked out from."""
    heading = [
        gettext("行号"), gettext("户号"), gettext("户主"), gettext("在村月数"), gettext("得分"), gettext("扣分"),
        gettext("计分（十二分之一分）"), gettext("文明股"), gettext("按股舍去零头（分）"), gettext("按股零头"), gettext("按股补（分）"),
        gettext("按分舍去零头（分）"), gettext("按分零头"), gettext("按分补（分）"), gettext("应发（元）"),
    ]  # fmt: skip
    found: list[list[Any]] = [heading]
    for line in lines:
        household = households[line.household_id]
        found.append([
            line.place, household.code, household.head_name, line.months, line.earned, line.deducted, line.twelfths,
            line.shares, line.shares_fen, str(line.shares_rest), line.shares_extra, line.score_fen, str(line.score_rest),
            line.score_extra, line.fen / 100,
        ])  # fmt: skip
    return found


def workbook(pot: Pot, lines: Sequence[DividendLine], households: dict[int, Household]) -> bytes:
    """The sheet, the sum as a formula, and how it was worked out on a page of its own."""
    file = io.BytesIO()
    rows = sheet_rows(lines, households)
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet(gettext("分红"))
        sheet.freeze_panes(1, 3)
        sheet.set_column(0, len(rows[0]) - 1, 14)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value, bold if number == 0 else None)
                else:
                    sheet.write_number(number, place, value, money if place == len(row) - 1 else None)
        last = len(rows)
        sheet.write_string(last, 0, gettext("合计"), bold)
        sheet.write_formula(last, len(rows[0]) - 1, f"=SUM(O2:O{last})", money, pot.fen / 100)
        how = book.add_worksheet(gettext("怎么算的"))
        how.set_column(0, 0, 120)
        for number, sentence in enumerate([f"{pot.year} {pot.name}", *formula(pot), pot.seal or ""]):
            how.write_string(number, 0, sentence)
    return file.getvalue()
