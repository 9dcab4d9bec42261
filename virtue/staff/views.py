"""Pages of staff: signing in and out, the own account, the language."""

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission, public
from virtue.errors import BrokenRule
from virtue.handlers import LANGUAGES
from virtue.staff import held, queries, services, sessions
from virtue.staff.forms import PasswordForm, SignInForm

staff = Blueprint("staff", __name__)
blueprints = (staff,)

YEAR = 365 * 24 * 3600


@staff.get("/sign-in")
@public
def sign_in() -> Response | str:
    """The sign-in page; who is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(onward(), 303)
    waiting = session.get("held")
    return sign_in_page(kept=waiting[-1] if waiting else "")


@staff.post("/sign-in")
@public
def enter() -> Response | str:
    """Check name and password, open the session, go where one came from."""
    form, kept = SignInForm(), request.form.get("held", "")
    if kept not in session.get("held", []):
        kept = ""
    if not form.validate():
        return sign_in_page(form, kept=kept, status=422)
    try:
        token = services.sign_in(
            form.username.data, form.password.data, address=request.remote_addr or "-",
            is_own_machine=access.is_own_machine(),
        )  # fmt: skip
    except BrokenRule as error:
        return sign_in_page(form, kept=kept, error=str(error), status=error.status)
    open_session(token)
    waiting = held.find(kept)
    if waiting is None:
        return redirect(onward(), 303)
    if waiting.user_id not in {None, sessions.owner(token)}:
        held.drop(kept)
        return redirect(onward(), 303)
    session["waiting"] = [kept, asked()]
    if not asked():
        return redirect(url_for("staff.resume"), 303)
    flash(_("登录过期前填的内容都还在。看一看，再交。"), "warn")
    if waiting.has_lost_files:
        flash(_("照片和文件没有保留，请重新选。"), "warn")
    return redirect(asked(), 303)


def sign_in_page(
    form: SignInForm | None = None, *, kept: str = "", back: str = "", error: str | None = None, status: int = 200
) -> Response:
    """The sign-in page, with a form that waits behind it and the way back."""
    page = render_template(
        "staff/sign_in.html", form=form or SignInForm(formdata=None), held=kept if held.find(kept) else "",
        next=back or asked(), error=error, is_empty=not queries.has_users(),
    )  # fmt: skip
    return make_response(page, status)


def asked() -> str:
    """The local address that was asked for before the sign-in; empty for any other."""
    wanted = request.values.get("next", "")
    return wanted if held.is_local(wanted) else ""


def onward() -> str:
    """Where to go after the sign-in."""
    return asked() or url_for("office.desk")


def open_session(token: str) -> None:
    """A new session id: nothing of the cookie before the sign-in stays."""
    session.clear()
    # The token of the old session was kept for this request; a page drawn now needs one of the new session.
    g.pop("csrf_token", None)
    session["sid"] = token
    session.permanent = True


@staff.post("/sign-out")
@public
def sign_out() -> Response:
    """End this session; signing out twice does no harm."""
    if current_user.is_authenticated:
        services.sign_out(g.signed_in.session_id, by=access.by())
    session.clear()
    flash(_("已退出。"), "good")
    return redirect(url_for("staff.sign_in"), 303)


@staff.post("/sign-out/everywhere")
@permission("desk.view")
def sign_out_everywhere() -> Response:
    """End all own sessions, on every phone and computer."""
    services.sign_out_everywhere(by=access.by())
    session.clear()
    flash(_("已在所有手机和电脑上退出。"), "good")
    return redirect(url_for("staff.sign_in"), 303)


@staff.get("/me")
@permission("desk.view")
def me() -> str:
    """The own account: roles, villages, password, kin."""
    user = access.user()
    return render_template("staff/me.html", user=user, villages=queries.villages_of(user))


@staff.post("/me/village")
@permission("desk.view")
def choose_village() -> Response:
    """Work in another village."""
    wanted = request.form.get("village_id", type=int)
    if wanted is None:
        abort(404)
    services.choose_village(g.signed_in.session_id, wanted, by=access.by())
    return redirect(url_for("office.desk"), 303)


@staff.get("/password")
@permission("desk.view")
def password() -> str:
    """Change the own password."""
    return render_template("staff/password.html", form=PasswordForm(), error=None)


@staff.post("/password")
@permission("desk.view")
def change_password() -> Response | tuple[str, int]:
    """Change it; every other session ends."""
    form = PasswordForm()
    if not form.validate():
        return render_template("staff/password.html", form=form, error=None), 422
    try:
        token = services.change_password(
            form.old.data, form.new.data, address=request.remote_addr or "-",
            village_id=g.signed_in.village_id, by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return render_template("staff/password.html", form=form, error=str(error)), error.status
    open_session(token)
    flash(_("密码已改。其他手机和电脑上的登录都已退出。"), "good")
    return redirect(url_for("office.desk"), 303)


@staff.get("/language/<string:code>")
@public
def language(code: str) -> Response:
    """Read in another language: a cookie remembers it."""
    if code not in LANGUAGES:
        abort(404)
    wanted = request.args.get("next", "")
    back = wanted if held.is_local(wanted) else held.local_part(request.referrer, request.host)
    response = redirect(back or "/", 303)
    response.set_cookie("lang", code, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


# Other files add their pages to the same blueprint.
from virtue.staff import held_views, user_views  # noqa: E402, F401
