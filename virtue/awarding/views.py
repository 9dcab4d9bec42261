"""The award page: pick an event or none, find a household, pick a rule, add, next, take back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import chosen, queries, services, tiles
from virtue.awarding.chosen import Chosen
from virtue.awarding.forms import Addition, read_addition
from virtue.awarding.services import Proposal
from virtue.core import keys, settings
from virtue.core.files import Upload
from virtue.errors import BrokenRule
from virtue.people import card_cookie, door_queries, kept_photos, standing
from virtue.people import queries as people
from virtue.quantities import parse_id

awarding = Blueprint("awarding", __name__)

_EVENT = "event"


@awarding.get("/award")
@permission("awarding.propose")
def award() -> Response | str:
    """Whom to add for; with a household, the rules; after adding, what was done."""
    word = request.args.get("who")
    if card_cookie.NAME in request.cookies and word is None:
        return _from_cookie()
    who = chosen.read(word, by=access.by())
    stale = _("停得太久了，请重新扫卡。") if word and who is None else None
    return _show(who, error=stale, done_id=request.args.get("done", type=int))


@awarding.post("/award/event")
@permission("awarding.propose")
def choose_event() -> Response:
    """Add inside an event, or in none; kept for this member's next cards."""
    event = queries.find_event(access.village_id(), parse_id(request.form.get("event")) or 0)
    session[_EVENT] = event.id if event is not None else None
    return redirect(url_for("awarding.award", who=request.form.get("who") or None), 303)


@awarding.post("/award/find")
@permission("awarding.propose")
def find() -> Response | str:
    """Find a household by card, code, or the number on its card."""
    typed = request.form.get("code", "")
    try:
        found = door_queries.household_by_input(access.village_id(), typed)
    except BrokenRule as error:
        return _show(None, error=str(error), typed=typed[:80], status=error.status)
    return _serve(Chosen(found.household.id, is_checked=found.is_shown))


@awarding.post("/award/add")
@permission("awarding.propose")
def add() -> Response | str:
    """Enter the deed; then the next card."""
    who = chosen.read(request.form.get("who"), by=access.by())
    if who is None or not who.is_checked:
        return _show(None, error=_("停得太久了，请重新扫卡。"), status=422)
    event = _event(queries.events_open(access.village_id()))
    typed = read_addition(request.form, event.day if event else clock.today())
    photo = _photo(typed)
    if typed.errors:
        return _show(who, typed=typed, error=next(iter(typed.errors.values())), status=422, photo=photo)
    try:
        rule = queries.find_ways(access.village_id(), typed.rule_id)
        way = (tiles.way_of(rule, event) if rule is not None else None) or "scan"
        proposal = Proposal(
            who.household_id, typed.rule_id, typed.day or clock.today(), way=way, quantity=typed.quantity,
            level=typed.level, event_id=event.id if event is not None and way == "event" else None, words=typed.words,
            home_consent=typed.home_consent,
        )  # fmt: skip
        key = request.form.get("key", "")
        outcome = services.propose(access.village_id(), proposal, key=key, by=access.by(), picture=photo)
    except BrokenRule as error:
        same = request.form.get("key") if error.status >= 500 else None
        return _show(who, typed=typed, error=str(error), status=error.status, key=same, photo=photo)
    if is_htmx():
        return _show(None, done_id=outcome.result["deed_id"])
    return redirect(url_for("awarding.award", done=outcome.result["deed_id"]), 303)


@awarding.post("/award/<int:deed_id>/take-back")
@permission("awarding.propose")
def take_back(deed_id: int) -> Response | str:
    """Take an own wrong entry back."""
    try:
        services.take_back(access.village_id(), deed_id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        if error.status == 404:
            abort(404)
        return _show(None, error=str(error), status=error.status)
    return redirect(url_for("awarding.award", done=deed_id), 303)


def _photo(typed: Addition) -> Upload | None:
    """The photo just taken, or the one kept from before; what is wrong with a new one stands among the form's errors."""
    owner, word = kept_photos.of_staff(access.by()), request.form.get("kept_photo")
    try:
        return kept_photos.take(request.files.get("photo"), word, owner=owner)
    except BrokenRule as error:
        typed.errors["photo"] = str(error)
        return kept_photos.read(word, owner=owner)


def _event(events: Sequence[Any]) -> Any:
    """The one of the open events that this member adds in; None when there is none."""
    number = session.get(_EVENT)
    return next((event for event in events if event.id == number), None)


def _serve(who: Chosen) -> Response:
    if is_htmx():
        return _show(who)
    return redirect(url_for("awarding.award", who=chosen.make(who, by=access.by())), 303)


def _from_cookie() -> Response:
    """A card that the member's phone scanned: taken over here, so that it doesn't linger for the next person."""
    found = card_cookie.read(request.cookies.get(card_cookie.NAME))
    card = people.find_card_in_force(*found) if found else None
    if card is None or card.village_id != access.village_id():
        response = _show(None, error=_("不是本村的卡。") if found else None)
    else:
        response = _serve(Chosen(card.household_id))
    response.delete_cookie(card_cookie.NAME)
    return response


def _show(
    who: Chosen | None,
    *,
    error: str | None = None,
    typed: Addition | str = "",
    done_id: int | None = None,
    status: int = 200,
    key: str | None = None,
    photo: Upload | None = None,
) -> Response:
    """The whole page, or its section for htmx."""
    template = "awarding/_award.html" if is_htmx() else "awarding/award.html"
    shown = _state(who, typed, done_id) | kept_photos.shown(photo, owner=kept_photos.of_staff(access.by()))
    response = make_response(render_template(template, error=error, key=key or keys.new(), **shown), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "#award"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _state(who: Chosen | None, typed: Addition | str, done_id: int | None) -> dict[str, Any]:
    village_id, by = access.village_id(), access.by()
    events = queries.events_open(village_id)
    event = _event(events)
    minutes = settings.value("take_back_minutes", village_id)
    recent = queries.recent_by(village_id, by, clock.now() - timedelta(minutes=minutes))
    face = standing.find_face(village_id, who.household_id) if who else None
    state: dict[str, Any] = {
        "event": event, "events": events, "recent": recent, "face": face, "who": who,
        "word": chosen.make(who, by=by) if who else "",
        "checked_word": chosen.make(Chosen(who.household_id), by=by) if who else "",
        "typed": typed if isinstance(typed, Addition) else Addition(), "typed_code": typed if isinstance(typed, str) else "",
        "done": next((deed for deed in recent if deed.id == done_id), None),
        "first": [], "every": [], "text": request.args.get("q", ""), "show_all": "q" in request.args,
    }  # fmt: skip
    if face is not None and who is not None and who.is_checked:
        day = event.day if event else clock.today()
        state["first"], state["every"] = tiles.tiles(
            village_id, face.id, event, day, by=by, text=state["text"]
        )  # fmt: skip
    return state


def is_htmx() -> bool:
    """Whether the request comes from htmx."""
    return bool(request.headers.get("HX-Request"))


from virtue.awarding import (  # noqa: E402, F401  their routes join this blueprint
    book_step_views,
    claim_views,
    deduction_extra_views,
    deduction_views,
    door_views,
    draft_views,
    event_views,
    notice_views,
    objection_views,
    photo_views,
    review_views,
    round_views,
    rule_views,
    scan_views,
    sheet_views,
    spot_check_views,
)

blueprints = (awarding,)
