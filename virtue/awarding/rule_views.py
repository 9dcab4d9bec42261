"""Rulebooks to read: the one in force, every version, two side by side, the rehearsal; files in and out."""

from itertools import groupby
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import book_cost, book_diff, book_queries, queries, rehearsal, rulebook_file
from virtue.awarding import rule_words as words
from virtue.awarding.book_pages import book_page, load
from virtue.awarding.book_words import BANDS, STATES
from virtue.awarding.forms import BookForm
from virtue.awarding.models import Rule
from virtue.awarding.rulebooks import Adoption, adopt_book
from virtue.awarding.views import awarding
from virtue.core.sending import send_photo
from virtue.errors import BrokenRule
from virtue.pages import number_asked

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@awarding.get("/rules")
@permission("rules.view")
def rules() -> str:
    """The book in force, searchable; what comes next; drafts for who may read them."""
    village_id = access.village().id
    current = queries.rulebook_in_force(village_id)
    book = book_queries.find_book(village_id, current.id) if current is not None else None
    text = request.args.get("q", "").strip().lower()
    found = [rule for rule in (book.rules if book else []) if _matches(rule, text)]
    ordered = sorted(found, key=lambda rule: rule.dimension)
    return render_template(
        "awarding/rules.html", book=book, q=request.args.get("q", ""), count=len(found), states=STATES,
        groups=[(name, list(group)) for name, group in groupby(ordered, key=lambda rule: rule.dimension)],
        coming=book_queries.next_book(village_id), pictures=book_queries.pictures_of(found),
        drafts=book_queries.prepared(village_id) if access.can("rules.drafts") else [],
    )  # fmt: skip


@awarding.get("/rules/versions")
@permission("rules.view")
def rule_versions() -> str:
    """Every version, newest first."""
    village_id = access.village().id
    return render_template(
        "awarding/rule_versions.html", states=STATES, current=queries.rulebook_in_force(village_id),
        books=book_queries.books(village_id, with_drafts=access.can("rules.drafts")),
    )  # fmt: skip


@awarding.get("/rules/<int:rulebook_id>")
@permission("rules.view")
def rulebook(rulebook_id: int) -> str:
    """One version: its way, its rules, and what can be done with it."""
    return book_page(load(rulebook_id))


@awarding.get("/rules/<int:rulebook_id>/rules.csv")
@permission("rules.view")
def rules_csv(rulebook_id: int) -> Response:
    """A version as CSV."""
    return _file(rulebook_file.to_csv(load(rulebook_id).rules), "text/csv; charset=utf-8", "rules.csv")


@awarding.get("/rules/<int:rulebook_id>/rules.xlsx")
@permission("rules.view")
def rules_xlsx(rulebook_id: int) -> Response:
    """A version as a workbook."""
    return _file(rulebook_file.to_xlsx(load(rulebook_id).rules), EXCEL, "rules.xlsx")


def _file(data: bytes, kind: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@awarding.get("/rules/<int:rulebook_id>/changes")
@permission("rules.view")
def rule_changes(rulebook_id: int) -> str:
    """A version beside another one."""
    return render_template("awarding/rule_changes.html", **_compared(rulebook_id))


@awarding.get("/rules/<int:rulebook_id>/changes/print")
@permission("rules.view")
def print_rule_changes(rulebook_id: int) -> str:
    """The same on paper."""
    return render_template("awarding/print_rule_changes.html", village=access.village(), **_compared(rulebook_id))


def _compared(rulebook_id: int) -> dict[str, Any]:
    """The version, the one before it (?against=), and what lies between."""
    village_id, new = access.village().id, load(rulebook_id)
    asked = number_asked("against")
    beside = book_queries.compared_with(village_id, new)
    old = load(asked) if asked is not None else load(beside.id) if beside is not None else None
    others = book_queries.books(village_id, with_drafts=access.can("rules.drafts"))
    return {
        "new": new, "old": old, "others": [one for one in others if one.id != new.id], "states": STATES,
        "found": book_diff.differences(old.rules, new.rules) if old is not None else None, "words": words,
    }  # fmt: skip


@awarding.get("/rules/<int:rulebook_id>/rehearsal")
@permission("rules.drafts")
def rule_rehearsal(rulebook_id: int) -> str:
    """Last year's deeds under this version."""
    village_id, book = access.village().id, load(rulebook_id)
    tried = rehearsal.rehearse(village_id, book)
    return render_template(
        "awarding/rule_rehearsal.html", book=book, tried=tried, bands=BANDS,
        cost=book_cost.cost_of(village_id, book, tried),
    )  # fmt: skip


@awarding.get("/rules/pictures/<string:name>")
@permission("rules.view")
def rule_picture(name: str) -> Response:
    """A rule's picture, for staff."""
    if not book_queries.is_rule_picture(access.village().id, name, for_all=not access.can("rules.drafts")):
        abort(404)
    return send_photo(name, small="small" in request.args)


@awarding.get("/rules/adopted/new")
@permission("rules.edit")
def new_book() -> str:
    """The form for a book that was adopted before, or a first trial run."""
    return _form_page(BookForm(in_force_from=clock.today()))


@awarding.post("/rules/adopted")
@permission("rules.edit")
def adopt() -> Response | tuple[str, int]:
    """Put a file into force as the next version, with its papers."""
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


def _matches(rule: Rule, text: str) -> bool:
    return text in f"{rule.code} {rule.name} {rule.name_en} {rule.dimension} {rule.standard}".lower()


def _form_page(form: BookForm, error: str | None = None) -> str:
    return render_template("awarding/new_book.html", form=form, error=error)
