"""A household's history at the desk: each line says which rule or which goods."""

import pytest

from tests.deeds import rule_of, settled
from tests.factories import HouseholdFactory, VillageFactory, village_admin


@pytest.fixture
def household(app, page):
    household = HouseholdFactory(grid__village=VillageFactory())
    page.sign_in(village_admin(household.village))
    return household


def lines(page, household):
    return [item.get_text(" ") for item in page(f"/households/{household.id}/history").select("#points .list > li")]


def test_a_line_says_which_rule_and_leads_to_the_deed(app, page, household):
    deed = settled(household, rule_of(household.village_id, name="庭院整洁", points=2))
    (line,) = lines(page, household)
    links = page(f"/households/{household.id}/history").select("#points .list a")
    assert [link["href"] for link in links] == [f"/deeds/{deed.id}", "/entries/1"]
    for words in ("庭院整洁", "余 2", "家美积分", "+2"):
        assert words in line


def test_without_points_it_says_what_to_do(app, page, household):
    assert lines(page, household) == []
    assert "做好事，扫卡加分。" in page(f"/households/{household.id}/history").words("#points")
