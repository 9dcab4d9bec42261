"""The whole way through the pages, without scripts: event, proposal, review, notice, settling, till, passbook, red board."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests import factories
from virtue import clock
from virtue.awarding import rulebooks
from virtue.people import services as people

RULES = Path(__file__).parents[1] / "virtue/demo/data/rules.csv"
PIN = "250814"


@pytest.fixture
def village(app):
    village = factories.VillageFactory()
    adoption = rulebooks.Adoption(
        clock.today(), adopted_on=date(2026, 1, 5), present=80, in_favour=70, women_present=30
    )
    rulebooks.adopt_book(village.id, "细则", RULES.read_bytes(), "rules.csv", adoption, by=None)
    return village


def add(member, digits, name):
    """Scan a card (digits typed) and tap the rule of that name, among all rules."""
    found = member.submit(member("/award").select_one("#find"), 303, code=digits)
    page = member(found.location + "&q=" + name)
    value = page.select_one("input[name=rule]:not([disabled])")["value"]
    return member(member.submit(page.select_one("form#add"), 303, rule=value).location)


def test_from_the_first_scan_to_the_red_board(mid_month, visitor, cli, village):
    household = factories.HouseholdFactory(grid__village=village, head_name="王永智", code="01010147")
    member, judge, clerk, keeper = (
        visitor().sign_in(make(village))
        for make in (factories.committee, factories.reviewer, factories.village_admin, factories.keeper)
    )
    keeper_of = factories.keeper(village)
    soap = factories.stocked(village, 10, by=keeper_of, home=2, name="香皂")
    salt = factories.stocked(village, 10, by=keeper_of, home=1, name="食用盐")
    digits = factories.digits_of(factories.card_of(household))
    people.choose_pin(household.id, PIN)

    opened = member("/award/events").select_one("#new-event form")
    member.submit(opened, 303, name="渠道清理", place="三支渠", rule_code="J05")
    assert "已入账" in add(member, digits, "参加环境整治").words(".message-good")
    member.submit(member("/award").select_one("#event-choice"), 303, event="")
    assert "已申报" in add(member, digits, "邻里互助").words(".message-good")

    deed = judge("/review").select_one("tbody th a")["href"]
    judge.submit(judge(deed).select_one("form[action$=approve]"), 303, story="帮邻居抢收玉米。")
    published = clerk.submit(clerk("/notices").select_one("#waiting form"), 303)
    assert "邻里互助" in clerk(published.location).words("table")
    with clock.set_to(clock.now() + timedelta(days=6)):
        assert "1 项到期已入账" in cli("virtue", "daily").output
        # A week later everybody signs in anew.
        clerk = visitor().sign_in(factories.village_admin(village))
        choose = clerk("/boards/red/choose").select_one("form#choose")
        clerk.submit(choose, 303, pick=choose.select_one("input[name=pick]")["value"])
        assert "帮邻居抢收玉米" in visitor()(f"/kiosk/{village.slug}/red-board").words("main")

    found = keeper.submit(keeper("/till").select_one("#find"), 303, code=digits)
    basket = keeper(found.location).select_one("form#basket")
    ask = keeper.submit(basket, 200, **{f"qty-{soap.id}": "1", f"qty-{salt.id}": "2"})
    done = keeper(keeper.submit(ask.select_one("form#basket"), 303).location)
    assert "余 3" in done.words("main")

    own = visitor()
    own(f"/c/{digits}", 303)
    own.submit(own("/passbook/pin").select_one("main form"), 303, pin=PIN)
    history = own("/passbook/history").words("main")
    for line in ("邻里互助", "参加环境整治", "3 件"):
        assert line in history
