"""``/start``: the first admin, and the steps from village to first event."""

from datetime import date

from flask import abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission, public
from virtue.awarding import events
from virtue.awarding import queries as awarding
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.office import setup, start
from virtue.office.views import office
from virtue.people import print_queries
from virtue.places.models import Village
from virtue.staff import queries as staff
from virtue.staff import services as staff_services
from virtue.store import queries as store

_ALWAYS = {"static", "health.healthz", "health.readyz", "office.begin", "office.make_admin", "staff.language"}


@office.before_app_request
def lead_to_start() -> Response | None:
    """An installation without users and villages has one page only. Asked of the database until there is something."""
    if request.endpoint in _ALWAYS or current_app.extensions.get("virtue_is_begun"):
        return None
    if staff.has_users() or db.session.scalar(select(exists(select(Village.id)))):
        current_app.extensions["virtue_is_begun"] = True
        return None
    return redirect(url_for("office.begin"), 303)


@office.get("/start")
@public
def begin() -> Response | str:
    """Before there are users the form for the first; afterwards the steps, for who may do them."""
    if not staff.has_users():
        return admin_page({})
    if not current_user.is_authenticated:
        return access.to_sign_in()
    if not access.can("office.start"):
        abort(403)
    steps = _steps()
    # Steps lead to other pages: those show the way back as long as something is left to do.
    session["is_starting"] = not all(step.is_done for step in steps)
    return render_template("office/start.html", steps=steps)


def admin_page(typed: dict[str, str], error: str | None = None) -> str:
    """The form for the first admin."""
    return render_template("office/start_admin.html", typed=typed, error=error)


@office.post("/start")
@public
def make_admin() -> Response | tuple[str, int]:
    """Make the first admin for who knows the code from the console, and sign in."""
    if staff.has_users():
        abort(404)
    form, address = request.form, request.remote_addr or "-"
    try:
        if form.get("password", "") != form.get("again", ""):
            raise setup.PasswordsDiffer
        setup.make_first_admin(
            form.get("code", ""),
            form.get("username", ""),
            form.get("name", ""),
            form.get("password", ""),
            address=address,
        )
        token = staff_services.sign_in(form.get("username", ""), form.get("password", ""), address=address)
    except BrokenRule as error:
        typed = {name: form.get(name, "") for name in ("code", "username", "name")}
        return admin_page(typed, str(error)), error.status
    session.clear()
    session["sid"], session.permanent = token, True
    return redirect(url_for("office.begin"), 303)


@office.get("/start/village")
@permission("office.start")
def start_village() -> str:
    """Name the village, or see which one it is."""
    return render_template("office/start_village.html", steps=_steps(), name="", error=None)


@office.post("/start/village")
@permission("office.start")
def make_village() -> Response | tuple[str, int]:
    """Make the village; its address is its name in pinyin."""
    if not access.can("places.edit"):
        abort(403)
    name = request.form.get("name", "")
    try:
        start.make_village(name, session_id=g.signed_in.session_id, by=access.by())
    except BrokenRule as error:
        page = render_template("office/start_village.html", steps=_steps(), name=name, error=str(error))
        return page, error.status
    return redirect(url_for("office.start_users"), 303)


@office.get("/start/users")
@permission("office.start")
def start_users() -> str:
    """Who is needed, and who is there."""
    found = start.staffing(access.village().id)
    return render_template("office/start_users.html", steps=_steps(), found=found, needed=start.NEEDED_ROLES)


@office.get("/start/register")
@permission("office.start")
def start_register() -> str:
    """To the import, or one household after the other."""
    return render_template("office/start_register.html", steps=_steps())


@office.get("/start/goods")
@permission("office.start")
def start_goods() -> str:
    """Goods with their opening stock."""
    return goods_page([])


def goods_page(problems: list[str], report: object = None) -> str:
    """The goods' step."""
    return render_template(
        "office/start_goods.html",
        steps=_steps(),
        problems=problems,
        report=report,
        store=store.find_store(access.village().id),
    )


@office.get("/start/print")
@permission("office.start")
def start_print() -> str:
    """What goes on paper before the first day."""
    village = access.village()
    return render_template("office/start_print.html", steps=_steps(), grids=print_queries.cards_by_grid(village.id))


@office.post("/start/<any(opening, print):name>/done")
@permission("office.start")
def mark_done(name: str) -> Response:
    """This step is done, or not needed here."""
    start.mark_done(access.village().id, name, by=access.by())
    return redirect(url_for("office.begin"), 303)


@office.get("/start/event")
@permission("office.start")
def start_event() -> str:
    """The first event."""
    return event_page({"name": "", "place": "", "day": clock.today().isoformat(), "rule_code": ""})


def event_page(typed: dict[str, str], error: str | None = None) -> str:
    """The first event's form."""
    rules = awarding.rules_in_force(access.village().id, "event")
    return render_template("office/start_event.html", steps=_steps(), typed=typed, rules=rules, error=error)


@office.post("/start/event")
@permission("office.start")
def open_event() -> Response | tuple[str, int]:
    """Open the first event: from here on the members award."""
    typed = {name: request.form.get(name, "") for name in ("name", "place", "day", "rule_code")}
    try:
        day = date.fromisoformat(typed["day"])
    except ValueError:
        return event_page(typed, _("请填日期。")), 422
    try:
        events.open_event(
            access.village().id, typed["name"], typed["place"], day, key=request.form.get("key", ""), by=access.by(),
            rule_code=typed["rule_code"] or None,
        )  # fmt: skip
    except BrokenRule as error:
        return event_page(typed, str(error)), error.status
    flash(_("活动已开。妇联执委用手机登录，就可以扫卡加分了。"), "good")
    return redirect(url_for("office.begin"), 303)


def _steps() -> list[start.Step]:
    village = access.find_village()
    return start.steps(village.id if village else None)
