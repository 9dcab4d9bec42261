"""An award by scan, from the card to booked, costs three taps at most: counted where the finger meets the glass."""

import re

from playwright.sync_api import expect

from tests import factories
from virtue.ledger import queries as ledger

COUNT = """
  addEventListener('pointerdown', () => {
    sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
  }, true);
"""


def test_from_a_scanned_card_to_booked_in_three_taps(live, screen):
    village = factories.VillageFactory(name="富民新村", slug="fumin-xincun")
    book = factories.RulebookFactory(village_id=village.id)
    for number in range(8):
        factories.RuleFactory(rulebook=book, name=f"参加第{number + 1}种活动", points=2)
    member = factories.committee(village)
    household = factories.HouseholdFactory(
        grid=factories.GridFactory(village=village, number=3), head_name="王永智", code="01010147"
    )
    digits = factories.digits_of(factories.card_of(household))
    event = factories.EventFactory(village_id=village.id, opened_by_id=member.id)
    factories.db.session.commit()
    phone = screen("phone")
    phone.add_init_script(COUNT)
    phone.goto(live.url("/sign-in?next=/award"))
    phone.locator("[name=username]").fill(member.username)
    phone.locator("[name=password]").fill(factories.PASSWORD)
    phone.locator("main form button").first.click()
    phone.wait_for_url(re.compile("/award"))
    phone.locator("[name=event]").select_option(str(event.id))
    phone.get_by_role("button", name="选定").click()
    expect(phone.locator("#scan-code")).to_be_focused()

    phone.evaluate("sessionStorage.taps = 0")
    # A scanner types the address and ends with Enter: no tap.
    phone.keyboard.type(f"http://127.0.0.1/C/{digits}")
    phone.keyboard.press("Enter")
    phone.locator("label", has_text="参加第5种活动").click()
    phone.locator("[data-award-submit]").click()
    expect(phone.locator(".message-good")).to_contain_text("已入账 +2 家美积分")
    # The rule and the button; opening the camera, where there is no scanner, is the third.
    assert int(phone.evaluate("sessionStorage.taps")) == 2
    factories.db.session.rollback()
    assert ledger.balance(household.id).home == 2
    # The window stays open for the next card.
    expect(phone.locator("#scan-code")).to_be_focused()
