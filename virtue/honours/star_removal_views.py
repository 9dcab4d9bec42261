"""Taking a star away, at the desk: proposed, told, answered, signed by two, on a notice of its own, or dropped."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.awarding.deductions import Telling
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.honours import star_publishing, star_removals
from virtue.honours import star_removal_queries as queries
from virtue.honours.star_views import honours, load_rating, rating_page
from virtue.quantities import parse_id


@honours.post("/stars/ratings/<int:rating_id>/remove")
@permission("stars.review")
def remove_star(rating_id: int) -> Response | tuple[str, int]:
    """Propose to take a star away."""
    rating, form = load_rating(rating_id), request.form
    try:
        star_removals.remove(
            access.village_id(), rating_id, form.get("dimension", ""), why=form.get("why", "")[:300], key=form.get("key", ""),
            by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return rating_page(rating, str(error), why=form.get("why", "")), error.status
    flash(_("已提出。下一步：告知本户。"), "good")
    return redirect(url_for("honours.star_rating", rating_id=rating_id), 303)


@honours.post("/stars/removals/<int:removal_id>/tell")
@permission("stars.tell")
def tell_star(removal_id: int) -> Response | tuple[str, int]:
    """The household was told."""
    form = request.form
    telling = Telling(
        form.get("how", ""), is_absent=form.get("absent") == "1", witness_1_id=parse_id(form.get("witness_1", "")),
        witness_2_id=parse_id(form.get("witness_2", "")),
    )  # fmt: skip
    return _do(removal_id, lambda key, by: star_removals.tell(access.village_id(), removal_id, telling, key=key, by=by))


@honours.post("/stars/removals/<int:removal_id>/answer")
@permission("stars.tell")
def answer_star(removal_id: int) -> Response | tuple[str, int]:
    """Take the household's answer down."""
    words = request.form.get("words", "")[:500]
    return _do(removal_id, lambda key, by: star_removals.answer(access.village_id(), removal_id, words, key=key, by=by))


@honours.post("/stars/removals/<int:removal_id>/sign")
@permission("stars.review")
def sign_removal(removal_id: int) -> Response | tuple[str, int]:
    """One reviewer agrees."""
    return _do(removal_id, lambda key, by: star_removals.sign(access.village_id(), removal_id, key=key, by=by))


@honours.post("/stars/removals/<int:removal_id>/drop")
@permission("stars.review")
def drop_removal(removal_id: int) -> Response | tuple[str, int]:
    """Let it fall."""
    why = request.form.get("why", "")[:300]
    return _do(removal_id, lambda key, by: star_removals.drop(access.village_id(), removal_id, why=why, key=key, by=by))


@honours.post("/stars/removals/publish")
@permission("stars.notice")
def publish_removals() -> Response:
    """Put what is decided on a notice that names nobody."""
    try:
        done = star_publishing.publish_removals(access.village_id(), key=request.form.get("key", ""), by=access.by())
        flash(
            _(
                "第%(number)s号公示已发布，%(lines)s 件摘星，不列名。",
                number=done.result["number"],
                lines=done.result["lines"],
            )
        )
    except BrokenRule as error:
        flash(str(error), "bad")
    return redirect(url_for("honours.star_list"), 303)


def _do(removal_id: int, do: Callable[[str, int], Outcome]) -> Response | tuple[str, int]:
    found = queries.find_removal(access.village_id(), removal_id)
    if found is None:
        raise NotFoundHere
    try:
        do(request.form.get("key", ""), access.by())
    except BrokenRule as error:
        words = request.form.get("words", "") or request.form.get("why", "")
        return rating_page(load_rating(found.rating_id), str(error), words=words), error.status
    flash(_("已记下。"), "good")
    return redirect(url_for("honours.star_rating", rating_id=found.rating_id), 303)
