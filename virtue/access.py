"""Who may open which address. Closed by default: an endpoint without a permission, not in PUBLIC, is refused.

Scope comes from the session, never from the address: ``village()`` is the village the signed-in person works in, and
queries take it; a thing of another village isn't found (404).
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, abort, current_app, g, make_response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from virtue.extensions import db
from virtue.places.models import Village

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
    session = getattr(g, "staff_session", None)
    if session is None or session.village_id is None:
        return None
    return db.session.get(Village, session.village_id)


def roles_here() -> set[str]:
    """The roles of the signed-in person in the session's village (and above it)."""
    session = getattr(g, "staff_session", None)
    if session is None:
        return set()
    return {grant.role for grant in session.user.grants if _holds(grant, session.village_id)}


def _holds(grant: Any, village_id: int | None) -> bool:
    if grant.ended_at is not None:
        return False
    return grant.village_id is None or grant.village_id == village_id


def can(name: str) -> bool:
    """Whether the signed-in person holds a permission here; for menus and buttons."""
    if "permissions" not in g:
        from virtue.staff.roles import permissions_of

        g.permissions = permissions_of(roles_here())
    return name in g.permissions


def by() -> int:
    """The signed-in user's id, for services' ``by=``."""
    return int(current_user.id)


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
    """To the sign-in page and back here; under htmx a plain redirect would land inside the fragment."""
    target = url_for("staff.sign_in", next=request.full_path if request.method == "GET" else request.referrer or None)
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, 303)


def init_access(app: Flask) -> None:
    """Put the guard before every request and ``can`` into templates."""
    app.before_request(guard)
    app.jinja_env.globals["can"] = can
