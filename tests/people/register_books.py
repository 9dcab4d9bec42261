"""Little registers for tests: workbooks and tables of text made on the spot."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl

from virtue.people.register.parsing import Reading, read_registers

TODAY = date(2026, 11, 24)
HEADINGS = ["网格", "户编号", "户主姓名", "姓名", "与户主关系", "性别", "出生日期", "身份证号", "联系电话", "备注"]


def line(
    name: str,
    relation: str = "户主",
    sex: str = "男",
    birth: Any = "1970-03-09",
    *,
    code: Any = "",
    grid: Any = "第1网格",
    head: Any = None,
    phone: Any = "",
    idn: Any = "620622197003091234",
    remark: Any = "低保户",
) -> list[Any]:
    """One row; the household's columns are filled only where a code is given."""
    first = [grid, code, name if head is None else head] if code != "" else ["", "", head or ""]
    return [*first, name, relation, sex, birth, idn, phone, remark]


def book(
    rows: Sequence[Sequence[Any]],
    *,
    headings: Sequence[Any] = HEADINGS,
    above: Sequence[Any] | None = None,
    sheets: dict[str, Sequence[Sequence[Any]]] | None = None,
) -> bytes:
    """A workbook: lines above, headings, rows."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "花名册"
    for text in above if above is not None else ["清水村户籍花名册(2026年)", "填表单位:清水村村民委员会"]:
        sheet.append([text])
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    for name, more in (sheets or {}).items():
        other = workbook.create_sheet(name)
        for row in more:
            other.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def read(content: bytes, name: str = "清水村.xlsx", **options: Any) -> Reading:
    """Read one file as of a fixed day."""
    return read_registers([(name, content)], today=TODAY, **options)


def read_rows(*rows: Sequence[Any], **options: Any) -> Reading:
    """Read a workbook of these rows."""
    return read(book(rows), **options)


def kinds(reading: Reading) -> list[tuple[int, str, str]]:
    """Each mistake's row, heading and kind."""
    return [(problem.row, problem.column, problem.kind) for problem in reading.problems]
