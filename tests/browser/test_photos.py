"""Photos in a real browser: a claim from the passbook, an award with a photo, the reviewer who sees both; scripts on and off."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests import factories, photos
from tests.browser.conftest import is_well
from virtue.awarding.models import Deed
from virtue.core.models import StoredFile

OWN_PIN = "250814"


@pytest.fixture
def village(live):
    village = factories.VillageFactory(name="富民新村", slug="fumin-xincun")
    book = factories.RulebookFactory(village_id=village.id)
    common = {"rulebook": book, "route": "review", "entry": "claim+scan"}
    factories.RuleFactory(name="清理渠道河道垃圾", evidence="photo", points=3, standard="渠里看得见底", **common)
    factories.RuleFactory(name="居室整洁", needs="home_consent", points=1, **common)
    factories.RuleFactory(name="邻里互助、好人好事", evidence="record", points=5, cap_month=5, **common)
    factories.RuleFactory(name="见义勇为", evidence="document", unit="civility", points=20, **common)
    return village


@pytest.fixture
def household(village):
    return factories.HouseholdFactory(
        grid=factories.GridFactory(village=village, number=3), head_name="王永智", code="01010147"
    )


@pytest.fixture
def picture(tmp_path) -> Path:
    """A photo as a phone takes it: large, with its place."""
    path = tmp_path / "IMG_0147.jpg"
    path.write_bytes(photos.photo(7, size=(3200, 2400), quality=97))
    return path


def open_passbook(page: Page, live, household) -> None:
    page.goto(live.url(f"/C/{factories.digits_of(factories.card_of(household))}"))
    page.get_by_role("link", name="输密码看明细").click()
    page.locator("[name=pin]").fill(factories.pin_of(household))
    page.locator("#pin-form button").click()
    page.locator("[name=pin]").fill(OWN_PIN)
    page.locator("[name=again]").fill(OWN_PIN)
    page.locator("#new-pin-form button").click()
    page.get_by_role("link", name="报一件好事").click()


def sign_in(page: Page, live, user, path: str) -> None:
    page.goto(live.url(f"/sign-in?next={path}"))
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(re.escape(path)))


def stored() -> list[StoredFile]:
    factories.db.session.rollback()
    return list(factories.db.session.scalars(select(StoredFile).order_by(StoredFile.id)))


def state() -> str:
    factories.db.session.rollback()
    return str(factories.db.session.scalar(select(Deed.state)))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_household_claims_with_a_photo(live, screen, village, household, picture, scripts):
    name = "scripts" if scripts else "plain"
    page = screen("elder", java_script_enabled=scripts)
    open_passbook(page, live, household)
    if scripts:
        assert is_well(page)
        assert float(page.evaluate("getComputedStyle(document.querySelector('.choice b')).fontSize").rstrip("px")) >= 18
    live.look(page, f"claim-{name}")
    page.get_by_role("radio", name="清理渠道河道垃圾").check()
    page.locator("[name=words]").fill("清了门前的渠")
    # Without the photo it comes back, and nothing typed is lost.
    page.get_by_role("button", name="报上去").click()
    expect(page.locator(".form-error")).to_contain_text("要有照片")
    expect(page.get_by_role("radio", name="清理渠道河道垃圾")).to_be_checked()
    page.locator("[name=photo]").set_input_files(picture)
    if scripts:
        expect(page.locator("canvas.photo-preview")).to_be_visible()
    page.locator("[name=words]").fill("")
    page.get_by_role("button", name="报上去").click()
    expect(page.locator(".photo-kept img")).to_be_visible()
    assert is_well(page)
    live.look(page, f"claim-kept-{name}")
    page.locator("[name=words]").fill("清了门前的渠")
    page.get_by_role("button", name="报上去").click()
    expect(page.locator(".claim-state")).to_have_text("已报上，等评议")
    expect(page.locator(".claim img")).to_have_js_property("naturalWidth", 240)
    assert is_well(page)
    live.look(page, f"claims-{name}")
    (row,) = stored()
    assert (row.width, row.height) == (1600, 1200)
    page.locator(".confirm summary").click()
    page.get_by_role("button", name="确认撤回").click()
    expect(page.locator(".claim-state")).to_have_text("您家撤回了")
    assert state() == "withdrawn"


def test_an_award_with_a_photo_and_the_reviewer_who_knows_it_again(live, screen, village, household, picture):
    phone = screen("phone")
    sign_in(phone, live, factories.committee(village), "/award")
    digits = factories.digits_of(factories.card_of(household))
    for number in (1, 2):
        phone.locator("#scan-code").fill(digits)
        phone.keyboard.press("Enter")
        phone.locator("label", has_text="清理渠道河道垃圾").click()
        expect(phone.locator("[data-photo-name]")).to_have_text("这一项要拍照")
        expect(phone.locator("[data-award-consent]")).to_be_hidden()
        if number == 1:
            phone.locator("[data-award-submit]").click()
            expect(phone.locator(".form-error")).to_contain_text("要有照片")
            assert is_well(phone)
        phone.locator("[name=photo]").set_input_files(picture)
        expect(phone.locator("canvas.photo-preview")).to_be_visible()
        live.look(phone, f"award-photo-{number}")
        phone.locator("[data-award-submit]").click()
        expect(phone.locator(".message-good")).to_contain_text("已申报")
    first, second = stored()
    assert first.sha256 == second.sha256
    desk = screen("desk")
    sign_in(desk, live, factories.reviewer(village), "/review")
    expect(desk.locator("tbody img")).to_have_count(2)
    assert is_well(desk)
    live.look(desk, "review-photos")
    desk.locator("tbody tr", has_text="照片以前用过").locator("[data-review-link]").click()
    expect(desk.locator("img.evidence")).to_have_js_property("naturalWidth", 1600)
    expect(desk.locator(".message-bad")).to_contain_text("同一张照片以前用过")
    assert is_well(desk)
    live.look(desk, "review-photo")


def test_the_householders_tick_shows_itself_where_it_is_asked(live, screen, village, household):
    phone = screen("phone")
    sign_in(phone, live, factories.committee(village), "/award")
    phone.locator("#scan-code").fill(factories.digits_of(factories.card_of(household)))
    phone.keyboard.press("Enter")
    phone.locator("label", has_text="居室整洁").click()
    phone.locator("[data-award-submit]").click()
    expect(phone.locator(".form-error")).to_contain_text("户主同意")
    phone.get_by_role("checkbox", name="户主同意").check()
    live.look(phone, "award-consent")
    phone.locator("[data-award-submit]").click()
    expect(phone.locator(".message-good")).to_contain_text("已申报")


def test_a_wrong_card_is_said_seen_and_heard(live, screen, village, household):
    phone = screen("phone")
    phone.add_init_script(
        "window.tones = []; const make = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () {"
        " const one = make.call(this); window.tones.push(one); return one; }"
    )
    sign_in(phone, live, factories.committee(village), "/award")
    phone.locator("#scan-code").fill("01234567890123456789")
    phone.keyboard.press("Enter")
    expect(phone.locator(".scan .field-error")).to_be_visible()
    expect(phone.locator(".scan.flash-no")).to_be_visible()
    assert phone.evaluate("window.tones.map((one) => one.frequency.value)") == [220, 165]
    assert is_well(phone)
    phone.locator("#scan-code").fill(factories.digits_of(factories.card_of(household)))
    phone.keyboard.press("Enter")
    expect(phone.locator("h1")).to_have_text("王*智家")


def test_a_claim_taken_down_at_the_desk(live, screen, village, household, picture):
    desk = screen("desk")
    sign_in(desk, live, factories.village_admin(village, name="陈文书"), f"/households/{household.id}")
    desk.get_by_role("link", name="代为申报").click()
    assert is_well(desk)
    live.look(desk, "on-behalf")
    desk.get_by_role("radio", name="见义勇为").check()
    desk.locator("[name=words]").fill("下渠救起落水的孩子")
    desk.locator("[name=photo]").set_input_files(picture)
    desk.locator("#claim button.btn-primary").click()
    expect(desk.locator("#chain")).to_contain_text("陈文书代本户申报")
    assert is_well(desk)
