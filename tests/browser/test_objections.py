"""An objection in a real browser: from the passbook to the answer, with every page of it looked at; scripts on and off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import deeds, factories
from tests.browser.conftest import is_well
from tests.scenes import make_scene
from virtue import clock
from virtue.awarding import deductions
from virtue.awarding.deductions import Lead
from virtue.core import keys

OWN_PIN = "250814"


@pytest.fixture
def scene(live):
    return make_scene()


def open_passbook(page: Page, live, household) -> None:
    page.goto(live.url(f"/C/{factories.digits_of(factories.card_of(household))}"))
    page.get_by_role("link", name="输密码看明细").click()
    page.locator("[name=pin]").fill(factories.pin_of(household))
    page.locator("#pin-form button").click()
    page.locator("[name=pin]").fill(OWN_PIN)
    page.locator("[name=again]").fill(OWN_PIN)
    page.locator("#new-pin-form button").click()


def sign_in(page: Page, live, user, path: str) -> None:
    page.goto(live.url(f"/sign-in?next={path}"))
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(re.escape(path)))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_household_objects_and_reads_the_answer(live, screen, scene, scripts):
    name = "scripts" if scripts else "plain"
    scene.on_notice(scene.deed(), scene.deed())
    phone = screen("elder", java_script_enabled=scripts)
    open_passbook(phone, live, scene.neighbour)
    phone.get_by_role("link", name="异议").click()
    phone.get_by_role("link", name="对公示里的一行提异议").click()
    assert is_well(phone)
    phone.locator("[name=line]").fill("1")
    phone.get_by_role("button", name="看这一行").click()
    expect(phone.locator("#objection-form")).to_contain_text("王某某家（尾号0147）")
    assert is_well(phone)
    live.look(phone, f"object-{name}")
    phone.locator("[name=words]").fill("签到表上没有他家")
    phone.get_by_role("button", name="交上去").click()
    expect(phone.locator("#own")).to_contain_text("回执第1号")

    desk = screen("desk", java_script_enabled=scripts)
    sign_in(desk, live, scene.supervisor, "/objections")
    assert is_well(desk)
    live.look(desk, f"objections-{name}")
    desk.get_by_role("link", name="第1号").first.click()
    assert is_well(desk)
    live.look(desk, f"objection-{name}")
    desk.get_by_role("button", name=re.compile("打开封存的姓名")).click()
    expect(desk.locator("#name")).to_contain_text("赵桂英")
    desk.get_by_label("成立：撤下这一行").check()
    desk.locator("[name=reason]").fill("到现场看过，没有来")
    desk.get_by_label("本户要更正").check()
    desk.get_by_role("button", name="办结").click()
    expect(desk.locator("#facts")).to_contain_text("异议成立，撤下")
    assert is_well(desk)

    phone.goto(live.url("/passbook/objections"))
    expect(phone.locator("#own")).to_contain_text("到现场看过，没有来")
    expect(phone.locator("#own")).to_contain_text("孙监督打开过您的姓名")
    assert is_well(phone)
    live.look(phone, f"objections-own-{name}")
    phone.goto(live.url(f"/v/{scene.village.slug}/notices/1"))
    expect(phone.locator("#corrections")).to_contain_text("记错了，已撤下")
    assert is_well(phone)
    live.look(phone, f"correction-{name}")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_of_objections_and_deductions_is_well(live, screen, scene, size):
    scene.object(scene.on_notice())
    scene.booked()
    rule = deeds.rule_of(
        scene.village.id,
        name="乱堆乱放",
        unit="civility",
        points=-5,
        route="deduction",
        publish="place_only",
        entry="scan",
    )
    person = factories.staff_of(scene.village, "representative", name="赵代表")
    lead = Lead(scene.household.id, rule.id, clock.today(), "柴草堆在路边", repair_until=clock.today())
    deed_id = deductions.lead(scene.village.id, lead, key=keys.new(), by=scene.member.id).result["deed_id"]
    deductions.verify(scene.village.id, deed_id, key=keys.new(), by=scene.supervisor.id)
    page = screen(size)
    sign_in(page, live, scene.clerk, "/desk")
    for number, url in enumerate((
        "/desk", "/objections/new?notice=1&line=1", "/objections/1", "/objections/1/receipt", "/notices", "/notices/1",
        "/notices/1/print?paper=a3", f"/deductions/{deed_id}", f"/deductions/{deed_id}/slip?paper=a5",
    )):  # fmt: skip
        page.goto(live.url(url))
        assert is_well(page), url
        live.look(page, f"due-{size}-{number}")
    theirs = screen(size)
    sign_in(theirs, live, person, "/stand-in")
    assert is_well(theirs)
