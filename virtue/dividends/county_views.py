"""The county's pot: first what each village would get, then a draft in each."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.core import keys
from virtue.dividends import county
from virtue.dividends.county import CountyPot, VillagePart
from virtue.dividends.errors import BadPot, BadYear
from virtue.dividends.forms import read_money
from virtue.dividends.pots import YEARS_BACK
from virtue.dividends.views import dividends
from virtue.dividends.words import MEASURES
from virtue.errors import BrokenRule
from virtue.quantities import parse_fen, parse_whole
from virtue.staff import queries as staff

LONGEST_NAME = 40


@dividends.get("/dividends/county")
@permission("dividends.county")
def county_pot() -> str | tuple[str, int]:
    """The form; once it is filled in, what each village would get."""
    if "capital" not in request.args:
        return _shown({"measure": "equal", "rate": "10", "year": str(clock.today().year - 1)})
    try:
        parts = county.divide_county(_whole(request.args), staff.villages_of(access.user()))
    except BrokenRule as error:
        return _shown(request.args, error=str(error)), 422
    return _shown(request.args, parts=parts)


@dividends.post("/dividends/county")
@permission("dividends.county")
def draft_county_pot() -> Response | tuple[str, int]:
    """Draft them all, and name the villages in which it couldn't be."""
    try:
        drafted = county.draft_county(
            _whole(request.form), staff.villages_of(access.user()), key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _shown(request.form, error=str(error)), error.status
    flash(
        _("%(count)s个村的草稿起草好了，由各村接着办。", count=sum(one.pot_id is not None for one in drafted)), "good"
    )
    for one in drafted:
        if one.error:
            flash(_("%(village)s没有起草：%(why)s", village=one.part.village.name, why=one.error), "bad")
    return redirect(url_for("dividends.county_pot"), 303)


def _whole(form: Mapping[str, str]) -> CountyPot:
    """What the form describes. Raises BadPot, BadYear."""
    year = parse_whole(form.get("year"), most=9999)
    if year is None or not clock.today().year - YEARS_BACK <= year <= clock.today().year:
        raise BadYear
    capital, rate = read_money(form.get("capital")), parse_fen(form.get("rate") or "")
    name = (form.get("name") or "").strip()
    if not capital or not rate or not 1 <= len(name) <= LONGEST_NAME:
        raise BadPot
    return CountyPot(year, name, capital, rate, form.get("measure") or "")


def _shown(typed: Mapping[str, str], parts: list[VillagePart] | None = None, *, error: str | None = None) -> str:
    return render_template(
        "dividends/county.html", typed=typed, parts=parts, error=error, measures=MEASURES, key=keys.new()
    )
