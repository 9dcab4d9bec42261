"""Review: the queue of a reviewer, one screen a deed, several at once; a deed's own page with its whole chain."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding import amending, queries, services, settling
from virtue.awarding import review_page_views as review_pages
from virtue.awarding.models import Deed
from virtue.awarding.review_page_views import Filters
from virtue.awarding.views import awarding
from virtue.awarding.words import STATES
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.ledger import queries as ledger
from virtue.people import kept_photos, looks, standing
from virtue.people import queries as people


@awarding.get("/review")
@permission("awarding.review")
def review() -> str:
    """The deeds this reviewer may decide, oldest first."""
    return review_pages.queue()


@awarding.get("/review/decided")
@permission("awarding.review")
def reviewed() -> str:
    """What was approved and waits for its notice, or what was rejected: to be amended, or reopened."""
    return review_pages.decided()


@awarding.get("/review/together")
@permission("awarding.review")
def ask_together() -> str | tuple[str, int]:
    """Several of one kind: what will be approved, in words, before it is."""
    rows = queries.deeds_of_ids(access.village().id, review_pages.ticked())
    if not rows:
        return review_pages.queue(_("请先勾选要同意的事项。")), 422
    if len({row.rule_code for row in rows}) > 1:
        return review_pages.queue(_("一次只能办同一项细则的事项。请先按细则查找，再勾选。")), 422
    return review_pages.together(rows)


@awarding.post("/review/approve")
@permission("awarding.review")
def approve_many() -> Response | tuple[str, int]:
    """Say yes to the ticked ones, each on its own."""
    ids = review_pages.ticked()
    if not ids:
        return review_pages.queue(_("请先勾选要同意的事项。")), 422
    try:
        outcome = services.approve_many(access.village().id, ids, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return review_pages.queue(str(error)), error.status
    review_pages.say_together(outcome.result)
    return redirect(Filters.asked().url(), 303)


@awarding.get("/review/<int:deed_id>")
@permission("awarding.review")
def review_deed(deed_id: int) -> str:
    """One deed, with all that is needed to decide it."""
    return review_pages.deed(_load(deed_id))


@awarding.post("/review/<int:deed_id>/<any(approve, amend, send_back, reject, reopen):action>")
@permission("awarding.review")
def decide(deed_id: int, action: str) -> Response | tuple[str, int]:
    """Approve, amend, send back, reject, reopen; then the next one in the queue."""
    found, typed = _load(deed_id), review_pages.Typed.of(action)
    if typed.errors:
        return review_pages.deed(found, typed=typed), 422
    key, by, village_id = request.form.get("key", ""), access.by(), access.village().id
    acts: dict[str, Callable[[], keys.Outcome]] = {
        "approve": lambda: services.approve(village_id, deed_id, key=key, by=by, story=typed.story),
        "amend": lambda: amending.amend(village_id, deed_id, typed.points, why=typed.why, key=key, by=by),
        "send_back": lambda: services.send_back(village_id, deed_id, why=typed.why, key=key, by=by),
        "reject": lambda: services.reject(village_id, deed_id, why=typed.why, key=key, by=by),
        "reopen": lambda: services.reopen(village_id, deed_id, why=typed.why, key=key, by=by),
    }
    try:
        outcome = acts[action]()
    except BrokenRule as error:
        typed.refuse(error)
        return review_pages.deed(found, typed=typed), error.status
    review_pages.say(found, action, outcome.result)
    # What was amended or opened again is looked at once more.
    return review_pages.onward(deed_id, stays=action in {"amend", "reopen"})


@awarding.post("/review/<int:deed_id>/reveal")
@permission("awarding.review")
def reveal(deed_id: int) -> str:
    """核对: show the householder's whole name; the household sees that somebody looked."""
    found = _load(deed_id)
    looks.record_look(access.village().id, found.household_id, by=access.by(), what="reveal")
    return review_pages.deed(found, name=standing.head_name(access.village().id, found.household_id))


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


def _chain_page(found: Deed, error: str | None = None, *, why: str = "") -> str:
    return render_template(
        "awarding/deed.html", deed=found, error=error, key=keys.new(), why=why, states=STATES,
        household=people.find_household(access.village().id, found.household_id),
        notice=queries.notice_of(found), entry=ledger.find_entry("deed", found.id), **review_pages.steps(found),
        paid=ledger.owed_change(found.entry_id), owed=-ledger.owed_change(found.entry_id, reversed_by=True),
    )  # fmt: skip


def _mine(error: str | None = None) -> str:
    village_id = access.village().id
    page = pages.paged(
        queries.proposed_by(village_id, access.by(), clock.today()), request.args.get("page", 1, type=int)
    )
    steps = queries.steps_of([row.id for row in page.rows])
    reasons = remarks.texts([step.remark_id for rows in steps.values() for step in rows])
    return render_template(
        "awarding/mine.html", page=page, error=error, key=keys.new(), states=STATES, households=people.households_by_ids({row.household_id for row in page.rows}),
        asked={
            deed_id: next((reasons.get(step.remark_id or 0, "") for step in reversed(rows) if step.remark_id), "")
            for deed_id, rows in steps.items()
        },
    )  # fmt: skip
