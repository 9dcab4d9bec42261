"""What surrounds every request: language, signed-in person, headers, log, error pages."""

import logging
import re
import time
import uuid
from typing import Any

from flask import Flask, current_app, g, has_request_context, make_response, render_template, request, session
from flask_babel import gettext
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from virtue import access, transactions
from virtue.errors import BrokenRule
from virtue.extensions import db, login
from virtue.staff import sessions

log = logging.getLogger("virtue.request")

CSP = (
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
LANGUAGES = {"zh": "zh_Hans", "en": "en"}
ERROR_PAGES = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)

# A card's or a door's digits in an address must never reach a log.
_CARD_PATH = re.compile(r"(?i)^(/[cd]/).*")


def choose_locale() -> str:
    """The page's language: the visitor's cookie; Chinese unless English was asked for, and in commands and jobs."""
    if not has_request_context():
        return "zh_Hans"
    return LANGUAGES.get(request.cookies.get("lang", "zh"), "zh_Hans")


def load_person(_request: Any) -> Any:
    """Who holds the session cookie's token, or None; kept for ``access`` and the log."""
    token = session.get("sid")
    person = sessions.find(token) if token else None
    if person is None or (person.is_demo and not access.is_own_machine()):
        return None
    # The cookie is renewed as often as the session's row: signing it anew for each answer would cost more than reading it.
    session.modified |= sessions.touch(person)
    g.signed_in = person
    return person


class Stranger(AnonymousUserMixin):
    """Nobody signed in."""

    id = None
    must_change_password = False


def begin() -> None:
    """Give the request its id and start its clock; refuse addresses and methods we never serve."""
    g.request_id = uuid.uuid4().hex[:16]
    g.started = time.perf_counter()


def finish(response: Response) -> Response:
    """Headers and one log line for every answer."""
    ours = {**HEADERS, "X-Request-Id": g.get("request_id", "-")}
    if request.endpoint != "static":
        response.vary.add("HX-Request")
        ours["Cache-Control"] = "no-store"
    given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - headers aren't a mapping
    response.headers.extend([(name, value) for name, value in ours.items() if name.lower() not in given])
    if current_app.config["VIRTUE_BASE_URL"].startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    person = g.get("signed_in")
    log.info(
        "request",
        extra={
            "fields": {
                "id": g.get("request_id", "-"),
                "method": request.method,
                "path": _CARD_PATH.sub(r"\1…", request.path),
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
                "user": person.id if person else None,
            }
        },
    )
    return response


def error_page(status: int, sentence: str | None = None) -> Response:
    """The page (or, for htmx, the fragment) that says what went wrong and what to do."""
    template = "errors/_error.html" if request.headers.get("HX-Request") else "errors/error.html"
    response = make_response(render_template(template, status=status, sentence=sentence), status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def on_http_error(error: HTTPException) -> Response:
    """Any HTTP error, in the look."""
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = error_page(error.code if error.code in ERROR_PAGES else 400)
    response.status_code = error.code
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def on_csrf_error(_error: CSRFError) -> Response:
    """A form without its token: an expired page or somebody else's."""
    if access.came_late():
        return access.to_sign_in()
    return error_page(400, gettext("这张页面放得太久了。请返回上一页，刷新后再做一次；刚才的这一步没有生效。"))


def on_broken_rule(error: BrokenRule) -> Response:
    """A broken rule that no view caught."""
    return error_page(error.status, str(error))


def on_operational_error(error: OperationalError) -> Response:
    """The database said "later" (locked, full, away): 503 with words; anything else is a 500."""
    db.session.rollback()
    text = str(error.orig)
    if transactions.is_busy(error) or "full" in text or "connection" in text:
        return error_page(503)
    current_app.logger.error("database", exc_info=error)
    return error_page(500)


def on_crash(error: Exception) -> Response:
    """An error of ours: logged with the request's id, told without details."""
    db.session.rollback()
    current_app.logger.error("crash %s", g.get("request_id", "-"), exc_info=error)
    return error_page(500)


def init_handlers(app: Flask) -> None:
    """Bind all of it."""
    login.request_loader(load_person)
    login.anonymous_user = Stranger
    login.session_protection = None
    app.before_request(begin)
    app.after_request(finish)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(BrokenRule, on_broken_rule)
    app.register_error_handler(OperationalError, on_operational_error)
    app.register_error_handler(Exception, on_crash)
