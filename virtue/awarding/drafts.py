"""Drafts of a rulebook: begun from a book, a file or the county's set; their rules added, changed, removed, moved."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, insert, select, update

from virtue import clock
from virtue.awarding import book_queries, rulebook_file
from virtue.awarding.book_errors import BadRule, KeptForBooks, NotADraft
from virtue.awarding.book_models import BookState, RulebookStep
from virtue.awarding.errors import NotARulebook
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.queries import rulebook_in_force
from virtue.awarding.rule_check import check
from virtue.awarding.rule_refusals import named
from virtue.core import audit, files, keys
from virtue.core.files import Upload
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.transactions import atomic

KEPT = ("OPEN1", "OPEN2")
"""Opening balances are entered under these codes."""

_COPIED = [column.name for column in Rule.__table__.c if column.name not in {"id", "rulebook_id"}]


def draft_from_book(village_id: int, rulebook_id: int, name: str, *, key: str, by: int) -> Outcome:
    """Begin a draft with the rules (and pictures) of any earlier version. Gives ``rulebook_id``, ``version``."""

    def rules() -> list[dict[str, Any]]:
        book = book_queries.find_book(village_id, rulebook_id)
        if book is None:
            raise NotFoundHere
        return [{column: getattr(rule, column) for column in _COPIED} for rule in book.rules]

    return _begin(village_id, name, rules, [rulebook_id], key=key, by=by)


def draft_from_file(
    village_id: int, data: bytes, file_name: str, name: str, *, key: str, by: int, only_starter: bool = False
) -> Outcome:
    """Begin a draft with a file's rules; pictures of the same codes come along from the book in force.

    Raises ``NotARulebook`` with all problems by row and column, before the key is used.
    """
    book = rulebook_file.read(data, file_name)
    if book.problems:
        raise NotARulebook(problems=" ".join(book.problems[:20]))
    chosen = [rule for rule in book.rules if rule["is_starter"] or rule["subject"] == "opening" or not only_starter]

    def rules() -> list[dict[str, Any]]:
        pictures = _pictures_in_force(village_id)
        return [
            {**rule, "photo_id": pictures.get(rule["code"]), "position": number}
            for number, rule in enumerate(chosen, 1)
        ]

    asked = [hashlib.sha256(data).hexdigest(), only_starter]
    return _begin(village_id, name, rules, asked, key=key, by=by)


def _pictures_in_force(village_id: int) -> dict[str, int]:
    book = rulebook_in_force(village_id)
    if book is None:
        return {}
    rows = db.session.execute(
        select(Rule.code, Rule.photo_id).where(Rule.rulebook_id == book.id, Rule.photo_id.is_not(None))
    )
    return {row.code: row.photo_id for row in rows}


def _begin(village_id: int, name: str, rules: Any, asked: list[Any], *, key: str, by: int) -> Outcome:
    def work() -> dict[str, Any]:
        rows = rules()
        last = db.session.scalar(select(func.max(Rulebook.version)).where(Rulebook.village_id == village_id)) or 0
        book = Rulebook(
            village_id=village_id, version=last + 1, name=name.strip()[:60] or "积分细则", state=str(BookState.DRAFT),
            entered_by_id=by, entered_at=clock.now(),
        )  # fmt: skip
        db.session.add(book)
        db.session.flush()
        if rows:
            db.session.execute(insert(Rule.__table__), [{**row, "rulebook_id": book.id} for row in rows])
        step = RulebookStep(
            rulebook_id=book.id, action="draft", to_state=str(BookState.DRAFT), by_id=by, at=clock.now()
        )
        db.session.add(step)
        db.session.flush()
        _audit("new_draft", book, by=by, rules=len(rows))
        return {"rulebook_id": book.id, "version": book.version}

    return keys.run_once(
        key, "awarding.new_draft", [village_id, name, asked, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def rename_draft(village_id: int, rulebook_id: int, name: str, *, by: int) -> None:
    """Give a draft another name."""
    with atomic():
        book = _draft(village_id, rulebook_id)
        book.name = name.strip()[:60] or book.name
        _audit("rename_draft", book, by=by)


def add_rule(
    village_id: int, rulebook_id: int, row: Mapping[str, str], *, key: str, by: int, picture: Upload | None = None
) -> Outcome:
    """Add a rule at a draft's end; ``row``: the texts of a file's columns. Gives ``rule_id``.

    Raises ``BadRule`` with the errors by column (a forbidden subject with its reason) before the key is used.
    """
    columns, errors = check(row)
    if errors:
        raise BadRule(errors)

    def work() -> dict[str, Any]:
        book = _draft(village_id, rulebook_id)
        _code_is_free(book.id, columns["code"])
        last = db.session.scalar(select(func.max(Rule.position)).where(Rule.rulebook_id == book.id)) or 0
        photo_id = files.claim_picture(picture, village_id, by=by) if picture else None
        rule = Rule(**columns, rulebook_id=book.id, position=last + 1, photo_id=photo_id)
        db.session.add(rule)
        db.session.flush()
        _audit("add_rule", book, by=by, rule=rule.code)
        return {"rule_id": rule.id}

    asked = [village_id, rulebook_id, dict(row), picture.sha256 if picture else None, by]
    return keys.run_once(
        key, "awarding.add_rule", asked, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def change_rule(
    village_id: int,
    rulebook_id: int,
    rule_id: int,
    row: Mapping[str, str],
    *,
    by: int,
    picture: Upload | None = None,
) -> None:
    """Give a draft's rule new columns, and another picture if one comes. Raises as ``add_rule``."""
    columns, errors = check(row)
    if errors:
        raise BadRule(errors)
    with atomic():
        book, rule = _rule(village_id, rulebook_id, rule_id)
        if rule.code in KEPT and columns["code"] != rule.code:
            raise KeptForBooks(**named(rule))
        if columns["code"] != rule.code:
            _code_is_free(book.id, columns["code"])
        for name, value in columns.items():
            setattr(rule, name, value)
        if picture:
            rule.photo_id = files.claim_picture(picture, village_id, by=by)
        db.session.flush()
        _audit("change_rule", book, by=by, rule=rule.code)


def drop_picture(village_id: int, rulebook_id: int, rule_id: int, *, by: int) -> None:
    """Take a rule's picture away, from the draft alone."""
    with atomic():
        book, rule = _rule(village_id, rulebook_id, rule_id)
        rule.photo_id = None
        db.session.flush()
        _audit("change_rule", book, by=by, rule=rule.code)


def remove_rule(village_id: int, rulebook_id: int, rule_id: int, *, by: int) -> None:
    """Take a rule out of a draft. Raises ``KeptForBooks`` for the opening balances' rules."""
    with atomic():
        book, rule = _rule(village_id, rulebook_id, rule_id)
        if rule.code in KEPT:
            raise KeptForBooks(**named(rule))
        later = (Rule.rulebook_id == book.id, Rule.position > rule.position)
        _audit("remove_rule", book, by=by, rule=rule.code)
        db.session.execute(delete(Rule).where(Rule.id == rule_id))
        db.session.execute(update(Rule).where(*later).values(position=Rule.position - 1))


def move_rule(village_id: int, rulebook_id: int, rule_id: int, to: int, *, by: int) -> None:
    """Put a rule at another place in the draft's order; past an end means at that end."""
    with atomic():
        book, rule = _rule(village_id, rulebook_id, rule_id)
        ids = list(
            db.session.scalars(select(Rule.id).where(Rule.rulebook_id == book.id).order_by(Rule.position, Rule.id))
        )
        ids.remove(rule_id)
        ids.insert(min(max(to, 1), len(ids) + 1) - 1, rule_id)
        for position, one in enumerate(ids, 1):
            db.session.execute(update(Rule).where(Rule.id == one, Rule.position != position).values(position=position))
        _audit("move_rule", book, by=by, rule=rule.code)


def _draft(village_id: int, rulebook_id: int) -> Rulebook:
    """The village's draft, locked and loaded anew. Raises ``NotFoundHere``, ``NotADraft``."""
    ledger.lock(village_id)
    book = db.session.scalar(
        select(Rulebook)
        .where(Rulebook.id == rulebook_id, Rulebook.village_id == village_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if book is None:
        raise NotFoundHere
    if book.state != str(BookState.DRAFT):
        raise NotADraft
    return book


def _rule(village_id: int, rulebook_id: int, rule_id: int) -> tuple[Rulebook, Rule]:
    book = _draft(village_id, rulebook_id)
    rule = book_queries.find_rule(book.id, rule_id)
    if rule is None:
        raise NotFoundHere
    return book, rule


def _code_is_free(rulebook_id: int, code: str) -> None:
    if db.session.scalar(select(Rule.id).where(Rule.rulebook_id == rulebook_id, Rule.code == code)) is not None:
        raise BadRule({"code": [gettext("这个编号已经有了")]})


def _audit(action: str, book: Rulebook, *, by: int, **details: Any) -> None:
    audit.record(
        f"awarding.{action}", village_id=book.village_id, by=by, subject="rulebook", subject_id=book.id,
        version=book.version, **details,
    )  # fmt: skip
