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
from tests.load.clients import Form
from virtue import clock
from virtue.awarding import chosen
from virtue.awarding.models import Deed
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.notices.models import Notice
from virtue.people import card_services, codes
from virtue.people.models import Card, Household, Member
from virtue.store import opening_services, queries, served, shop_services
from virtue.store.models import Batch, Movement
from virtue.store.opening_queries import Hours
from virtue.transactions import atomic

HOUSEHOLDS = 620
GRIDS = 9
GOODS = 36
TILLS = 16
RICH = 10_000_000
REDEEM = "/till/redeem"


@dataclass(frozen=True)
class Grounds:
    """What the clients act on, as plain numbers and words: it goes to other processes."""

    village_id: int
    households: list[int]
    cards: dict[int, int]
    digits: dict[int, str]
    """What a household's card says to a scanner."""
    stores: list[int]
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
    stores = _stores(village.id, goods, keepers)
    people = [[(user.id, user.username) for user in users] for users in (keepers, members)]
    village_id, event_id, rule_id = village.id, event.id, rule.id
    households = _households(village_id, grids)
    card_services.issue_cards(village_id, by=None)
    _enrich(village_id, households)
    cards = db.session.scalars(sa.select(Card).where(Card.village_id == village_id)).all()
    return Grounds(
        village_id,
        households,
        {card.household_id: card.id for card in cards},
        {card.household_id: codes.derive(card) for card in cards},
        stores,
        goods,
        _prices(village_id),
        *people,
        event_id,
        rule_id,
    )


def _stores(village_id: int, goods: list[int], keepers: list[Any]) -> list[int]:
    """A second store with the same goods, at which every other keeper works; both have opening days."""
    first, by = queries.find_store(village_id), keepers[0].id
    assert first is not None
    stores = [first.id, shop_services.add_store(village_id, "二组分店", by=by)]
    with atomic():
        for item_id in goods:
            batch = Batch(
                village_id=village_id, store_id=stores[1], item_id=item_id, source="opening", cost_fen=350,
                received_on=clock.today(), quantity=RICH,
            )  # fmt: skip
            db.session.add(batch)
            db.session.flush()
            came = {"quantity": RICH, "before": 0, "after": RICH, "by_id": by, "recorded_at": clock.now()}
            db.session.add(Movement(village_id=village_id, batch_id=batch.id, item_id=item_id, kind="received", **came))
    week = {weekday: (Hours(0, 12 * 60), Hours(12 * 60, 24 * 60)) for weekday in range(7)}
    for store_id in stores:
        opening_services.set_weekdays(village_id, store_id, week, key=keys.new(), by=by)
    for place, keeper in enumerate(keepers):
        shop_services.take_seat(village_id, stores[place % 2], by=keeper.id)
    return stores


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


def sales(grounds: Grounds, till: int) -> Iterator[Form]:
    """What one till sends for each customer: the card scanned, the basket asked about, and confirmed."""
    # From the other end: a basket that was just drawn would be asked about.
    for household_id, fields in _baskets(grounds, till, grounds.goods[::-1]):
        yield Form("/till/find", {"code": grounds.digits[household_id]}, b'action="/till/basket"')
        yield Form("/till/basket", fields, b'action="/till/redeem"')
        yield Form(REDEEM, fields, b'id="till-voice"')


def redemptions(grounds: Grounds, till: int) -> Iterator[Form]:
    """The confirmations alone: household after household by its card."""
    for _household_id, fields in _baskets(grounds, till, grounds.goods):
        yield Form(REDEEM, fields, b'id="till-voice"')


def _baskets(grounds: Grounds, till: int, goods: list[int]) -> Iterator[tuple[int, dict[str, str]]]:
    """Household and form, three lines each, never the same twice: three goods; or two, the second paid with both units."""
    by, store_id = grounds.keepers[till][0], grounds.stores[till % 2]
    baskets = itertools.cycle(itertools.combinations(goods, 3))
    mine = itertools.cycle(grounds.households[till::TILLS])
    for number, (household_id, basket) in enumerate(zip(mine, baskets, strict=False)):
        who = served.make(served.Served(household_id, grounds.cards[household_id], store_id=store_id), by=by)
        fields = {"who": who, "key": keys.new(), "unit": "home", "prices": grounds.prices, "shown": "yes"}
        if number % 3:
            fields |= {f"qty-{item_id}": "1" for item_id in basket}
        else:
            first, second, _ = basket
            fields |= {"unit": "split", f"qty-{first}": "1", f"qty-{second}": "2", f"civ-{second}": "1"}
        yield household_id, fields


def scans(grounds: Grounds, member: int) -> Iterator[Form]:
    """What one member sends: card after card in the open event, booked at once."""
    by = grounds.members[member][0]
    for household_id in itertools.cycle(grounds.households[member::TILLS]):
        who = chosen.make(chosen.Chosen(household_id), by=by)
        fields = {"who": who, "key": keys.new(), "rule": str(grounds.rule_id), "quantity": "1"}
        yield Form("/award/add", fields, b"message-good")


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
