"""Numbered paper sheets: print them, find one by its number, type it in, void it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.awarding import queries, round_queries, sheet_queries, sheets
from virtue.awarding.door_views import base_url
from virtue.awarding.round_errors import SheetAlreadyEntered, SheetIsVoid, SheetLinesRefused
from virtue.awarding.round_forms import TypedSheet, read_levels, read_lines
from virtue.awarding.round_models import Sheet, SheetState
from virtue.awarding.views import awarding
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.people import door_queries
from virtue.people import queries as people
from virtue.quantities import parse_id, parse_whole
from virtue.staff import queries as staff


@awarding.get("/award/sheets")
@permission("awarding.view")
def sheets_list() -> str:
    """All sheets, newest first."""
    return _list()


@awarding.post("/award/sheets")
@permission("awarding.sheet")
def print_deed_sheets() -> Response | tuple[str, int]:
    """Number some sheets for single deeds; then print them."""
    count = parse_whole(request.form.get("count"), most=sheets.MOST_AT_ONCE)
    if count is None:
        return _list(_("一次印 1 到 %(most)s 张。", most=sheets.MOST_AT_ONCE)), 422
    try:
        outcome = sheets.print_for_deeds(
            access.village().id, count=count, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _list(str(error)), error.status
    return _to_print(outcome)


@awarding.post("/award/rounds/<int:round_id>/sheets")
@permission("awarding.sheet")
def print_round_sheet(round_id: int) -> Response:
    """Number a sheet for a round; then print it."""
    return _to_print(
        sheets.print_for_round(access.village().id, round_id, key=request.form.get("key", ""), by=access.by())
    )


@awarding.post("/award/events/<int:event_id>/sheets")
@permission("awarding.sheet")
def print_event_sheet(event_id: int) -> Response:
    """Number lists to sign for an event; then print them."""
    count = parse_whole(request.form.get("count") or "1", most=sheets.MOST_AT_ONCE) or 1
    return _to_print(
        sheets.print_for_event(
            access.village().id, event_id, request.form.get("rule_code", ""), count=count,
            key=request.form.get("key", ""), by=access.by(),
        )
    )  # fmt: skip


@awarding.post("/award/sheets/find")
@permission("awarding.sheet")
def find_sheet() -> Response | tuple[str, int]:
    """The sheet whose number is typed, with its check digit."""
    typed = request.form.get("number", "")
    number = sheet_queries.read_number(typed)
    found = sheet_queries.sheets_between(access.village().id, number, number) if number is not None else []
    if not found:
        return _list(_("没有这个编号的纸表。请对着纸表逐位再输一次，最后一位是校验码。"), typed=typed[:20]), 422
    return redirect(url_for("awarding.sheet", sheet_id=found[0].id), 303)


@awarding.get("/award/sheets/print/<int:first>/<int:last>")
@permission("awarding.sheet")
def print_sheets(first: int, last: int) -> str:
    """These sheets on A4."""
    village = access.village()
    found = [one for one in sheet_queries.sheets_between(village.id, first, last) if one.state == SheetState.PRINTED]
    if not found or last - first >= sheets.MOST_AT_ONCE:
        abort(404)
    return render_template(
        "awarding/print_sheets.html", village=village, sheets=[_paper(one) for one in found],
        number=sheet_queries.printed_number,
    )  # fmt: skip


@awarding.get("/award/sheets/<int:sheet_id>")
@permission("awarding.view")
def sheet(sheet_id: int) -> str:
    """A sheet: to be typed in, or what came of it."""
    return _page(_load(sheet_id))


@awarding.post("/award/sheets/<int:sheet_id>/enter")
@permission("awarding.sheet")
def enter_sheet(sheet_id: int) -> Response | tuple[str, int]:
    """Type it in: all lines, or with a tick only those that can be."""
    one = _load(sheet_id)
    typed = _typed(one)
    if typed.has_errors:
        return _page(one, _("有的行没有填对，请看行里的说明。"), typed), 422
    try:
        outcome = _enter(one, typed)
    except (SheetAlreadyEntered, SheetIsVoid) as error:
        return _page(_load(sheet_id), _who_when(error), typed), error.status
    except SheetLinesRefused as error:
        typed.tell({int(line): _sentence(*why) for line, why in error.params["lines"].items()})
        return _page(_load(sheet_id), str(error), typed), error.status
    except BrokenRule as error:
        return _page(_load(sheet_id), str(error), typed), error.status
    flash(_("录好了 %(count)s 行。", count=outcome.result["entered"]), "good")
    if outcome.result["refused"]:
        flash(_("有 %(count)s 行没有录，原因在下面。", count=outcome.result["refused"]), "warn")
    return redirect(url_for("awarding.sheet", sheet_id=sheet_id), 303)


@awarding.post("/award/sheets/<int:sheet_id>/void")
@permission("awarding.sheet")
def void_sheet(sheet_id: int) -> Response | tuple[str, int]:
    """Never to be entered."""
    one = _load(sheet_id)
    try:
        sheets.void(
            one.village_id, sheet_id, why=request.form.get("why", ""), key=request.form.get("key", ""), by=access.by()
        )
    except (SheetAlreadyEntered, SheetIsVoid) as error:
        return _page(_load(sheet_id), _who_when(error)), error.status
    except BrokenRule as error:
        return _page(_load(sheet_id), str(error)), error.status
    flash(_("已经作废。"), "good")
    return redirect(url_for("awarding.sheet", sheet_id=sheet_id), 303)


def _enter(one: Sheet, typed: TypedSheet) -> keys.Outcome:
    key, by, may_skip = request.form.get("key", ""), access.by(), bool(request.form.get("may_skip"))
    if one.kind != "round":
        return sheets.enter_lines(one.village_id, one.id, typed.lines, key=key, by=by, may_skip=may_skip)
    judges = [number for number in map(parse_id, request.form.getlist("judges")) if number is not None]
    taps = read_levels(request.form, list(one.household_ids or []))
    return sheets.enter_round(one.village_id, one.id, judges, taps, key=key, by=by, may_skip=may_skip)


def _typed(one: Sheet) -> TypedSheet:
    if one.kind == "round":
        return read_lines(MultiDict(), one.lines, has_rules=False)
    return read_lines(request.form, one.lines, has_rules=one.kind == "deeds")


def _sentence(code: str, params: dict[str, Any]) -> str:
    return str(BrokenRule.from_record(code, params))


def _who_when(error: BrokenRule) -> str:
    """The refusal, and who it was: names aren't kept beside keys, so the page adds it."""
    by_id = error.params.get("by_id")
    name = staff.names_of({by_id}).get(by_id, "") if by_id is not None else ""
    return _("%(sentence)s办的人：%(name)s。", sentence=str(error), name=name) if name else str(error)


def _to_print(outcome: keys.Outcome) -> Response:
    return redirect(url_for("awarding.print_sheets", first=outcome.result["first"], last=outcome.result["last"]), 303)


def _load(sheet_id: int) -> Sheet:
    found = sheet_queries.find_sheet(access.village().id, sheet_id)
    if found is None:
        abort(404)
    return found


def _paper(one: Sheet) -> dict[str, Any]:
    """What a sheet is about, for the paper and for its page."""
    round_ = round_queries.find_round(one.village_id, one.round_id) if one.round_id is not None else None
    event = queries.find_event(one.village_id, one.event_id) if one.event_id is not None else None
    rule = queries.find_rule_by_code(one.village_id, one.rule_code) if one.rule_code else None
    found = people.households_by_ids(set(one.household_ids or []))
    plates = door_queries.plates(one.village_id, round_.grid_id, base_url()) if round_ is not None else []
    return {
        "sheet": one, "round": round_, "event": event, "rule": rule,
        "grid": people.find_grid(one.village_id, round_.grid_id) if round_ is not None else None,
        "households": [found[number] for number in one.household_ids or [] if number in found],
        "words": round_queries.level_words(round_.level_list) if round_ is not None else {},
        "doors": {plate.household_id: plate for plate in plates},
    }  # fmt: skip


def _page(one: Sheet, error: str | None = None, typed: TypedSheet | None = None) -> str:
    results = one.results or []
    ids = {row["household_id"] for row in results if "household_id" in row}
    return render_template(
        "awarding/sheet.html", error=error, key=keys.new(), number=sheet_queries.printed_number,
        typed=typed or read_lines(MultiDict(), one.lines, has_rules=False), form=request.form,
        results=[(row, _sentence(row["refused"], row["params"]) if "refused" in row else "") for row in results],
        found=people.households_by_ids(ids), names=staff.names_of({one.printed_by_id, one.ended_by_id}),
        judging=round_queries.judging_staff(one.village_id) if one.kind == "round" else [], **_paper(one),
        rules=[rule for rule in queries.rules_in_force(one.village_id, "scan") if not rule.is_deduction],
    )  # fmt: skip


def _list(error: str | None = None, *, typed: str = "") -> str:
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    state = state if state in set(SheetState) else ""
    query = sheet_queries.sheets(access.village().id, state=state, kind=kind)
    page = pages.paged(query, request.args.get("page", 1, type=int))
    return render_template(
        "awarding/sheets.html", page=page, state=state, kind=kind, error=error, typed=typed, key=keys.new(),
        number=sheet_queries.printed_number, names=staff.names_of({row.ended_by_id for row in page.rows}),
        most=sheets.MOST_AT_ONCE,
    )  # fmt: skip
