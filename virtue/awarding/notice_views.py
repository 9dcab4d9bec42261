"""Notices: what waits for the next one, publishing, the list, one notice on screen and on paper."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, formatting, pages
from virtue.access import permission
from virtue.awarding import booked, notice_print, objection_queries, queries, settling
from virtue.awarding.views import awarding
from virtue.awarding.words import STATES
from virtue.core import keys, settings
from virtue.errors import BrokenRule
from virtue.notices import queries as notices_of
from virtue.notices.models import Notice
from virtue.people import qr
from virtue.people import queries as people

NOTICE_LINES = 50
"""Lines of a notice on one page of the desk."""


@awarding.get("/notices")
@permission("awarding.view")
def notices() -> str:
    """All notices, newest first, and what waits for the next."""
    return _list()


@awarding.post("/notices")
@permission("awarding.notice")
def publish_notice() -> Response | tuple[str, int]:
    """Publish all that waits."""
    try:
        outcome = settling.publish_notice(access.village().id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _list(str(error)), error.status
    ends_on = formatting.day(date.fromisoformat(outcome.result["ends_on"]))
    flash(_("第%(number)s号公示已发布，%(lines)s 项，公示到%(day)s。",
            number=outcome.result["number"], lines=outcome.result["lines"], day=ends_on))  # fmt: skip
    return redirect(url_for("awarding.notice", number=outcome.result["number"]), 303)


@awarding.post("/notices/booked")
@permission("awarding.notice")
def publish_booked() -> Response | tuple[str, int]:
    """Put what was booked at once in events on a notice of its own."""
    try:
        outcome = booked.publish_booked(access.village().id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _list(str(error)), error.status
    flash(_("第%(number)s号公示已发布：%(lines)s 项当场入账的，可以提异议。",
            number=outcome.result["number"], lines=outcome.result["lines"]))  # fmt: skip
    return redirect(url_for("awarding.notice", number=outcome.result["number"]), 303)


@awarding.get("/notices/<int:number>")
@permission("awarding.view")
def notice(number: int) -> Response | str:
    """One notice for staff: every line with its state."""
    found, q = _load(number), request.args.get("q", "")
    if found.kind in queries.STAR_KINDS:
        return redirect(url_for("honours.star_notice", number=number))
    contested = notices_of.contested_lines(found.id)
    is_contested = request.args.get("lines") == "contested"
    lines = queries.lines_of(found.id, q, only=contested if is_contested else None)
    return render_template(
        "awarding/notice.html", notice=found, states=STATES, q=q, is_contested=is_contested, contested=contested,
        page=pages.paged(lines, request.args.get("page", 1, type=int), scalars=False, per_page=NOTICE_LINES),
        is_over=found.ends_on < clock.today(), left=settling.days_left(found.ends_on),
    )  # fmt: skip


@awarding.get("/notices/<int:number>/print")
@permission("awarding.view")
def print_notice(number: int) -> Response | str:
    """One notice as it hangs on the wall: by publish level, as everybody may read it; on A4 or A3."""
    found = _load(number)
    if found.kind in queries.STAR_KINDS:
        return redirect(url_for("honours.print_star_notice", number=number))
    return render_template(
        "awarding/print_notice.html", notice=found, shown=notice_print.sheet(found), village=access.village(),
        paper="a3" if request.args.get("paper") == "a3" else "a4",
        code=qr.page("portal.notice", slug=access.village().slug, number=number),
    )  # fmt: skip


def _load(number: int) -> Notice:
    found = notices_of.find_notice(access.village().id, number)
    if found is None:
        abort(404)
    return found


def _list(error: str | None = None) -> str:
    village_id = access.village().id
    waiting = queries.approved_deeds(village_id)
    page = pages.paged(notices_of.notices(village_id), request.args.get("page", 1, type=int))
    return render_template(
        "awarding/notices.html", page=page, error=error, key=keys.new(), waiting=waiting[:50], total=len(waiting),
        households=people.households_by_ids({deed.household_id for deed in waiting[:50]}), today=clock.today(),
        booked=objection_queries.booked_count(village_id), since=objection_queries.waiting_since(village_id),
        days=settings.value("notice_days", village_id), ends_on=clock.end_after(
            clock.today(), settings.value("notice_days", village_id)
        ),
    )  # fmt: skip
