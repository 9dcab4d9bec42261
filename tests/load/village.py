"""A village at work for the load tests: households with cards and points, goods, keepers, members, an open event.

Written in bulk: what is measured comes afterwards.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tests import factories
from virtue import clock
from virtue.awarding import chosen
from virtue.awarding.models import Deed
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.notices.models import Notice
from virtue.people import card_services
from virtue.people.models import Card, Household, Member
from virtue.store import queries, served
from virtue.transactions import atomic

HOUSEHOLDS = 620
GRIDS = 9
GOODS = 36
TILLS = 16
RICH = 10_000_000


@dataclass(frozen=True)
class Grounds:
    """What the clients act on, as plain numbers and words: it goes to other processes."""

    village_id: int
    households: list[int]
    cards: dict[int, int]
    goods: list[int]
    prices: str
    keepers: list[tuple[int, str]]
    """Id and user name."""
    members: list[tuple[int, str]]
    event_id: int
    rule_id: int


def fill() -> Grounds:
    """Write the village; needs an application context."""
    village = factories.VillageFactory()
    grids = [factories.GridFactory(village=village).id for _ in range(GRIDS)]
    keepers = [factories.keeper(village) for _ in range(TILLS)]
    members = [factories.committee(village) for _ in range(TILLS)]
    book = factories.RulebookFactory(village_id=village.id)
    rule = factories.RuleFactory(rulebook=book, has_quantity=True)
    event = factories.EventFactory(village_id=village.id, opened_by_id=members[0].id)
    goods = [
        factories.stocked(village, RICH, by=keepers[0], home=3 + number % 20, civility=5, name=f"商品{number}").id
        for number in range(GOODS)
    ]
    people = [[(user.id, user.username) for user in users] for users in (keepers, members)]
    village_id, event_id, rule_id = village.id, event.id, rule.id
    households = _households(village_id, grids)
    card_services.issue_cards(village_id, by=None)
    _enrich(village_id, households)
    cards = db.session.execute(sa.select(Card.household_id, Card.id).where(Card.village_id == village_id))
    return Grounds(
        village_id,
        households,
        {row[0]: row[1] for row in cards},
        goods,
        _prices(village_id),
        *people,
        event_id,
        rule_id,
    )


def _households(village_id: int, grids: list[int]) -> list[int]:
    rows, heads = [], []
    for number in range(HOUSEHOLDS):
        code = f"62062299{number:04d}"
        name = factories.SURNAMES[number % 20] + factories.GIVEN[number % 10]
        rows.append({
            "village_id": village_id, "grid_id": grids[number % GRIDS], "code": code, "tail": code[-4:], "head_name": name,
            "initials": "x", "members_count": 1, "state": "active", "created_at": clock.now(),
        })  # fmt: skip
    with atomic():
        ids = list(db.session.scalars(sa.insert(Household).returning(Household.id, sort_by_parameter_order=True), rows))
        for household_id, row in zip(ids, rows, strict=True):
            heads.append({
                "village_id": village_id, "household_id": household_id, "name": row["head_name"], "initials": "x",
                "relation": "户主", "sex": "男", "birth_year": 1970, "is_head": True, "position": 1,
            })  # fmt: skip
        db.session.execute(sa.insert(Member), heads)
    return ids


def _enrich(village_id: int, households: list[int]) -> None:
    moves = (Move("home", RICH, Flow.AWARD), Move("civility", RICH, Flow.AWARD))
    with atomic():
        ledger.post(
            village_id, [Posting(EntryKind.DEED, 10**9 + number, number, moves) for number in households], by=None
        )


def _prices(village_id: int) -> str:
    """The hidden field of the till's form: every price that its page showed."""
    store = queries.find_store(village_id)
    assert store is not None
    return " ".join(
        f"{good.id}:home:{good.home_price_id} {good.id}:civility:{good.civility_price_id}"
        for good in queries.goods_for_till(store, clock.today())
    )


def redemptions(grounds: Grounds, till: int) -> Iterator[dict[str, str]]:
    """The forms that one till sends: household after household by its card, three lines, never the same basket twice."""
    by = grounds.keepers[till][0]
    baskets = itertools.cycle(itertools.combinations(grounds.goods, 3))
    mine = itertools.cycle(grounds.households[till::TILLS])
    for household_id, basket in zip(mine, baskets, strict=False):
        who = served.make(served.Served(household_id, grounds.cards[household_id]), by=by)
        fields = {"who": who, "key": keys.new(), "unit": "home", "prices": grounds.prices, "shown": "yes"}
        yield {**fields, **{f"qty-{item_id}": "1" for item_id in basket}}


def scans(grounds: Grounds, member: int) -> Iterator[dict[str, str]]:
    """The forms that one member sends: card after card in the open event, booked at once."""
    by = grounds.members[member][0]
    for household_id in itertools.cycle(grounds.households[member::TILLS]):
        who = chosen.make(chosen.Chosen(household_id), by=by)
        yield {"who": who, "key": keys.new(), "rule": str(grounds.rule_id), "quantity": "1"}


def put_on_notice(grounds: Grounds) -> int:
    """A notice of one deed for each household, whose last day was yesterday; gives its id."""
    day = clock.today() - timedelta(days=7)
    with atomic():
        number = (db.session.scalar(sa.select(sa.func.max(Notice.number))) or 0) + 1
        notice = Notice(
            village_id=grounds.village_id, number=number, published_on=day, ends_on=day + timedelta(days=6),
            published_at=clock.now(),
        )  # fmt: skip
        db.session.add(notice)
        db.session.flush()
        rule = db.session.get(factories.Rule, grounds.rule_id)
        assert rule is not None
        shared: dict[str, Any] = {
            "village_id": grounds.village_id, "rule_id": rule.id, "rule_code": rule.code, "rule_version": 1,
            "rule_name": rule.name, "rule_name_en": rule.name_en,
            "standard": rule.standard, "dimension": rule.dimension, "unit": rule.unit,
            "scores": True, "publish": "list", "points": 2, "happened_on": day, "month": clock.month_of(day),
            "state": "on_notice", "route": "at_once", "way": "scan", "proposed_at": clock.now(), "notice_id": notice.id,
        }  # fmt: skip
        grids = dict(db.session.execute(sa.select(Household.id, Household.grid_id)).all())  # type: ignore[arg-type]
        rows = [
            {**shared, "household_id": household_id, "grid_id": grids[household_id], "notice_line": line}
            for line, household_id in enumerate(grounds.households, 1)
        ]
        db.session.execute(sa.insert(Deed), rows)
        return notice.id
