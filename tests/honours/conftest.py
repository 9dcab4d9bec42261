"""A village whose second quarter of 2026 is over, with figures in the score lane, and the cast that rates it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from tests import factories
from tests.honours.hall import Hall, make_hall
from virtue import clock
from virtue.awarding.deductions import Telling
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import star_proposing, star_publishing, star_queries, star_removal_queries, star_removals, stars
from virtue.honours.star_models import StarPeriod, StarRating, StarRemoval
from virtue.ledger import services as ledger
from virtue.ledger.models import ClosedMonth
from virtue.people.models import Household, Recusal
from virtue.places.models import Grid, Village
from virtue.scores import services as scores
from virtue.scores.models import Veto
from virtue.staff.models import User
from virtue.transactions import atomic

NOW = datetime(2026, 7, 12, 2, 0, tzinfo=UTC)
QUARTER = 202604
MONTHS = (202604, 202605, 202606)
LETTERS = {"none": "01001100"}
"""What a household has that did nothing: the three 无过得星."""


@dataclass
class Sky:
    """The village and everything its stars need; acts are the real services' with fresh keys."""

    village: Village
    grid: Grid
    staff: dict[str, User]
    seq: Iterator[int] = field(default_factory=lambda: count(1))

    def id(self, name: str) -> int:
        return self.staff[name].id

    def household(self, **fields) -> Household:
        return factories.HouseholdFactory(grid=fields.pop("grid", self.grid), **fields)

    @contextmanager
    def day(self, days: float = 0) -> Iterator[None]:
        with clock.set_to(NOW + timedelta(days=days)):
            yield

    def score(
        self, household: Household, dimension: str, *, month: int = 202605, home=0, civility=0, deducted=0
    ) -> None:
        """Points in the score lane, as settling writes them."""
        rows = [("home", home, 0)] if home else []
        rows += [("civility", civility, deducted)] if civility or deducted else []
        changes = [
            scores.Change(month, household.id, dimension, unit, earned, taken, 1, next(self.seq))
            for unit, earned, taken in rows
        ]
        with atomic():
            scores.add(self.village.id, changes)

    def shine(self, household: Household) -> None:
        """All that the score stars ask for."""
        for dimension in ("爱党爱国", "环境卫生", "邻里和睦"):
            self.score(household, dimension, home=5)
        self.score(household, "勤劳致富", home=10)

    def veto(self, household: Household, dimension: str, first: date, last: date, *, ended: date | None = None) -> Veto:
        with atomic():
            posting = ledger.Posting("deed", 800_000 + next(self.seq), household.id, ())
            entry = ledger.post(self.village.id, [posting], by=None)[0]
            veto = Veto(
                village_id=self.village.id, household_id=household.id, dimension=dimension, entry_id=entry.entry_id,
                document_number="古乡行罚〔2026〕9号", from_on=first, until_on=last, ended_on=ended,
            )  # fmt: skip
            db.session.add(veto)
        return veto

    def kin(self, name: str, household: Household) -> None:
        """Somebody of the cast is of this family."""
        with atomic():
            db.session.add(
                Recusal(
                    village_id=self.village.id, user_id=self.id(name), household_id=household.id, relation="sibling",
                    declared_at=clock.now(), declared_by_id=self.id(name),
                )
            )  # fmt: skip

    def close_months(self, *months: int) -> None:
        """Two people have signed them."""
        one, other = self.id("village_admin"), self.id("supervisor")
        for month in months or MONTHS:
            at = clock.now()
            db.session.add(
                ClosedMonth(
                    village_id=self.village.id,
                    month=month,
                    first_by_id=one,
                    first_at=at,
                    second_by_id=other,
                    second_at=at,
                )
            )
        db.session.commit()

    # Acts.

    def propose(self, quarter: int = QUARTER, by: str = "village_admin"):
        return star_proposing.propose(self.village.id, quarter, key=keys.new(), by=self.id(by)).result

    def change(
        self, household, dimension: str, to_held: bool = True, why: str = "评议会一致同意", by: str = "reviewer"
    ):
        rating = self.rating(household)
        return stars.change(
            self.village.id, rating.id, dimension, to_held=to_held, why=why, key=keys.new(), by=self.id(by)
        ).result

    def word(self, *households, dimension: str = "孝老爱亲", quarter: int = QUARTER, by: str = "reviewer"):
        return stars.give_word(
            self.village.id,
            quarter,
            dimension,
            [one.id for one in households],
            why="6月评议会",
            key=keys.new(),
            by=self.id(by),
        ).result

    def publish(self, quarter: int = QUARTER, by: str = "village_admin"):
        return star_publishing.publish(self.village.id, quarter, key=keys.new(), by=self.id(by)).result

    def settle(self) -> int:
        return star_publishing.settle_due(self.village.id)

    def whole(self, *households) -> None:
        """From the proposal to published, six days later."""
        self.propose()
        self.word(*households)
        self.publish()
        with self.day(6):
            self.settle()

    def remove(
        self, household, dimension: str = "环境卫生", by: str = "reviewer", why: str = "渠边乱倒，多次不改"
    ) -> int:
        rating = self.rating(household)
        done = star_removals.remove(self.village.id, rating.id, dimension, why=why, key=keys.new(), by=self.id(by))
        return done.result["removal_id"]

    def tell(self, removal_id: int, how: str = "in_person", by: str = "committee", **more):
        return star_removals.tell(
            self.village.id, removal_id, Telling(how, **more), key=keys.new(), by=self.id(by)
        ).result

    def answer(self, removal_id: int, words: str = "不是我家倒的", by: str | None = None):
        user_id = self.id(by) if by else None
        return star_removals.answer(self.village.id, removal_id, words, key=keys.new(), by=user_id).result

    def sign(self, removal_id: int, by: str = "second"):
        return star_removals.sign(self.village.id, removal_id, key=keys.new(), by=self.id(by)).result

    def drop(self, removal_id: int, why: str = "查清不是他家", by: str = "reviewer"):
        return star_removals.drop(self.village.id, removal_id, why=why, key=keys.new(), by=self.id(by)).result

    def publish_removals(self, by: str = "village_admin"):
        return star_publishing.publish_removals(self.village.id, key=keys.new(), by=self.id(by)).result

    # What is there now.

    def period(self, quarter: int = QUARTER) -> StarPeriod:
        db.session.expire_all()
        return star_queries.find_period(self.village.id, quarter)

    def rating(self, household, quarter: int = QUARTER) -> StarRating | None:
        period = self.period(quarter)
        return star_queries.find_rating(period.id, household.id) if period else None

    def removal(self, removal_id: int) -> StarRemoval:
        db.session.expire_all()
        return star_removal_queries.find_removal(self.village.id, removal_id)


def make_sky() -> Sky:
    village = factories.VillageFactory()
    grid = factories.GridFactory(village=village, number=3)
    staff = {name: make(village) for name, make in factories.CAST.items()}
    staff |= {name: factories.reviewer(village) for name in ("second", "third")}
    return Sky(village, grid, staff)


@pytest.fixture
def sky(app) -> Iterator[Sky]:
    with clock.set_to(NOW):
        yield make_sky()


@pytest.fixture
def hall(app) -> Hall:
    """The village of the boards."""
    return make_hall()
