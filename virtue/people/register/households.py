"""Rows become households: grouped by code, checked, every mistake named by row and column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from virtue.people.register import cells
from virtue.people.register.cells import BadCell
from virtue.people.register.columns import Columns
from virtue.people.register.problems import Problem

TOTALS = ("合计", "总计", "小计", "共计", "总共")
FOOTERS = (
    "填表",
    "填报",
    "制表",
    "审核",
    "负责人",
    "经办",
    "单位负责",
    "村主任",
    "注:",
    "说明:",
    "备注:",
    "盖章",
    "报送",
)


class Member(NamedTuple):
    """A person on the sheet, with what may be kept and nothing else."""

    name: str
    relation: str
    sex: str
    birth_year: int | None
    birth_month: int | None
    phone: str | None
    row: int

    @property
    def is_head(self) -> bool:
        """The householder."""
        return self.relation == "户主"


@dataclass(slots=True)
class Household:
    """A household on the sheet."""

    code: str
    grid: str
    grid_number: int | None
    file: str
    sheet: str
    row: int
    named_head: str = ""
    """What the 户主姓名 column says."""
    members: list[Member] = field(default_factory=list)
    bad: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    """What stood in cells that have to be corrected, by ``row:field``, for the workbook to correct."""

    @property
    def head(self) -> Member | None:
        """The householder, once there is one."""
        return next((member for member in self.members if member.relation == "户主"), None)

    @property
    def place(self) -> str:
        """File and sheet, for a sentence."""
        return f"{self.file} {self.sheet}".strip()


class Grouper:
    """Takes one sheet's rows, in order, and makes households of them."""

    def __init__(self, file: str, sheet: str, columns: Columns, *, phones: bool, today: date) -> None:
        self.file, self.sheet, self.columns, self.today = file, sheet, columns, today
        self.phones = phones and "phone" in columns.places
        self.households: list[Household] = []
        self.by_code: dict[str, Household] = {}
        self.problems: list[Problem] = []
        self.totals: list[tuple[int, str]] = []
        self.odd_phones = 0
        self.births_unknown = 0
        self.current: Household | None = None
        self.village = ""

    def take_all(self, rows: Iterable[list[Any]], first: int, width: int) -> None:
        """Take every row from sheet row ``first`` on."""
        pick = self.columns.picker(width)
        heading = self.columns.headings.get("relation")
        for number, row in enumerate(rows, first):
            row.append("")
            code, grid, head, name, relation, sex, birth, phone, village = pick(row)
            if (sex == "" and relation == "" and self._is_no_member(number, row, name, code)) or relation == heading:
                continue
            if village != "":
                self._check_village(number, village)
            if code != "":
                self._start(number, code, grid, head)
            elif self.current is None:
                self._start_without_code(number)
            elif grid != "":
                self._check_grid(number, grid)
            if name == "" and relation == "" and head != "":
                continue
            self._add(number, name, relation, sex, birth, phone)
        for household in self.households:
            self._check(household)

    def problem(self, household: Household | None, row: int, column: str, kind: str, **params: Any) -> None:
        """Note a mistake; its household is left out of a partial import."""
        if household is not None:
            household.bad = True
        heading = self.columns.headings.get(column, "")
        self.problems.append(Problem(self.file, self.sheet, row, heading, kind, params))

    def _is_no_member(self, number: int, row: list[Any], name: Any, code: Any) -> bool:
        """A blank row, a total, a line of signatures."""
        texts = [text for cell in row if cell != "" and (text := cells.squeezed(cell))]
        if not texts:
            return True
        if texts[0].startswith(TOTALS):
            self.totals.append((number, " ".join(texts)))
            return True
        return (name == "" or code == "") and any(text.startswith(FOOTERS) for text in texts[:3])

    def _check_village(self, number: int, cell: Any) -> None:
        village = cells.squeezed(cell)
        self.village = self.village or village
        if village and village != self.village:
            self.problem(self.current, number, "village", "TwoVillages")

    def _start(self, number: int, code_cell: Any, grid_cell: Any, head_cell: Any) -> None:
        """A row with a code: the next household, or the same one where the code stands on each row."""
        try:
            code = cells.code(code_cell)
        except BadCell as bad:
            household = self._new(number, "")
            household.typed[f"{number}:code"] = cells.kept_text(code_cell)
            self.problem(household, number, "code", bad.kind)
        else:
            known = self.by_code.get(code)
            if known is not None:
                self.current = known
                if grid_cell != "":
                    self._check_grid(number, grid_cell)
                return
            household = self.by_code[code] = self._new(number, code)
        if head_cell != "":
            household.named_head = self._name(household, number, "head", head_cell)
        self._set_grid(household, number, grid_cell)

    def _new(self, number: int, code: str) -> Household:
        household = Household(code, "", None, self.file, self.sheet, number)
        self.households.append(household)
        self.current = household
        return household

    def _start_without_code(self, number: int) -> None:
        household = self._new(number, "")
        self.problem(household, number, "code", "NoHousehold")

    def _set_grid(self, household: Household, number: int, cell: Any) -> None:
        try:
            household.grid, household.grid_number = cells.grid(cell)
        except BadCell as bad:
            household.typed[f"{number}:grid"] = cells.kept_text(cell)
            self.problem(household, number, "grid", bad.kind)

    def _check_grid(self, number: int, cell: Any) -> None:
        household = self.current
        assert household is not None  # noqa: S101
        if not household.grid and not household.bad:
            self._set_grid(household, number, cell)
            return
        try:
            same = cells.grid(cell)[0] == household.grid
        except BadCell:
            return
        if not same and household.grid:
            self.problem(household, number, "grid", "TwoGrids")

    def _name(self, household: Household, number: int, column: str, cell: Any) -> str:
        try:
            return cells.name(cell)
        except BadCell as bad:
            household.typed[f"{number}:{column}"] = cells.kept_text(cell)
            self.problem(household, number, column, bad.kind)
            return ""

    def _add(self, number: int, name: Any, relation: Any, sex: Any, birth: Any, phone: Any) -> None:
        """A row's person. Each cell is read by itself, so that all mistakes of a row are told at once."""
        household = self.current
        assert household is not None  # noqa: S101
        try:
            year, month = cells.birth(birth, self.today)
            member = Member(
                cells.name(name), cells.relation(relation), cells.sex(sex), year, month, self._phone(phone), number
            )
        except BadCell:
            member = self._mistaken(household, number, {"name": name, "relation": relation, "sex": sex, "birth": birth})
        else:
            if year is None:
                self.births_unknown += 1
        household.members.append(member)

    def _mistaken(self, household: Household, number: int, row: dict[str, Any]) -> Member:
        read: dict[str, Any] = {"name": "", "relation": "", "sex": "", "birth": (None, None)}
        for column, cell in row.items():
            try:
                read[column] = cells.birth(cell, self.today) if column == "birth" else getattr(cells, column)(cell)
            except BadCell as bad:
                household.typed[f"{number}:{column}"] = cells.kept_text(cell)
                self.problem(household, number, column, bad.kind)
        year, month = read["birth"]
        return Member(read["name"], read["relation"], read["sex"], year, month, None, number)

    def _phone(self, cell: Any) -> str | None:
        if not self.phones or cell == "":
            return None
        number = cells.phone(cell)
        self.odd_phones += number is None
        return number

    def _check(self, household: Household) -> None:
        """What can only be seen once the household is complete."""
        if not household.code:
            return
        heads = [member for member in household.members if member.relation == "户主"]
        if len(heads) == 1:
            named = household.named_head
            if named and heads[0].name and named != heads[0].name:
                self.problem(household, household.row, "head", "HeadDiffers", first=heads[0].row)
        elif not heads:
            # A relation that couldn't be read may have been the householder's; it is told already.
            if not any(key.endswith(":relation") for key in household.typed):
                self.problem(household, household.row, "relation", "NoHead", code=household.code)
        else:
            self._check_heads(household, heads)

    def _check_heads(self, household: Household, heads: list[Member]) -> None:
        first, second = heads[0], heads[1]
        params: dict[str, Any] = {"code": household.code, "first": first.row}
        if second.row not in self._starts(household):
            self.problem(household, second.row, "relation", "TwoHeads", second=second.row, **params)
        elif (first.name, first.birth_year) == (second.name, second.birth_year):
            self.problem(household, second.row, "code", "HouseholdTwice", place=household.place, **params)
        else:
            self.problem(household, second.row, "code", "CodeTwice", place=household.place, **params)

    def _starts(self, household: Household) -> set[int]:
        """Rows at which the household's members don't follow one upon the other."""
        rows = [member.row for member in household.members]
        return {after for before, after in pairwise(rows) if after != before + 1}
