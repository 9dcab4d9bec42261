"""How much of everything there is: ``flask virtue stats``."""

from sqlalchemy import func, select

from virtue.awarding.models import Deed, Rule
from virtue.extensions import db
from virtue.ledger.models import Entry, Transfer
from virtue.people.models import Card, Household, Member
from virtue.places.models import Grid, Village
from virtue.store.models import Item, Order

COUNTED = {
    "villages": Village.id, "grids": Grid.id, "households": Household.id, "members": Member.id, "cards": Card.id,
    "rules": Rule.id, "goods": Item.id, "deeds": Deed.id, "entries": Entry.id, "transfers": Transfer.id,
    "orders": Order.id,
}  # fmt: skip


def counts() -> dict[str, int]:
    """The numbers of rows by noun; members that are gone and ended households count too."""
    return {name: db.session.scalar(select(func.count(column))) or 0 for name, column in COUNTED.items()}
