"""An event's scanning page: card after card under one rule, also while there is no network."""

from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.awarding import queries, scanning
from virtue.awarding.models import Event
from virtue.awarding.round_forms import SentScan, read_scans
from virtue.awarding.round_views import QUEUED
from virtue.awarding.views import awarding
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.people import codes


@awarding.get("/award/events/<int:event_id>/scan")
@permission("awarding.propose")
def scan_event(event_id: int) -> str:
    """Card after card."""
    return _page(_load(event_id))


@awarding.post("/award/events/<int:event_id>/scans")
@permission("awarding.propose")
def scan(event_id: int) -> Response | tuple[str, int]:
    """Enter one card of a form, or all that a phone kept while it had no network."""
    event = _load(event_id)
    sent = read_scans(request.form)
    if sent is None:
        if QUEUED in request.headers:
            abort(400)
        return _page(event, _("数量要填 1 到 999 的整数。"), request.form.get("code", "")), 422
    if QUEUED in request.headers:
        return jsonify(lines=[_line(event, each) for each in sent])
    try:
        words = _scan(event, sent[0])
    except BrokenRule as error:
        return _page(_load(event_id), str(error), sent[0].code, sent[0].rule_code), error.status
    flash(words, "good")
    return redirect(url_for("awarding.scan_event", event_id=event_id, rule=sent[0].rule_code), 303)


def _line(event: Event, sent: SentScan) -> dict[str, Any]:
    """One scan's outcome; a busy database refuses all, and the phone sends them again under the same keys."""
    try:
        return {"key": sent.key, "ok": True, "words": _scan(event, sent)}
    except BrokenRule as error:
        if error.status >= 429:
            raise
        # Which card it was: its last digits stand on it, and are nobody's name.
        last = codes.clean(sent.code)[-5:]
        return {"key": sent.key, "ok": False, "words": _("卡号末五位 %(last)s：%(why)s", last=last, why=str(error))}


def _scan(event: Event, sent: SentScan) -> str:
    return scanning.scan(
        access.village().id, event, sent.rule_code, sent.code, quantity=sent.quantity, key=sent.key, by=access.by()
    )


def _load(event_id: int) -> Event:
    found = queries.find_event(access.village().id, event_id)
    if found is None:
        abort(404)
    return found


def _page(event: Event, error: str | None = None, typed: str = "", rule_code: str = "") -> str:
    rules = scanning.event_rules(access.village().id)
    chosen = rule_code or request.args.get("rule") or event.rule_code or ""
    is_open = event.id in {one.id for one in queries.events_open(event.village_id)}
    return render_template(
        "awarding/scan_event.html", event=event, rules=rules, chosen=chosen, error=error, typed=typed, key=keys.new(),
        is_open=is_open, has_quantity=any(rule.has_quantity for rule in rules if rule.code == chosen),
        recent=queries.deeds_of_event(event.id, event.day)[:10],
    )  # fmt: skip
