"""Orders as the till makes them."""

from typing import Any

from virtue import clock
from virtue.core import keys
from virtue.people.models import Household
from virtue.staff.models import User
from virtue.store import queries, return_services, services
from virtue.store.models import Item


def redeem(household: Household, item: Item, quantity: int, *, by: User) -> int:
    """So many pieces of one good for home points; gives the order's id."""
    store = queries.find_store(household.village_id)
    assert store is not None
    price = next(price for price in item.prices if price.unit == "home")
    basket = [services.Piece(item.id, quantity, "home", price.id)]
    outcome = services.redeem(household.village_id, store.id, household.id, basket, key=keys.new(), by=by.id)
    return int(outcome.result["order_id"])


def take_back(household: Household, order_id: int, *, by: User) -> Any:
    """The keeper takes an order back at once."""
    return return_services.give_back(household.village_id, order_id, key=keys.new(), by=by.id)


def prices_shown(village_id: int) -> str:
    """The hidden field of the till's form: every price that its page showed."""
    store = queries.find_store(village_id)
    assert store is not None
    return " ".join(
        f"{good.id}:{unit}:{price_id}"
        for good in queries.goods_for_till(store, clock.today())
        for unit, price_id in (("home", good.home_price_id), ("civility", good.civility_price_id))
        if price_id is not None
    )
