"""What the house rules need: a village at work, whose every page has something to show."""

from dataclasses import dataclass

import pytest

from tests import factories
from tests.rules import source
from virtue.people.models import Household
from virtue.places.models import Grid, Village
from virtue.staff.models import User

# Before the first migration stands there is nothing to hold against the models.
collect_ignore = [] if list((source.VIRTUE / "migrations").glob("versions/*.py")) else ["test_migrations.py"]


@dataclass
class Cast:
    """A village with its people, and one user for each role."""

    village: Village
    grid: Grid
    households: list[Household]
    staff: dict[str, User]


@pytest.fixture
def cast(app) -> Cast:
    """A village at work."""
    village = factories.VillageFactory()
    grid = factories.GridFactory(village=village)
    households = [factories.HouseholdFactory(grid=grid, members=2) for _ in range(3)]
    rulebook = factories.RulebookFactory(village_id=village.id)
    for unit in ("home", "civility"):
        factories.RuleFactory(rulebook=rulebook, unit=unit)
    staff = {role: make(village, name=f"{role} 演员") for role, make in factories.CAST.items()}
    factories.EventFactory(village_id=village.id, opened_by_id=staff["committee"].id)
    factories.stocked(village, 20, by=staff["keeper"], civility=4)
    for household in households:
        factories.card_of(household, by=staff["village_admin"])
        factories.give(household, home=20, civility=10)
    return Cast(village, grid, households, staff)
