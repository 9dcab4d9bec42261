"""Each step of a pot: from the open sheet over the vote, the check and the signature to the last payment."""

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import clock
from virtue.access import permission
from virtue.dividends import deciding, objections, paying, pots
from virtue.dividends.errors import BadPayment, NoSuchSheetLine
from virtue.dividends.forms import VoteForm
from virtue.dividends.views import dividends, do, load, shown
from virtue.notices.services import Sender
from virtue.people import queries as people
from virtue.quantities import parse_whole


@dividends.post("/dividends/<int:pot_id>/open")
@permission("dividends.draft")
def open_sheet(pot_id: int) -> Response | tuple[str, int]:
    """Draw the trial sheet and open it."""
    return do(pot_id, lambda v, p, key, by: pots.open_sheet(v, p, key=key, by=by), _("试算表已公开，开放 10 天。"))


@dividends.post("/dividends/<int:pot_id>/months")
@permission("dividends.draft")
def set_months(pot_id: int) -> Response | tuple[str, int]:
    """State for how many months a household counts."""

    def act(village_id: int, number: int, key: str, by: int) -> Any:
        household = people.household_by_input(village_id, request.form.get("code", "")).household
        months = parse_whole(request.form.get("months"), least=0)
        return pots.set_months(
            village_id, number, household.id, -1 if months is None else months, why=request.form.get("why", ""), key=key,
            by=by,
        )  # fmt: skip

    return do(pot_id, act, _("月数已记下。"))


@dividends.post("/dividends/<int:pot_id>/objections")
@permission("notices.take")
def take_sheet_objection(pot_id: int) -> Response | tuple[str, int]:
    """Take an objection to a line down."""

    def act(village_id: int, number: int, key: str, by: int) -> Any:
        form = request.form
        place = parse_whole(form.get("line"), most=99_999)
        if place is None:
            raise NoSuchSheetLine
        code = form.get("code", "").strip()
        household_id = people.household_by_input(village_id, code).household.id if code else None
        return objections.object_to(
            village_id, number, place, form.get("words", ""), Sender(household_id), came_by="desk", key=key, by=by
        )

    return do(pot_id, act, _("已登记异议，答复以前不能表决。"))


@dividends.post("/dividends/<int:pot_id>/objections/<int:number>/answer")
@permission("dividends.answer")
def answer_sheet_objection(pot_id: int, number: int) -> Response | tuple[str, int]:
    """Answer one; upheld, the sheet is drawn anew."""
    form = request.form
    months = parse_whole(form.get("months"), least=0) if form.get("months") else None
    verdict = objections.Verdict(form.get("state", ""), form.get("reason", ""), months)
    return do(
        pot_id, lambda v, p, key, by: objections.answer(v, p, number, verdict, key=key, by=by), _("已答复。")
    )  # fmt: skip


@dividends.post("/dividends/<int:pot_id>/vote")
@permission("dividends.draft")
def record_vote(pot_id: int) -> Response | tuple[str, int]:
    """Write the vote down."""
    form = VoteForm()
    if not form.validate():
        return shown(load(pot_id), vote=form), 422
    vote = deciding.Vote(
        form.on.data or clock.today(), form.assembly.data, form.entitled.data or 0, form.present.data or 0,
        form.in_favour.data or 0, form.minutes.data or "",
    )  # fmt: skip
    return do(
        pot_id,
        lambda v, p, key, by: deciding.record_vote(v, p, vote, key=key, by=by),
        _("表决已记下，等镇里审核。"),
        form,
    )


@dividends.post("/dividends/<int:pot_id>/check")
@permission("dividends.check")
def check_pot(pot_id: int) -> Response | tuple[str, int]:
    """The township found it in order."""
    return do(pot_id, lambda v, p, key, by: deciding.check(v, p, key=key, by=by), _("已审核，等村监会签字。"))


@dividends.post("/dividends/<int:pot_id>/send-back")
@permission("dividends.check")
def send_back(pot_id: int) -> Response | tuple[str, int]:
    """The township sends it back."""
    why = request.form.get("why", "")
    return do(pot_id, lambda v, p, key, by: deciding.send_back(v, p, why=why, key=key, by=by), _("已退回草稿。"))


@dividends.post("/dividends/<int:pot_id>/sign")
@permission("dividends.sign")
def sign_pot(pot_id: int) -> Response | tuple[str, int]:
    """The supervision committee signs."""
    return do(pot_id, lambda v, p, key, by: deciding.sign(v, p, key=key, by=by), _("已签字，表定下了，可以发放。"))


@dividends.post("/dividends/<int:pot_id>/revise")
@permission("dividends.draft")
def revise(pot_id: int) -> Response | tuple[str, int]:
    """Back to the draft."""
    why = request.form.get("why", "")
    return do(pot_id, lambda v, p, key, by: pots.revise(v, p, why=why, key=key, by=by), _("已退回草稿。"))


@dividends.post("/dividends/<int:pot_id>/withdraw")
@permission("dividends.draft")
def withdraw(pot_id: int) -> Response | tuple[str, int]:
    """Give it up."""
    why = request.form.get("why", "")
    return do(pot_id, lambda v, p, key, by: pots.withdraw(v, p, why=why, key=key, by=by), _("已撤销。"))


@dividends.post("/dividends/<int:pot_id>/pay/<int:line_id>")
@permission("dividends.pay")
def pay_line(pot_id: int, line_id: int) -> Response | tuple[str, int]:
    """Note that a line was paid."""

    def act(village_id: int, number: int, key: str, by: int) -> Any:
        on = request.form.get("on", type=datetime.fromisoformat)
        if on is None:
            raise BadPayment
        how = request.form.get("how", "")
        return paying.pay(village_id, number, line_id, how=how, on=on.date(), key=key, by=by)

    return do(pot_id, act, _("已记下：发放了。"))


@dividends.post("/dividends/<int:pot_id>/close")
@permission("dividends.pay")
def close_pot(pot_id: int) -> Response | tuple[str, int]:
    """Close the pay list."""
    return do(pot_id, lambda v, p, key, by: paying.close(v, p, key=key, by=by), _("已办结，没领的列在表里。"))
