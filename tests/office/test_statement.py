"""A household's statement: it adds up to its purse, says whom to call, and is a look."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import count_queries
from tests.store.conftest import make_shop
from virtue import clock
from virtue.extensions import db
from virtue.people.models import Look
from virtue.places.models import Village

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def shop(app):
    with clock.set_to(NOON):
        shop = make_shop()
        db.session.execute(sa.update(Village).values(phone="0935-0000000"))
        db.session.commit()
        shop.redeem(shop.piece(shop.soap))
        db.session.commit()
    with clock.set_to(NOON + timedelta(days=31)):
        shop.redeem(shop.piece(shop.salt, 2), shop.piece(shop.salt, 1, "civility"))
        yield shop


@pytest.fixture
def url(shop):
    return f"/households/{shop.household.id}/statement"


@pytest.mark.parametrize(
    ("period", "parts", "lines"),
    [
        ("", [["家美积分", "106", "0", "−6", "100"], ["文明积分", "40", "0", "−5", "35"]], 2),
        ("?month=202603", [["家美积分", "0", "+128", "−22", "106"], ["文明积分", "0", "+40", "0", "40"]], 3),
        ("?year=2026", [["家美积分", "0", "+128", "−28", "100"], ["文明积分", "0", "+40", "−5", "35"]], 5),
        ("?month=x&year=1", [["家美积分", "106", "0", "−6", "100"], ["文明积分", "40", "0", "−5", "35"]], 2),
    ],
    ids=["this-month", "march", "year", "odd"],
)
def test_first_and_what_came_and_went_make_what_is_left(page, shop, url, period, parts, lines):
    paper = page.sign_in(factories.village_admin(shop.village))(f"{url}{period}")
    assert paper.rows("#parts") == parts
    assert len(paper.rows("#lines")) == lines
    assert "村委会电话：0935-0000000" in paper.words(".sheet")


def test_it_comes_in_large_print_and_the_household_sees_that_it_was_printed(page, shop, url):
    page.sign_in(factories.village_admin(shop.village))
    assert page(f"{url}?paper=large").select_one(".sheet-elder") is not None
    assert page(url).select_one(".sheet-elder") is None
    assert set(db.session.scalars(sa.select(Look.what))) == {"statement"}
    assert page(f"/households/{shop.household.id}").select_one(f"a[href='{url}']") is not None


def test_only_who_may_read_histories_and_only_of_the_own_village(page, visitor, shop, url):
    page.sign_in(shop.keeper)
    page(url, 403)
    visitor().sign_in(factories.village_admin(factories.VillageFactory()))(url, 404)


def test_it_costs_the_same_whatever_the_number_of_lines(app, page, shop, url):
    page.sign_in(factories.village_admin(shop.village))
    page(url)
    with count_queries(app) as few:
        page(url)
    for _ in range(10):
        shop.redeem(shop.piece(shop.salt))
    with count_queries(app) as many:
        page(url)
    assert len(many) == len(few)
