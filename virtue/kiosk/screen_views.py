"""``/kiosk``: a television without a pairing shows its code, a paired one plays its programme. It can reach nothing else."""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, make_response, render_template, request, send_from_directory
from werkzeug.wrappers import Response

from virtue import pages
from virtue.access import public
from virtue.extensions import csrf
from virtue.kiosk import screen_codes, screen_services
from virtue.kiosk import screen_queries as queries
from virtue.kiosk.programme import Programme
from virtue.kiosk.views import kiosk, labelled
from virtue.people import qr

COOKIE = "screen"
LONGEST_TOKEN = 64
REMEMBERED = 400 * 24 * 3600
"""Seconds; no browser keeps a cookie longer. It is set anew with every page that isn't a 304."""


@kiosk.get("/kiosk")
@public
def screen() -> Response:
    """The pairing code, or the programme."""
    token = _token()
    found = queries.of_token(token) if token else None
    if found is None:
        return _pairing(token or _fresh_token())
    programme = Programme(found, pages.html_lang(), min(pages.number_asked("turn") or 0, 99))
    etag = programme.etag
    if request.if_none_match.contains(etag):
        return labelled(make_response("", 304), etag)
    return _remembered(labelled(make_response(programme.body(etag, screen_codes.proof(token))), etag), token)


@kiosk.post("/kiosk/alive")
@public
@csrf.exempt
def alive() -> tuple[str, int]:
    """A screen's sign of life. It has no session: its page carries a proof that no other site can know."""
    token = _token()
    if not token or not screen_codes.is_proof(token, request.form.get("proof", "")):
        return "", 403
    found = queries.of_token(token)
    if found is None:
        return "", 403
    screen_services.alive(found, token, request.form.get("slide", ""))
    return "", 204


@kiosk.get("/kiosk/sw.js")
@public
def worker() -> Response:
    """The script that keeps the last good programme for when the network is gone; allowed for ``/kiosk`` itself."""
    response = send_from_directory(str(current_app.static_folder), "js/kiosk-sw.js", mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/kiosk"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _pairing(token: str) -> Response:
    digits = screen_codes.pairing_code(token)
    address = current_app.config["VIRTUE_BASE_URL"] or request.host_url
    drawn = qr.drawn(f"{address.rstrip('/')}/screens/new?{urlencode({'code': digits})}")
    page = render_template("kiosk/pairing.html", code=screen_codes.grouped(digits), qr=drawn)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return _remembered(response, token)


def _token() -> str:
    """The device's token; empty for none, or for what none of ours looks like."""
    token = request.cookies.get(COOKIE, "")
    return token if 40 <= len(token) <= LONGEST_TOKEN else ""


def _fresh_token() -> str:
    """A token whose code no screen has."""
    while True:
        token = screen_codes.new_token()
        if not queries.is_code_taken(screen_codes.pairing_code(token)):
            return token


def _remembered(response: Response, token: str) -> Response:
    """Tell the device its token again: for the screen's pages alone, and for no script."""
    options: dict[str, Any] = {"max_age": REMEMBERED, "httponly": True, "samesite": "Lax", "path": "/kiosk"}
    response.set_cookie(COOKIE, token, secure=bool(current_app.config["SESSION_COOKIE_SECURE"]), **options)
    return response
