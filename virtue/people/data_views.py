"""What households ask about their data, and the answers."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, pages
from virtue.access import permission
from virtue.core import remarks
from virtue.errors import NotFoundHere
from virtue.people import data_queries, data_services
from virtue.people.data_services import AnswerMissing
from virtue.people.views import people


@people.get("/data-requests")
@permission("people.edit")
def data_requests() -> Response:
    """All requests: what waits first."""
    return _page()


@people.post("/data-requests/<int:request_id>/answer")
@permission("people.edit")
def answer_about_data(request_id: int) -> Response:
    """Answer one."""
    words = request.form.get("words", "")
    try:
        data_services.answer_about_data(access.village_id(), request_id, words, by=access.by())
    except AnswerMissing as error:
        return _page(request_id, words, error)
    flash(_("已答复，这一户在存折里看得到。"), "good")
    return redirect(url_for("people.data_requests"), 303)


def _page(wrong: int = 0, words: str = "", error: AnswerMissing | None = None) -> Response:
    page = pages.paged(data_queries.requests(access.village_id()), request.args.get("page", 1, type=int), scalars=False)
    if wrong and wrong not in {row.id for row, _household in page.rows}:
        raise NotFoundHere
    texts = remarks.texts([number for row, _household in page.rows for number in (row.words_id, row.answer_id)])
    html = render_template(
        "people/data_requests.html", page=page, texts=texts, kinds=data_services.KINDS, due_on=data_queries.due_on,
        wrong=wrong, words=words, error=error,
    )  # fmt: skip
    return make_response(html, error.status if error else 200)
