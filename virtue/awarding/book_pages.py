"""A rulebook's page, whatever its state, and its comments' page: what every view of a book draws."""

from flask import abort, render_template
from flask_wtf import FlaskForm

from virtue import access, clock, pages
from virtue.awarding import book_cost, book_queries, rehearsal, touchy_words
from virtue.awarding import rule_words as words
from virtue.awarding.book_forms import (
    CommentForm,
    FilingForm,
    NameForm,
    PaperForm,
    StartForm,
    UntilForm,
    VoteForm,
    WhyForm,
)
from virtue.awarding.book_models import BookState
from virtue.awarding.book_states import ORDER, PREPARED
from virtue.awarding.book_words import STATES, STEPS
from virtue.awarding.models import Rulebook
from virtue.awarding.queries import rulebook_in_force
from virtue.core import keys, remarks
from virtue.people import queries as people
from virtue.staff import queries as staff

_FORMS: dict[str, tuple[str, type[FlaskForm]]] = {
    "open-comments": ("until_form", UntilForm), "enter-paper": ("paper_form", PaperForm),
    "record-vote": ("vote_form", VoteForm), "file": ("filing_form", FilingForm),
    "put-in-force": ("start_form", StartForm), "try-out": ("trial_form", StartForm), "revise": ("revise_form", WhyForm),
    "withdraw": ("withdraw_form", WhyForm), "send-back": ("back_form", WhyForm), "rename": ("name_form", NameForm),
}  # fmt: skip


def load(rulebook_id: int) -> Rulebook:
    """A version of this village that the signed-in person may read, or 404."""
    book = book_queries.find_book(access.village().id, rulebook_id)
    if book is None or (book.state not in book_queries.READ_BY_ALL and not access.can("rules.drafts")):
        abort(404)
    return book


def book_page(book: Rulebook, *, form: FlaskForm | None = None, step: str = "", error: str | None = None) -> str:
    """A version's page: where it stands, what can be done, its rules; with a refused step's form as typed."""
    village_id = access.village().id
    forms = {name: make(formdata=None) for name, make in _FORMS.values()}
    if step in _FORMS and form is not None:
        forms[_FORMS[step][0]] = form
    steps = book_queries.steps_of_book(book.id)
    is_prepared = book.state in {str(state) for state in PREPARED}
    tried = rehearsal.rehearse(village_id, book) if is_prepared and access.can("rules.drafts") else None
    current = rulebook_in_force(village_id)
    return render_template(
        "awarding/book.html", book=book, steps=steps, texts=remarks.texts([one.remark_id for one in steps]),
        names=staff.names_of({one.by_id for one in steps} | {book.checked_by_id}), states=STATES, step_words=STEPS,
        order=[str(state) for state in ORDER], error=error, step=step, is_prepared=is_prepared, key=keys.new(),
        cost=book_cost.cost_of(village_id, book, tried) if tried else None, pictures=book_queries.pictures_of(book.rules),
        warned={rule.id: found for rule in book.rules if (found := touchy_words.warnings(words.raw(rule)))},
        overseers=staff.overseers(village_id), comments=book_queries.count_comments(book.id),
        is_current=current is not None and current.id == book.id, old=book_queries.compared_with(village_id, book),
        words=words, me=access.by(), **forms,
    )  # fmt: skip


def comments_page(book: Rulebook, form: CommentForm, error: str | None = None, *, at: int = 1) -> str:
    """What was said, newest first, and a form to take down more."""
    page = pages.paged(book_queries.comments_of(book.id), at)
    said = [row.remark_id for row in page.rows] + [row.speaker_id for row in page.rows]
    return render_template(
        "awarding/book_comments.html", book=book, page=page, form=form, error=error, key=keys.new(),
        texts=remarks.texts(said), names=staff.names_of({row.by_id for row in page.rows}),
        households=people.households_by_ids({row.household_id for row in page.rows if row.household_id}),
        is_open=book.state == str(BookState.COMMENTS) and (book.comments_until or clock.today()) >= clock.today(),
    )  # fmt: skip
