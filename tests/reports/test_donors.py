"""Where gifts went: pieces and households by donor; whoever stays unnamed is 匿名 everywhere and gets no letter."""

import io
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import count_queries
from tests.store.conftest import make_shop
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.reports import donor_queries
from virtue.store import (
    delivery_services,
    reservation_fetching,
    reservation_services,
    return_services,
    stock_services,
    transfer_services,
)
from virtue.store.delivery_services import Line, Paper
from virtue.store.donor_services import NewDonor
from virtue.store.models import Batch
from virtue.store.reservation_services import Wanted
from virtue.store.shop_services import add_store
from virtue.store.stock_models import Donor

SHOP = "老字号粮油店（演示）"


@pytest.fixture
def shop(app, mid_month):
    return make_shop()


def give(shop, name, thanks, *lines):
    paper = Paper("donated", new_donor=NewDonor(name, thanks))
    return delivery_services.enter(shop.village.id, shop.store.id, paper, lines, key=keys.new(), by=shop.keeper.id)


def gifts(shop, **options):
    today = clock.today()
    found = donor_queries.donations(shop.village.id, today, today, **options)
    return [
        (one.name, one.households, [(g.name, g.came, g.given, g.lost, g.left, g.households) for g in one.gifts])
        for one in found
    ]


def donor_ids() -> dict[str, int]:
    return dict(db.session.execute(sa.select(Donor.name, Donor.id)).all())


@pytest.fixture
def given(shop):
    """Rice and flour from a shop that is named, rice from two who aren't; a part of it went to three households."""
    rice = factories.stocked(shop.village, 1, by=shop.keeper, home=4, name="大米")
    flour = factories.stocked(shop.village, 1, by=shop.keeper, home=4, name="面粉")
    shop.redeem(shop.piece(rice), shop.piece(flour))
    until = clock.today() + timedelta(days=60)
    given = give(shop, SHOP, "named", Line(rice.id, 10, 800, until), Line(flour.id, 5, 600, until))
    give(shop, "王先生", "anonymous", Line(rice.id, 3, 800, until + timedelta(days=9)))
    give(shop, "", "anonymous", Line(rice.id, 2, 800, until + timedelta(days=9)))
    others = [factories.HouseholdFactory(grid=shop.grid) for _ in range(2)]
    for one in others:
        factories.give(one, home=60)
    shop.redeem(shop.piece(rice, 2), shop.piece(flour))
    shop.redeem(shop.piece(rice), household=others[0], card_id=None)
    back = shop.redeem(shop.piece(flour), household=others[1], card_id=None).result["order_id"]
    return_services.give_back(shop.village.id, back, key=keys.new(), by=shop.keeper.id)
    wanted = Wanted((shop.piece(rice, 2),))
    kept = [
        reservation_services.reserve(shop.village.id, others[1].id, wanted, key=keys.new(), by=None).result
        for _ in range(2)
    ]
    reservation_fetching.fetch(
        shop.village.id, kept[0]["reservation_id"], by_helper=False, key=keys.new(), by=shop.keeper.id
    )
    batch = given.result["batch_ids"][1]
    stock_services.write_off(shop.village.id, batch, 1, reason="broken", why="受潮", key=keys.new(), by=shop.keeper.id)
    branch = add_store(shop.village.id, "二组分店", by=shop.keeper.id)
    transfer_services.give_to_store(shop.village.id, batch, 2, branch, key=keys.new(), by=shop.keeper.id)
    return shop


def test_each_gift_says_what_became_of_it(given):
    assert db.session.scalar(sa.select(sa.func.count()).where(Batch.source == "donated")) == 5
    assert gifts(given) == [
        (SHOP, 3, [("大米", 10, 5, 0, 5, 3), ("面粉", 5, 1, 1, 3, 1)]),
        (None, 0, [("大米", 5, 0, 0, 5, 0)]),
    ]
    assert gifts(given, donor_id=donor_ids()[SHOP])[0][:2] == (SHOP, 3)
    yesterday = clock.today() - timedelta(days=1)
    assert donor_queries.donations(given.village.id, yesterday, yesterday) == []
    other = factories.VillageFactory()
    assert donor_queries.donations(other.id, clock.today(), clock.today()) == []


def test_page_paper_and_workbook_say_the_same_and_name_nobody_who_did_not_agree(app, page, given):
    shown = page.sign_in(given.keeper)("/reports/donors")
    assert shown.rows(f"#donor-{donor_ids()[SHOP]}") == [
        ["大米", "10 块", "5", "0", "5", "3"],
        ["面粉", "5 块", "1", "1", "3", "1"],
    ]
    assert shown.rows("#donor-unnamed") == [["大米", "5 块", "0", "0", "5", "0"]]
    paper, file = page("/reports/donors/print"), page.client.get("/reports/donors.xlsx")
    assert len(paper.select("table")) == 2
    rows = list(openpyxl.load_workbook(io.BytesIO(file.data)).active.values)
    assert rows[2:] == [
        (SHOP, "大米", 10, 5, 0, 5, "¥80.00", 3), (SHOP, "面粉", 5, 1, 1, 3, "¥30.00", 1), ("匿名", "大米", 5, 0, 0, 5, "¥40.00", 0),
    ]  # fmt: skip
    for text in (shown.response.text, paper.response.text):
        assert "王先生" not in text
    with count_queries(app) as one:
        page("/reports/donors")
    for number in range(6):
        give(given, f"单位{number}", "named", Line(given.soap.id, 1, 100, None))
    with count_queries(app) as many:
        page("/reports/donors")
    assert len(many) == len(one)
    empty = page("/reports/donors?from=2020-01-01&to=2019-01-01")
    assert "这段时间没有捐赠" in empty.text


def test_a_letter_goes_to_named_donors_of_the_village_only(page, given):
    named, unnamed = donor_ids()[SHOP], donor_ids()["王先生"]
    letter = page.sign_in(given.keeper)(f"/reports/donors/{named}/letter?year={clock.today().year}")
    assert letter.select_one(".letter p").get_text() == f"{SHOP}："
    assert "有3户用上了您的心意" in letter.text
    before = page(f"/reports/donors/{named}/letter?year={clock.today().year - 1}")
    assert f"{clock.today().year - 1}年没有收到过捐赠。" in before.text
    page(f"/reports/donors/{unnamed}/letter", 404)
    page(f"/reports/donors/{named}/letter?year={clock.today().year + 1}", 404)
    assert donor_queries.named_donor(factories.VillageFactory().id, named) is None
