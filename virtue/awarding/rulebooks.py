"""Putting a rulebook into force, and opening balances."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select

from virtue import clock
from virtue.awarding import rulebook_file, settling, steps
from virtue.awarding.book_errors import AdoptedTooEarly
from virtue.awarding.book_models import BookState, RulebookStep
from virtue.awarding.entering import snapshot
from virtue.awarding.errors import BadAdoption, DocumentNeeded, NotARulebook, OwnProposal, UnknownRule, WrongQuantity
from virtue.awarding.models import Deed, DeedState, Rule, Rulebook
from virtue.awarding.queries import find_rule_by_code, rulebook_in_force
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people import queries as people
from virtue.places import services as places
from virtue.transactions import atomic

_NEW_DEEDS = insert(Deed).returning(Deed.id, sort_by_parameter_order=True)


@dataclass(frozen=True)
class Adoption:
    """How a book came into force: adopted before, with its papers; or a trial run (试运行)."""

    in_force_from: date
    is_trial: bool = False
    adopted_on: date | None = None
    present: int | None = None
    in_favour: int | None = None
    women_present: int | None = None
    filing_number: str = ""


def adopt_book(
    village_id: int,
    name: str,
    data: bytes,
    file_name: str,
    adoption: Adoption,
    *,
    by: int | None,
    only_starter: bool = False,
) -> Rulebook:
    """Read a rulebook file and put it into force as the village's next version.

    ``only_starter``: just the small book a village starts with. Raises ``NotARulebook`` with all problems by row,
    ``BadAdoption``. In a trial run points are scored but nothing can be redeemed.
    """
    book = rulebook_file.read(data, file_name)
    if book.problems:
        raise NotARulebook(problems=" ".join(book.problems[:20]))
    _check_papers(adoption)
    rules = [rule for rule in book.rules if rule["is_starter"] or rule["subject"] == "opening" or not only_starter]
    with atomic():
        ledger.lock(village_id)
        _check_after(village_id, adoption.in_force_from)
        version = (
            db.session.scalar(select(func.max(Rulebook.version)).where(Rulebook.village_id == village_id)) or 0
        ) + 1
        row = Rulebook(
            village_id=village_id, version=version, name=name.strip()[:60] or "积分细则", is_trial=adoption.is_trial,
            state=str(BookState.IN_FORCE), adopted_on=adoption.adopted_on, present=adoption.present, in_favour=adoption.in_favour,
            women_present=adoption.women_present, filing_number=adoption.filing_number.strip()[:60] or None,
            in_force_from=adoption.in_force_from, entered_by_id=by, entered_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        db.session.execute(
            insert(Rule.__table__),
            [{**rule, "rulebook_id": row.id, "position": number} for number, rule in enumerate(rules, 1)],
        )
        db.session.add(
            RulebookStep(rulebook_id=row.id, action="adopt", to_state=str(BookState.IN_FORCE), by_id=by, at=clock.now())
        )
        settings.change("is_trial_run", adoption.is_trial, village_id)
        places.raise_board_version(village_id)
        audit.record(
            "awarding.adopt_book", village_id=village_id, by=by, subject="rulebook", subject_id=row.id, version=version,
            rules=len(rules), trial=adoption.is_trial,
        )  # fmt: skip
    return row


def _check_after(village_id: int, day: date) -> None:
    """A book that would lie behind the one in force would never count."""
    book = rulebook_in_force(village_id)
    if book is not None and book.in_force_from is not None and book.in_force_from > day:
        raise AdoptedTooEarly(version=book.version, from_on=book.in_force_from.isoformat())


def _check_papers(adoption: Adoption) -> None:
    """A book adopted before needs its vote's figures; more than half of those present were in favour."""
    if adoption.in_force_from > clock.today():
        raise BadAdoption
    if adoption.is_trial:
        return
    present, favour, women = adoption.present or 0, adoption.in_favour or 0, adoption.women_present or 0
    holds = present > 0 and present / 2 < favour <= present and 0 <= women <= present
    if not holds or adoption.adopted_on is None or adoption.adopted_on > clock.today():
        raise BadAdoption


@dataclass(frozen=True)
class Opening:
    """A household's balance from the paper books, by unit."""

    household_id: int
    home: int = 0
    civility: int = 0


def propose_openings(village_id: int, openings: list[Opening], document: str, *, key: str, by: int) -> Outcome:
    """Enter opening balances (rules OPEN1, OPEN2) on a document; a second person books them. Gives how many deeds."""

    def work() -> dict[str, Any]:
        if not document.strip():
            raise DocumentNeeded
        rules = {unit: find_rule_by_code(village_id, code) for unit, code in (("home", "OPEN1"), ("civility", "OPEN2"))}
        rows = []
        for opening in openings:
            household = people.find_household(village_id, opening.household_id)
            if household is None:
                raise NotFoundHere
            for unit, rule in rules.items():
                points = getattr(opening, unit)
                if not 0 <= points <= 100_000:
                    raise WrongQuantity
                if rule is None:
                    raise UnknownRule
                if points:
                    rows.append(_opening_row(village_id, household, rule, points, by=by))
        if not rows:
            raise WrongQuantity
        ids = db.session.scalars(_NEW_DEEDS, rows).all()
        steps.note_many([_step("propose", deed_id, row["points"], by) for deed_id, row in zip(ids, rows, strict=True)])
        audit.record(
            "awarding.propose_openings", village_id=village_id, by=by, deeds=len(rows), why=document,
            points=sum(row["points"] for row in rows),
        )  # fmt: skip
        return {"deeds": len(rows)}

    contents = [village_id, [[o.household_id, o.home, o.civility] for o in openings], document, by]
    return keys.run_once(
        key, "awarding.propose_openings", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def book_openings(village_id: int, *, key: str, by: int) -> Outcome:
    """A second person books all opening balances that wait. Raises ``OwnProposal`` for the one who entered them."""

    def work() -> dict[str, Any]:
        deeds = openings_waiting(village_id)
        if any(deed.proposed_by_id == by for deed in deeds):
            raise OwnProposal
        steps.note_many([_step("countersign", deed.id, deed.points, by) for deed in deeds])
        for deed in deeds:
            deed.state = str(DeedState.APPROVED)
        db.session.flush()
        if deeds:
            settling.book(deeds, by=by, action="book", batch="opening")
        audit.record("awarding.book_openings", village_id=village_id, by=by, deeds=len(deeds))
        return {"deeds": len(deeds)}

    return keys.run_once(
        key, "awarding.book_openings", [village_id, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def _step(action: str, deed_id: int, points: int, by: int) -> dict[str, Any]:
    """``propose`` an opening balance, or ``countersign`` it."""
    proposed, approved = str(DeedState.PROPOSED), str(DeedState.APPROVED)
    from_state, to_state = (None, proposed) if action == "propose" else (proposed, approved)
    return {
        "deed_id": deed_id, "action": action, "from_state": from_state, "to_state": to_state, "points": points,
        "by_id": by,
    }  # fmt: skip


def openings_waiting(village_id: int) -> list[Deed]:
    """Opening balances that were entered and wait for the second person."""
    return list(
        db.session.scalars(
            select(Deed)
            .where(Deed.village_id == village_id, Deed.state == str(DeedState.PROPOSED), Deed.way == "import")
            .order_by(Deed.id)
        )
    )


def _opening_row(village_id: int, household: Any, rule: Rule, points: int, *, by: int) -> dict[str, Any]:
    today = clock.today()
    return {
        **snapshot(rule, rule.rulebook.version), "village_id": village_id, "household_id": household.id, "grid_id": household.grid_id,
        "quantity": points, "points": points, "happened_on": today, "month": clock.month_of(today),
        "state": str(DeedState.PROPOSED), "way": "import", "proposed_by_id": by, "proposed_at": clock.now(),
    }  # fmt: skip
