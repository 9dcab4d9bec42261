"""What the village keeps of this household: the statement, all of it as a file, and asking to correct or delete."""

from collections.abc import Mapping

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock, pages
from virtue.access import public
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.passbook import data_queries
from virtue.passbook.entry_views import Visit, passbook, with_pin
from virtue.passbook.files import XLSX, Rows, workbook
from virtue.people import data_queries as requests
from virtue.people import data_services
from virtue.why import statements
from virtue.why.statements import Statement


@passbook.get("/passbook/statement")
@public
@with_pin
def statement(visit: Visit) -> str:
    """The statement of a month or a year, to print or to keep as a PDF."""
    return render_template(
        "passbook/print_statement.html", household=visit.household, village=visit.household.village,
        statement=_statement(visit), today=clock.today(), is_large=request.args.get("paper") == "large",
    )  # fmt: skip


@passbook.get("/passbook/statement.xlsx")
@public
@with_pin
def statement_file(visit: Visit) -> Response:
    """The same as a workbook."""
    asked = _statement(visit)
    sums = [
        (_("积分"), _("原来有"), _("来的"), _("去的"), _("还剩")),
        *((data_queries.unit_name(part.unit), part.first, part.came, part.went, part.left) for part in asked.parts),
    ]
    sheets = {_("积分对账单"): sums, _("积分明细"): data_queries.line_rows(asked.lines)}
    return _workbook(sheets, f"statement-{_period(asked)}")


@passbook.get("/passbook/data")
@public
@with_pin
def data(visit: Visit) -> Response:
    """What is registered, the files, what was asked and answered, and the form to ask."""
    return _data_page(visit)


@passbook.get("/passbook/data.xlsx")
@public
@with_pin
def data_file(visit: Visit) -> Response:
    """All that the village keeps of the household."""
    return _workbook(data_queries.everything(visit.household), f"data-{clock.today():%Y%m%d}")


@passbook.post("/passbook/data/requests")
@public
@with_pin
def ask_about_data(visit: Visit) -> Response:
    """Ask that something be corrected or deleted."""
    household, kind, words = visit.household, request.form.get("kind", ""), request.form.get("words", "")
    if kind not in data_services.KINDS:
        abort(404)
    try:
        data_services.ask_about_data(
            household.village_id, household.id, kind, words, key=request.form.get("key", "")
        )  # fmt: skip
    except BrokenRule as error:
        return _data_page(visit, kind, words, error)
    flash(_("已经提交，村里最晚15天答复，答复写在这一页。"), "good")
    return redirect(url_for("passbook.data"), 303)


def _workbook(sheets: Mapping[str, Rows], name: str) -> Response:
    response = Response(workbook(sheets), mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _statement(visit: Visit) -> Statement:
    year, month = pages.number_asked("year"), pages.number_asked("month")
    return statements.statement(visit.household.id, year=year, month=month)


def _period(asked: Statement) -> str:
    return str(asked.months[0] // 100 if asked.is_year else asked.months[0])


def _data_page(visit: Visit, kind: str = "correct", words: str = "", error: BrokenRule | None = None) -> Response:
    asked = requests.requests_of(visit.household.id)
    page = render_template(
        "passbook/data.html", household=visit.household, members=data_queries.members_of(visit.household), asked=asked,
        texts=remarks.texts([number for row in asked for number in (row.words_id, row.answer_id)]),
        kinds=data_services.KINDS, due_on=requests.due_on, kind=kind, words=words, error=error, key=keys.new(),
    )  # fmt: skip
    return make_response(page, error.status if error else 200)
