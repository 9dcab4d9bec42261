"""The pages of a year's close: the steps, the list of households, its print and workbook."""

import contextlib
import io
from datetime import date
from typing import Any

import xlsxwriter
from flask import Response as File
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks, settings
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.formatting import mask_name
from virtue.office import year_checks, year_services
from virtue.office.views import office
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.staff import queries as staff
from virtue.store import year_queries
from virtue.store.year_models import YearClose

Answer = Response | str | tuple[str, int]


@office.get("/store/year")
@permission("ledger.view")
def year() -> str:
    """Where the year's close stands: what is announced, what is open, what would lapse."""
    return _page()


@office.post("/store/year/announce")
@permission("settings.edit")
def announce_year() -> Answer:
    """Announce a year and its day."""
    wanted, day = request.form.get("year", type=int), _day(request.form.get("day", ""))
    if day is None or wanted is None:
        return _page(_("请选年份，填作废日期。")), 422
    try:
        year_services.announce(access.village_id(), wanted, day, key=_key(), by=access.by())
    except BrokenRule as error:
        return _page(str(error)), error.status
    return _done(_("已公布。从现在起，存折、门户和农户页面上都会提醒。"))


@office.post("/store/year/<int:close_id>/withdraw")
@permission("settings.edit")
def withdraw_year(close_id: int) -> Answer:
    """Take the announcement back."""
    try:
        year_services.withdraw(access.village_id(), close_id, key=_key(), by=access.by())
    except BrokenRule as error:
        return _refused(error)
    return _done(_("公布已撤回，积分不作废。"))


@office.post("/store/year/<int:close_id>/carry")
@permission("settings.edit")
def carry_year(close_id: int) -> Answer:
    """Carry what is open of a kind into the next year."""
    form = request.form
    try:
        outcome = year_services.carry(
            access.village_id(), close_id, form.get("kind", ""), form.get("reason", "")[:100], key=_key(),
            by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _refused(error)
    return _done(_("%(count)s 项已写明原因，转到下年。", count=outcome.result["count"]))


@office.post("/store/year/<int:close_id>/sign")
@permission("ledger.close")
def sign_year(close_id: int) -> Answer:
    """The second person confirms the figures; the booking starts."""
    form = request.form
    if form.get("sure") != "1":
        return _page(_("请先看清户数和分数，在方框里打钩。")), 422
    told = (form.get("households", -1, type=int), form.get("points", -1, type=int))
    try:
        outcome = year_services.sign(access.village_id(), close_id, told, key=_key(), by=access.by())
    except BrokenRule as error:
        return _refused(error)
    return redirect(url_for("office.job", job_id=outcome.result["job_id"]), 303)


@office.post("/store/year/<int:close_id>/book")
@permission("ledger.close")
def book_year(close_id: int) -> Answer:
    """Go on with a booking that stopped."""
    try:
        outcome = year_services.book(access.village_id(), close_id, key=_key(), by=access.by())
    except BrokenRule as error:
        return _refused(error)
    return redirect(url_for("office.job", job_id=outcome.result["job_id"]), 303)


@office.get("/store/year/<int:close_id>/list")
@permission("ledger.view")
def year_list(close_id: int) -> str:
    """Household by household, masked: what would lapse, or what did."""
    close, query = _list(close_id)
    page = pages.paged(query, request.args.get("page", 1, type=int), scalars=False)
    return render_template("office/year_list.html", close=close, page=page, q=request.args.get("q", ""))


@office.get("/store/year/<int:close_id>/print")
@permission("ledger.view")
def print_year(close_id: int) -> str:
    """The whole list on A4."""
    close, query = _list(close_id)
    rows = db.session.execute(query).all()
    totals = year_queries.totals(year_queries.shown(close))
    return render_template("office/print_year.html", close=close, rows=rows, totals=totals, village=access.village())


@office.get("/store/year/<int:close_id>/year.xlsx")
@permission("ledger.view")
def year_xlsx(close_id: int) -> File:
    """The whole list as a workbook; names masked, as on the page."""
    close, query = _list(close_id)
    lines: list[tuple[str | int, ...]] = [(_("户主"), _("尾号"), _("网格"), _("现有"), _("作废"), _("剩下"))]
    for row in db.session.execute(query):
        one = row.Household
        name = mask_name(one.head_name)
        lines.append((name, one.tail, one.grid.name, row.balance, row.lapses, row.balance - row.lapses))
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet(str(close.year))
        sheet.set_column(0, 5, 14)
        for number, line in enumerate(lines):
            for place, cell in enumerate(line):
                (sheet.write_number if isinstance(cell, int) else sheet.write_string)(number, place, cell)
    name = f"year-{close.year}.xlsx"
    return File(
        file.getvalue(), mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _list(close_id: int) -> tuple[YearClose, Select[Any]]:
    village_id = access.village_id()
    close = year_queries.find_close(village_id, close_id)
    if close is None:
        abort(404)
    query, text = year_queries.shown(close).order_by(Household.code), request.args.get("q", "")
    if people.plain(text):
        found = people.search_households(village_id, text).with_only_columns(Household.id).order_by(None)
        query = query.where(Household.id.in_(found))
    return close, query


def _day(text: str) -> date | None:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text.strip())
    return None


def _key() -> str:
    return request.form.get("key", "")


def _done(words: str) -> Response:
    flash(words, "good")
    return redirect(url_for("office.year"), 303)


def _refused(error: BrokenRule) -> tuple[str, int]:
    if error.status == 404:
        raise error
    return _page(str(error)), error.status


def _page(error: str | None = None) -> str:
    village_id, today = access.village_id(), clock.today()
    closes, running = year_queries.closes_of(village_id), year_queries.running(village_id)
    known = {row.year for row in closes if row.state != "withdrawn"}
    years = [] if running else [one for one in year_services.years_open(today) if one not in known]
    checks = year_checks.checks(running) if running else []
    carries = [one for check in checks for one in check.carried]
    people_ids = {row.announced_by_id for row in closes} | {row.signed_by_id for row in closes}
    return render_template(
        "office/year.html", running=running, years=years, checks=checks, error=error, typed=request.form,
        is_lapsing=settings.value("home_points_at_year_end", village_id) == "lapse",
        closed=[row for row in closes if row.state == "closed"],
        totals=year_queries.totals(year_queries.shown(running)) if running else (0, 0),
        open_count=sum(check.count for check in checks), is_due=running is not None and running.lapses_on <= today,
        day=year_services.proposed_day(years[-1], today) if years else None, new_key=keys.new, me=access.by(),
        texts=remarks.texts([one.remark_id for one in carries]),
        names=staff.names_of(people_ids | {one.by_id for one in carries}),
    )  # fmt: skip
