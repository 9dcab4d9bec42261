"""Review: the queue of a reviewer, one screen a deed, several at once; a deed's own page with its whole chain."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import deciding, kept_photos, photo_queries, queries, services, settling
from virtue.awarding.models import Deed
from virtue.awarding.views import awarding
from virtue.awarding.words import STATES, STEPS
from virtue.core import keys, remarks, settings
from virtue.errors import BrokenRule
from virtue.ledger import queries as ledger
from virtue.people import looks, standing
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.quantities import parse_id
from virtue.staff import queries as staff


@awarding.get("/review")
@permission("awarding.review")
def review() -> str:
    """The deeds this reviewer may decide, oldest first."""
    return _queue()


@awarding.post("/review/approve")
@permission("awarding.review")
def approve_many() -> Response | tuple[str, int]:
    """Say yes to the ticked ones, each on its own."""
    ids = [number for number in map(parse_id, request.form.getlist("deed")) if number is not None]
    if not ids:
        return _queue(_("请先勾选要同意的事项。")), 422
    try:
        outcome = services.approve_many(access.village().id, ids, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _queue(str(error)), error.status
    flash(_("已同意 %(count)s 项。", count=len(outcome.result["approved"])))
    for sentence in sorted({str(deciding.why_not(code)) for code in outcome.result["refused"].values()}):
        flash(sentence, "warn")
    return redirect(url_for("awarding.review"), 303)


@awarding.get("/review/<int:deed_id>")
@permission("awarding.review")
def review_deed(deed_id: int) -> str:
    """One deed, with all that is needed to decide it."""
    return _deed_page(_load(deed_id))


@awarding.post("/review/<int:deed_id>/<any(approve, send_back, reject, reopen):action>")
@permission("awarding.review")
def decide(deed_id: int, action: str) -> Response | tuple[str, int]:
    """Approve, send back, reject, reopen; then the next one in the queue."""
    deed = _load(deed_id)
    key, by, village_id = request.form.get("key", ""), access.by(), access.village().id
    why, story = request.form.get("why", ""), request.form.get("story", "")
    acts: dict[str, Callable[[], keys.Outcome]] = {
        "approve": lambda: services.approve(village_id, deed_id, key=key, by=by, story=story),
        "send_back": lambda: services.send_back(village_id, deed_id, why=why, key=key, by=by),
        "reject": lambda: services.reject(village_id, deed_id, why=why, key=key, by=by),
        "reopen": lambda: services.reopen(village_id, deed_id, why=why, key=key, by=by),
    }
    try:
        outcome = acts[action]()
    except BrokenRule as error:
        return _deed_page(deed, str(error), why=why, story=story), error.status
    flash(_("已办：%(rule)s，%(state)s。", rule=deed.rule_name, state=STATES[outcome.result["state"]]))
    return redirect(url_for("awarding.review"), 303)


@awarding.post("/review/<int:deed_id>/reveal")
@permission("awarding.review")
def reveal(deed_id: int) -> str:
    """核对: show the householder's whole name; the household sees that somebody looked."""
    deed = _load(deed_id)
    looks.record_look(access.village().id, deed.household_id, by=access.by(), what="reveal")
    return _deed_page(deed, name=standing.head_name(access.village().id, deed.household_id))


@awarding.get("/award/mine")
@permission("awarding.propose")
def mine() -> str:
    """What this member has proposed, newest first."""
    return _mine()


@awarding.post("/award/mine/<int:deed_id>/resubmit")
@permission("awarding.propose")
def resubmit(deed_id: int) -> Response | tuple[str, int]:
    """Add what the reviewer asked for."""
    deed = _load(deed_id)
    if deed.proposed_by_id != access.by():
        abort(404)
    words, key, owner = request.form.get("words", ""), request.form.get("key", ""), kept_photos.of_staff(access.by())
    try:
        photo = kept_photos.take(request.files.get("photo"), None, owner=owner)
        services.resubmit(access.village().id, deed_id, words=words, key=key, by=access.by(), picture=photo)
    except BrokenRule as error:
        return _mine(str(error)), error.status
    flash(_("已经补充，再交评议。"))
    return redirect(url_for("awarding.mine"), 303)


@awarding.get("/deeds/<int:deed_id>")
@permission("awarding.view")
def deed(deed_id: int) -> str:
    """A deed and its whole chain in plain words."""
    return _chain_page(_load(deed_id))


@awarding.post("/deeds/<int:deed_id>/reverse")
@permission("awarding.reverse")
def reverse(deed_id: int) -> Response | tuple[str, int]:
    """Reverse a settled deed, with a reason."""
    found, why = _load(deed_id), request.form.get("why", "")
    try:
        settling.reverse(access.village().id, deed_id, why=why, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _chain_page(found, str(error), why=why), error.status
    owed = -ledger.owed_change(found.entry_id, reversed_by=True)
    flash(_("已经冲正。") if owed <= 0 else _("已经冲正。欠 %(points)s 分，以后得分先补上。", points=owed))
    return redirect(url_for("awarding.deed", deed_id=deed_id), 303)


def _load(deed_id: int) -> Deed:
    found = queries.find_deed(access.village().id, deed_id)
    if found is None:
        abort(404)
    return found


def _queue(error: str | None = None) -> str:
    village, args = access.village(), request.args
    query = queries.review_queue(
        village.id, access.by(), grid_id=pages.number_asked("grid"), rule_code=args.get("rule", "")
    )
    page = pages.paged(query, args.get("page", 1, type=int))
    return render_template(
        "awarding/review.html", page=page, error=error, key=keys.new(), grids=people.grids_of(village.id),
        rules=queries.rules_in_force(village.id), households=_households(page.rows), names=_proposers(page.rows),
        words=remarks.texts([row.remark_id for row in page.rows]),
        photos=photo_queries.photo_names(row.photo_id for row in page.rows),
        earlier=photo_queries.earlier_uses(village.id, page.rows),
        two_from=settings.value("two_reviewers_from", village.id),
    )  # fmt: skip


def _deed_page(
    found: Deed, error: str | None = None, *, why: str = "", story: str = "", name: str | None = None
) -> str:
    village_id = access.village().id
    room = services.room_for(found.household_id, [found.rule], found.happened_on)
    return render_template(
        "awarding/review_deed.html", deed=found, error=error, key=keys.new(), why=why, story=story, name=name,
        household=people.find_household(village_id, found.household_id), room=room[found.rule_code],
        same=queries.same_rule_this_year(found), states=STATES, **_steps(found),
        earlier=photo_queries.earlier_uses(village_id, [found]).get(found.id, []),
        two_from=settings.value("two_reviewers_from", village_id), signed=queries.approvals(found.id),
    )  # fmt: skip


def _chain_page(found: Deed, error: str | None = None, *, why: str = "") -> str:
    return render_template(
        "awarding/deed.html", deed=found, error=error, key=keys.new(), why=why, states=STATES,
        household=people.find_household(access.village().id, found.household_id),
        notice=queries.notice_of(found), entry=ledger.find_entry("deed", found.id), **_steps(found),
        paid=ledger.owed_change(found.entry_id), owed=-ledger.owed_change(found.entry_id, reversed_by=True),
    )  # fmt: skip


def _steps(found: Deed) -> dict[str, Any]:
    steps = queries.steps_of([found.id])[found.id]
    texts = remarks.texts([found.remark_id, *(step.remark_id for step in steps)])
    return {
        "steps": steps, "texts": texts, "step_words": STEPS,
        "names": staff.names_of({step.by_id for step in steps} | {found.proposed_by_id}),
        "photo": queries.photo_name(found.photo_id),
    }  # fmt: skip


def _mine(error: str | None = None) -> str:
    village_id = access.village().id
    page = pages.paged(
        queries.proposed_by(village_id, access.by(), clock.today()), request.args.get("page", 1, type=int)
    )
    steps = queries.steps_of([row.id for row in page.rows])
    reasons = remarks.texts([step.remark_id for rows in steps.values() for step in rows])
    return render_template(
        "awarding/mine.html", page=page, error=error, key=keys.new(), states=STATES, households=_households(page.rows),
        asked={
            deed_id: next((reasons.get(step.remark_id or 0, "") for step in reversed(rows) if step.remark_id), "")
            for deed_id, rows in steps.items()
        },
    )  # fmt: skip


def _households(rows: Any) -> dict[int, Household]:
    return people.households_by_ids({row.household_id for row in rows})


def _proposers(rows: Any) -> dict[int, str]:
    return staff.names_of({row.proposed_by_id for row in rows})
