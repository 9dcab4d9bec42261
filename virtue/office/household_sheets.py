"""The month's 家庭积分单 of many households: what came, what went, what is left, whom to call. For the own household alone.

A fixed number of statements for one household or a whole village.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from virtue.awarding import public_queries as awarding
from virtue.extensions import db
from virtue.formatting import mask_name, rule_name
from virtue.ledger import month_papers as ledger
from virtue.ledger.month_papers import Purse
from virtue.people.models import Household
from virtue.people.print_queries import card_number
from virtue.places.models import Grid
from virtue.staff import queries as staff

TOLD = 2
"""So many good deeds are named, the biggest; the others as a count."""


@dataclass(frozen=True)
class MonthSheet:
    """One household's month. A deduction stands in the sums alone: the household was told of it by itself."""

    number: str
    name: str
    purses: tuple[Purse, ...]
    deeds: tuple[str, ...]
    deeds_count: int
    fetches: int
    worker: str
    """The grid's worker; empty where nobody has this grid alone."""


def households(
    village_id: int, *, grid_id: int | None = None, household_id: int | None = None, only_paper: bool = False
) -> Sequence[Household]:
    """Who gets a sheet, by grid and code. ``only_paper``: who never chose a PIN, so reads nothing on a phone.

    Who takes no part is told nothing unasked: only when this household itself is asked for.
    """
    query = (
        select(Household)
        .join(Household.grid)
        .options(contains_eager(Household.grid))
        .where(Household.village_id == village_id, Household.state == "active")
        .order_by(Grid.number, Household.code)
    )
    if household_id is not None:
        return db.session.scalars(query.where(Household.id == household_id)).all()
    query = query.where(Household.left_on.is_(None))
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    if only_paper:
        query = query.where(Household.pin_hash.is_(None))
    return db.session.scalars(query).all()


def sheets(found: Sequence[Household], month: int) -> list[MonthSheet]:
    """Their sheets of a month."""
    ids = [one.id for one in found]
    if not ids:
        return []
    purses, fetches, deeds = ledger.purses(ids, month), ledger.fetches(ids, month), _deeds(ids, month)
    workers = staff.grid_workers(found[0].village_id)
    return [
        MonthSheet(
            card_number(one), mask_name(one.head_name), purses[one.id],
            tuple(dict.fromkeys(rule_name(row) for row in deeds[one.id]))[:TOLD], len(deeds[one.id]),
            fetches.get(one.id, 0), workers.get(one.grid_id, ""),
        )
        for one in found
    ]  # fmt: skip


def _deeds(ids: Sequence[int], month: int) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in awarding.good_deeds(ids, month):
        found[row.household_id].append(row)
    return found
