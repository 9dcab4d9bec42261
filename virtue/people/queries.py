"""Finding households, cards and kin. Every question names its village: a foreign thing isn't found."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from virtue.extensions import db
from virtue.people import codes
from virtue.people.errors import (
    DoorCodeNotCard,
    EndedCard,
    LostCard,
    MisreadCard,
    ReplacedCard,
    SeveralHouseholds,
    UnknownCard,
    UnknownHousehold,
)
from virtue.people.models import Card, Consent, DoorCode, Household, Member, Recusal
from virtue.places.models import Grid
from virtue.prepared import Prepared
from virtue.staff.models import User

NAME_ON_BOARD = "name_on_board"
NAME_BY_VOICE = "name_by_voice"

_MEMBER, _RECUSAL, _USER = Member.__table__, Recusal.__table__, User.__table__
_KIN = Prepared(
    select(_MEMBER.c.household_id)
    .join(_USER, _USER.c.member_id == _MEMBER.c.id)
    .where(_USER.c.id == bindparam("user_id"))
    .union(
        select(_RECUSAL.c.household_id).where(_RECUSAL.c.user_id == bindparam("user_id"), _RECUSAL.c.ended_at.is_(None))
    )
)

# What stands large on a card: the grid's number and the tail, 3-0147.
_CARD_NUMBER = re.compile(r"(\d{1,3})-(\d{4})")


@dataclass(frozen=True)
class Found:
    """A household that somebody named, and by which card; None when a code was typed (then a name check or the PIN)."""

    household: Household
    card: Card | None


def find_household(village_id: int, household_id: int) -> Household | None:
    """A household of this village by id."""
    return db.session.scalar(select(Household).where(Household.id == household_id, Household.village_id == village_id))


def find_by_code(village_id: int, code: str) -> Household | None:
    """A household of this village by its whole code (户号)."""
    return db.session.scalar(select(Household).where(Household.village_id == village_id, Household.code == code))


def household_by_code(village_id: int, code: str) -> Household:
    """The household with this code (户号, full-width digits and blanks allowed). Raises UnknownHousehold."""
    digits = codes.clean(code)
    found = find_by_code(village_id, digits) if digits else None
    if found is None:
        raise UnknownHousehold
    return found


def household_by_card_code(village_id: int, digits: str) -> Household:
    """The household of a card in force of this village; takes whatever ``codes.clean`` takes.

    Raises MisreadCard, UnknownCard, ReplacedCard, LostCard or EndedCard.
    """
    return card_by_code(digits, village_id=village_id).household


def card_by_code(text: str, *, village_id: int | None = None) -> Card:
    """The card in force with this code, in one village or (for the passbook) in any.

    Raises MisreadCard, UnknownCard, ReplacedCard, LostCard or EndedCard.
    """
    digits = codes.clean(text)
    if not codes.is_card_code(digits):
        raise MisreadCard
    card: Card | None = db.session.scalar(
        select(Card).where(Card.code_hmac.in_(codes.hmacs(digits))).options(joinedload(Card.household))
    )
    if card is None and is_door_code(digits):
        raise DoorCodeNotCard
    if card is None or (village_id is not None and card.village_id != village_id):
        raise UnknownCard
    check_in_force(card)
    return card


def is_door_code(digits: str) -> bool:
    """Whether these digits stand on some household's door plate."""
    return db.session.scalar(select(DoorCode.id).where(DoorCode.code_hmac.in_(codes.door_hmacs(digits)))) is not None


def find_card_in_force(card_id: int, version: int) -> Card | None:
    """The card that a passbook's cookie remembers, if it is still in force."""
    card: Card | None = db.session.scalar(select(Card).where(Card.id == card_id).options(joinedload(Card.household)))
    if card is None or card.version != version or card.state != "in_force" or card.household.state == "ended":
        return None
    return card


def check_in_force(card: Card) -> None:
    """Raise what is the matter with a card that isn't in force."""
    if card.state == "lost":
        raise LostCard
    if card.state == "replaced":
        raise ReplacedCard
    if card.state == "ended" or card.household.state == "ended":
        raise EndedCard


def find_member(village_id: int, member_id: int) -> Member | None:
    """A member of this village by id."""
    return db.session.scalar(select(Member).where(Member.id == member_id, Member.village_id == village_id))


def find_grid(village_id: int, grid_id: int) -> Grid | None:
    """A grid of this village by id."""
    return db.session.scalar(select(Grid).where(Grid.id == grid_id, Grid.village_id == village_id))


def grids_of(village_id: int) -> list[Grid]:
    """The village's grids in their order."""
    return list(db.session.scalars(select(Grid).where(Grid.village_id == village_id).order_by(Grid.number)))


def taking_part(village_id: int) -> int:
    """How many households take part."""
    counted = select(func.count()).where(
        Household.village_id == village_id, Household.state == "active", Household.left_on.is_(None)
    )
    return db.session.scalar(counted) or 0


def find_card(village_id: int, card_id: int) -> Card | None:
    """A card of this village by id, in whatever state."""
    return db.session.scalar(
        select(Card).where(Card.id == card_id, Card.village_id == village_id).options(joinedload(Card.household))
    )


def household_by_input(village_id: int, text: str) -> Found:
    """What was meant in the field 扫积分卡，或输卡号、户号: a card, 户号, the number on the card (3-0147), a lone tail.

    Raises the card errors, UnknownHousehold or SeveralHouseholds.
    """
    number = _CARD_NUMBER.fullmatch(plain(text))
    if number:
        return Found(_only(village_id, number[2], int(number[1])), None)
    digits = codes.clean(text)
    household = find_by_code(village_id, digits) if digits else None
    if household is None and len(digits) >= codes.DIGITS - 2:
        card = card_by_code(digits, village_id=village_id)
        return Found(card.household, card)
    if household is None and len(digits) == 4:
        household = _only(village_id, digits)
    if household is None:
        raise UnknownHousehold
    return Found(household, None)


def _only(village_id: int, tail: str, grid_number: int | None = None) -> Household:
    query = select(Household).where(
        Household.village_id == village_id, Household.tail == tail, Household.state == "active"
    )
    if grid_number is not None:
        query = query.join(Household.grid).where(Grid.number == grid_number)
    found = db.session.scalars(query.limit(2)).all()
    if not found:
        raise UnknownHousehold
    if len(found) > 1:
        raise SeveralHouseholds(tail=tail)
    return found[0]


def search_households(
    village_id: int, text: str = "", grid_id: int | None = None, *, state: str = ""
) -> Select[Household]:
    """The statement that lists households by name, pinyin initials, code, tail or card number; for ``pages.paged``.

    ``state``: active, left (暂不参加), ended, or empty for all that aren't ended.
    """
    query = select(Household).where(Household.village_id == village_id).order_by(Household.code)
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    query = query.where(Household.state == ("ended" if state == "ended" else "active"))
    if state == "active":
        query = query.where(Household.left_on.is_(None))
    if state == "left":
        query = query.where(Household.left_on.is_not(None))
    wanted = plain(text)
    return query.where(_matches(village_id, wanted)) if wanted else query


def _matches(village_id: int, wanted: str) -> ColumnElement[bool]:
    number = _CARD_NUMBER.fullmatch(wanted)
    if number:
        return (Household.tail == number[2]) & Household.grid.has(Grid.number == int(number[1]))
    digits = codes.clean(wanted)
    if codes.is_card_code(digits):
        cards = select(Card.household_id).where(Card.code_hmac.in_(codes.hmacs(digits)))
        return Household.id.in_(cards)
    if digits:
        return or_(Household.code.startswith(digits), Household.tail == digits)
    members = select(Member.household_id).where(Member.village_id == village_id, Member.gone_on.is_(None))
    if wanted.isascii():
        letters = wanted.lower()
        found = members.where(Member.initials.startswith(letters, autoescape=True))
        return or_(Household.initials.startswith(letters, autoescape=True), Household.id.in_(found))
    found = members.where(Member.name.contains(wanted, autoescape=True))
    return or_(Household.head_name.contains(wanted, autoescape=True), Household.id.in_(found))


def plain(text: str | None) -> str:
    """Search words as stored: full-width made plain, no blanks or unprintable signs, dashes as hyphens."""
    folded = unicodedata.normalize("NFKC", (text or "")[: codes.LONGEST_INPUT])
    printable = "".join(sign for sign in folded if sign.isprintable() and not sign.isspace())
    return re.sub(r"[\u2010-\u2015\u2212]", "-", printable)


def households_without_card(village_id: int, grid_id: int | None = None) -> list[int]:
    """The ids of households that take part and have no card in force, by code."""
    in_force = select(Card.household_id).where(Card.village_id == village_id, Card.state == "in_force")
    query = select(Household.id).where(
        Household.village_id == village_id,
        Household.state == "active",
        Household.left_on.is_(None),
        Household.id.not_in(in_force),
    )
    if grid_id is not None:
        query = query.where(Household.grid_id == grid_id)
    return list(db.session.scalars(query.order_by(Household.code)))


def taken_hmacs(hmacs: list[str]) -> set[str]:
    """Which of these code HMACs stand on a card already."""
    taken: set[str] = set()
    for at in range(0, len(hmacs), 500):
        taken.update(
            hmac
            for hmac in db.session.scalars(select(Card.code_hmac).where(Card.code_hmac.in_(hmacs[at : at + 500])))
            if hmac is not None
        )
    return taken


def is_kin(user_id: int, household_id: int) -> bool:
    """Whether a user may not act for this household: the own one, or a recusal in force."""
    return household_id in kin_household_ids(user_id)


def kin_household_ids(user_id: int) -> set[int]:
    """The households a user may not act for: the own one, and each with a recusal in force."""
    return {row.household_id for row in _KIN.all({"user_id": user_id})}


def has_consent(household_ids: Collection[int], purpose: str = NAME_ON_BOARD) -> set[int]:
    """Which of these households have given their word for a purpose and not taken it back."""
    if not household_ids:
        return set()
    return set(
        db.session.scalars(
            select(Consent.household_id).where(
                Consent.household_id.in_(household_ids),
                Consent.purpose == purpose,
                Consent.withdrawn_at.is_(None),
            )
        )
    )


def households_by_ids(household_ids: Collection[int]) -> dict[int, Household]:
    """Households by id, for lists of what belongs to them."""
    if not household_ids:
        return {}
    rows = db.session.scalars(select(Household).where(Household.id.in_(list(household_ids))))
    return {household.id: household for household in rows}
