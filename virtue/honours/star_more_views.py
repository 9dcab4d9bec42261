"""The star scheme and its versions, the vetoes in force, and who held every star for three years."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock, pages
from virtue.access import permission
from virtue.awarding.queries import STAR_KINDS
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import star_list_queries as lists
from virtue.honours import star_notice_queries, star_queries, star_schemes, star_words
from virtue.honours import star_quarters as quarters
from virtue.honours.star_forms import scheme_draft
from virtue.honours.star_views import honours
from virtue.notices import queries as notices
from virtue.notices.models import Notice
from virtue.people import public_queries as public
from virtue.people import qr
from virtue.people import queries as people
from virtue.scores import queries as scores


@honours.get("/stars/scheme")
@permission("stars.view")
def star_scheme() -> str:
    """The stars in force, the versions before, and a form for the next."""
    return _scheme_page()


@honours.post("/stars/scheme")
@permission("stars.scheme")
def change_scheme() -> Response | tuple[str, int]:
    """A new version from a quarter on."""
    draft = scheme_draft(request.form)
    try:
        done = star_schemes.new_version(access.village_id(), draft, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _scheme_page(str(error)), error.status
    flash(_("第%(version)s版评星办法已定，到时自动起用。", version=done.result["version"]), "good")
    return redirect(url_for("honours.star_scheme"), 303)


@honours.get("/stars/vetoes")
@permission("stars.view")
def star_vetoes() -> str:
    """Each veto with its star, its document and its end."""
    page = pages.paged(scores.vetoes(access.village_id()), request.args.get("page", 1, type=int))
    return render_template(
        "honours/star_vetoes.html", page=page, today=clock.today(),
        households=people.households_by_ids({row.household_id for row in page.rows}),
    )  # fmt: skip


@honours.get("/stars/recommend")
@permission("stars.view")
def star_recommend() -> str:
    """The households that held every star for three years: to be recommended upward."""
    found = lists.to_recommend(access.village_id())
    return render_template(
        "honours/star_recommend.html", households=list(people.households_by_ids(found).values()),
        most=lists.RECOMMEND_QUARTERS,
    )  # fmt: skip


@honours.get("/stars/notices/<int:number>")
@permission("stars.view")
def star_notice(number: int) -> str:
    """A notice of stars or removals for staff: every line with its state."""
    found = _notice(number)
    lines = star_notice_queries.star_lines(found)
    return render_template(
        "honours/star_notice.html", notice=found, lines=lines, is_over=found.ends_on < clock.today(),
        households=people.households_by_ids({line.household_id for line in lines}), states=star_words.LINES,
    )  # fmt: skip


@honours.get("/stars/notices/<int:number>/print")
@permission("stars.view")
def print_star_notice(number: int) -> str:
    """The same as it hangs on the wall: from six stars up by masked name, all others as a count."""
    found = _notice(number)
    lines = star_notice_queries.star_lines(found)
    wrong = star_notice_queries.corrections(found.village_id, clock.today()) if found.kind == "stars" else []
    shown = {line.household_id for line in lines if line.publish == "list"} | {one.household_id for one in wrong}
    faces = public.faces(shown, None)
    named = [
        (line, faces[line.household_id]) for line in lines if line.publish == "list" and line.household_id in faces
    ]
    return render_template(
        "honours/print_star_notice.html", notice=found, named=named, village=access.village(), faces=faces,
        corrected=[one for one in wrong if one.household_id in faces], listed_names=star_words.listed_names,
        unpublished=sum(line.publish != "list" for line in lines), paper="a3" if request.args.get("paper") == "a3" else "a4",
        code=qr.page("portal.notice", slug=access.village().slug, number=number),
    )  # fmt: skip


def _notice(number: int) -> Notice:
    found = notices.find_notice(access.village_id(), number)
    if found is None or found.kind not in STAR_KINDS:
        abort(404)
    return found


def _scheme_page(error: str | None = None) -> str:
    village_id = access.village_id()
    this, last = quarters.of(clock.today()), star_queries.latest_period(village_id)
    earliest = this if last is None else max(this, quarters.after(last.quarter))
    choices = [(quarter, quarters.name(quarter)) for quarter in (earliest, quarters.after(earliest))]
    return render_template(
        "honours/star_scheme.html", scheme=star_schemes.scheme_shown(village_id, this), versions=star_queries.schemes(village_id),
        modes=star_words.MODES, asks=star_words.asks, name_of=star_words.name_of, error=error, key=keys.new(),
        subjects=sorted(star_schemes.known_subjects(village_id)), icons=star_schemes.ICONS, most=star_schemes.MOST_STARS,
        choices=choices, typed=request.form if error else None, quarter_of=quarters.name,
    )  # fmt: skip
