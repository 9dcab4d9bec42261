"""家庭积分单: what came, went and is left in a month, six to an A4, each a look; for one household or a village alike."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import deeds, factories
from tests.pages import count_queries
from tests.store.conftest import make_shop
from virtue import clock
from virtue.extensions import db
from virtue.people.models import Household, Look
from virtue.places.models import Village

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
URL = "/households/sheets"


@pytest.fixture
def shop(app):
    with clock.set_to(NOON):
        shop = make_shop()
        db.session.execute(sa.update(Village).values(phone="0935-0000000"))
        db.session.commit()
        good = deeds.rule_of(shop.village.id, name="渠道清理", name_en="Canal clearing", unit="home", points=8)
        deeds.settled(shop.household, good)
        deeds.settled(
            shop.household,
            deeds.rule_of(shop.village.id, name="乱倒垃圾", unit="civility", route="deduction"),
            points=-3,
        )
        shop.redeem(shop.piece(shop.soap))
    with clock.set_to(NOON + timedelta(days=31)):
        shop.redeem(shop.piece(shop.salt, 2), shop.piece(shop.salt, 1, "civility"))
        yield shop


def sheets(page, url=URL):
    return [one.get_text(" ", strip=True) for one in page(url).select(".month-sheet")]


def test_a_months_sheet_adds_up_names_no_deduction_and_says_whom_to_call(page, shop):
    page.sign_in(factories.village_admin(shop.village))
    factories.staff_of(shop.village, "committee", grid=shop.grid, name="李网格")
    (march,) = sheets(page)
    assert march == (
        f"3-{shop.household.tail} 王*智家 {shop.village.name} 2026年3月 来的 去的 还剩 家美积分 +136 −22 114 "
        "文明积分 +40 −3 37 得分1件：渠道清理 换了1次东西 不明白就问 李网格 0935-0000000"
    )
    (april,) = sheets(page, f"{URL}?month=202604&household={shop.household.id}")
    assert "家美积分 0 −6 108 文明积分 0 −5 32 这个月没有得分。 换了1次东西" in april
    assert "乱倒垃圾" not in march + april
    assert set(db.session.scalars(sa.select(Look.what))) == {"month_sheet"}
    page(f"/households/{shop.household.id}")
    assert "打印了家庭积分单" in page(f"/households/{shop.household.id}").words("main")


def test_who_reads_on_a_phone_or_takes_no_part_gets_none_unasked(page, shop, visitor):
    for name, fields in (
        ("马智", {"pin_hash": "x"}),
        ("赵桂英", {"left_on": clock.today()}),
        ("郭文军", {"state": "ended"}),
    ):
        factories.HouseholdFactory(grid=shop.grid, head_name=name, **fields)
    elsewhere = factories.HouseholdFactory()
    page.sign_in(factories.supervisor(shop.village))

    def names(query):
        return [text.split()[1] for text in sheets(page, URL + query)]

    gone = db.session.query(Household).filter_by(head_name="赵桂英").one().id
    assert names("") == names(f"?grid={shop.grid.id}") == ["王*智家"]
    assert sorted(names("?all=1")) == ["王*智家", "马*家"]
    assert names(f"?household={gone}") == ["赵*英家"]
    page(f"{URL}?household={elsewhere.id}", 404)
    page(f"{URL}?grid={elsewhere.grid_id}", 404)
    visitor().sign_in(shop.keeper)(URL, 403)
    assert elsewhere.id not in set(db.session.scalars(sa.select(Look.household_id)))


def test_a_village_costs_as_many_questions_as_a_household_and_six_fill_a_sheet(app, page, shop):
    page.sign_in(factories.village_admin(shop.village))
    page(URL)
    with count_queries(app) as one:
        page(URL)
    rule = deeds.rule_of(shop.village.id, name="庭院整洁", unit="home", points=2)
    with factories.together():
        houses = [factories.HouseholdFactory(grid=shop.grid) for _ in range(12)]
    for house in houses[:3]:
        deeds.settled(house, rule)
    with count_queries(app) as many:
        printed = page(URL)
    assert [len(sheet.select(".month-sheet")) for sheet in printed.select(".sheet")] == [6, 6, 1]
    assert len(many) == len(one)
