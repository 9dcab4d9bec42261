"""From a file's bytes to rows of cells, whatever the format."""

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import python_calamine

from virtue.people.register import guards
from virtue.people.register.problems import FileBombed, FileBroken, FileEncrypted

Row = list[Any]


class Sheet(NamedTuple):
    """One sheet: its name, empty for a text file, and its rows from the first on."""

    name: str
    rows: list[Row]


def sheets(name: str, content: bytes) -> Iterator[Sheet]:
    """The visible sheets of a file, one at a time. Raises a ``RefusedFile`` where it can't be read."""
    if guards.check(name, content) == "text":
        yield Sheet("", _text_rows(name, content))
        return
    workbook = _open(name, content)
    for sheet in workbook.sheets_metadata:
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
            continue
        if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        yield Sheet(sheet.name, _sheet_rows(name, workbook, sheet.name))


def _open(name: str, content: bytes) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise FileEncrypted(file=name) from error
    except BaseException as error:
        raise _broken(name, error) from error


def _sheet_rows(name: str, workbook: python_calamine.CalamineWorkbook, sheet: str) -> list[Row]:
    try:
        found = workbook.get_sheet_by_name(sheet)
        is_huge = found.total_width > 2 * guards.MAX_COLUMNS or found.total_height > guards.MAX_ROWS
        rows: list[Row] = [] if is_huge else found.to_python(skip_empty_area=False)
    except BaseException as error:
        raise _broken(name, error) from error
    if is_huge:
        raise FileBombed(file=name)
    return rows


def _broken(name: str, error: BaseException) -> BaseException:
    """The refusal for a parser's error. A panic in the parser is no Exception, but no end of ours either."""
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        return FileBroken(file=name)
    return error


def _text_rows(name: str, content: bytes) -> list[Row]:
    text = _decoded(name, content)
    first_lines = text[:4000]
    delimiter = max(",\t;，", key=first_lines.count)
    try:
        rows: list[Row] = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(row) > guards.MAX_COLUMNS or len(rows) >= guards.MAX_ROWS:
                raise FileBombed(file=name)
            rows.append(row)
    except csv.Error as error:
        raise FileBroken(file=name) from error
    # Rows of a text table end where their last value stands.
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return rows


def _decoded(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileBroken(file=name)
