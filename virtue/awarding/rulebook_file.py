"""A rulebook as CSV or Excel, in and out: what goes out comes back the same, what is wrong is told by row and column.

Columns are those of ``virtue/demo/data/rules.csv`` and ``decides``; the first eight of ``NEEDED`` must be there.
A head may also say the Chinese word of its column. A cell that a spreadsheet would take for a formula leaves with an
apostrophe before it (CSV) or as text (Excel).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import python_calamine
import xlsxwriter
from flask_babel import gettext

from virtue.awarding.models import Rule
from virtue.awarding.rule_check import check
from virtue.awarding.rule_words import COLUMNS, raw
from virtue.awarding.touchy_words import warnings

NEEDED = ("code", "name", "subject", "unit", "points", "route", "entry", "publish")
NUMBERS = {"points", "cap_month", "cap_year", "cap_ever"}
MOST_ROWS = 500
MOST_BYTES = 5 * 1024 * 1024
COUNTY_RULES = Path(__file__).resolve().parents[1] / "demo" / "data" / "rules.csv"
"""The county's 66 rules come with the program, as what a village starts from."""

_FORMULA = re.compile(r"'*[=+\-@]")


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell."""

    row: int
    column: str
    rule: str
    wrong: str


@dataclass
class ReadBook:
    """What a file holds: rules as columns of ``Rule``; what is wrong, by row and column; what to look at again."""

    rules: list[dict[str, Any]] = field(default_factory=list)
    cells: list[Problem] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    """What is wrong with the file as a whole."""
    warnings: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """All that is wrong, a sentence a row."""
        rows: dict[tuple[int, str], list[str]] = {}
        for cell in self.cells:
            column = str(COLUMNS[cell.column])
            rows.setdefault((cell.row, cell.rule), []).append(f"{column}（{cell.column}）{cell.wrong}")
        return [
            *self.whole,
            *(
                gettext("第 %(row)s 行“%(rule)s”：%(wrong)s", row=row, rule=rule, wrong="；".join(wrong))
                for (row, rule), wrong in rows.items()
            ),
        ]


def read(data: bytes, name: str) -> ReadBook:
    """Read a rulebook file; never raises for its contents, all problems are in the result."""
    book = ReadBook()
    try:
        if len(data) > MOST_BYTES:
            raise ValueError("too large")
        rows = list(_numbered(_table(data, name)))
    except (ValueError, OSError, python_calamine.CalamineError, csv.Error):
        book.whole.append(gettext("这不是 CSV 或 Excel 文件，或者文件坏了。"))
        return book
    heads = rows[0][1] if rows else []
    columns = [_column(head) for head in heads]
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        book.whole.append(gettext("表头缺这些列：%(missing)s", missing="、".join(missing)))
    elif len(rows) - 1 > MOST_ROWS:
        book.whole.append(gettext("细则最多 %(most)s 项。", most=MOST_ROWS))
    elif len(rows) == 1:
        book.whole.append(gettext("文件里没有一项细则。"))
    else:
        _read_rules(book, columns, rows[1:])
    return book


def _read_rules(book: ReadBook, columns: list[str], rows: list[tuple[int, list[str]]]) -> None:
    seen: set[str] = set()
    for number, cells in rows:
        row = {column: cell for column, cell in zip(columns, cells, strict=False) if column in COLUMNS}
        rule, errors = check(row)
        if rule["code"] in seen:
            errors.setdefault("code", []).append(gettext("编号重复"))
        seen.add(rule["code"])
        name = rule["name"][:60]
        for column, texts in errors.items():
            book.cells += [Problem(number, column, name, text) for text in texts]
        if not errors:
            book.rules.append({**rule, "position": len(book.rules) + 1})
            found = warnings(row)
            book.warnings += [
                gettext("第 %(row)s 行“%(rule)s”%(wrong)s", row=number, rule=name, wrong=text) for text in found
            ]


def _column(head: str) -> str:
    """A column by its name, or by its Chinese word."""
    plain = head.strip().lower()
    return next((name for name, word in COLUMNS.items() if plain == name or head.strip() == str(word)), plain)


def _numbered(table: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, with their number as the spreadsheet shows it."""
    for number, cells in enumerate(table, 1):
        if any(cells):
            yield number, cells


def _table(data: bytes, name: str) -> Iterator[list[str]]:
    if name.lower().endswith((".xlsx", ".xls")):
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        yield from ([_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False))
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    for row in csv.reader(io.StringIO(text, newline="")):
        yield [_unquoted(value.strip()) for value in row]


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _quoted(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _unquoted(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def to_csv(rules: Iterable[Rule]) -> bytes:
    """The rules as CSV that a spreadsheet opens in Chinese (UTF-8 with its mark)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for rule in rules:
        row = raw(rule)
        writer.writerow([row[name] if name in NUMBERS else _quoted(row[name]) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(rules: Iterable[Rule]) -> bytes:
    """The rules as a workbook: texts are written as texts, numbers as numbers."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True, "constant_memory": True})
    sheet = book.add_worksheet("rules")
    for column, head in enumerate(COLUMNS):
        sheet.write_string(0, column, head)
    for number, rule in enumerate(rules, 1):
        for column, (name, text) in enumerate((name, raw(rule)[name]) for name in COLUMNS):
            if name in NUMBERS and text:
                sheet.write_number(number, column, int(text))
            elif text:
                sheet.write_string(number, column, text)
    book.close()
    return output.getvalue()
