"""The page of opening days: hours, market days, pauses; for whoever keeps the store."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.staff import queries as staff
from virtue.store import opening_queries, opening_services, opening_words
from virtue.store.opening_forms import SPANS, PauseForm, TypedDays, TypedHours, read_days, read_weekdays
from virtue.store.opening_queries import Schedule
from virtue.store.views import store

SHOWN_DAYS = 31

Answer = Response | str | tuple[str, int]


@store.get("/store/opening")
@permission("store.view")
def opening() -> str:
    """When the store is open: what everybody reads, and the forms to change it."""
    return _page()


@store.post("/store/opening/<int:store_id>/hours")
@permission("store.stock")
def set_hours(store_id: int) -> Answer:
    """The hours of each weekday."""
    _load(store_id)
    typed = read_weekdays(request.form)
    if typed.errors:
        return _page(store_id, hours=typed), 422
    try:
        opening_services.set_weekdays(access.village_id(), store_id, typed.hours, key=_key(), by=access.by())
    except BrokenRule as error:
        return _page(store_id, hours=typed, error=str(error)), error.status
    return _saved(store_id, _("开门时间已保存，大家马上看得到。"))


@store.post("/store/opening/<int:store_id>/days")
@permission("store.stock")
def add_days(store_id: int) -> Answer:
    """Market days, typed as dates, with their hours."""
    _load(store_id)
    typed = read_days(request.form, clock.today())
    if typed.errors:
        return _page(store_id, days=typed), 422
    try:
        opening_services.add_days(
            access.village_id(), store_id, typed.days, typed.hours, key=_key(), by=access.by()
        )  # fmt: skip
    except BrokenRule as error:
        return _page(store_id, days=typed, error=str(error)), error.status
    return _saved(store_id, _("已记下 %(count)s 个集日。", count=len(set(typed.days))))


@store.post("/store/opening/<int:store_id>/days/remove")
@permission("store.stock")
def remove_day(store_id: int) -> Answer:
    """Take one off the list."""
    _load(store_id)
    day = clock.read_day(request.form.get("day"))
    if day is None:
        abort(404)
    opening_services.remove_day(access.village_id(), store_id, day, key=_key(), by=access.by())
    return _saved(store_id, _("已去掉。"))


@store.post("/store/opening/<int:store_id>/pause")
@permission("store.stock")
def pause(store_id: int) -> Answer:
    """Close for some days, with a reason."""
    _load(store_id)
    form = PauseForm()
    if not form.validate_on_submit():
        return _page(store_id, pause=form), 422
    try:
        opening_services.pause(
            access.village_id(), store_id, form.from_on.data, form.until_on.data, form.reason.data, key=_key(),
            by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _page(store_id, pause=form, error=str(error)), error.status
    return _saved(store_id, _("已挂出暂停开门，大家马上看得到。"))


@store.post("/store/opening/<int:store_id>/pauses/<int:pause_id>/end")
@permission("store.stock")
def end_pause(store_id: int, pause_id: int) -> Answer:
    """Open again before its end."""
    opening_services.end_pause(access.village_id(), store_id, pause_id, key=_key(), by=access.by())
    return _saved(store_id, _("暂停已结束。"))


def _key() -> str:
    return request.form.get("key", "")


def _saved(store_id: int, words: str) -> Response:
    flash(words, "good")
    return redirect(url_for("store.opening", store=store_id), 303)


def _load(store_id: int) -> Schedule:
    found = opening_queries.find_schedule(access.village_id(), store_id)
    if found is None:
        abort(404)
    return found


def _page(
    store_id: int | None = None, *, hours: TypedHours | None = None, days: TypedDays | None = None,
    pause: PauseForm | None = None, error: str | None = None,
) -> str:  # fmt: skip
    """The page of one store; forms that came back keep what was typed."""
    stores = opening_queries.stores_of(access.village_id())
    asked = store_id or request.args.get("store", type=int) or (stores[0].id if stores else None)
    shown: dict[str, Any] = {"schedule": None, "stores": stores, "error": error}
    if asked is None:
        return render_template("store/opening.html", **shown)
    schedule, pauses = _load(asked), opening_queries.pauses_of(asked)
    typed = request.form if hours is not None else _typed(schedule)
    return render_template(
        "store/opening.html", **shown | {"schedule": schedule}, said=opening_words.say(schedule, clock.now()), pauses=pauses,
        typed=typed, hours_errors=hours.errors if hours else {}, day_errors=days.errors if days else {},
        typed_days=request.form if days is not None else {}, weekdays=opening_words.WEEKDAYS, spans=SPANS,
        coming=list(schedule.open_days(clock.today(), SHOWN_DAYS)), hours_words=opening_words.hours_words,
        day_kind=opening_words.day_kind, names=staff.names_of({row.set_by_id for row in pauses}), new_key=keys.new,
        pause_form=pause or PauseForm(formdata=None, from_on=clock.today()),
    )  # fmt: skip


def _typed(schedule: Schedule) -> dict[str, str]:
    """The hours in force, as the form's fields show them."""
    return {
        f"{word}-{weekday}-{number}": f"{minute // 60:02d}:{minute % 60:02d}"
        for weekday, spans in schedule.weekdays.items()
        for number, one in enumerate(spans, 1)
        for word, minute in (("opens", one.opens), ("closes", one.closes))
    }
