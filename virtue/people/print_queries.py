"""What goes on paper: card faces, one-time PIN slips, the hand-over list. Codes and PINs are derived here, never kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager

from virtue.extensions import db
from virtue.people import codes, qr
from virtue.people.models import Card, Household
from virtue.places.models import Grid


@dataclass(frozen=True)
class Face:
    """A card as printed. Holds the code: for the sheet only."""

    card_id: int
    number: str
    head_name: str
    grid: str
    digits: str
    code: qr.Qr


@dataclass(frozen=True)
class Slip:
    """A folded slip with the one-time PIN."""

    number: str
    head_name: str
    grid: str
    pin: str


@dataclass(frozen=True)
class GridCards:
    """How far a grid's cards are."""

    grid: Grid
    households: int
    """Households that take part."""
    missing: int
    """Of these, without a card in force."""
    in_force: int
    unprinted: int
    not_handed_over: int


def card_number(household: Household) -> str:
    """What stands large on the card: the grid's number and the tail, 3-0147."""
    return f"{household.grid.number}-{household.tail}"


def printable_cards(
    village_id: int, *, grid_id: int | None = None, household_id: int | None = None, only_new: bool = False
) -> Sequence[Card]:
    """The cards in force of a grid, a household or the village, by grid and household; ``only_new``: not printed yet."""
    query = (
        select(Card)
        .join(Card.household)
        .join(Household.grid)
        .options(contains_eager(Card.household).contains_eager(Household.grid))
        .where(Card.village_id == village_id, Card.state == "in_force", Household.state == "active")
        .order_by(Grid.number, Household.code, Card.id)
    )
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    if household_id is not None:
        query = query.where(Card.household_id == household_id)
    if only_new:
        query = query.where(Card.printed_at.is_(None))
    return db.session.scalars(query).all()


def faces(cards: Sequence[Card], base_url: str) -> list[Face]:
    """These cards as they are printed, with the address their QR leads to."""
    digits = [codes.derive(card) for card in cards]
    addresses = [qr.card_address(base_url, code) for code in digits]
    mask = qr.best_mask(addresses[0]) if addresses else None
    return [
        Face(
            card.id, card_number(card.household), card.household.head_name, card.household.grid.name,
            codes.grouped(code), qr.drawn(address, mask),
        )
        for card, code, address in zip(cards, digits, addresses, strict=True)
    ]  # fmt: skip


def slip_households(
    village_id: int, *, grid_id: int | None = None, household_id: int | None = None
) -> Sequence[Household]:
    """The households with a card in force that haven't chosen a PIN yet: their printed one still holds."""
    with_card = select(Card.household_id).where(Card.village_id == village_id, Card.state == "in_force")
    query = (
        select(Household)
        .join(Household.grid)
        .options(contains_eager(Household.grid))
        .where(
            Household.village_id == village_id,
            Household.state == "active",
            Household.pin_hash.is_(None),
            Household.id.in_(with_card),
        )
        .order_by(Grid.number, Household.code)
    )
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    if household_id is not None:
        query = query.where(Household.id == household_id)
    return db.session.scalars(query).all()


def slips(households: Sequence[Household]) -> list[Slip]:
    """Their one-time PIN slips."""
    return [
        Slip(card_number(one), one.head_name, one.grid.name, codes.slip_pin(one.id, one.pin_version))
        for one in households
    ]


def cards_by_grid(village_id: int) -> list[GridCards]:
    """How far each grid's cards are, in three statements."""
    takes_part = (Household.state == "active") & Household.left_on.is_(None)
    in_force = select(Card.household_id).where(Card.village_id == village_id, Card.state == "in_force")
    households = {
        row.grid_id: row
        for row in db.session.execute(
            select(
                Household.grid_id,
                func.count().label("number"),
                func.sum(case((Household.id.in_(in_force), 0), else_=1)).label("missing"),
            )
            .where(Household.village_id == village_id, takes_part)
            .group_by(Household.grid_id)
        )
    }
    cards = {
        row.grid_id: row
        for row in db.session.execute(
            select(
                Household.grid_id,
                func.count().label("number"),
                func.sum(case((Card.printed_at.is_(None), 1), else_=0)).label("unprinted"),
                func.sum(case((Card.handed_over_on.is_(None), 1), else_=0)).label("waiting"),
            )
            .join(Card.household)
            .where(Card.village_id == village_id, Card.state == "in_force", Household.state == "active")
            .group_by(Household.grid_id)
        )
    }
    grids = db.session.scalars(select(Grid).where(Grid.village_id == village_id).order_by(Grid.number))
    return [
        GridCards(
            grid,
            households[grid.id].number if grid.id in households else 0,
            int(households[grid.id].missing) if grid.id in households else 0,
            cards[grid.id].number if grid.id in cards else 0,
            int(cards[grid.id].unprinted) if grid.id in cards else 0,
            int(cards[grid.id].waiting) if grid.id in cards else 0,
        )
        for grid in grids
    ]
