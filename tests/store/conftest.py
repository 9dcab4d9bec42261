"""A shop at work: a village with a keeper, a household with a card and points, three goods."""

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from tests import factories
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people.models import Card, Household
from virtue.places.models import Grid, Village
from virtue.staff.models import User
from virtue.store import queries, services
from virtue.store.models import Batch, Item, Store
from virtue.store.services import Piece


@dataclass
class Shop:
    """What the tests of the store act on."""

    village: Village
    grid: Grid
    store: Store
    keeper: User
    household: Household
    card: Card
    soap: Item
    salt: Item
    oil: Item

    def piece(self, item: Item, quantity: int = 1, unit: str = "home") -> Piece:
        """Pieces at the price in force today."""
        good = next(row for row in queries.goods_for_till(self.store, factories.clock.today()) if row.id == item.id)
        return Piece(item.id, quantity, unit, getattr(good, f"{unit}_price_id"))

    def redeem(self, *basket: Piece, **options: Any):
        """The keeper redeems for the household, by its card."""
        options = {"key": keys.new(), "by": self.keeper.id, "card_id": self.card.id, **options}
        household = options.pop("household", self.household)
        return services.redeem(self.village.id, self.store.id, household.id, basket, **options)

    def left(self, item: Item) -> int:
        """Pieces that lie in the store, expired or not."""
        return db.session.scalar(sa.select(sa.func.sum(Batch.quantity)).where(Batch.item_id == item.id)) or 0

    def balance(self) -> tuple[int, int]:
        """What the household can spend: home, civility."""
        balance = ledger.balance(self.household.id)
        return balance.home, balance.civility


def make_shop() -> Shop:
    """Commits a whole shop."""
    with factories.together():
        village = factories.VillageFactory()
        grid = factories.GridFactory(village=village, number=3, name="第三网格")
        keeper = factories.keeper(village, name="何管理员")
        household = factories.HouseholdFactory(grid=grid, head_name="王永智", code="620622100147", members=5)
        made = {"by": keeper, "civility": 5}
        soap = factories.stocked(
            village, 10, home=22, name="洗衣液 2kg", category="日化", measure="瓶", low_stock=3, **made
        )
        salt = factories.stocked(village, 100, home=3, name="食用盐 400g", category="粮油", measure="袋", **made)
        oil = factories.stocked(
            village,
            5,
            home=18,
            name="菜籽油 5L",
            category="粮油",
            measure="桶",
            limit_quantity=2,
            limit_period="month",
            **made,
        )
    factories.give(household, home=128, civility=40)
    card = factories.card_of(household)
    store = queries.find_store(village.id)
    return Shop(village, grid, store, keeper, household, card, soap, salt, oil)


@pytest.fixture
def shop(app) -> Shop:
    return make_shop()
