"""Rulebooks: the one in force, by dimension; its versions; putting a file into force."""

from itertools import groupby

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import queries
from virtue.awarding.forms import BookForm
from virtue.awarding.models import Rule
from virtue.awarding.rulebooks import Adoption, adopt_book
from virtue.awarding.views import awarding
from virtue.errors import BrokenRule


@awarding.get("/rules")
@permission("rules.view")
def rules() -> str:
    """The book in force, searchable."""
    village_id = access.village().id
    book = queries.rulebook_in_force(village_id)
    return _book_page(book.id if book else None)


@awarding.get("/rules/<int:rulebook_id>")
@permission("rules.view")
def rulebook(rulebook_id: int) -> str:
    """One version."""
    return _book_page(rulebook_id)


@awarding.get("/rules/new")
@permission("rules.edit")
def new_book() -> str:
    """The form for a file."""
    return _form_page(BookForm(in_force_from=clock.today()))


@awarding.post("/rules")
@permission("rules.edit")
def adopt() -> Response | tuple[str, int]:
    """Put a file into force as the next version."""
    form = BookForm()
    upload = request.files.get("file")
    if not form.validate():
        return _form_page(form), 422
    if upload is None or not upload.filename:
        return _form_page(form, _("请选择细则文件。")), 422
    adoption = Adoption(
        form.in_force_from.data or clock.today(), is_trial=bool(form.is_trial.data), adopted_on=form.adopted_on.data,
        present=form.present.data, in_favour=form.in_favour.data, women_present=form.women_present.data,
        filing_number=form.filing_number.data or "",
    )  # fmt: skip
    try:
        book = adopt_book(
            access.village().id, form.name.data or "", upload.read(), upload.filename, adoption, by=access.by()
        )
    except BrokenRule as error:
        return _form_page(form, str(error)), error.status
    flash(_("第 %(version)s 版积分细则已生效。", version=book.version))
    return redirect(url_for("awarding.rules"), 303)


def _book_page(rulebook_id: int | None) -> str:
    village_id = access.village().id
    book = queries.find_rulebook(village_id, rulebook_id) if rulebook_id is not None else None
    if rulebook_id is not None and book is None:
        abort(404)
    text = request.args.get("q", "").strip().lower()
    found = [rule for rule in (book.rules if book else []) if _matches(rule, text)]
    ordered = sorted(found, key=lambda rule: rule.dimension)
    in_force = queries.rulebook_in_force(village_id)
    return render_template(
        "awarding/rules.html", book=book, books=queries.rulebooks(village_id), q=request.args.get("q", ""),
        groups=[(name, list(group)) for name, group in groupby(ordered, key=lambda rule: rule.dimension)],
        is_in_force=book is not None and in_force is not None and book.id == in_force.id, count=len(found),
    )  # fmt: skip


def _matches(rule: Rule, text: str) -> bool:
    return text in f"{rule.code} {rule.name} {rule.name_en} {rule.dimension} {rule.standard}".lower()


def _form_page(form: BookForm, error: str | None = None) -> str:
    return render_template("awarding/new_book.html", form=form, error=error)
