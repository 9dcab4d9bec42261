"""The steps of ``/start`` that bring in files: rulebook, opening balances, goods."""

from datetime import date
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.awarding import queries as awarding
from virtue.awarding import rulebooks
from virtue.errors import BrokenRule
from virtue.office import opening, start
from virtue.office.start_views import goods_page
from virtue.office.views import office
from virtue.people.queries import plain
from virtue.store import import_services

# The county's 66 rules and 36 goods come with the program, as what a village starts from.
COUNTY = Path(__file__).resolve().parents[1] / "demo" / "data"
PAPER_LINES = 12
MOST_BYTES = 5 * 1024 * 1024


@office.get("/start/rulebook")
@permission("rules.edit")
def start_rulebook() -> str:
    """Which rulebook, and how it was adopted."""
    return rulebook_page({"book": "starter", "how": "before", "in_force_from": clock.today().isoformat()})


def rulebook_page(typed: dict[str, str], error: str | None = None) -> str:
    """The rulebook's form, with what was typed."""
    book = awarding.rulebook_in_force(access.village().id)
    return render_template(
        "office/start_rulebook.html", steps=_steps(), typed={**dict.fromkeys(RULEBOOK_FIELDS, ""), **typed}, book=book,
        error=error,
    )  # fmt: skip


RULEBOOK_FIELDS = (
    "book", "how", "name", "in_force_from", "adopted_on", "present", "in_favour", "women_present", "filing_number",
)  # fmt: skip


@office.post("/start/rulebook")
@permission("rules.edit")
def adopt_rulebook() -> Response | tuple[str, int]:
    """Put the chosen book into force."""
    typed = {name: request.form.get(name, "").strip() for name in RULEBOOK_FIELDS}
    try:
        name, data = _chosen_book(typed["book"])
        book = rulebooks.adopt_book(
            access.village().id, typed["name"] or _("积分细则"), data, name, _adoption(typed), by=access.by(),
            only_starter=typed["book"] == "starter",
        )  # fmt: skip
    except BrokenRule as error:
        return rulebook_page(typed, str(error)), error.status
    flash(_("第%(version)s版积分细则已生效。", version=book.version), "good")
    return redirect(url_for("office.begin"), 303)


def _chosen_book(choice: str) -> tuple[str, bytes]:
    if choice in {"starter", "full"}:
        return "rules.csv", (COUNTY / "rules.csv").read_bytes()
    return _upload("file")


def _upload(field: str) -> tuple[str, bytes]:
    """A file that was sent; empty when there is none, which its reader refuses in words."""
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        return "", b""
    return sent.filename, sent.read(MOST_BYTES + 1)


def _adoption(typed: dict[str, str]) -> rulebooks.Adoption:
    if typed["how"] == "trial":
        return rulebooks.Adoption(in_force_from=_day(typed["in_force_from"]) or date.max, is_trial=True)
    return rulebooks.Adoption(
        in_force_from=_day(typed["in_force_from"]) or date.max,
        adopted_on=_day(typed["adopted_on"]),
        present=_number(typed["present"]),
        in_favour=_number(typed["in_favour"]),
        women_present=_number(typed["women_present"]),
        filing_number=typed["filing_number"],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    digits = plain(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None


@office.get("/start/opening")
@permission("awarding.open_balance")
def start_opening() -> str:
    """Balances from the paper books: entered by one, checked and booked by another."""
    return opening_page([], {})


def opening_page(problems: list[str], typed: dict[str, Any], error: str | None = None) -> str:
    """The opening balances' page."""
    village = access.village()
    return render_template(
        "office/start_opening.html",
        steps=_steps(),
        waiting=opening.waiting(village.id),
        has_book=awarding.rulebook_in_force(village.id) is not None,
        lines=typed.get("lines") or [("", "", "")] * PAPER_LINES,
        document=typed.get("document", ""),
        problems=problems,
        error=error,
    )


@office.post("/start/opening")
@permission("awarding.open_balance")
def propose_openings() -> Response | tuple[str, int]:
    """Enter balances from the table or a file."""
    village, document = access.village(), request.form.get("document", "").strip()[:200]
    lines = list(zip(*(request.form.getlist(name) for name in ("code", "home", "civility")), strict=False))[:200]
    typed = {"lines": lines, "document": document}
    try:
        name, content = _upload("file")
        if content:
            table = opening.read_file(village.id, name, content)
        else:
            table = opening.read_rows(village.id, [(number, *line) for number, line in enumerate(lines, 1)])
        if table.problems:
            return opening_page(table.problems, typed), 422
        outcome = rulebooks.propose_openings(
            village.id, table.openings, document, key=request.form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return opening_page([], typed, str(error)), error.status
    flash(_("已录入%(count)s笔，请第二个人核对入账。", count=outcome.result["deeds"]), "good")
    return redirect(url_for("office.start_opening"), 303)


@office.post("/start/opening/book")
@permission("awarding.open_balance")
def book_openings() -> Response | tuple[str, int]:
    """A second person books what waits."""
    try:
        outcome = rulebooks.book_openings(access.village().id, key=request.form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return opening_page([], {}, str(error)), error.status
    flash(_("%(count)s笔期初余额已入账。", count=outcome.result["deeds"]), "good")
    return redirect(url_for("office.start_opening"), 303)


@office.post("/start/goods")
@permission("store.goods")
def import_goods() -> Response | tuple[str, int]:
    """Import the county's list of goods, or an own one."""
    if request.form.get("list") == "county":
        content = (COUNTY / "goods.csv").read_bytes()
    else:
        _name, content = _upload("file")
    try:
        report = import_services.import_goods(access.village().id, content, by=access.by())
    except BrokenRule as error:
        return goods_page([str(error)]), error.status
    if report.problems:
        return goods_page(report.problems[:20]), 422
    flash(_("新增%(new)s种商品，更新%(changed)s种。", new=report.new, changed=report.changed), "good")
    return redirect(url_for("office.begin"), 303)


def _steps() -> list[start.Step]:
    village = access.find_village()
    return start.steps(village.id if village else None)
