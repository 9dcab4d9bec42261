"""A village with a wall: its grids, staff, a red rule; and the acts of its boards, by the real services with fresh keys."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from tests import deeds, factories
from virtue import clock
from virtue.awarding.models import Deed, Rule
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import board_freezes, board_lists, red_picks, red_queries, titles
from virtue.honours.red_picks import Pick
from virtue.honours.title_models import Title
from virtue.people.models import Household, Recusal
from virtue.places import services as places
from virtue.places.models import Grid, Village
from virtue.scores import services as scores
from virtue.staff.models import User
from virtue.transactions import atomic


@dataclass
class Hall:
    """The village of the boards' tests."""

    village: Village
    grid: Grid
    staff: dict[str, User]
    red: Rule
    seq: Iterator[int] = field(default_factory=lambda: count(1))

    def id(self, name: str) -> int:
        return self.staff[name].id

    def house(self, name: str = "王永智", code: str = "622100000147", **fields: Any) -> Household:
        return factories.HouseholdFactory(grid=fields.pop("grid", self.grid), head_name=name, code=code, **fields)

    def village_households(self, grid_id: int) -> list[Household]:
        """The households of a grid, by code."""
        return db.session.query(Household).filter_by(grid_id=grid_id).order_by(Household.code).all()

    def deed(self, household: Household, points: int = 20, **fields: Any) -> Deed:
        return deeds.settled(household, fields.pop("rule", self.red), points=points, **fields)

    def kin(self, name: str, household: Household) -> None:
        with atomic():
            row = Recusal(
                village_id=self.village.id, user_id=self.id(name), household_id=household.id, relation="sibling",
                declared_at=clock.now(), declared_by_id=self.id(name),
            )  # fmt: skip
            db.session.add(row)

    def honour(self, household: Household, *, member_id: int | None = None, consent: bool = True, ends_on=None) -> int:
        """A confirmed honour of the village, with the word that it may be shown by name."""
        if db.session.query(Title).count() == 0:
            with atomic():
                db.session.add(
                    Title(village_id=self.village.id, name="最美家庭（村）", level="village", group="最美家庭")
                )
        new = titles.NewHonour(
            db.session.query(Title).one().id, household.id, clock.today().year, "黄镇发〔2026〕7号", clock.today(),
            member_id, ends_on,
        )  # fmt: skip
        here, clerk = self.village.id, self.id("village_admin")
        honour_id = titles.enter(here, new, key=keys.new(), by=clerk).result["honour_id"]
        titles.confirm(here, honour_id, key=keys.new(), by=self.id("second_admin"))
        if consent:
            titles.consent(here, honour_id, "name", "signed", key=keys.new(), by=clerk)
        return honour_id

    def pick(self, *chosen: Pick, days: int = 30, by: str = "village_admin", key: str | None = None) -> list[int]:
        ends_on = clock.today() + timedelta(days=days)
        done = red_picks.pick(self.village.id, chosen, ends_on, key=key or keys.new(), by=self.id(by))
        return done.result["pick_ids"]

    def take_down(self, pick_id: int, by: str = "village_admin") -> None:
        red_picks.take_down(self.village.id, pick_id, key=keys.new(), by=self.id(by))

    def score(self, household: Household, points: int, month: int, *, unit="civility", deeds=1, taken=0) -> None:
        """A row of the score lane, as settling writes it."""
        with atomic():
            change = scores.Change(month, household.id, "-", unit, points, taken, deeds, next(self.seq))
            scores.add(self.village.id, [change])
            places.raise_board_version(self.village.id)

    def lists(self, *names: str, rows: int = 10) -> list[list[tuple[str, int]]]:
        """The top lists as everybody sees them: name and tail, figure."""
        db.session.expire_all()
        found = board_lists.top_lists(self.village.id, clock.today(), names, rows=rows).lists
        return [[(f"{place.name}{place.tail or ''}", place.figure) for place in found[name]] for name in names]

    def freeze(self, days: int = 7, by: str = "village_admin") -> None:
        until = clock.today() + timedelta(days=days)
        board_freezes.freeze_top(self.village.id, until, key=keys.new(), by=self.id(by))

    def told(self) -> list[tuple[str, str | None, str]]:
        """What stands on the red board, as everybody reads it."""
        db.session.expire_all()
        return [(one.name, one.tail, one.text) for one in red_queries.board(self.village.id, clock.today())]


def make_hall() -> Hall:
    village = factories.VillageFactory(name="富民新村", slug="fumin")
    grid = factories.GridFactory(village=village, number=3)
    staff = {name: make(village) for name, make in factories.CAST.items()}
    staff |= {"second_admin": factories.village_admin(village)}
    staff |= {name: factories.reviewer(village) for name in ("second", "third")}
    red = deeds.rule_of(village.id, name="见义勇为", unit="civility", points=20, publish="red")
    return Hall(village, grid, staff, red)
