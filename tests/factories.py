"""A factory for each thing a test needs, with plausible defaults: ``HouseholdFactory(grid=grid)``.

Everything is committed at once, so that requests, which run in transactions of their own, see it.
The cast: ``keeper(village)``, ``reviewer(village)`` ... are users with one role, whose password is PASSWORD.
"""

from functools import cache
from typing import Any

import factory
from argon2 import PasswordHasher
from factory.alchemy import SQLAlchemyModelFactory

from virtue import clock
from virtue.extensions import db
from virtue.people.models import Household, Member
from virtue.pinyin import initials
from virtue.places.models import County, Grid, Township, Village
from virtue.staff.models import RoleGrant, User

PASSWORD = "correct-horse-battery"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ["永智", "秀兰", "建国", "桂英", "志强", "春花", "文军", "玉梅", "德福", "晓燕"]


@cache
def password_hash() -> str:
    """PASSWORD's hash; made once, since it is meant to be slow."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)


class Factory(SQLAlchemyModelFactory):
    """Keeps what it makes."""

    class Meta:
        abstract = True
        sqlalchemy_session = db.session
        sqlalchemy_session_persistence = "commit"


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
        db.session.commit()


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
