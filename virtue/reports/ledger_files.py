"""A ledger as a workbook. Texts are written as texts: no formula starts, no leading zero is lost; numbers stay numbers."""

import io
from collections.abc import Sequence

import xlsxwriter

from virtue.reports.ledgers import Cell, Sheet


def workbook(title: str, sheet: Sheet) -> bytes:
    """The whole ledger: its title and notes, heads, lines, foot."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True}) as book:
        page = book.add_worksheet(title.split(" ", 1)[0][:31])
        bold = book.add_format({"bold": True})
        page.set_column(0, len(sheet.heads) - 1, 14)
        lines: list[tuple[Sequence[Cell], bool]] = [([title], True), *(([note], False) for note in sheet.notes)]
        lines += [(sheet.heads, True), *((row, False) for row in sheet.rows), *((row, True) for row in sheet.foot)]
        for number, (line, is_bold) in enumerate(lines):
            for place, cell in enumerate(line):
                write = page.write_number if isinstance(cell, int) else page.write_string
                write(number, place, cell, bold if is_bold else None)
    return file.getvalue()
