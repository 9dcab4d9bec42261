"""Drafts: begin one, name it; its rules: add, change, remove, move."""

from collections.abc import Callable, Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.awarding import book_queries, drafts, rulebook_file, touchy_words
from virtue.awarding import rule_words as words
from virtue.awarding.book_errors import BadRule
from virtue.awarding.book_forms import DraftForm, NameForm, RowForm
from virtue.awarding.book_pages import book_page, load
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.queries import rulebook_in_force
from virtue.awarding.views import awarding
from virtue.core import keys
from virtue.core.files import Upload
from virtue.errors import BrokenRule
from virtue.people import kept_photos


@awarding.get("/rules/drafts/new")
@permission("rules.edit")
def new_draft() -> str:
    """From what to begin."""
    return _new_page(DraftForm(formdata=None, name=_("积分细则")))


@awarding.post("/rules/drafts")
@permission("rules.edit")
def begin_draft() -> Response | tuple[str, int]:
    """Begin a draft."""
    form = DraftForm()
    if not form.validate():
        return _new_page(form), 422
    try:
        outcome = _begin(form)
    except BrokenRule as error:
        return _new_page(form, str(error)), error.status
    flash(_("草案已经建好，可以改了。"))
    return redirect(url_for("awarding.rulebook", rulebook_id=outcome.result["rulebook_id"]), 303)


def _begin(form: DraftForm) -> keys.Outcome:
    village_id, name = access.village().id, form.name.data or ""
    key, by = request.form.get("key", ""), access.by()
    current = rulebook_in_force(village_id)
    if form.source.data == "current" and current is not None:
        return drafts.draft_from_book(village_id, current.id, name, key=key, by=by)
    if form.source.data == "file":
        upload = request.files.get("file")
        data = upload.read(rulebook_file.MOST_BYTES + 1) if upload else b""
        return drafts.draft_from_file(village_id, data, (upload and upload.filename) or "", name, key=key, by=by)
    data = rulebook_file.COUNTY_RULES.read_bytes()
    return drafts.draft_from_file(
        village_id, data, "rules.csv", name, key=key, by=by, only_starter=form.source.data != "full"
    )


def _new_page(form: DraftForm, error: str | None = None) -> str:
    cells = []
    upload = request.files.get("file")
    if error and form.source.data == "file" and upload is not None:
        upload.seek(0)
        cells = rulebook_file.read(upload.read(rulebook_file.MOST_BYTES + 1), upload.filename or "").cells
    if rulebook_in_force(access.village().id) is None:
        form.source.choices = form.source.choices[1:]
        form.source.data = form.source.data if form.source.data != "current" else "starter"
    return render_template(
        "awarding/new_draft.html", form=form, error=error, key=keys.new(), cells=cells[:200], columns=words.COLUMNS
    )


@awarding.post("/rules/<int:rulebook_id>/name")
@permission("rules.edit")
def rename_draft(rulebook_id: int) -> Response | tuple[str, int]:
    """Another name."""
    book, form = load(rulebook_id), NameForm()
    if not form.validate():
        return book_page(book, form=form, step="rename"), 422
    return _change(book, lambda: drafts.rename_draft(book.village_id, book.id, form.name.data or "", by=access.by()))


@awarding.get("/rules/<int:rulebook_id>/rules/new")
@permission("rules.edit")
def new_rule(rulebook_id: int) -> str:
    """An empty rule."""
    return _rule_page(load(rulebook_id), None, {"scores": "1", "per": "次", "unit": "home", "route": "review"}, {})


@awarding.post("/rules/<int:rulebook_id>/rules")
@permission("rules.edit")
def add_rule(rulebook_id: int) -> Response | tuple[str, int]:
    """Add a rule to a draft."""
    book, row = load(rulebook_id), _row()
    try:
        drafts.add_rule(
            book.village_id, book.id, row, key=request.form.get("key", ""), by=access.by(), picture=_picture()
        )
    except BadRule as error:
        return _rule_page(book, None, row, error.errors, str(error)), error.status
    except BrokenRule as error:
        return _rule_page(book, None, row, {}, str(error)), error.status
    return _saved(book, row)


@awarding.get("/rules/<int:rulebook_id>/rules/<int:rule_id>")
@permission("rules.edit")
def edit_rule(rulebook_id: int, rule_id: int) -> str:
    """A draft's rule, to be changed."""
    book = load(rulebook_id)
    rule = _rule(book, rule_id)
    return _rule_page(book, rule, words.raw(rule), {})


@awarding.post("/rules/<int:rulebook_id>/rules/<int:rule_id>")
@permission("rules.edit")
def change_rule(rulebook_id: int, rule_id: int) -> Response | tuple[str, int]:
    """Change it."""
    book, row = load(rulebook_id), _row()
    rule = _rule(book, rule_id)
    try:
        drafts.change_rule(book.village_id, book.id, rule_id, row, by=access.by(), picture=_picture())
    except BadRule as error:
        return _rule_page(book, rule, row, error.errors, str(error)), error.status
    except BrokenRule as error:
        return _rule_page(book, rule, row, {}, str(error)), error.status
    return _saved(book, row)


@awarding.post("/rules/<int:rulebook_id>/rules/<int:rule_id>/remove")
@permission("rules.edit")
def remove_rule(rulebook_id: int, rule_id: int) -> Response | tuple[str, int]:
    """Take a rule out."""
    book = load(rulebook_id)
    _rule(book, rule_id)
    return _change(book, lambda: drafts.remove_rule(book.village_id, book.id, rule_id, by=access.by()))


@awarding.post("/rules/<int:rulebook_id>/rules/<int:rule_id>/move")
@permission("rules.edit")
def move_rule(rulebook_id: int, rule_id: int) -> Response | tuple[str, int]:
    """Put it at another place."""
    book = load(rulebook_id)
    _rule(book, rule_id)
    to = request.form.get("to", 1, type=int)
    return _change(book, lambda: drafts.move_rule(book.village_id, book.id, rule_id, to, by=access.by()), rule_id)


@awarding.post("/rules/<int:rulebook_id>/rules/<int:rule_id>/no-picture")
@permission("rules.edit")
def drop_picture(rulebook_id: int, rule_id: int) -> Response | tuple[str, int]:
    """Take the picture away."""
    book = load(rulebook_id)
    _rule(book, rule_id)
    return _change(book, lambda: drafts.drop_picture(book.village_id, book.id, rule_id, by=access.by()))


def _change(book: Rulebook, act: Callable[[], None], rule_id: int | None = None) -> Response | tuple[str, int]:
    try:
        act()
    except BrokenRule as error:
        return book_page(load(book.id), error=str(error)), error.status
    anchor = f"rule-{rule_id}" if rule_id else "rules"
    return redirect(url_for("awarding.rulebook", rulebook_id=book.id, _anchor=anchor), 303)


def _saved(book: Rulebook, row: Mapping[str, str]) -> Response:
    flash(_("“%(rule)s”已经存好。", rule=row["name"].strip()))
    for sentence in touchy_words.warnings(row):
        flash(sentence, "warn")
    return redirect(url_for("awarding.rulebook", rulebook_id=book.id, _anchor="rules"), 303)


def _rule(book: Rulebook, rule_id: int) -> Rule:
    rule = next((one for one in book.rules if one.id == rule_id), None)
    if rule is None:
        abort(404)
    return rule


def _row() -> dict[str, str]:
    """The form's fields as a file's row; ticked ways joined."""
    row = {column: request.form.get(column, "") for column in words.COLUMNS}
    return {**row, "entry": "+".join(request.form.getlist("entry")), "scores": request.form.get("scores", "0")}


def _picture() -> Upload | None:
    return kept_photos.take(request.files.get("photo"), None, owner=kept_photos.of_staff(access.by()))


def _rule_page(
    book: Rulebook, rule: Rule | None, row: Mapping[str, str], errors: Mapping[str, list[str]], error: str | None = None
) -> str:
    return render_template(
        "awarding/rule_form.html", book=book, rule=rule, row={**dict.fromkeys(words.COLUMNS, ""), **row}, errors=errors,
        error=error, words=words, key=keys.new(), form=RowForm(formdata=None),
        dimensions=sorted({one.dimension for one in book.rules} - {"-"}),
        picture=book_queries.pictures_of([rule]).get(rule.photo_id or 0) if rule else None,
    )  # fmt: skip
