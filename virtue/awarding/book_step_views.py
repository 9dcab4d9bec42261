"""The steps of a rulebook's way into force: each a form, done by who may, refused in words."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.awarding import adopting, comments
from virtue.awarding.adopting import Vote
from virtue.awarding.book_forms import (
    CommentForm,
    FilingForm,
    PaperForm,
    StartForm,
    UntilForm,
    VoteForm,
    WhyForm,
)
from virtue.awarding.book_pages import book_page, comments_page, load
from virtue.awarding.book_words import STATES
from virtue.awarding.views import awarding
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule

Act = Callable[..., Outcome]


def _vote(form: VoteForm) -> list[Any]:
    numbers = [form.number(name) or 0 for name in ("present", "in_favour", "women_present")]
    return [Vote(form.day.data or date.min, *numbers)]


def _why(form: WhyForm) -> dict[str, str]:
    return {"why": form.why.data or ""}


# What each step asks, and how the service is called with it.
_STEPS: dict[str, tuple[type[FlaskForm], Act, Callable[[Any], Any]]] = {
    "open-comments": (UntilForm, adopting.open_comments, lambda form: [form.day.data]),
    "submit": (FlaskForm, adopting.submit, lambda _form: []),
    "enter-paper": (PaperForm, adopting.enter_paper, lambda form: [form.number.data, form.day.data]),
    "record-vote": (VoteForm, adopting.record_vote, _vote),
    "file": (FilingForm, adopting.file, lambda form: [form.number.data]),
    "put-in-force": (StartForm, adopting.put_in_force, lambda form: [form.day.data]),
    "try-out": (StartForm, adopting.try_out, lambda form: [form.day.data]),
    "call-off": (FlaskForm, adopting.call_off, lambda _form: []),
    "revise": (WhyForm, adopting.revise, _why),
    "withdraw": (WhyForm, adopting.withdraw, _why),
}
_CHECKS: dict[str, tuple[type[FlaskForm], Act, Callable[[Any], Any]]] = {
    "confirm": (FlaskForm, adopting.confirm, lambda _form: []),
    "send-back": (WhyForm, adopting.send_back, _why),
}


@awarding.post("/rules/<int:rulebook_id>/steps/<string:step>")
@permission("rules.edit")
def book_step(rulebook_id: int, step: str) -> Response | tuple[str, int]:
    """One step by the village's clerk."""
    return _do(rulebook_id, step, _STEPS)


@awarding.post("/rules/<int:rulebook_id>/check/<string:step>")
@permission("rules.check")
def book_check(rulebook_id: int, step: str) -> Response | tuple[str, int]:
    """The township's word."""
    return _do(rulebook_id, step, _CHECKS)


def _do(
    rulebook_id: int, step: str, steps: dict[str, tuple[type[FlaskForm], Act, Callable[[Any], Any]]]
) -> Response | tuple[str, int]:
    book = load(rulebook_id)
    if step not in steps:
        abort(404)
    make_form, act, read = steps[step]
    form = make_form()
    if not form.validate():
        return book_page(book, form=form, step=step), 422
    given = read(form)
    arguments, named = ([], given) if isinstance(given, dict) else (given, {})
    try:
        outcome = act(
            access.village().id, rulebook_id, *arguments, **named, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return book_page(load(rulebook_id), form=form, step=step, error=str(error)), error.status
    flash(_("第 %(version)s 版：%(state)s。", version=outcome.result["version"], state=STATES[outcome.result["state"]]))
    return redirect(url_for("awarding.rulebook", rulebook_id=rulebook_id), 303)


@awarding.get("/rules/<int:rulebook_id>/comments")
@permission("rules.drafts")
def book_comments(rulebook_id: int) -> str:
    """What was said about a draft."""
    return comments_page(load(rulebook_id), CommentForm(formdata=None), at=request.args.get("page", 1, type=int))


@awarding.post("/rules/<int:rulebook_id>/comments")
@permission("rules.edit")
def take_down_comment(rulebook_id: int) -> Response | tuple[str, int]:
    """Take down what somebody said."""
    book, form = load(rulebook_id), CommentForm()
    if not form.validate():
        return comments_page(book, form), 422
    try:
        comments.take_down(
            access.village().id, book.id, form.speaker.data or "", form.words.data or "",
            key=request.form.get("key", ""), by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return comments_page(load(rulebook_id), form, str(error)), error.status
    flash(_("意见已经记下。"))
    return redirect(url_for("awarding.book_comments", rulebook_id=rulebook_id), 303)
