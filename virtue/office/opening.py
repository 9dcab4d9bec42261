"""Reading opening balances from a table: household code, home points, civility points; with errors by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from virtue.awarding.rulebooks import Opening, openings_waiting
from virtue.extensions import db
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.people.register import reading

MOST_POINTS = 100_000
MOST_PROBLEMS = 20
HEADS = {
    "code": ("户号", "户编号", "户籍编号"),
    "home": ("家美积分", "家美", "巾帼家美积分"),
    "civility": ("文明积分", "文明", "文明股积分"),
}


@dataclass
class OpeningTable:
    """What a table holds, and what is wrong with it by row."""

    openings: list[Opening] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    """A household's balance that was entered and waits for the second person."""

    household: Household
    home: int
    civility: int
    by_id: int | None


def waiting(village_id: int) -> list[Waiting]:
    """What waits to be booked, by household code."""
    deeds = openings_waiting(village_id)
    found: dict[int, dict[str, int]] = {}
    people_of: dict[int, int | None] = {}
    for deed in deeds:
        found.setdefault(deed.household_id, {"home": 0, "civility": 0})[deed.unit] += deed.points
        people_of[deed.household_id] = deed.proposed_by_id
    ids = list(found)
    households: list[Household] = []
    for at in range(0, len(ids), 500):
        part = select(Household).where(Household.id.in_(ids[at : at + 500]))
        households += db.session.scalars(part).unique()
    rows = [Waiting(one, found[one.id]["home"], found[one.id]["civility"], people_of[one.id]) for one in households]
    return sorted(rows, key=lambda row: row.household.code)


def read_rows(village_id: int, rows: Sequence[tuple[int, Any, Any, Any]]) -> OpeningTable:
    """Check rows of (number, code, home, civility); a row without a code or without points is left out."""
    table = OpeningTable()
    seen: dict[int, int] = {}
    for number, code, home, civility in rows:
        text = people.plain(_text(code))
        points = [_points(home), _points(civility)]
        if not text and points in ([0, 0], [None, None]):
            continue
        household = people.find_by_code(village_id, text) if text else None
        if household is None:
            table.problems.append(gettext("第%(row)s行：没有户号是“%(code)s”的户。", row=number, code=text))
        elif None in points:
            table.problems.append(gettext("第%(row)s行：积分要填 0 到 %(most)s 的整数。", row=number, most=MOST_POINTS))
        elif household.id in seen:
            table.problems.append(
                gettext("第%(row)s行：这一户在第%(first)s行已经有了。", row=number, first=seen[household.id])
            )
        elif any(points):
            seen[household.id] = number
            table.openings.append(Opening(household.id, points[0] or 0, points[1] or 0))
    del table.problems[MOST_PROBLEMS:]
    if not table.openings and not table.problems:
        table.problems.append(gettext("表里没有一户有积分。"))
    return table


def read_file(village_id: int, name: str, content: bytes) -> OpeningTable:
    """Read a workbook or CSV whose heading row names 户号 and one or both points. Raises ``RefusedFile``."""
    for sheet in reading.sheets(name, content):
        for at, row in enumerate(sheet.rows[:20]):
            columns = _columns(row)
            if "code" in columns and len(columns) > 1:
                rows = [
                    (number, *(_cell(line, columns.get(key)) for key in HEADS))
                    for number, line in enumerate(sheet.rows[at + 1 :], at + 2)
                ]
                return read_rows(village_id, rows)
    table = OpeningTable()
    table.problems.append(gettext("没有找到标题行。第一行要写：户号、家美积分、文明积分。"))
    return table


def _columns(row: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        text = people.plain(_text(cell))
        for key, heads in HEADS.items():
            if text in heads and key not in found:
                found[key] = at
    return found


def _cell(line: Sequence[Any], at: int | None) -> Any:
    return line[at] if at is not None and at < len(line) else ""


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell if cell is not None else "").strip()


def _points(cell: Any) -> int | None:
    """Whole points from 0; an empty cell is 0."""
    text = people.plain(_text(cell))
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= MOST_POINTS else None
