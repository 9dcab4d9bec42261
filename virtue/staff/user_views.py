"""Pages of the village's accounts: list, add, roles, password, end and bring back."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.staff import queries, user_services
from virtue.staff.forms import RoleForm, UserForm
from virtue.staff.models import User
from virtue.staff.roles import ROLE_NAMES, VILLAGE_ROLES
from virtue.staff.views import staff


@staff.get("/users")
@permission("staff.view")
def users() -> str:
    """The accounts of this village."""
    village = access.village()
    text, role = request.args.get("q", "").strip()[:40], request.args.get("role", "")
    state = request.args.get("state", "active")
    query = queries.users_of(village.id, text=text, role=role, state=state)
    page = pages.paged(query, request.args.get("page", 1, type=int))
    roles = [(name, ROLE_NAMES[name]) for name in VILLAGE_ROLES]
    return render_template("staff/users.html", page=page, q=text, role=role, state=state, roles=roles)


@staff.get("/users/new")
@permission("staff.edit")
def new_user() -> str:
    """The form for a new account."""
    return new_user_page(_user_form())


@staff.post("/users/new")
@permission("staff.edit")
def add_user() -> str | tuple[str, int]:
    """Add the account; its one-time password is shown this once."""
    form = _user_form()
    if not form.validate():
        return new_user_page(form), 422
    try:
        made = user_services.add_user(
            access.village().id, form.username.data or "", form.name.data or "", form.roles.data or [],
            grid_id=form.grid_id, by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return new_user_page(form, str(error)), error.status
    return handover_page(made)


def new_user_page(form: UserForm, error: str | None = None) -> str:
    """The page for a new account."""
    return render_template("staff/new_user.html", form=form, error=error)


def _user_form() -> UserForm:
    form = UserForm()
    form.offer_grids(access.village().grids)
    return form


@staff.get("/users/<int:user_id>")
@permission("staff.view")
def user(user_id: int) -> str:
    """One account."""
    return user_page(load(user_id))


def load(user_id: int) -> User:
    """The account of this village, or 404."""
    found = queries.user_of(access.village().id, user_id)
    if found is None:
        abort(404)
    return found


def user_page(found: User, error: str | None = None) -> str:
    """The page of one account."""
    form = RoleForm()
    form.offer_grids(access.village().grids)
    grants = sorted((g for g in found.grants if g.village_id == access.village().id), key=lambda g: g.id)
    grids = {grid.id: grid.name for grid in access.village().grids}
    return render_template("staff/user.html", user=found, form=form, grants=grants, grids=grids, error=error)


def handover_page(made: user_services.NewAccount) -> str:
    """The one-time password, to be told to its owner now."""
    return render_template("staff/handover.html", user=load(made.user_id), password=made.password)


@staff.post("/users/<int:user_id>/name")
@permission("staff.edit")
def rename_user(user_id: int) -> Response | tuple[str, int]:
    """Correct the name."""
    return _change(user_id, _("姓名已改。"), user_services.rename_user, request.form.get("name", ""))


@staff.post("/users/<int:user_id>/roles")
@permission("staff.edit")
def grant_role(user_id: int) -> Response | tuple[str, int]:
    """Give a role."""
    grid_id = request.form.get("grid", type=int) or None
    role = request.form.get("role", "")
    return _change(user_id, _("职责已加。"), user_services.grant_role, role, grid_id=grid_id)


@staff.post("/users/<int:user_id>/roles/<int:grant_id>/end")
@permission("staff.edit")
def end_role(user_id: int, grant_id: int) -> Response | tuple[str, int]:
    """End a role."""
    found = load(user_id)
    if grant_id not in {grant.id for grant in found.grants}:
        abort(404)
    try:
        user_services.end_role(access.village().id, grant_id, by=access.by())
    except BrokenRule as error:
        return user_page(load(user_id), str(error)), error.status
    flash(_("职责已结束，以前办的事都还在。"), "good")
    return redirect(url_for("staff.user", user_id=user_id), 303)


@staff.post("/users/<int:user_id>/deactivate")
@permission("staff.edit")
def deactivate(user_id: int) -> Response | tuple[str, int]:
    """End the account."""
    return _change(user_id, _("账号已停用，所有登录都已退出。"), user_services.deactivate)


@staff.post("/users/<int:user_id>/reactivate")
@permission("staff.edit")
def reactivate(user_id: int) -> Response | tuple[str, int]:
    """Bring the account back."""
    return _change(user_id, _("账号已恢复。"), user_services.reactivate)


@staff.post("/users/<int:user_id>/reset-password")
@permission("staff.edit")
def reset_password(user_id: int) -> str | tuple[str, int]:
    """A one-time password, shown this once."""
    found = load(user_id)
    try:
        made = user_services.reset_password(access.village().id, found.id, by=access.by())
    except BrokenRule as error:
        return user_page(load(user_id), str(error)), error.status
    return handover_page(made)


def _change(user_id: int, said: str, service, *values, **options) -> Response | tuple[str, int]:  # type: ignore[no-untyped-def]
    """Let a service change an account and come back to its page."""
    load(user_id)
    try:
        service(access.village().id, user_id, *values, **options, by=access.by())
    except BrokenRule as error:
        return user_page(load(user_id), str(error)), error.status
    flash(said, "good")
    return redirect(url_for("staff.user", user_id=user_id), 303)
