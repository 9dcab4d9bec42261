"""The list of households as a file. Every cell is text: no formula starts, no leading zero is lost."""

import csv
import io
from collections.abc import Callable

import xlsxwriter
from flask_babel import gettext
from sqlalchemy import Select

from virtue.extensions import db
from virtue.people import household_queries
from virtue.people.models import Household
from virtue.people.print_queries import card_number
from virtue.people.states import CARD_STATES

Writer = Callable[[list[list[str]]], bytes]

# What a spreadsheet would take for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ids(query: Select[Household]) -> list[int]:
    """The ids of the households of a list."""
    return list(db.session.scalars(query.with_only_columns(Household.id)))


def rows(query: Select[Household]) -> list[list[str]]:
    """The heading and a line for each household."""
    households = db.session.scalars(query).all()
    cards = household_queries.card_states([household.id for household in households])
    heading = [
        gettext("户号"), gettext("卡上编号"), gettext("户主"), gettext("网格"), gettext("人口"), gettext("参加"),
        gettext("积分卡"),
    ]  # fmt: skip
    return [heading, *(_line(household, cards.get(household.id)) for household in households)]


def xlsx(lines: list[list[str]], title: str = "") -> bytes:
    """A workbook of these lines; its sheet is named ``title``, else after the households."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet(title or gettext("农户"))
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(6, len(lines[0]) - 1), 14)
        for number, line in enumerate(lines):
            for place, text in enumerate(line):
                sheet.write_string(number, place, text, bold if number == 0 else None)
    return file.getvalue()


def csv_file(lines: list[list[str]]) -> bytes:
    """A CSV file that Excel opens as UTF-8."""
    file = io.StringIO()
    csv.writer(file).writerows([_harmless(text) for text in line] for line in lines)
    return file.getvalue().encode("utf-8-sig")


def _line(household: Household, card: str | None) -> list[str]:
    return [
        household.code, card_number(household), household.head_name, household.grid.name,
        str(household.members_count), participation(household), str(CARD_STATES[card]) if card else "",
    ]  # fmt: skip


def participation(household: Household) -> str:
    """参加, 暂不参加 or 已销户."""
    if household.state == "ended":
        return gettext("已销户")
    return gettext("参加") if household.left_on is None else gettext("暂不参加")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
