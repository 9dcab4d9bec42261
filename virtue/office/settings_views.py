"""The village's settings, and the closing of months by two people."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import queries as awarding
from virtue.core import settings as kept
from virtue.errors import BrokenRule
from virtue.ledger import queries as ledger
from virtue.office import services
from virtue.office.forms import FIELDS, Choice, Switch, read_phone, read_settings
from virtue.office.views import office
from virtue.staff import queries as staff
from virtue.store import queries as store

MONTHS_SHOWN = 12


@office.get("/settings")
@permission("settings.edit")
def settings() -> str:
    """The village's settings."""
    return settings_page({}, {})


@office.post("/settings")
@permission("settings.edit")
def save_settings() -> Response | tuple[str, int]:
    """Write what was changed."""
    village = access.village()
    values, errors = read_settings(request.form)
    phone, wrong = read_phone(request.form.get("phone", ""))
    name = " ".join(request.form.get("store", "").split())
    if wrong:
        errors["phone"] = wrong
    if "store" in request.form and not 1 <= len(name) <= 40:
        errors["store"] = _("请填1到40个字。")
    if errors:
        return settings_page(dict(request.form.items()), errors), 422
    services.change_settings(village.id, values, phone=phone, store_name=name or None, by=access.by())
    flash(_("设置已保存。"), "good")
    return redirect(url_for("office.settings"), 303)


def settings_page(typed: dict[str, str], errors: dict[str, str]) -> str:
    """The page, with what was typed when something of it was wrong."""
    village = access.village()
    values: dict[str, Any] = kept.values(village.id, *FIELDS)
    place = store.find_store(village.id)
    values |= {"phone": village.phone or "", "store": place.name if place else ""}
    if typed:
        values |= {name: typed.get(name, "") for name in values}
    return render_template(
        "office/settings.html", fields=FIELDS, is_switch=lambda field: isinstance(field, Switch),
        is_choice=lambda field: isinstance(field, Choice), values=values, errors=errors, has_store=place is not None,
    )  # fmt: skip


@office.get("/months")
@permission("ledger.view")
def months() -> str:
    """The last months: open, signed by one, closed."""
    return months_page()


def months_page(error: str | None = None) -> str:
    """The page of the months: the last ones that are over, back to the one in which the village began."""
    village = access.village()
    begun = clock.month_of(clock.day_of(village.created_at))
    rows = [
        (month, ledger.find_signed_month(village.id, month), awarding.open_deeds_of_month(village.id, month))
        for month in clock.months_back(clock.previous_month(clock.month_of(clock.today())), MONTHS_SHOWN)
        if month >= begun
    ]
    signers = {person for _month, row, _open in rows if row for person in (row.first_by_id, row.second_by_id)}
    return render_template("office/months.html", rows=rows, names=staff.names_of(signers), error=error)


@office.post("/months/<int:month>/sign")
@permission("ledger.close")
def sign_month(month: int) -> Response | tuple[str, int]:
    """Sign a month; the second person's signature closes it."""
    if not 200001 <= month <= 209912 or not 1 <= month % 100 <= 12:
        abort(404)
    try:
        is_closed = services.sign_month(access.village().id, month, by=access.by())
    except BrokenRule as error:
        return months_page(str(error)), error.status
    flash(_("已月结。") if is_closed else _("已签字，还要第二个人签。"), "good")
    return redirect(url_for("office.months"), 303)
