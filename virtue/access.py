"""Who may open which address. Closed by default: an endpoint without a permission, not in PUBLIC, is refused.

Scope comes from the session, never from the address: ``village()`` is the village the signed-in person works in, and
queries take it; a thing of another village isn't found (404).
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, make_response, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from virtue.extensions import db
from virtue.places.models import Village
from virtue.staff import held, sessions
from virtue.staff.models import User
from virtue.staff.roles import permissions_of
from virtue.staff.sessions import SignedIn

PUBLIC = {
    "static",
    "health.healthz",
    "health.readyz",
}
"""Endpoints anybody may open. Packages add theirs with ``public``."""

WRITES_ON_GET = {"look", "staff_session", "throttle", "screen"}
"""The only tables that a GET may touch (definitions.md, "Transactions")."""


def permission(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a view: only who holds the permission ``name`` in the session's village may open it."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.permission = name  # type: ignore[attr-defined]
        return view

    return mark


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that anybody may open (kiosk, portal, sign-in, passbook: the card is checked in the view)."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def village() -> Village:
    """The village the signed-in person works in; 404 when there is none (then no village's things exist)."""
    found = find_village()
    if found is None:
        abort(404)
    return found


def find_village() -> Village | None:
    """The session's village, or None (nobody signed in, or a township account that chose none)."""
    here: SignedIn | None = g.get("signed_in")
    if here is None or here.village_id is None:
        return None
    return db.session.get(Village, here.village_id)


def village_id() -> int:
    """The same village's id, without reading its row; for pages that people wait for. 404 when there is none."""
    here: SignedIn | None = g.get("signed_in")
    if here is None or here.village_id is None:
        abort(404)
    return here.village_id


def roles_here() -> set[str]:
    """The roles of the signed-in person in the session's village (and above it)."""
    here: SignedIn | None = g.get("signed_in")
    return here.roles_here if here else set()


def can(name: str) -> bool:
    """Whether the signed-in person holds a permission here; for menus and buttons."""
    if "permissions" not in g:
        g.permissions = permissions_of(roles_here())
    return name in g.permissions


LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def is_own_machine() -> bool:
    """Whether this server is reached on this machine alone: bound to loopback, and no public address is set."""
    public = urlsplit(current_app.config["VIRTUE_BASE_URL"]).hostname
    return request.environ.get("SERVER_NAME") in LOOPBACK and (public is None or public in LOOPBACK)


def by() -> int:
    """The signed-in user's id, for services' ``by=``."""
    here: SignedIn | None = g.get("signed_in")
    return here.id if here is not None else int(current_user.id)


def user() -> User:
    """The signed-in person's whole account."""
    return db.session.get_one(User, by())


def guard() -> Response | None:
    """Before each request: refuse what isn't listed, send strangers to the sign-in."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC:
        return None
    view = current_app.view_functions[endpoint]
    if not hasattr(view, "permission"):
        abort(403)
    if view.permission is None:
        return None
    if not current_user.is_authenticated:
        return to_sign_in()
    if not can(view.permission):
        abort(403)
    if current_user.must_change_password and endpoint not in {"staff.password", "staff.change_password"}:
        return redirect(url_for("staff.password"), 303)
    return None


def to_sign_in() -> Response:
    """To the sign-in page and back here; under htmx a plain redirect would land inside the fragment.

    A form that comes after its session has ended is kept through the sign-in (staff.held).
    """
    back = _way_back()
    expired = request.method == "POST" and (session.get("sid") or came_late())
    # A phone that keeps its own taps sends them again by itself.
    kept = _keep_form() if expired and "X-Queue" not in request.headers else ""
    if not request.headers.get("HX-Request"):
        return after_expiry(kept, back) if kept else redirect(url_for("staff.sign_in", next=back), 303)
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url_for("staff.sign_in", next=back)
    return response


def _keep_form() -> str:
    """Keep the form that came; the cookie remembers it by its name."""
    token = session.get("sid")
    form = held.Held(
        request.full_path.rstrip("?"), held.without_secrets(request.form.items(multi=True)), _last_user(),
        has_lost_files=any(upload.filename for upload in request.files.values()),
    )  # fmt: skip
    kept = held.keep(form, token)
    if kept:
        session["held"] = [*session.get("held", []), kept][-held.MOST_OF_ONE :]
    return kept


def came_late() -> bool:
    """Whether a form without token comes from a page of ours whose cookie has ended, and not from another site."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "permission", None) is None or current_user.is_authenticated or session:
        return False
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def after_expiry(kept: str, back: str | None) -> Response:
    """The sign-in page with what was typed behind it."""
    from virtue.staff.views import sign_in_page

    return sign_in_page(kept=kept, back=back or "", status=401)


def _address() -> str:
    return request.full_path.rstrip("?")


def _way_back() -> str | None:
    """The page to return to: this one, or the one whose form or fragment was asked for."""
    if request.headers.get("HX-Request"):
        return held.local_part(request.headers.get("HX-Current-URL"), request.host)
    if request.method == "POST":
        return held.local_part(request.referrer, request.host)
    return held.local_part(_address(), request.host)


def _last_user() -> int | None:
    token = session.get("sid")
    return sessions.owner(token) if token else None


def init_access(app: Flask) -> None:
    """Put the guard before every request and ``can`` into templates."""
    app.before_request(guard)
    app.jinja_env.globals["can"] = can
