"""Objections at the desk, in public, and above the village: pages, and who sees what on them."""

from datetime import timedelta

import pytest

from tests import deeds, factories
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.awarding import booked, objections
from virtue.awarding.models import Deed
from virtue.core import keys
from virtue.extensions import db
from virtue.notices import queries as notices
from virtue.notices.services import Sender


def submit_new(page, scene, status=303, **fields):
    form = page("/objections/new?notice=1&line=1").select_one("main form")
    typed = {"words": "签到表上没有他家", "code": scene.neighbour.code, **fields}
    return page.submit(form, status, **typed)


def verdict(page, number, status=303, **fields):
    form = page(f"/objections/{number}").select_one("#verdict")
    return page.submit(form, status, **{"state": "dismissed", "reason": "到现场看过", **fields})


# ---- taking one down


def test_a_clerk_takes_one_down_from_a_notices_line_and_hands_over_a_receipt(scene, page):
    deed = scene.deed()
    notice = scene.on_notice(deed)
    page.sign_in(scene.clerk)
    link = page(f"/notices/{notice.number}").select_one("table a[href*='/objections/new']")
    shown = page(str(link["href"]))
    assert shown.words("#what") == "参加环境整治 · 王*智家 尾号 0147"
    assert submit_new(page, scene).location == "/objections/1"
    assert scene.state(deed) == "frozen"
    receipt = page("/objections/1/receipt")
    day = clock.today() + timedelta(days=10)
    assert "异议回执第1号" in receipt.words("h2")
    assert f"{day.month}月{day.day}日前答复" in receipt.words(".sheet")
    assert "镇人民政府" in receipt.words(".sheet")
    for word in ("赵", scene.neighbour.tail, "签到表", "王"):
        assert word not in receipt.words(".sheet")


def test_a_long_notice_comes_in_pages_and_its_lines_are_found(app, scene, page):
    homes = [factories.HouseholdFactory(grid=scene.household.grid) for _ in range(51)]
    notice = scene.on_notice(scene.deed(), *[scene.deed(household=home) for home in homes])
    scene.object(notice)
    page.sign_in(scene.clerk)
    address = f"/notices/{notice.number}"

    def lines(query=""):
        return [row.td.get_text() for row in page(f"{address}{query}").select("tbody tr")]

    assert lines() == [str(number) for number in range(1, 51)]
    assert lines("?page=2") == ["51", "52"]
    assert lines("?lines=contested") == ["1"]
    assert lines(f"?q={scene.household.tail}") == ["1"]
    assert lines("?q=参加环境整治&page=2") == ["51", "52"]
    assert page(f"{address}?q=没有这件事").words(".empty h2") == "没有这样的行"
    with count_queries(app) as many:
        page(address)
    with count_queries(app) as few:
        page(f"{address}?lines=contested")
    assert len(many) == len(few)


def test_what_was_typed_stays_when_something_is_wrong(app, scene, page):
    scene.on_notice()
    page.sign_in(scene.clerk)
    with unchanged(app):
        again = submit_new(page, scene, 422, code="62209999")
    assert "签到表上没有他家" in again.words("textarea")
    assert again.select_one(".form-error") is not None
    with unchanged(app):
        again = submit_new(page, scene, 422, line="八")
    assert "请填数字" in again.words("#line-error")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"line": "7"}, "没有找到这一行"),
        ({"words": "  "}, "请写几句哪里不对"),
        ({"outsider": "马师傅"}, "农户和外村人只填一样"),
        ({"received_on": "2031-01-01"}, "收到的日期不对"),
        ({"received_on": "昨天"}, "日期"),
        ({"notice": "1e3"}, "请填数字"),
        ({"words": "长" * 501}, "太长了"),
    ],
    ids=["line", "words", "two", "day", "date", "number", "long"],
)
def test_a_wrong_form_is_refused_in_words_and_changes_nothing(app, scene, page, fields, sentence):
    scene.on_notice()
    page.sign_in(scene.clerk)
    with unchanged(app):
        assert sentence in submit_new(page, scene, 422, **fields).words("main")


def test_after_the_last_day_the_form_says_what_to_do_instead(scene, page, later):
    scene.on_notice()
    with later(6):
        page.sign_in(scene.clerk)
        assert "冲正" in page("/objections/new").words("main")


@pytest.mark.parametrize("role", ["keeper", "representative"])
def test_others_have_no_objections(scene, page, role):
    page.sign_in(factories.staff_of(scene.village, role))
    for url in ("/objections", "/objections/new", "/objections/1"):
        page(url, 403)


def test_another_villages_objection_is_not_found(scene, page):
    scene.object(scene.on_notice())
    page.sign_in(factories.supervisor(factories.VillageFactory()))
    for url in ("/objections/1", "/objections/1/receipt"):
        page(url, 404)
    for action in ("open-name", "settle", "take-back", "settler"):
        page.post(f"/objections/1/{action}", status=404)


# ---- the list and the desk


def test_open_ones_stand_with_their_day_and_overdue_first(scene, page, later):
    notice = scene.on_notice(scene.deed(), scene.deed())
    scene.object(notice, 2)
    with later(2):
        scene.object(notice, 1)
    with later(11):
        page.sign_in(scene.supervisor)
        rows = page("/objections").rows("#objections")
        assert ["超期" in row[5] for row in rows] == [True, False]
        first = page("/desk").select("#tasks li")[0]
        assert "异议超期没有答复" in first.get_text()
        assert "hot" in first["class"]
        assert page("/objections?q=2").rows("#objections")[0][0] == "第2号"
        assert page("/objections?state=answered").select("#objections") == []


def test_a_named_settler_has_it_on_the_desk_and_others_have_not(scene, page, visitor):
    found = scene.object(scene.on_notice())
    page.sign_in(scene.clerk)
    assert "异议等答复" not in page("/desk").words("main")
    form = page(f"/objections/{found.number}").select_one("form[action$='/settler']")
    page.submit(form, 303, settler=scene.clerk.id)
    assert "异议等答复" in page("/desk").words("main")
    assert "异议等答复" not in visitor().sign_in(scene.judge)("/desk").words("main")


def test_the_township_sees_counts_and_no_names(scene, page, later):
    scene.object(scene.on_notice())
    user = factories.UserFactory()
    factories.RoleGrantFactory(user=user, role="township_admin", township_id=scene.village.township_id)
    assert "超期" not in page.sign_in(user)("/desk").words("main")
    with later(11):
        desk = page.sign_in(user)("/desk")
        assert f"{scene.village.name} 异议超期没有答复：1 件" in desk.words("#villages")
        page.submit(desk.select_one("main form"), button=f"village_id={scene.village.id}")
        desk = page("/desk")
        assert desk.words("#overdue li") == f"{scene.village.name} 1 件"
        assert "赵" not in desk.words("#overdue")
        page("/objections", 403)


def test_the_list_costs_the_same_for_1_and_30(app, scene, page):
    made = [scene.deed() for _ in range(4)]
    notice = scene.on_notice(*made)
    page.sign_in(scene.supervisor)
    scene.object(notice, 1)
    page("/objections")
    with count_queries(app) as few:
        page("/objections")
    for line in (1, 2, 3, 4) * 2:
        scene.object(notice, line)
    with count_queries(app) as many:
        page("/objections")
    assert len(many) == len(few)


# ---- settling


def test_who_settles_reads_it_opens_the_name_and_settles(scene, page):
    deed = scene.deed()
    scene.object(scene.on_notice(deed))
    page.sign_in(scene.supervisor)
    shown = page("/objections/1")
    assert shown.words("#said") == "他家没有参加"
    assert "赵桂英" not in shown.words()
    opened = page.submit(shown.select_one("form[action$='/open-name']"), 200)
    assert opened.words("#name") == "赵桂英（622100000258）"
    assert "打开过 1 次" in page("/objections/1").words("#settling")
    assert "赵桂英" not in page("/objections/1").words()
    assert verdict(page, 1, state="upheld_withdrawn", corrected="y").location == "/objections/1"
    assert scene.state(deed) == "withdrawn"
    assert "异议成立，撤下" in page("/objections/1").words("#facts")
    audit = page("/audit?group=notices").words("#trail")
    assert "打开了异议里封存的姓名" in audit
    assert "赵" not in audit


@pytest.mark.parametrize("who", ["clerk", "judge", "member"])
def test_whoever_does_not_settle_reads_neither_words_nor_name(app, scene, page, who):
    scene.object(scene.on_notice())
    page.sign_in(getattr(scene, who))
    shown = page("/objections/1")
    assert shown.select("#settling, #verdict") == []
    assert "他家没有参加" not in shown.words()
    with unchanged(app):
        for action in ("open-name", "settle"):
            page.post(f"/objections/1/{action}", {"state": "dismissed", "reason": "看过了", "key": keys.new()}, 422)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "这里要填"),
        ({"reason": "赵桂英说得对"}, "不写别的村民的姓名"),
        ({"state": "upheld_amended"}, "数量要填 1 到 999 的整数"),
        ({"state": "upheld_amended", "points": "1.5"}, "分数要填 1 到 999 的整数"),
        ({"state": "nonsense"}, "Not a valid choice"),
    ],
    ids=["reason", "names", "points", "fraction", "state"],
)
def test_a_wrong_verdict_is_refused_in_words(app, scene, page, fields, sentence):
    scene.object(scene.on_notice())
    page.sign_in(scene.supervisor)
    with unchanged(app):
        again = verdict(page, 1, 422, **fields)
    if fields.get("state") != "nonsense":
        assert sentence in again.words("main")
    if fields.get("reason") != "":
        assert "到现场看过" in again.words("textarea") or fields.get("reason") in again.words("textarea")


def test_amended_points_lead_to_the_deed_that_starts_again(scene, page):
    deed = scene.deed()
    scene.object(scene.on_notice(deed))
    page.sign_in(scene.supervisor)
    verdict(page, 1, state="upheld_amended", points="３", corrected="y")
    link = page("/objections/1").select("#facts a")[-1]
    assert "参加环境整治 +3" in page(str(link["href"])).words("h1")


def test_taken_back_at_the_desk(scene, page):
    deed = scene.deed()
    scene.object(scene.on_notice(deed))
    page.sign_in(scene.clerk)
    page.submit(page("/objections/1").select_one("form[action$='/take-back']"), 303)
    assert scene.state(deed) == "on_notice"
    assert "提的人收回" in page("/objections?state=answered").words("#objections")


def test_it_reads_in_english_and_with_every_verdict(scene, page):
    notice = scene.on_notice(scene.deed(), scene.deed())
    scene.object(notice, 1)
    page.client.set_cookie("lang", "en")
    page.sign_in(scene.supervisor)
    for url in (
        "/objections",
        "/objections/new",
        "/objections/1",
        "/objections/1/receipt",
        "/notices/1/print?paper=a3",
    ):
        assert page(url).find("html")["lang"] == "en"


# ---- in public


def test_the_public_line_says_that_it_waits_and_not_who(scene, page):
    notice = scene.on_notice(scene.deed(), scene.deed())
    scene.object(notice, 1)
    soup = page(f"/v/{scene.village.slug}/notices/{notice.number}")
    lines = [" ".join(li.get_text(" ").split()) for li in soup.select("#lines li")]
    assert lines[0] == "1号 王某某家（尾号0147） 参加环境整治 · 有异议，暂缓 +8 家美积分"
    assert "异议" not in lines[1]
    assert "赵" not in soup.response.text
    assert "没有参加" not in soup.response.text


def test_a_booked_line_says_that_it_is_looked_into(scene, page):
    scene.booked()
    booked.publish_booked(scene.village.id, key=keys.new(), by=scene.clerk.id)
    scene.object(notices.find_notice(scene.village.id, 1))
    soup = page(f"/v/{scene.village.slug}/notices/1")
    assert "已入账，有异议，正在核实" in soup.words("#lines")


def test_a_correction_stands_in_public_and_on_the_next_print_as_the_household_wishes(scene, page, later):
    notice = scene.on_notice(scene.deed(), scene.deed(), scene.deed())
    for line, wish in ((1, True), (2, False)):
        scene.settle(scene.object(notice, line), "upheld_withdrawn", corrected=wish)
    scene.settle(scene.object(notice, 3), "upheld_amended", points=3, corrected=True)
    url = f"/v/{scene.village.slug}/notices"
    for address in (url, f"{url}/{notice.number}"):
        shown = [" ".join(li.get_text(" ").split()) for li in page(address).select("#corrections li")]
        assert shown == [
            "第1号第3行：王某某家（尾号0147） 参加环境整治 · 原来写 +8，应为 +3，重新评议。",
            "第1号第1行：王某某家（尾号0147） 参加环境整治 · 记错了，已撤下。",
        ]
    with later(5):
        assert len(page(url).select("#corrections li")) == 2
    with later(6):
        assert page(url).select("#corrections") == []
        following = scene.on_notice()
        page.sign_in(scene.clerk)
        assert len(page(f"/notices/{following.number}/print").select("#named .correction")) == 2


def test_a_correction_of_a_problem_names_no_household(scene, page):
    rule = deeds.rule_of(
        scene.village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction", publish="list"
    )
    notice = scene.on_notice(scene.deed(rule=rule), scene.deed())
    scene.settle(scene.object(notice, 1), "upheld_withdrawn", corrected=True)
    url = f"/v/{scene.village.slug}/notices/{notice.number}"
    assert page(url).select("#corrections") == []
    places = page(f"{url}/places")
    assert places.words("#corrections li").endswith("乱堆乱放 · 不属实，已撤下。")
    assert "0147" not in places.words("main")
    page.sign_in(scene.clerk)
    sheet = page(f"/notices/{notice.number}/print")
    assert "0147" not in sheet.words("#places")
    assert "乱堆乱放" not in sheet.words("#named")


def test_a_withdrawn_line_is_not_printed_any_more(scene, page):
    notice = scene.on_notice(scene.deed(), scene.deed())
    scene.settle(scene.object(notice, 1), "upheld_withdrawn")
    page.sign_in(scene.clerk)
    assert [row[0] for row in page(f"/notices/{notice.number}/print").rows("#named")] == ["2"]


def test_a_notice_prints_on_a4_and_a3(scene, page):
    notice = scene.on_notice()
    page.sign_in(scene.clerk)
    for query, kind in (("", "paper-a4"), ("?paper=a3", "paper-a3"), ("?paper=a9", "paper-a4")):
        assert kind in page(f"/notices/{notice.number}/print{query}").body["class"]


# ---- notices at least monthly, and what was booked at once


def test_the_desk_asks_for_a_notice_before_a_month_is_over(scene, page, later):
    scene.deed()
    with later(25):
        assert "该发公示了" not in page.sign_in(scene.clerk)("/desk").words("main")
    with later(26):
        first = page.sign_in(scene.clerk)("/desk").select("#tasks li.hot")
        assert any("该发公示了" in item.get_text() for item in first)
        page.submit(page("/notices").select_one("#waiting form"), 303)
        assert "该发公示了" not in page("/desk").words("main")


def test_what_was_booked_at_once_goes_on_a_notice_from_its_page(scene, page):
    deed = scene.booked()
    page.sign_in(scene.clerk)
    assert page.submit(page("/notices").select_one("#booked form"), 303).location == "/notices/1"
    assert page("/notices").select("#booked") == []
    assert db.session.get(Deed, deed.id).notice_line == 1
    assert "当场入账" in page("/notices/1").words("main")


def test_the_objectors_name_stands_on_no_page_of_others(scene, page, visitor):
    """Everything the clerk, the reviewer and the line's own household can open, without opening the seal."""
    notice = scene.on_notice(scene.deed(), scene.deed())
    scene.object(notice, 1, sender=Sender(outsider="买买提师傅"))
    scene.object(notice, 2)
    objections.take_back(scene.village.id, 2, key=keys.new(), by=scene.clerk.id)
    urls = ["/desk", "/objections", "/objections?state=answered", "/objections/1", "/objections/2", "/objections/1/receipt",
            f"/notices/{notice.number}", f"/notices/{notice.number}/print", "/notices", "/audit"]  # fmt: skip
    for user in (scene.clerk, scene.supervisor):
        person = visitor().sign_in(user)
        for url in urls:
            text = person(url).response.text
            assert "买买提" not in text, url
            assert "赵*英" not in text, url
            assert scene.neighbour.code not in text, url
