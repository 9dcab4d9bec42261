"""Which household member a user is, and whose kin: declared by the user or by the clerk."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.office.views import office
from virtue.people import queries as people
from virtue.people import recusals, services
from virtue.people.models import Household
from virtue.people.states import KIN
from virtue.staff import queries as staff
from virtue.staff import user_services
from virtue.staff.models import User

MOST_FOUND = 10


@office.get("/users/<int:user_id>/kin")
@permission("staff.view")
def kin(user_id: int) -> str:
    """A user's own household and kin."""
    return kin_page(load_user(user_id))


@office.get("/me/kin")
@permission("desk.view")
def my_kin() -> str:
    """The own household and kin; everybody declares the own kin."""
    return kin_page(access.user(), is_own=True)


def load_user(user_id: int) -> User:
    """The account of this village, or 404."""
    found = staff.user_of(access.village().id, user_id)
    if found is None:
        abort(404)
    return found


def kin_page(user: User, *, is_own: bool = False, error: str | None = None) -> str:
    """The page, with what a search found."""
    village = access.village()
    text = request.values.get("q", "").strip()
    found = search(village.id, text)
    member = recusals.member_of(user)
    return render_template(
        "office/kin.html",
        user=user,
        is_own=is_own,
        member=member,
        home=db.session.get(Household, member.household_id) if member else None,
        rows=recusals.recusals_of(village.id, user.id),
        relations=KIN,
        q=text,
        found=found,
        members=recusals.members_of([household.id for household in found]),
        clashes=clashes(village.id, user),
        error=error,
    )


def search(village_id: int, text: str) -> Sequence[Household]:
    """The first households a search finds; none without a word."""
    if not text:
        return []
    return db.session.scalars(people.search_households(village_id, text).limit(MOST_FOUND)).unique().all()


def clashes(village_id: int, user: User) -> list[User]:
    """For one of the supervision committee: the kin among those who decide; for the others: kin who supervise."""
    mine = {grant.role for grant in staff.roles_in(user, village_id)}
    against = ("committee", "village_admin", "keeper") if "supervisor" in mine else ("supervisor",)
    others = [other for other in staff.active_staff(village_id, *against) if other.id != user.id]
    kin = recusals.kin_of([user.id, *(other.id for other in others)])
    return [other for other in others if recusals.are_kin(kin[user.id], kin[other.id])]


@office.post("/users/<int:user_id>/kin")
@permission("staff.edit")
def declare_kin(user_id: int) -> Response | tuple[str, int]:
    """Declare that a user is kin to a household."""
    user = load_user(user_id)
    return _declare(user, url_for("office.kin", user_id=user.id), is_own=False)


@office.post("/me/kin")
@permission("desk.view")
def declare_my_kin() -> Response | tuple[str, int]:
    """Declare the own kin."""
    return _declare(access.user(), url_for("office.my_kin"), is_own=True)


def _declare(user: User, back: str, *, is_own: bool) -> Response | tuple[str, int]:
    relation = request.form.get("relation", "")
    household_id = request.form.get("household_id", type=int)
    if household_id is None or people.find_household(access.village().id, household_id) is None:
        abort(404)
    if relation not in KIN:
        return kin_page(user, is_own=is_own, error=_("请选是什么亲属。")), 422
    user_id = user.id
    try:
        services.declare_recusal(access.village().id, user_id, household_id, relation, by=access.by())
    except BrokenRule as error:
        return kin_page(db.session.get_one(User, user_id), is_own=is_own, error=str(error)), error.status
    flash(_("已登记。这一户的事以后由别人办。"), "good")
    return redirect(back, 303)


@office.post("/users/<int:user_id>/kin/<int:recusal_id>/end")
@permission("staff.edit")
def end_kin(user_id: int, recusal_id: int) -> Response | tuple[str, int]:
    """End a recusal that no longer holds."""
    user = load_user(user_id)
    if recusal_id not in {recusal.id for recusal, _household in recusals.recusals_of(access.village().id, user.id)}:
        abort(404)
    return _change(user_id, services.end_recusal, recusal_id, said=_("已解除。"))


@office.post("/users/<int:user_id>/member")
@permission("staff.edit")
def name_member(user_id: int) -> Response | tuple[str, int]:
    """Say which member of the village a user is; none is "from outside"."""
    load_user(user_id)
    member_id = request.form.get("member_id", type=int)
    if "member_id" in request.form:
        member = people.find_member(access.village().id, member_id or 0)
        if member is None or member.gone_on is not None:
            abort(404)
    return _change(user_id, user_services.name_member, user_id, member_id, said=_("已登记本人。"))


def _change(user_id: int, service: Any, *values: Any, said: str) -> Response | tuple[str, int]:
    try:
        service(access.village().id, *values, by=access.by())
    except BrokenRule as error:
        return kin_page(load_user(user_id), error=str(error)), error.status
    flash(said, "good")
    return redirect(url_for("office.kin", user_id=user_id), 303)
