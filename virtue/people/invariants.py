"""What must hold among households and cards."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from virtue.core.invariants import Invariant, Query, of_query
from virtue.people.models import Card, Household, Member


def _shared_codes() -> Query:
    return (
        select(Card.code_hmac, func.min(Card.id).label("first"), func.max(Card.id).label("last"))
        .where(Card.code_hmac.is_not(None))
        .group_by(Card.code_hmac)
        .having(func.count() > 1)
    )


def _several_cards() -> Query:
    return (
        select(Card.household_id, func.count().label("cards"))
        .where(Card.state == "in_force")
        .group_by(Card.household_id)
        .having(func.count() > 1)
        .order_by(Card.household_id)
    )


def _cards_of_ended() -> Query:
    return (
        select(Card.id, Card.household_id)
        .join(Household, Household.id == Card.household_id)
        .where(Household.state == "ended", Card.state == "in_force")
        .order_by(Card.id)
    )


def _over_the_border() -> Query:
    return (
        select(Card.id, Card.household_id)
        .join(Household, Household.id == Card.household_id)
        .where(Household.village_id != Card.village_id)
        .order_by(Card.id)
    )


def _heads() -> Query:
    """A household that isn't ended has one head among its present members, and is listed under that name."""
    heads = (
        select(Member.household_id, func.count().label("heads"), func.min(Member.name).label("name"))
        .where(Member.is_head, Member.gone_on.is_(None))
        .group_by(Member.household_id)
        .subquery("heads")
    )
    number = func.coalesce(heads.c.heads, 0)
    return (
        select(Household.id, number.label("heads"))
        .outerjoin(heads, heads.c.household_id == Household.id)
        .where(Household.state != "ended", (number != 1) | (heads.c.name != Household.head_name))
        .order_by(Household.id)
    )


INVARIANTS: tuple[Invariant, ...] = (
    of_query("cards.once", _l("一个卡码只属于一张卡"), _l("%(first)s 号卡和 %(last)s 号卡的卡码一样。"), _shared_codes),
    of_query(
        "cards.one", _l("一户只有一张有效的卡"), _l("%(household_id)s 号户有 %(cards)s 张有效的卡。"), _several_cards
    ),
    of_query(
        "cards.ended",
        _l("注销的户没有有效的卡"),
        _l("%(household_id)s 号户已注销，%(id)s 号卡还有效。"),
        _cards_of_ended,
    ),
    of_query(
        "cards.village", _l("卡和户在同一个村"), _l("%(id)s 号卡和 %(household_id)s 号户不在一个村。"), _over_the_border
    ),
    of_query(
        "people.head",
        _l("一户有一个户主，名册上就是这个名字"),
        _l("%(id)s 号户有 %(heads)s 个户主，或名字不一致。"),
        _heads,
    ),
)
