"""A household's page and its history. Opening either is written down first, and the household sees it."""

from typing import Any

from flask import abort, render_template, request
from flask_babel import lazy_gettext as _l

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import remarks
from virtue.ledger import queries as ledger
from virtue.office import (
    ending,  # noqa: F401  (says what must be settled before a household ends)
)
from virtue.office.views import office
from virtue.people import household_queries, looks, phone_queries, print_queries, queries, services, states
from virtue.people.models import Household
from virtue.scores import queries as scores
from virtue.staff import queries as staff
from virtue.store import reservation_queries, year_queries
from virtue.why import histories, periods

FIELDS = {
    "code": _l("户号"), "grid": _l("网格"), "head": _l("户主"), "name": _l("姓名"), "relation": _l("与户主关系"),
    "sex": _l("性别"), "birth_year": _l("出生年"), "birth_month": _l("出生月"), "phone": _l("手机号"),
    "added": _l("添加成员"), "gone": _l("移出"), "back": _l("移回"),
}  # fmt: skip
MONTHS_BACK = 12


@office.get("/households/<int:household_id>")
@permission("people.view")
def household(household_id: int) -> str:
    """All the village keeps of a household; full names, so the look is recorded."""
    found = looked_at(household_id, "household")
    consents, recusals = household_queries.consents_of(found.id), household_queries.recusals_of_household(found.id)
    return render_template(
        "office/household.html",
        household=found, number=print_queries.card_number(found), members=household_queries.members_of(found.id),
        cards=household_queries.cards_of(found.id), phones=phone_queries.phones_of(found.id), consents=consents, recusals=recusals,
        spells=household_queries.spells_of(found.id), looks=looks.latest_looks(found.id), states=states,
        agreed={consent.purpose for consent in consents if consent.withdrawn_at is None},
        names=staff.names_of({consent.recorded_by_id for consent in consents}), **_points(found),
    )  # fmt: skip


@office.get("/households/<int:household_id>/history")
@permission("people.history")
def household_history(household_id: int) -> str:
    """What moved the household's points, and what was corrected in the register."""
    found = looked_at(household_id, "history")
    page = pages.paged(household_queries.changes_of(found.id), request.args.get("page", 1, type=int))
    values = remarks.texts([change.remark_id for change in page.rows])
    return render_template(
        "office/household_history.html",
        household=found, page=page, fields=FIELDS,
        changes=household_queries.before_and_after(page.rows, values),
        names=staff.names_of({change.by_id for change in page.rows}),
        members={member.id: member.name for member in household_queries.members_of(found.id)},
        lines=histories.lines(found.id, _months_back()),
    )  # fmt: skip


def looked_at(household_id: int, what: str) -> Household:
    """The household of the session's village, or 404; the look is written before anything of it is read."""
    village_id = access.village().id
    if queries.find_household(village_id, household_id) is None:
        abort(404)
    services.record_look(village_id, household_id, by=access.by(), what=what)
    found = queries.find_household(village_id, household_id)
    assert found is not None  # noqa: S101 (households are never deleted)
    return found


def _points(found: Household) -> dict[str, Any]:
    """What it can spend, and what it scored this quarter and this year."""
    today = clock.today()
    return {
        "balance": ledger.balance(found.id),
        "lapsing": year_queries.coming(found.village_id, found.id),
        "reserved": reservation_queries.count_held(found.id),
        "quarter": scores.scores_of(found.id, found.village_id, clock.months_of_quarter(today)),
        "year": scores.scores_of(found.id, found.village_id, periods.of_year(today).months),
        "periods": {"quarter": periods.of_quarter(today), "year": periods.of_year(today)},
    }


def _months_back() -> list[int]:
    today = clock.today()
    last = today.year * 12 + today.month - 1
    return [month // 12 * 100 + month % 12 + 1 for month in range(last - MONTHS_BACK + 1, last + 1)]
