"""The desk's titles and honours: the list, one honour with its steps and consents, entering, the certificate."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.core import keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule
from virtue.honours import title_queries as queries
from virtue.honours import title_words, titles, wall_queries
from virtue.honours.honour_errors import NotInTheHousehold
from virtue.honours.star_views import honours
from virtue.honours.title_forms import HonourForm, put
from virtue.honours.title_models import LEVELS, Honour, HonourState
from virtue.people import household_queries
from virtue.people import queries as people
from virtue.staff import queries as staff


@honours.get("/titles")
@permission("titles.view")
def title_list() -> str:
    """All honours, newest first, by year, level and state."""
    village_id, args = access.village_id(), request.args
    year, level, state = pages.number_asked("year"), args.get("level", ""), args.get("state", "")
    text = args.get("q", "").strip()[:40]
    query = queries.honours(
        village_id, year=year, level=level if level in LEVELS else "", text=text,
        state=state if state in set(HonourState) else "",
    )  # fmt: skip
    page = pages.paged(query, args.get("page", 1, type=int))
    return render_template(
        "honours/titles.html", page=page, q=text, year=year, level=level, state=state, words=title_words,
        year_choices=[("", _("全部")), *((one, one) for one in queries.years(village_id))],
        households=people.households_by_ids({row.household_id for row in page.rows}),
        consents=queries.consents_of([row.id for row in page.rows]), has_titles=bool(queries.titles(village_id)),
    )  # fmt: skip


@honours.get("/titles/kinds")
@permission("titles.view")
def title_kinds() -> str:
    """The titles there are: level, group, rule, shares, and how many seats of this year are taken."""
    return _kinds()


@honours.post("/titles/kinds/take-over")
@permission("titles.enter")
def take_titles() -> Response | tuple[str, int]:
    """Take the county's list over."""
    try:
        done = titles.take_county_titles(access.village_id(), key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _kinds(str(error)), error.status
    flash(_("采用了县里的 %(count)s 个荣誉称号。", count=done.result["added"]), "good")
    return redirect(url_for("honours.title_kinds"), 303)


@honours.get("/titles/new")
@permission("titles.enter")
def new_honour() -> str:
    """The form for an honour."""
    form = _form()
    form.year.data, form.given_on.data = clock.today().year, clock.today()
    return _new(form)


@honours.post("/titles")
@permission("titles.enter")
def enter_honour() -> Response | tuple[str, int]:
    """Enter it; somebody else confirms it."""
    form = _form()
    if not form.validate():
        return _new(form), 422
    try:
        done = titles.enter(access.village_id(), _read(form), key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        put(form, error)
        return _new(form), 422 if error.status == 404 else error.status
    flash(_("已录入。下一步：请另一个人核对。"), "good")
    return redirect(url_for("honours.honour", honour_id=done.result["honour_id"]), 303)


@honours.get("/titles/<int:honour_id>")
@permission("titles.view")
def honour(honour_id: int) -> str:
    """One honour: what it rests on, its step, what may be shown."""
    return honour_page(load_honour(honour_id))


@honours.get("/titles/<int:honour_id>/certificate")
@permission("titles.view")
def certificate(honour_id: int) -> str:
    """The certificate on A4, with room for the seal. Only a confirmed honour has one."""
    found = load_honour(honour_id)
    if found.state != HonourState.CONFIRMED:
        abort(404)
    household = people.find_household(found.village_id, found.household_id)
    member = people.find_member(found.village_id, found.member_id) if found.member_id else None
    return render_template(
        "honours/print_certificate.html", honour=found, household=household, member=member, village=access.village(),
        words=title_words,
    )  # fmt: skip


@honours.post("/titles/<int:honour_id>/confirm")
@permission("titles.confirm")
def confirm_honour(honour_id: int) -> Response | tuple[str, int]:
    """A second person confirms it."""
    return _do(honour_id, lambda v, key, by: titles.confirm(v, honour_id, key=key, by=by), _("已核对，生效。"))


@honours.post("/titles/<int:honour_id>/drop")
@permission("titles.confirm")
def drop_honour(honour_id: int) -> Response | tuple[str, int]:
    """Give a wrong entry up."""
    why = request.form.get("why", "")[:300]
    return _do(honour_id, lambda v, key, by: titles.drop(v, honour_id, why=why, key=key, by=by), _("已撤掉。"))


@honours.post("/titles/<int:honour_id>/revoke")
@permission("titles.confirm")
def revoke_honour(honour_id: int) -> Response | tuple[str, int]:
    """Take a confirmed one back."""
    why = request.form.get("why", "")[:300]
    return _do(
        honour_id, lambda v, key, by: titles.revoke(v, honour_id, why=why, key=key, by=by), _("已取消，不再展示。")
    )


@honours.post("/titles/<int:honour_id>/consent")
@permission("titles.enter")
def give_honour_consent(honour_id: int) -> Response | tuple[str, int]:
    """The household agrees that it is shown."""
    purpose, how = request.form.get("purpose", ""), request.form.get("how", "")
    return _do(
        honour_id,
        lambda v, key, by: titles.consent(v, honour_id, purpose, how, key=key, by=by),
        _("已记下，可以展示。"),
    )


@honours.post("/titles/<int:honour_id>/withdraw-consent")
@permission("titles.enter")
def withdraw_honour_consent(honour_id: int) -> Response | tuple[str, int]:
    """The household takes it back."""
    purpose = request.form.get("purpose", "")
    return _do(
        honour_id, lambda v, key, by: titles.withdraw_consent(v, honour_id, purpose, key=key, by=by),
        _("已记下，公开页和大屏不再展示。"),
    )  # fmt: skip


def load_honour(honour_id: int) -> Honour:
    """An honour of this village, or 404."""
    found = queries.find_honour(access.village_id(), honour_id)
    if found is None:
        abort(404)
    return found


def _do(honour_id: int, act: Callable[[int, str, int], Outcome], said: str) -> Response | tuple[str, int]:
    found = load_honour(honour_id)
    try:
        act(found.village_id, request.form.get("key", ""), access.by())
    except BrokenRule as error:
        return honour_page(load_honour(honour_id), str(error), request.form.get("why", "")), error.status
    flash(said, "good")
    return redirect(url_for("honours.honour", honour_id=honour_id), 303)


def honour_page(found: Honour, error: str | None = None, why: str = "", *, story: str | None = None) -> str:
    """The page of one honour."""
    given, entry = queries.consents_given(found.id), wall_queries.find_entry(found.id)
    told = remarks.texts([entry.story_id]).get(entry.story_id or 0, "") if entry else ""
    users = {found.entered_by_id, found.confirmed_by_id, found.ended_by_id, *(one.recorded_by_id for one in given)}
    member = people.find_member(found.village_id, found.member_id) if found.member_id else None
    return render_template(
        "honours/honour.html", honour=found, error=error, why=why, words=title_words, given=given, member=member,
        household=people.find_household(found.village_id, found.household_id), names=staff.names_of(users),
        open_for={one.purpose for one in given if one.withdrawn_at is None}, me=access.by(),
        story=told if story is None else story, photo=bool(entry and entry.photo_id),
        reason=remarks.texts([found.why_id]).get(found.why_id or 0, ""), is_kin=people.is_kin(access.by(), found.household_id),
    )  # fmt: skip


def _kinds(error: str | None = None) -> str:
    village_id, year = access.village_id(), clock.today().year
    return render_template(
        "honours/title_kinds.html", titles=queries.titles(village_id), taken=queries.seats_taken(village_id, year), year=year,
        words=title_words, error=error, key=keys.new(),
    )  # fmt: skip


def _form() -> HonourForm:
    form, today = HonourForm(), clock.today()
    form.title.choices = [
        (one.id, f"{title_words.title_name(one)} · {title_words.LEVELS[one.level]}")
        for one in queries.titles(access.village_id())
        if one.retired_on is None or one.retired_on > today
    ]
    return form


def _new(form: HonourForm) -> str:
    return render_template("honours/new_honour.html", form=form, key=request.form.get("key") or keys.new())


def _read(form: HonourForm) -> titles.NewHonour:
    """What was typed, the household and the person found by it. Raises the card's errors, NotInTheHousehold."""
    village_id, name = access.village_id(), people.plain(form.person.data)
    household = people.household_by_input(village_id, form.household.data or "").household
    member_id = None
    if name:
        named = [one for one in household_queries.members_of(household.id) if people.plain(one.name) == name]
        if not named:
            raise NotInTheHousehold
        member_id = named[0].id
    return titles.NewHonour(
        form.title.data, household.id, form.year.data or 0, form.document.data or "", form.given_on.data or clock.today(),
        member_id=member_id, ends_on=form.ends_on.data,
    )  # fmt: skip
