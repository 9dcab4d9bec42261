"""A household's data as a workbook. Texts are written as texts: no formula starts; numbers stay numbers."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Rows = Sequence[Sequence[str | int]]


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    """A sheet for each title; the first row of each is its heading."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for title, rows in sheets.items():
            page = book.add_worksheet(title[:31])
            page.freeze_panes(1, 0)
            page.set_column(0, max(len(row) for row in rows) - 1, 18)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    write = page.write_number if isinstance(cell, int) else page.write_string
                    write(number, place, cell, bold if number == 0 else None)
    return file.getvalue()
