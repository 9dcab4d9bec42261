"""What a household says about a draft of the rulebook, with its PIN."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue.access import public
from virtue.awarding import book_queries, comments
from virtue.core import keys, remarks
from virtue.errors import BrokenRule
from virtue.passbook.entry_views import Visit, passbook, with_pin


@passbook.get("/passbook/comments")
@public
@with_pin
def comments_page(visit: Visit) -> str:
    """The draft that is open for comments, and what this household has said."""
    return _page(visit)


@passbook.post("/passbook/comments/<int:rulebook_id>")
@public
@with_pin
def comment(visit: Visit, rulebook_id: int) -> Response:
    """Say something about it."""
    household, words = visit.household, request.form.get("words", "")
    if book_queries.find_book(household.village_id, rulebook_id) is None:
        abort(404)
    try:
        comments.comment(
            household.village_id, rulebook_id, household.id, words, key=request.form.get("key", "")
        )  # fmt: skip
    except BrokenRule as error:
        return make_response(_page(visit, words, str(error)), error.status)
    flash(_("意见已经记下，谢谢。"), "good")
    return redirect(url_for("passbook.comments_page"), 303)


def _page(visit: Visit, words: str = "", error: str | None = None) -> str:
    household = visit.household
    book = book_queries.book_in_comments(household.village_id)
    own = book_queries.own_comments(book.id, household.id) if book is not None else []
    return render_template(
        "passbook/comments.html", household=household, book=book, own=own, words=words, error=error, key=keys.new(),
        texts=remarks.texts([row.remark_id for row in own]),
    )  # fmt: skip
