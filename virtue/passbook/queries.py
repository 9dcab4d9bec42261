"""What the card alone shows: balances, the quarter's score, and counts. No history, no reason, no deduction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from virtue import clock
from virtue.awarding import public_queries as awarding
from virtue.awarding import queries as rules
from virtue.awarding.models import Deed
from virtue.ledger import queries as ledger
from virtue.ledger.queries import Balance
from virtue.notices.models import Notice
from virtue.people.models import Household
from virtue.scores import queries as scores
from virtue.store import opening_words, year_queries
from virtue.store.opening_words import Said
from virtue.store.year_queries import Coming

IN_REVIEW = {"proposed", "sent_back", "approved"}


@dataclass(frozen=True)
class OnNotice:
    """Points that stand on a notice and come on a day, or are due and wait for the day's run."""

    unit: str
    points: int
    day: date
    is_due: bool


@dataclass(frozen=True)
class Overview:
    """The first page of a passbook."""

    balance: Balance
    score: int
    """Civility points of this quarter: earned less deducted."""
    on_notice: tuple[OnNotice, ...]
    in_review: int
    frozen: int
    check_words: str | None
    is_trial: bool
    opening: tuple[Said, ...]
    """When the points store is open; empty where it never said."""
    lapsing: Coming | None
    """Home points that lapse at an announced day if they aren't spent before."""


def overview(household: Household) -> Overview:
    """What a household has and what is coming. A deduction isn't told here: the card alone may be in a stranger's hand."""
    today = clock.today()
    coming = [deed for deed in awarding.under_way(household.village_id, household.id) if deed.points > 0]
    notices = awarding.notices_of(coming)
    score = scores.scores_of(household.id, household.village_id, clock.months_of_quarter(today))
    seal = ledger.day_seal(household.village_id)
    book = rules.rulebook_in_force(household.village_id)
    return Overview(
        balance=ledger.balance(household.id),
        score=score["civility"].net,
        on_notice=tuple(_on_notice(coming, notices, today)),
        in_review=sum(deed.state in IN_REVIEW for deed in coming),
        frozen=sum(deed.state == awarding.FROZEN for deed in coming),
        check_words=seal.text if seal else None,
        is_trial=book is not None and book.is_trial,
        opening=tuple(opening_words.of_village(household.village_id)),
        lapsing=year_queries.coming(household.village_id, household.id),
    )


def _on_notice(deeds: Iterable[Deed], notices: dict[int, Notice], today: date) -> list[OnNotice]:
    sums: dict[tuple[date, str, bool], int] = {}
    for deed in deeds:
        notice = notices.get(deed.notice_id or 0)
        if deed.state != "on_notice" or notice is None:
            continue
        key = (awarding.booked_on(notice), deed.unit, awarding.is_due(notice, today))
        sums[key] = sums.get(key, 0) + deed.points
    return [OnNotice(unit, points, day, is_due) for (day, unit, is_due), points in sorted(sums.items())]
