"""A factory for each thing a test needs, with plausible defaults: ``HouseholdFactory(grid=grid)``.

Everything is committed at once, so that requests, which run in transactions of their own, see it.
The cast: ``keeper(village)``, ``reviewer(village)`` ... are users with one role, whose password is PASSWORD.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

import factory
from factory.alchemy import SQLAlchemyModelFactory

from virtue import clock
from virtue.awarding.models import Event, Rule, Rulebook
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import EntryKind, Unit
from virtue.people import card_services, codes
from virtue.people.models import Card, Household, Member
from virtue.pinyin import initials
from virtue.places.models import County, Grid, Township, Village
from virtue.staff import passwords
from virtue.staff.models import RoleGrant, User
from virtue.store.models import Batch, Item, Movement, Price, Store
from virtue.transactions import atomic

PASSWORD = "correct-horse-battery"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ["永智", "秀兰", "建国", "桂英", "志强", "春花", "文军", "玉梅", "德福", "晓燕"]


_subjects = itertools.count(900_000_000)


@cache
def password_hash() -> str:
    """PASSWORD's hash; made once, since it is meant to be slow."""
    return passwords.digest(PASSWORD)


# One entry for each block of ``together`` that is open.
_open_blocks: list[str] = []


@contextmanager
def together() -> Iterator[None]:
    """What factories make in the block is committed once, at its end: a commit each costs more than the rows."""
    _open_blocks.append("open")
    try:
        yield
    finally:
        _open_blocks.pop()
    if not _open_blocks:
        db.session.commit()


class Factory(SQLAlchemyModelFactory):
    """Keeps what it makes, with what that needs, in one commit."""

    class Meta:
        abstract = True
        sqlalchemy_session = db.session
        sqlalchemy_session_persistence = "flush"

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        with together():
            return super()._generate(strategy, params)


class CountyFactory(Factory):
    class Meta:
        model = County
        sqlalchemy_get_or_create = ("name",)

    name = "古浪县"


class TownshipFactory(Factory):
    class Meta:
        model = Township
        sqlalchemy_get_or_create = ("name",)

    county = factory.SubFactory(CountyFactory)
    name = "黄花滩镇"


class VillageFactory(Factory):
    class Meta:
        model = Village

    township = factory.SubFactory(TownshipFactory)
    name = factory.Sequence(lambda n: f"富民新村{n or ''}")
    slug = factory.Sequence(lambda n: f"fumin-xincun{n or ''}")
    created_at = factory.LazyFunction(clock.now)


class GridFactory(Factory):
    class Meta:
        model = Grid

    village = factory.SubFactory(VillageFactory)
    number = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda grid: f"第{grid.number}网格")


class HouseholdFactory(Factory):
    """A household with its householder; ``members=3`` adds two more."""

    class Meta:
        model = Household

    grid = factory.SubFactory(GridFactory)
    village = factory.LazyAttribute(lambda household: household.grid.village)
    code = factory.Sequence(lambda n: f"62062210{n + 1:04d}")
    tail = factory.LazyAttribute(lambda household: household.code[-4:])
    head_name = factory.Sequence(lambda n: SURNAMES[n % len(SURNAMES)] + GIVEN[n % len(GIVEN)])
    initials = factory.LazyAttribute(lambda household: initials(household.head_name))
    members_count = 1
    created_at = factory.LazyFunction(clock.now)

    @factory.post_generation
    def members(self, create: bool, extracted: int | None, **_: Any) -> None:
        if not create:
            return
        MemberFactory(household=self, name=self.head_name, relation="户主", is_head=True, position=1)
        for position in range(2, (extracted or 1) + 1):
            MemberFactory(household=self, position=position)
        self.members_count = extracted or 1


class MemberFactory(Factory):
    class Meta:
        model = Member

    household = factory.SubFactory(HouseholdFactory)
    village_id = factory.LazyAttribute(lambda member: member.household.village_id)
    name = factory.Sequence(lambda n: SURNAMES[n % len(SURNAMES)] + GIVEN[(n * 3) % len(GIVEN)])
    initials = factory.LazyAttribute(lambda member: initials(member.name))
    relation = "子"
    sex = "男"
    birth_year = 1980
    birth_month = 5
    position = 2


class UserFactory(Factory):
    """A staff account from outside the village, without a role; see ``staff_of``."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"{SURNAMES[n % len(SURNAMES)]}工作员")
    password_hash = factory.LazyFunction(password_hash)
    created_at = factory.LazyFunction(clock.now)


class RoleGrantFactory(Factory):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = "committee"
    granted_at = factory.LazyFunction(clock.now)


def staff_of(village: Village, *roles: str, grid: Grid | None = None, **fields: Any) -> User:
    """A user who holds these roles in a village."""
    with together():
        user = UserFactory(**fields)
        for role in roles:
            RoleGrantFactory(user=user, role=role, village_id=village.id, grid_id=grid.id if grid else None)
    return user


def committee(village: Village, **fields: Any) -> User:
    """A committee member (妇联执委、网格员)."""
    return staff_of(village, "committee", **fields)


def reviewer(village: Village, **fields: Any) -> User:
    """One of the review group."""
    return staff_of(village, "reviewer", **fields)


def keeper(village: Village, **fields: Any) -> User:
    """The store's keeper."""
    return staff_of(village, "keeper", **fields)


def supervisor(village: Village, **fields: Any) -> User:
    """One of the supervision committee."""
    return staff_of(village, "supervisor", **fields)


def village_admin(village: Village, **fields: Any) -> User:
    """The village's clerk."""
    return staff_of(village, "village_admin", **fields)


CAST = {
    "committee": committee,
    "reviewer": reviewer,
    "keeper": keeper,
    "supervisor": supervisor,
    "village_admin": village_admin,
}


class RulebookFactory(Factory):
    """An adopted rulebook, in force since long."""

    class Meta:
        model = Rulebook

    version = 1
    name = "积分细则"
    state = "in_force"
    adopted_on = date(2025, 1, 10)
    in_force_from = date(2025, 2, 1)
    present = 80
    in_favour = 75
    women_present = 41
    filing_number = "黄镇备〔2025〕3号"
    entered_at = factory.LazyFunction(clock.now)


class RuleFactory(Factory):
    """A rule that books at once inside an event: two home points for a clean yard."""

    class Meta:
        model = Rule

    rulebook = factory.SubFactory(RulebookFactory)
    position = factory.Sequence(lambda n: n + 1)
    code = factory.Sequence(lambda n: f"T{n + 1:03d}")
    name = "庭院整洁"
    name_en = "A clean yard"
    dimension = "环境卫生"
    subject = "环境"
    unit = "home"
    points = 2
    evidence = "none"
    route = "at_once"
    entry = "scan+event"
    publish = "list"
    standard = "院内外干净，物品摆放整齐"


class EventFactory(Factory):
    """Today's event."""

    class Meta:
        model = Event

    name = "周六大扫除"
    place = "村广场"
    day = factory.LazyFunction(clock.today)
    opened_at = factory.LazyFunction(clock.now)


class StoreFactory(Factory):
    class Meta:
        model = Store
        sqlalchemy_get_or_create = ("village_id", "name")

    name = "积分超市"


class ItemFactory(Factory):
    """A good with its number as barcode; see ``stocked`` for one that can be had."""

    class Meta:
        model = Item

    barcode = factory.Sequence(lambda n: f"690{n:010d}")
    name = "香皂"
    category = "日用品"
    measure = "块"
    cost_fen = 350
    market_fen = 450
    created_at = factory.LazyFunction(clock.now)


class PriceFactory(Factory):
    class Meta:
        model = Price

    item = factory.SubFactory(ItemFactory)
    unit = "home"
    points = 4
    from_on = date(2025, 1, 1)
    set_at = factory.LazyFunction(clock.now)


def stocked(
    village: Village, quantity: int, *, by: User, home: int | None = 4, civility: int | None = None, **fields: Any
) -> Item:
    """A good of the village's store, priced, with so many pieces in one opening batch."""
    with together():
        store = StoreFactory(village_id=village.id)
        item = ItemFactory(village_id=village.id, **fields)
        for unit, points in (("home", home), ("civility", civility)):
            if points is not None:
                PriceFactory(item=item, unit=unit, points=points)
        batch = Batch(
            village_id=village.id,
            store_id=store.id,
            item_id=item.id,
            source="opening",
            received_on=clock.today(),
            cost_fen=item.cost_fen,
            quantity=quantity,
        )
        db.session.add(batch)
        db.session.flush()
        came = {"village_id": village.id, "batch_id": batch.id, "item_id": item.id, "by_id": by.id}
        db.session.add(
            Movement(**came, kind="received", quantity=quantity, before=0, after=quantity, recorded_at=clock.now())
        )
    return item


def card_of(household: Household, *, by: User | None = None) -> Card:
    """A new card in force."""
    clerk = by or village_admin(household.village)
    db.session.commit()
    outcome = card_services.issue_card(household.village_id, household.id, key=keys.new(), by=clerk.id)
    card = db.session.get(Card, outcome.result["card_id"])
    assert card is not None
    return card


def digits_of(card: Card) -> str:
    """The 20 digits printed on a card."""
    return codes.derive(card)


def pin_of(household: Household) -> str:
    """The one-time PIN on the household's slip."""
    return codes.slip_pin(household.id, household.pin_version)


def give(household: Household, *, home: int = 0, civility: int = 0) -> None:
    """Points in a household's purses, booked as deeds are, without a deed behind them."""
    units = ((Unit.HOME, home), (Unit.CIVILITY, civility))
    moves = tuple(ledger.Move(str(unit), points, ledger.Flow.AWARD) for unit, points in units if points)
    db.session.commit()
    with atomic():
        posting = ledger.Posting(EntryKind.DEED, next(_subjects), household.id, moves)
        ledger.post(household.village_id, [posting], by=None)
