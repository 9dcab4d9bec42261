"""The award page as a member without scripts uses it: digits typed, a rule picked, next, taken back."""

import pytest

from tests import factories
from tests.awarding.test_pipeline import household, village  # noqa: F401  fixtures
from tests.pages import unchanged


@pytest.fixture
def member(page, village):  # noqa: F811
    return page.sign_in(factories.committee(village))


def test_scan_add_take_back(member, household):  # noqa: F811
    digits = factories.digits_of(factories.card_of(household))
    found = member.submit(member("/award").select_one("#find"), 303, code=digits)
    page = member(found.location)
    assert "尾号" in page.words("h1 + small")
    form = page.select_one("form#add")
    rule = page.select_one("input[name=rule]:not([disabled])")["value"]
    done = member(member.submit(form, 303, rule=rule).location)
    assert "已申报" in done.words(".message-good")
    taken = member(member.submit(done.select_one("#recent form"), 303).location)
    assert taken.select("#recent") == []


@pytest.mark.parametrize("typed", ["12345", "01234567890123456789", "不是卡", ""])
def test_a_wrong_card_is_refused_in_words(app, member, typed):
    with unchanged(app):
        page = member.submit(member("/award").select_one("#find"), 422, code=typed)
    assert page.words(".field-error")


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1e3", "1000", "很多"])
def test_a_bad_quantity_is_told_at_its_field(app, member, household, quantity):  # noqa: F811
    digits = factories.digits_of(factories.card_of(household))
    page = member(member.submit(member("/award").select_one("#find"), 303, code=digits).location + "&q=")
    rule = page.select_one("input[name=rule]:not([disabled])")["value"]
    with unchanged(app):
        back = member.submit(page.select_one("form#add"), 422, rule=rule, quantity=quantity)
    assert "数量" in back.words(".form-error")
