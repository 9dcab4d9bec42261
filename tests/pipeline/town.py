"""A small town for the machine: two villages, three households, a cast with kin among it, rules whose caps lie near.

Everybody may do what the real roles allow; ``both`` wears two hats; ``stranger`` does all of it in the other village.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from tests import factories
from virtue import clock
from virtue.awarding.models import Amendment, Deduction, Deed, DeedStep, Event
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import Account, Chain, Checkpoint, ClosedMonth, Entry, Transfer
from virtue.notices.models import Notice, NoticeLine, Objection, Objector
from virtue.people.models import Recusal
from virtue.scores.models import Tally
from virtue.staff.roles import permissions_of
from virtue.store import queries as goods
from virtue.store.models import Batch, Movement, Order, OrderLine, Return
from virtue.transactions import atomic

CAST = {
    "author": ("committee",), "verifier": ("committee",), "first": ("reviewer",), "second": ("reviewer",),
    "third": ("reviewer",), "admin": ("village_admin",), "supervisor": ("supervisor",), "watcher": ("supervisor",),
    "judge": ("reviewer", "supervisor"), "keeper": ("keeper",), "both": ("keeper", "committee", "reviewer"),
}  # fmt: skip
EVERYWHERE = ("committee", "reviewer", "village_admin", "supervisor", "keeper")
# Whose household, or declared kin, each household (by place) is. Two reviewers are left for every one.
KIN = {0: ("second",), 1: ("third", "keeper"), 2: ("author", "supervisor", "admin")}
OWN = ("third", 1)

RULES: dict[str, dict[str, Any]] = {
    "care": {"points": 5, "cap_month": 12, "entry": "scan+claim", "route": "review", "publish": "red"},
    "brave": {"points": 20, "unit": "civility", "entry": "scan", "route": "review"},
    "yearly": {"points": 3, "cap_year": 4, "entry": "scan", "route": "review", "dimension": "-"},
    "ever": {"points": 2, "cap_ever": 3, "entry": "scan", "route": "review"},
    "canal": {"points": 2, "cap_month": 5, "entry": "event"},
    "kilos": {"points": 1, "has_quantity": True, "cap_month": 6, "entry": "event"},
    "rubbish": {
        "points": -5, "unit": "civility", "cap_month": 8, "entry": "scan", "route": "deduction", "publish": "place_only",
    },
    "smoke": {"points": -3, "unit": "civility", "entry": "scan", "route": "deduction", "publish": "place_only"},
}  # fmt: skip
PRICES = {"home": 3, "civility": 4}
PIECES = 4


@dataclass
class Town:
    """Who and what there is, by name; ids only, so that nothing read long ago is trusted."""

    village_id: int
    other_id: int
    households: list[int]
    staff: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    store_id: int = 0
    item_id: int = 0
    prices: dict[str, int] = field(default_factory=dict)

    def village_of(self, who: str) -> int:
        """The village somebody is signed in to."""
        return self.other_id if who == "stranger" else self.village_id

    def may(self, who: str, permission: str) -> bool:
        """Whether the person's roles open the page from which it is done."""
        return permission in permissions_of(set(CAST.get(who, EVERYWHERE)))

    def kin_of(self, who: str) -> set[int]:
        """The households a person has to keep away from."""
        return {self.households[place] for place, names in KIN.items() if who in names}

    def is_kin(self, user_id: int | None, household_id: int) -> bool:
        """The same, by ids."""
        return any(self.staff[name] == user_id and household_id in self.kin_of(name) for name in self.staff)


def build() -> Town:
    """Commits a town; the book has been in force for a year."""
    grid = factories.GridFactory(number=1)
    village, other = grid.village, factories.VillageFactory()
    households = [factories.HouseholdFactory(grid=grid) for _ in KIN]
    town = Town(village.id, other.id, [household.id for household in households])
    users = {name: factories.staff_of(village, *roles) for name, roles in CAST.items()}
    users["stranger"] = factories.staff_of(other, *EVERYWHERE)
    users[OWN[0]].member_id = households[OWN[1]].members[0].id
    for place, names in KIN.items():
        for name in names:
            if (name, place) != OWN:
                db.session.add(
                    Recusal(
                        village_id=village.id, user_id=users[name].id, household_id=households[place].id,
                        relation="sibling", declared_at=clock.now(),
                    )
                )  # fmt: skip
    db.session.commit()
    book = factories.RulebookFactory(village_id=village.id)
    for name, fields in RULES.items():
        town.rules[name] = factories.RuleFactory(rulebook=book, code=name, name=name, **fields).id
    item = factories.stocked(village, PIECES, by=users["keeper"], **PRICES)
    store = goods.find_store(village.id)
    good = goods.goods_for_till(store, clock.today())[0]
    town.store_id, town.item_id = store.id, item.id
    town.prices = {"home": good.home_price_id, "civility": good.civility_price_id}
    town.staff = {name: user.id for name, user in users.items()}
    # The ledger's lock is a row that the first write makes, even a refused one.
    for village_id in (town.village_id, town.other_id):
        with atomic():
            ledger.lock(village_id)
    return town


class Rows(list):
    """Rows of a table; ``of`` those of one village."""

    def of(self, village_id: int) -> list[Any]:
        """The rows of one village, in their order."""
        return [row for row in self if row.village_id == village_id]


Everything = dict[str, Rows]

_VILLAGES = sa.bindparam("village_ids", expanding=True)
_OF_DEED, _OF_LINE = Deed.__table__, NoticeLine.__table__


def _read(model: Any, through: Any = None, on: Any = None) -> Any:
    """A table's rows of some villages; of a table that names none, through the one it hangs on."""
    table = model.__table__
    query = sa.select(table) if through is None else sa.select(table, through.c.village_id).join(through, on)
    village_id = (table if through is None else through).c.village_id
    return query.where(village_id.in_(_VILLAGES)).order_by(*table.primary_key)


_OBJECTION, _ORDER = Objection.__table__, Order.__table__
_READ = {
    **{
        model.__tablename__: _read(model)
        for model in (
            Account, Batch, Chain, Checkpoint, ClosedMonth, Deed, Entry, Event, Movement, Notice, NoticeLine, Objection,
            Order, Return, Tally, Transfer,
        )
    },
    "deed_step": _read(DeedStep, _OF_DEED, DeedStep.deed_id == _OF_DEED.c.id),
    "deduction": _read(Deduction, _OF_DEED, Deduction.deed_id == _OF_DEED.c.id),
    "amendment": _read(Amendment, _OF_DEED, Amendment.deed_id == _OF_DEED.c.id),
    "objector": _read(Objector, _OBJECTION, Objector.objection_id == _OBJECTION.c.id),
    "order_line": _read(OrderLine, _ORDER, OrderLine.order_id == _ORDER.c.id),
}  # fmt: skip


def everything(*village_ids: int) -> Everything:
    """All committed rows of these villages by table: what the laws are about, and what a refusal leaves alone."""
    db.session.rollback()
    return {name: Rows(db.session.execute(query, {"village_ids": village_ids})) for name, query in _READ.items()}


def day_of(instant: Any) -> date:
    """The day in the village."""
    return clock.day_of(instant)
