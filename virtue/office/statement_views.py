"""A household's statement on paper: what came, what went, what is left, whom to call; for a month or a year."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request

from virtue import access, clock, pages
from virtue.access import permission
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.office import histories
from virtue.office.histories import Line
from virtue.office.household_views import looked_at
from virtue.office.views import office

UNITS = ("home", "civility")


@dataclass(frozen=True)
class Part:
    """One unit of a statement: what lay there at first, what came, what went, what is left."""

    unit: str
    first: int
    came: int
    went: int
    left: int


@office.get("/households/<int:household_id>/statement")
@permission("people.history")
def statement(household_id: int) -> str:
    """The statement of the month or year that the address asks for; ``paper=large`` in 18 pt. A look of its own."""
    found = looked_at(household_id, "statement")
    months, known = _months(), ledger.all_months()
    lines = histories.lines(found.id, months)[::-1]
    before = [month for month in known if month < min(months)]
    return render_template(
        "office/print_statement.html", household=found, village=access.village(), lines=lines, months=months,
        known=known, years=sorted({month // 100 for month in known}, reverse=True),
        parts=[_part(found.id, unit, before, lines) for unit in UNITS], today=clock.today(),
        is_year=len(months) > 1, is_large=request.args.get("paper") == "large",
    )  # fmt: skip


def _months() -> list[int]:
    """The months asked for: a year's, or one; this month for anything odd."""
    known = ledger.all_months()
    year, month = pages.number_asked("year"), pages.number_asked("month")
    if year in {number // 100 for number in known}:
        return [number for number in sorted(known) if number // 100 == year]
    return [month if month in known else known[0]]


def _part(household_id: int, unit: str, before: Sequence[int], lines: Sequence[Line]) -> Part:
    # Only what moved the purse: what was noted as owed changed nothing that could be spent.
    changes = [line.change for line in lines if line.unit == unit and line.left is not None]
    last = db.session.execute(ledger.movements(household_id, unit, "purse", before).limit(1)).first()
    first = int(last.balance_after) if last is not None else 0
    return Part(
        unit, first, sum(n for n in changes if n > 0), sum(n for n in changes if n < 0), first + sum(changes)
    )  # fmt: skip
