"""The village's public pages: what they tell, by publish level, and what they never tell."""

from datetime import timedelta

import pytest

from tests import deeds, factories
from tests.pages import count_queries
from virtue import clock
from virtue.extensions import db
from virtue.people import services as people
from virtue.places.models import OldSlug

HOME = "/v/fumin/"


@pytest.fixture
def village(app):
    return factories.VillageFactory(name="富民新村", slug="fumin")


@pytest.fixture
def grid(village):
    return factories.GridFactory(village=village, number=3, name="第三网格")


@pytest.fixture
def wang(grid):
    return factories.HouseholdFactory(grid=grid, head_name="王永智", code="622100000147")


@pytest.fixture
def ma(grid):
    return factories.HouseholdFactory(grid=grid, head_name="马智", code="622100000415")


@pytest.fixture
def rules(village):
    """One rule of each publish level, and a deduction."""
    return {
        "list": deeds.rule_of(village.id, name="庭院整洁", publish="list", points=2),
        "red": deeds.rule_of(village.id, name="见义勇为", unit="civility", publish="red", points=20),
        "never": deeds.rule_of(village.id, name="关爱困境儿童", publish="never", points=5),
        "place_only": deeds.rule_of(
            village.id, name="焚烧秸秆", unit="civility", publish="place_only", points=-5, route="deduction"
        ),
    }


def rows(soup, selector="#lines"):
    return [" ".join(li.get_text(" ").split()) for li in soup.select(f"{selector} > li")]


# ---- notices


def test_named_lines_show_masked_name_tail_rule_and_points(page, wang, ma, rules):
    notice = deeds.on_notice(deeds.deed_of(wang, rules["list"]), deeds.deed_of(ma, rules["red"]))
    soup = page(f"{HOME}notices/{notice.number}")
    assert rows(soup) == [
        "1号 王某某家（尾号0147） 庭院整洁 +2 家美积分",
        "2号 马某家（尾号0415） 见义勇为 +20 文明积分",
    ]
    assert soup.select("#places, #unpublished") == []
    assert soup.select_one("meta[name=robots]")["content"] == "noindex"


def test_the_consent_for_the_board_is_none_for_a_notice(page, wang, rules):
    people.give_consent(wang.village_id, wang.id, "name_on_board", "signed", by=None)
    notice = deeds.on_notice(deeds.deed_of(wang, rules["list"]))
    assert "王永智" not in page(f"{HOME}notices/{notice.number}").response.text


def test_a_deduction_stands_beside_no_household(page, wang, ma, rules):
    notice = deeds.on_notice(deeds.deed_of(wang, rules["list"]), deeds.deed_of(ma, rules["place_only"]))
    soup = page(f"{HOME}notices/{notice.number}")
    assert rows(soup) == ["1号 王某某家（尾号0147） 庭院整洁 +2 家美积分"]
    assert "焚烧秸秆" not in soup.response.text
    assert soup.words("#places") == "另有 1 项只公布地点和问题"
    apart = page(soup.select_one("#places a")["href"])
    assert rows(apart) == ["2号 第三网格 焚烧秸秆"]
    assert "尾号" not in apart.response.text
    assert "马" not in apart.words("main")
    assert "5" not in apart.words("#lines")


@pytest.mark.parametrize("level", ["red", "list"])
def test_a_deduction_is_never_named_whatever_its_level_says(page, wang, village, level):
    rule = deeds.rule_of(village.id, name="乱堆乱放", unit="civility", publish=level, points=-5, route="deduction")
    notice = deeds.on_notice(deeds.deed_of(wang, rule))
    soup = page(f"{HOME}notices/{notice.number}")
    assert rows(soup) == []
    assert "王某某" not in soup.response.text
    assert rows(page(f"{HOME}notices/{notice.number}/places")) == ["1号 第三网格 乱堆乱放"]


def test_never_is_only_counted(page, wang, rules):
    notice = deeds.on_notice(deeds.deed_of(wang, rules["never"]), deeds.deed_of(wang, rules["never"]))
    soup = page(f"{HOME}notices/{notice.number}")
    assert rows(soup) == []
    assert soup.words("#unpublished") == "另有 2 项依规定不公开，已逐户告知，村监会已核。"
    assert "关爱困境儿童" not in soup.response.text
    assert rows(page(f"{HOME}notices/{notice.number}/places")) == ["没有正在公示的。"]


def test_a_frozen_line_says_so_and_a_withdrawn_one_names_nobody(page, wang, ma, rules):
    first, second = deeds.deed_of(wang, rules["list"]), deeds.deed_of(ma, rules["red"])
    notice = deeds.on_notice(first, second)
    deeds.step(first, "freeze", "frozen")
    deeds.step(second, "withdraw", "withdrawn")
    assert rows(page(f"{HOME}notices/{notice.number}")) == [
        "1号 王某某家（尾号0147） 庭院整洁 · 有异议，暂缓 +2 家美积分",
        "2号 这一行已撤下或更正。",
    ]


def test_who_takes_no_part_is_not_listed(page, wang, rules):
    notice = deeds.on_notice(deeds.deed_of(wang, rules["list"]))
    people.leave(wang.village_id, wang.id, by=None)
    assert rows(page(f"{HOME}notices/{notice.number}")) == ["1号 这一户暂不参加，不列名。"]


def test_after_its_end_a_notice_names_nobody(page, wang, ma, rules):
    notice = deeds.on_notice(deeds.deed_of(wang, rules["list"]), deeds.deed_of(ma, rules["place_only"]))
    with clock.set_to(clock.now() + timedelta(days=6)):
        soup = page(f"{HOME}notices/{notice.number}")
        assert rows(page(f"{HOME}notices/{notice.number}/places")) == ["没有正在公示的。"]
    assert "到期，待入账" in soup.words("main")
    assert rows(soup, "#counts") == ["庭院整洁 1 项"]
    assert "王某某" not in soup.response.text
    assert "0147" not in soup.response.text


def test_a_long_notice_is_paged_with_the_same_queries(app, page, wang, grid, rules):
    first = deeds.on_notice(deeds.deed_of(wang, rules["list"])).number
    page(f"{HOME}notices/{first}")
    with count_queries(app) as short:
        page(f"{HOME}notices/{first}")
    many = [deeds.deed_of(wang, rules["list"]) for _ in range(101)]
    second = deeds.on_notice(*many).number
    with count_queries(app) as long:
        soup = page(f"{HOME}notices/{second}")
    assert len(rows(soup)) == 100
    assert rows(page(f"{HOME}notices/{second}?page=2")) == ["101号 王某某家（尾号0147） 庭院整洁 +2 家美积分"]
    assert len(long) == len(short) <= 7


def test_the_list_of_notices(page, wang, rules):
    deeds.on_notice(deeds.deed_of(wang, rules["list"]))
    with clock.set_to(clock.now() + timedelta(days=6)):
        deeds.on_notice(deeds.deed_of(wang, rules["list"]))
        found = rows(page(f"{HOME}notices"), "#notices")
        assert [row.split(" ")[0] for row in found] == ["第2号公示", "第1号公示"]
        assert [row.split(" ")[-1] for row in found] == ["公示中", "已结束"]
        assert page(HOME).words("#open-notices li").startswith("第2号公示")


@pytest.mark.parametrize("path", ["notices/7", "notices/7/places", "notices/0", "notices/x", "people", "households"])
def test_what_is_not_there_is_not_found(page, village, path):
    page(f"{HOME}{path}", 404)


def test_another_villages_notice_is_not_found(page, wang, rules):
    notice = deeds.on_notice(deeds.deed_of(wang, rules["list"]))
    factories.VillageFactory(name="利民新村", slug="limin")
    page(f"/v/limin/notices/{notice.number}", 404)


# ---- villages, rules, goods


def test_the_index_leads_to_every_village_and_to_the_sign_in(page, village):
    factories.VillageFactory(name="利民新村", slug="limin")
    soup = page("/")
    links = {link["href"] for link in soup.select("main a")}
    assert {"/v/fumin/", "/v/limin/", "/kiosk/fumin/red-board", "/sign-in"} <= links
    assert soup.select_one("#card-form")["action"] == "/passbook/card"
    assert soup.select_one("meta[name=robots]") is None


def test_an_index_without_villages_says_what_to_do(page, app):
    factories.UserFactory()
    assert "还没有村" in page("/").words("#villages")


def test_a_village_says_how_to_object_and_how_to_leave(page, village):
    rights = page(HOME).words("#rights")
    assert "提的人是谁，不公开" in rights
    assert "不想参加，随时说一声就行" in rights


def test_the_rules_are_told_in_plain_words(page, village, rules):
    rules["list"].cap_month, rules["list"].cap_year = 10, 40
    deeds.rule_of(village.id, name="期初余额", subject="opening", publish="never", points=1)
    db.session.commit()
    soup = page(f"{HOME}rules")
    assert rows(soup, "#home .list")[0] == (
        "庭院整洁 院内外干净，物品摆放整齐。活动上扫卡就记。每月最多10分。每年最多40分。 +2 家美积分"
    )
    assert rows(soup, "#deductions .list")[0].startswith("焚烧秸秆")
    assert "公示5天" in soup.words("#how")
    assert "黄镇备〔2025〕3号" in soup.words("main")
    assert "期初余额" not in soup.response.text


def test_without_a_rulebook_it_says_so(page, village):
    assert "还没有积分细则" in page(f"{HOME}rules").words("main")


def test_goods_stand_with_points_and_the_markets_price(page, village):
    keeper = factories.keeper(village)
    factories.stocked(village, 3, by=keeper, home=4, civility=5, name="香皂")
    factories.stocked(village, 0 + 1, by=keeper, home=20, name="洗衣液", market_fen=None)
    soup = page(f"{HOME}goods")
    assert rows(soup, "#goods") == ["香皂 日用品 · 市场价 ¥4.50 4 家美积分 或 5 文明积分", "洗衣液 日用品 20 家美积分"]
    assert rows(page(f"{HOME}goods?q=皂"), "#goods") == ["香皂 日用品 · 市场价 ¥4.50 4 家美积分 或 5 文明积分"]
    assert "没有找到" in page(f"{HOME}goods?q=不存在").words("main")


def test_without_a_store_it_says_so(page, village):
    assert "还没有商品" in page(f"{HOME}goods").words("main")


@pytest.mark.parametrize("path", ["", "rules", "goods", "notices"])
def test_an_old_address_leads_to_the_new_one(page, village, path):
    db.session.add(OldSlug(slug="fu-min", village_id=village.id))
    db.session.commit()
    assert page(f"/v/fu-min/{path}", 308).location.endswith(f"/v/fumin/{path}")


@pytest.mark.parametrize("path", ["", "rules", "goods", "notices"])
def test_an_unknown_village_is_not_found(page, village, path):
    page(f"/v/nowhere/{path}", 404)


@pytest.mark.parametrize("path", ["/", HOME, f"{HOME}rules", f"{HOME}goods", f"{HOME}notices", "/passbook"])
def test_every_page_reads_in_english(page, village, rules, path):
    page.client.set_cookie("lang", "en")
    assert page(path).find("html")["lang"] == "en"


# ---- privacy

CANARY = "欧阳金丝雀"


def test_no_public_page_tells_a_name_a_phone_or_a_birth_date(page, grid, village, rules):
    house = factories.HouseholdFactory(grid=grid, head_name=CANARY, code="622199887766")
    factories.MemberFactory(
        household=house, name="欧阳雏鸟", phone="13955501234", birth_year=2013, birth_month=7, relation="孙女"
    )
    for level in ("list", "red"):
        deeds.settled(house, rules[level], story=f"{CANARY}帮人" if level == "red" else None)
        notice = deeds.on_notice(deeds.deed_of(house, rules[level]), deeds.deed_of(house, rules["place_only"]))
    paths = ["/", HOME, f"{HOME}rules", f"{HOME}goods", f"{HOME}notices", "/kiosk/fumin/red-board"]
    paths += [f"{HOME}notices/{notice.number}", f"{HOME}notices/{notice.number}/places"]
    for path in paths:
        text = page(path).response.text
        for secret in (CANARY, "欧阳雏鸟", "金丝雀", "13955501234", "622199887766", "2013"):
            assert secret not in text, f"{secret} on {path}"
    assert "欧某某家" in page(f"{HOME}notices/{notice.number}").words("#lines")


@pytest.mark.parametrize("path", [HOME, f"{HOME}rules", f"{HOME}goods", f"{HOME}notices"])
def test_a_page_is_light(page, village, rules, path):
    for number in range(30):
        deeds.rule_of(village.id, name=f"细则第{number}条")
    assert len(page(path).response.data) < 60_000
