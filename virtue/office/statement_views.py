"""A household's statement on paper: what came, what went, what is left, whom to call; for a month or a year."""

from flask import render_template, request

from virtue import access, clock, pages
from virtue.access import permission
from virtue.office.household_views import looked_at
from virtue.office.views import office
from virtue.why import statements


@office.get("/households/<int:household_id>/statement")
@permission("people.history")
def statement(household_id: int) -> str:
    """The statement of the month or year that the address asks for; ``paper=large`` in 18 pt. A look of its own."""
    found = looked_at(household_id, "statement")
    asked = statements.statement(found.id, year=pages.number_asked("year"), month=pages.number_asked("month"))
    return render_template(
        "office/print_statement.html", household=found, village=access.village(), statement=asked, today=clock.today(),
        is_large=request.args.get("paper") == "large",
    )  # fmt: skip
