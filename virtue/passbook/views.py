"""A household's passbook: with the card alone what it has; with the PIN every line, and who looked."""

from collections.abc import Callable
from datetime import date

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.awarding import book_queries, claim_queries, deductions, repairs
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.passbook import history_queries, queries, star_queries
from virtue.passbook.entry_views import (
    ELDER_COOKIE,
    Visit,
    entry_page,
    find_visit,
    forget,
    passbook,
    pin_page,
    remember_pin,
    with_card,
    with_pin,
)
from virtue.passbook.forms import PinForm
from virtue.people import card_cookie, looks
from virtue.people.services import check_pin, note_pin_given
from virtue.people.states import LOOKS
from virtue.store import reservation_queries
from virtue.why import periods

blueprints = (passbook,)

LATEST_LINES = 8
MONTHS_BACK = 60
"""How many months back the history can be paged."""
DEDUCTION_MONTHS = 24


@passbook.get("/passbook")
@public
def passbook_page() -> Response:
    """What a household has. Without a card: the page that asks for one."""
    visit = find_visit()
    if visit is None:
        is_stale = card_cookie.NAME in request.cookies
        return forget(entry_page(is_stale=True)) if is_stale else entry_page()
    household = visit.household
    lines = coming = None
    if visit.has_pin and not visit.needs_own_pin:
        this = clock.month_of(clock.today())
        lines = history_queries.history(household, [this, clock.previous_month(this)])[:LATEST_LINES]
        coming = history_queries.coming(household)
    large = ELDER_COOKIE in request.cookies and "all" not in request.args
    return make_response(
        render_template(
            "passbook/elder.html" if large else "passbook/passbook.html",
            household=household,
            overview=queries.overview(household),
            own_stars=star_queries.own_stars(household, with_reasons=False),
            lines=lines,
            coming=coming,
            has_pin=lines is not None,
            quarter=periods.of_quarter(clock.today()),
            sent_back=claim_queries.sent_back(household.village_id, household.id) if lines is not None else 0,
            reserved=reservation_queries.count_held(household.id),
            draft=book_queries.book_in_comments(household.village_id) if lines is not None else None,
        )
    )


@passbook.get("/passbook/pin")
@public
@with_card
def pin(visit: Visit) -> Response:
    """Ask for the PIN."""
    if visit.has_pin:
        return redirect(url_for("passbook.new_pin" if visit.needs_own_pin else "passbook.passbook_page"), 303)
    return pin_page(visit, PinForm(formdata=None))


@passbook.post("/passbook/pin")
@public
@with_card
def give_pin(visit: Visit) -> Response:
    """Check the PIN; the printed one leads to choosing one's own."""
    form = PinForm()
    if not form.validate():
        return pin_page(visit, form, status=422)
    try:
        checked = check_pin(visit.household.id, form.pin.data or "", address=request.remote_addr or "-")
    except BrokenRule as error:
        return pin_page(visit, form, str(error), error.status)
    if visit.phone is not None:
        note_pin_given(visit.phone)
    target = "passbook.new_pin" if checked.needs_change else "passbook.passbook_page"
    return remember_pin(redirect(url_for(target), 303), checked.household_id, checked.stamp)


@passbook.get("/passbook/history")
@public
@with_pin
def history(visit: Visit) -> str:
    """All lines of one month."""
    this = clock.month_of(clock.today())
    month = asked_month(this)
    is_first = clock.first_day(month) <= earliest(clock.today())
    return render_template(
        "passbook/history.html", household=visit.household, month=month, later=clock.next_month(month),
        earlier=None if is_first else clock.previous_month(month), is_latest=month == this,
        lines=history_queries.history(visit.household, [month]),
    )  # fmt: skip


@passbook.get("/passbook/deductions")
@public
@with_pin
def deductions_page(visit: Visit) -> str:
    """Deductions with every step from the first."""
    return _deductions_page(visit)


@passbook.post("/passbook/deductions/<int:deed_id>/answer")
@public
@with_pin
def answer(visit: Visit, deed_id: int) -> Response:
    """The household's own answer (陈述申辩), while its time runs."""
    household, text = visit.household, request.form.get("words", "")
    if deed_id not in {story.deed_id for story in history_queries.deductions(household, deduction_months())}:
        abort(404)
    try:
        deductions.answer(household.village_id, deed_id, text, key=request.form.get("key", ""), by=None)
    except BrokenRule as error:
        return make_response(_deductions_page(visit, deed_id, text, str(error)), error.status)
    return redirect(url_for("passbook.deductions_page"), 303)


@passbook.post("/passbook/deductions/<int:deed_id>/open")
@public
@with_pin
def open_deduction(visit: Visit, deed_id: int) -> Response:
    """Open what was put here while the household is away: from now on it is told."""
    return _do(visit, deed_id, lambda key: deductions.open_in_passbook(visit.household.village_id, deed_id, key=key))


@passbook.post("/passbook/deductions/<int:deed_id>/repaired")
@public
@with_pin
def say_repaired(visit: Visit, deed_id: int) -> Response:
    """The household says that it was put right; somebody comes and looks."""
    return _do(visit, deed_id, lambda key: repairs.note_repaired(visit.household.village_id, deed_id, key=key, by=None))


def _do(visit: Visit, deed_id: int, do: Callable[[str], keys.Outcome]) -> Response:
    if deed_id not in {story.deed_id for story in history_queries.deductions(visit.household, deduction_months())}:
        abort(404)
    try:
        do(request.form.get("key", ""))
    except BrokenRule as error:
        return make_response(_deductions_page(visit, deed_id, "", str(error)), error.status)
    return redirect(url_for("passbook.deductions_page"), 303)


def _deductions_page(visit: Visit, deed_id: int = 0, text: str = "", error: str | None = None) -> str:
    return render_template(
        "passbook/deductions.html", household=visit.household, wrong=deed_id, text=text, error=error, key=keys.new(),
        stories=history_queries.deductions(visit.household, deduction_months()),
    )  # fmt: skip


@passbook.get("/passbook/looks")
@public
@with_pin
def looks_page(visit: Visit) -> str:
    """Who of the staff looked at this household's pages, and when."""
    page = pages.paged(looks.looks_at(visit.household.id), request.args.get("page", 1, type=int), scalars=False)
    return render_template("passbook/looks.html", household=visit.household, page=page, what=LOOKS)


@passbook.post("/passbook/end")
@public
def end() -> Response:
    """退出: the next person with this phone sees nothing; one that is remembered shows again what the card alone shows."""
    return forget(redirect(url_for("passbook.passbook_page"), 303))


def asked_month(this: int) -> int:
    """The month of the address (202611), if it is one that can be shown; else the present one."""
    month = request.args.get("month", this, type=int)
    if not 1 <= month % 100 <= 12 or not 1 <= month // 100 <= 9999:
        return this
    return month if earliest(clock.today()) <= clock.first_day(month) and month <= this else this


def earliest(today: date) -> date:
    """The first day of the oldest month that is shown."""
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    return date(months // 12, months % 12 + 1, 1)


def deduction_months() -> list[int]:
    """The months whose deductions are shown."""
    return clock.months_back(clock.month_of(clock.today()), DEDUCTION_MONTHS)


from virtue.passbook import (  # noqa: E402, F401  their routes join the same blueprint
    board_views,
    claim_views,
    comment_views,
    data_views,
    dividend_views,
    objection_views,
    phone_views,
    reservation_views,
    settings_views,
    star_views,
    vote_views,
    why_views,
    wish_views,
)
