"""The county's sums, none of them telling of a few; the search, which knows no people; what a shared link says."""

import pytest

from tests import deeds, factories
from tests.honours.conftest import NOW, make_sky
from tests.pages import count_queries
from tests.passbook import tills
from virtue import clock
from virtue.extensions import db
from virtue.people.models import Household


@pytest.fixture
def village(app):
    return factories.VillageFactory(name="富民新村", slug="fumin")


def homes(village, count):
    grid = factories.GridFactory(village=village)
    return [factories.HouseholdFactory(grid=grid) for _ in range(count)]


def figures(page, name):
    row = next(row for row in page("/county").rows("#county") if row[0] == name)
    return row[1:]


def test_a_village_stands_with_its_sums_and_none_of_fewer_than_five_households(app, page, village):
    made = homes(village, 6)
    rule = deeds.rule_of(village.id, unit="home", points=10)
    for number, household in enumerate(made, 1):
        if number == 5:
            assert figures(page, "富民新村") == ["6", "不列", "0", "0", "0"]
        deeds.settled(household, rule)
    assert figures(page, "富民新村") == ["6", "6", "0", "0", "0"]
    keeper = factories.keeper(village)
    soap = factories.stocked(village, 20, by=keeper, home=4)
    orders = [tills.redeem(household, soap, 1, by=keeper) for household in made[:5]]
    assert figures(page, "富民新村")[3:] == ["20", "0"]
    tills.take_back(made[0], orders[0], by=keeper)
    assert figures(page, "富民新村")[3:] == ["不列", "0"]
    made[0].left_on = clock.today()
    small = factories.VillageFactory(name="小村")
    homes(small, 4)
    db.session.commit()
    soup = page("/county")
    assert [row[:2] for row in soup.rows("#county")] == [["富民新村", "5"], ["小村", "不列"]]
    assert [cell.get_text() for cell in soup.select("#county tfoot td")] == ["不列", "6", "0", "不列", "0"]
    for word in (*(one.head_name for one in db.session.query(Household)), "尾号"):
        assert word not in soup.response.text
    with count_queries(app) as few:
        page("/county")
    for _ in range(5):
        homes(factories.VillageFactory(), 1)
    with count_queries(app) as many:
        page("/county")
    assert len(many) == len(few)


def test_the_stars_are_those_of_the_last_published_quarter(page, app):
    with clock.set_to(NOW):
        sky = make_sky()
        made = [sky.household() for _ in range(5)]
        sky.whole(*made)
        name = sky.village.name
    with sky.day(7):
        assert figures(page, name)[2] == str(5 * 4)


def test_rules_goods_and_notices_are_found_and_nobody(page, village):
    household = homes(village, 1)[0]
    household.head_name = "香皂花"
    rule = deeds.rule_of(
        village.id, name="捡拾垃圾", name_en="Picking up litter", standard="门前没有垃圾", publish="list"
    )
    factories.stocked(village, 3, by=factories.keeper(village), home=4, name="香皂")
    notice = deeds.on_notice(deeds.deed_of(household, rule))
    form = page("/v/fumin/").select_one("form.search")

    def found(words):
        soup = page.submit(form, 200, q=words)
        return [part["id"].removeprefix("found-") for part in soup.select("main section")], soup

    for words in ("垃圾", "　门前没有 ", "LITTER"):
        parts, soup = found(words)
        assert (parts, "捡拾垃圾" in soup.words("#found-rules")) == (["rules"], True)
    for words in (str(notice.number), f"第{notice.number}号", f"第{notice.number}号公示", "１"):
        parts, soup = found(words)
        assert "notice" in parts
        assert soup.select_one("#found-notice a")["href"] == f"/v/fumin/notices/{notice.number}"
    assert found("香皂")[0] == ["goods"]
    for words in ("香皂花", household.code, household.tail, "王", "999", "%", "_"):
        parts, soup = found(words)
        assert parts == []
        assert "没有找到" in soup.words(".empty")
    assert found("")[0] == []
    assert "香皂花" not in page("/v/fumin/search?q=香").words("#found-goods")


def test_a_shared_link_names_the_village_and_no_household(page, village):
    household = homes(village, 1)[0]
    rule = deeds.rule_of(village.id, publish="list")
    notice = deeds.on_notice(deeds.deed_of(household, rule))
    cards = {}
    for url in ("/", "/county", "/v/fumin/", f"/v/fumin/notices/{notice.number}", "/v/fumin/red-board"):
        soup = page(url)
        cards[url] = {tag["property"]: tag["content"] for tag in soup.select("meta[property]")}
        assert set(cards[url]) == {"og:type", "og:title", "og:description", "og:image"}
        assert page.raw("GET", cards[url]["og:image"]).mimetype == "image/png"
    assert cards["/v/fumin/"]["og:title"] == "积分制 · 富民新村"
    assert household.tail not in str(cards)
    assert page("/passbook").select("meta[property]") == []
