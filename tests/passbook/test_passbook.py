"""What the card alone shows, what the PIN opens, and what a household decides by itself."""

from datetime import timedelta

import pytest

from tests import deeds, factories
from tests.pages import count_queries, unchanged
from tests.passbook import tills
from virtue import clock
from virtue.awarding import deductions
from virtue.awarding.errors import RebuttalOver
from virtue.awarding.models import Deduction
from virtue.core import keys, remarks
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people import looks, queries
from virtue.people import services as people
from virtue.people.models import Household
from virtue.transactions import atomic


@pytest.fixture
def yard(village):
    return deeds.rule_of(village.id, name="参加环境整治", unit="home", points=8, route="review")


@pytest.fixture
def member(village):
    return factories.committee(village, name="李执委")


@pytest.fixture
def reviewer(village):
    return factories.reviewer(village, name="张组长")


def lines(soup, selector="#latest"):
    return [" ".join(li.get_text(" ").split()) for li in soup.select(f"{selector} .history > li")]


def reloaded(household):
    return db.session.get(Household, household.id)


# ---- with the card alone


def test_the_card_shows_balances_score_and_counts(page, scan, household, card, yard, village):
    honour = deeds.rule_of(village.id, name="见义勇为", unit="civility", points=52, publish="red")
    deeds.settled(household, honour)
    factories.give(household, home=128)
    notice = deeds.on_notice(deeds.deed_of(household, yard))
    deeds.deed_of(household, yard)
    soup = scan(card)
    assert soup.words(".pb-head p") == "富民新村 第三网格 · 尾号 0147"
    assert soup.words("h1") == "王*智家的积分"
    assert soup.words("#home-balance") == "128"
    assert soup.words("#civility-balance") == "52"
    day = notice.ends_on + timedelta(days=1)
    assert soup.words(".on-notice") == f"公示中：家美积分 +8 ，{day.month}月{day.day}日到账 看看是什么"
    assert soup.words("#score p") == "本季文明得分 52 （花掉不减）"
    assert soup.words(".in-review") == "等评议、等公示的：1 项"
    assert "花掉了得分也不减" in soup.words("#score details")
    assert "参加环境整治" not in soup.response.text
    assert "王永智" not in soup.response.text
    assert soup.select("#latest, #more, #coming") == []


def test_a_notice_that_is_over_waits_to_be_booked(page, scan, household, card, yard):
    deeds.on_notice(deeds.deed_of(household, yard))
    with clock.set_to(clock.now() + timedelta(days=6)):
        assert scan(card).words(".on-notice") == "公示到期，待入账：家美积分 +8 看看是什么"


def test_an_objection_stops_the_count(page, scan, household, card, yard):
    deed = deeds.deed_of(household, yard)
    deeds.on_notice(deed)
    deeds.step(deed, "freeze", "frozen")
    soup = scan(card)
    assert soup.select(".on-notice") == []
    assert soup.words(".frozen") == "有异议、先停着的：1 项"


def test_a_deduction_under_way_shows_to_no_finder_of_the_card(page, scan, household, card, village):
    fine = deeds.rule_of(
        village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction", publish="place_only"
    )
    deeds.on_notice(deeds.deed_of(household, fine))
    soup = scan(card)
    assert soup.select(".on-notice, .in-review") == []
    assert "乱堆乱放" not in soup.response.text


def test_what_is_owed_is_said_in_words(page, scan, household, card, yard):
    deed = deeds.settled(household, yard)
    with atomic():
        spent = ledger.Posting("order", 1, household.id, (ledger.Move("home", 6, ledger.Flow.SPEND),))
        ledger.post(household.village_id, [spent], by=None)
        ledger.reverse(deed.entry_id, by=None)
    soup = scan(card)
    assert soup.words("#home-balance") == "0"
    assert "还欠家美积分 6，" in soup.words("#owed")


def test_a_trial_run_says_that_nothing_can_be_had_yet(page, scan, card, yard):
    yard.rulebook.is_trial = True
    db.session.commit()
    assert "试运行" in scan(card).words("#trial")


def test_the_first_page_costs_the_same_queries_whatever_the_history(app, page, scan, household, card, yard):
    deeds.on_notice(deeds.deed_of(household, yard))
    deeds.settled(household, yard)
    scan(card)
    with count_queries(app) as few:
        page("/passbook")
    for _ in range(12):
        deeds.settled(household, yard)
        deeds.deed_of(household, yard)
    with count_queries(app) as many:
        page("/passbook")
    assert len(many) == len(few)
    assert len(many) <= 13


def test_it_reads_in_english(page, scan, card):
    page.client.set_cookie("lang", "en")
    assert scan(card).find("html")["lang"] == "en"


# ---- the PIN


@pytest.mark.parametrize("url", ["history", "deductions", "looks", "settings"])
def test_without_the_pin_nothing_more_opens(page, scan, card, url):
    scan(card)
    assert page(f"/passbook/{url}", 303).location == "/passbook/pin"


@pytest.mark.parametrize("url", ["pin", "new-pin", "history", "deductions", "looks", "settings"])
def test_without_a_card_every_page_leads_to_the_door(page, village, url):
    assert page(f"/passbook/{url}", 303).location == "/passbook"


def test_the_printed_pin_leads_to_an_own_one_first(page, scan, household, card):
    scan(card)
    page.submit(page("/passbook/pin").select_one("#pin-form"), 303, pin=factories.pin_of(household))
    assert page("/passbook/history", 303).location == "/passbook/new-pin"
    assert page("/passbook").select("#latest") == []
    form = page("/passbook/new-pin").select_one("#new-pin-form")
    assert page.submit(form, 303, pin="２７０５９３", again="２７０５９３").location == "/passbook"
    assert page("/passbook").select("#latest")
    assert people.check_pin(household.id, "270593", address="x").needs_change is False


@pytest.mark.parametrize(
    ("pin", "again", "sentence"),
    [
        ("1234", "1234", "太容易被猜到"),
        ("0147", "0147", "太容易被猜到"),
        ("27", "27", "4到6位"),
        ("27059x", "27059x", "4到6位"),
        ("2705931", "2705931", "4到6位"),
        ("270593", "270594", "两遍输的不一样"),
        ("", "", "这里要填"),
    ],
)
def test_a_bad_own_pin_is_refused(app, page, scan, household, card, pin, again, sentence):
    scan(card)
    page.submit(page("/passbook/pin").select_one("#pin-form"), 303, pin=factories.pin_of(household))
    form = page("/passbook/new-pin").select_one("#new-pin-form")
    with unchanged(app):
        soup = page.submit(form, 422, pin=pin, again=again)
    assert sentence in soup.words("#new-pin-form")


def test_the_printed_pin_cannot_be_chosen(app, page, scan, household, card):
    scan(card)
    pin = factories.pin_of(household)
    page.submit(page("/passbook/pin").select_one("#pin-form"), 303, pin=pin)
    with unchanged(app):
        soup = page.submit(page("/passbook/new-pin").select_one("#new-pin-form"), 422, pin=pin, again=pin)
    assert "不能再用密码条上印的密码" in soup.words("#new-pin-form")


def test_a_wrong_pin_is_refused_and_then_slowed_down(app, page, scan, household, card):
    scan(card)
    form = page("/passbook/pin").select_one("#pin-form")
    with unchanged(app):
        for _ in range(5):
            assert "密码不对" in page.submit(form, 422, pin="999999").words("#pin-form")
        soup = page.submit(form, 429, pin=factories.pin_of(household))
    assert "试错的次数太多" in soup.words("#pin-form")
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        scan(card)
        form = page("/passbook/pin").select_one("#pin-form")
        assert page.submit(form, 303, pin=factories.pin_of(household)).location == "/passbook/new-pin"


def test_the_pin_is_asked_again_after_half_an_hour(page, scan, unlock, card):
    unlock()
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        scan(card)
        assert page("/passbook/history", 303).location == "/passbook/pin"


def test_a_pin_opens_one_household_only(page, scan, unlock, household):
    unlock()
    other = factories.card_of(factories.HouseholdFactory(grid=household.grid))
    scan(other)
    assert page("/passbook/history", 303).location == "/passbook/pin"


def test_a_reset_pin_closes_what_it_had_opened(page, unlock, household, village):
    unlock()
    people.reset_pin(village.id, household.id, by=factories.village_admin(village).id)
    assert page("/passbook/history", 303).location == "/passbook/pin"


def test_changing_the_pin_asks_for_the_old_one(app, page, unlock, household):
    unlock()
    form = page("/passbook/new-pin").select_one("#new-pin-form")
    with unchanged(app):
        assert "密码不对" in page.submit(form, 422, old="111111", pin="830465", again="830465").words("#new-pin-form")
    page.submit(form, 303, old="270593", pin="830465", again="830465")
    assert page("/passbook").select("#latest")
    assert people.check_pin(household.id, "830465", address="x").needs_change is False


def test_the_end_closes_the_pin_too(page, scan, unlock, card):
    soup = unlock()
    page.submit(soup.select_one("form[action='/passbook/end']"), 303)
    scan(card)
    assert page("/passbook/history", 303).location == "/passbook/pin"


def test_forms_without_a_token_are_refused(app, page, unlock, household):
    unlock()
    with unchanged(app):
        page.post("/passbook/leave", {"csrf_token": "x"}, status=400)


# ---- with the PIN


def test_a_line_says_who_and_why(page, unlock, household, yard, member, reviewer):
    deed = deeds.deed_of(household, yard, by=member)
    deeds.step(deed, "approve", "approved", by=reviewer)
    notice = deeds.on_notice(deed)
    deeds.settle(deed)
    today = clock.today()
    day = f"{today.month}月{today.day}日"
    assert lines(unlock()) == [
        f"参加环境整治 {day}的事 · 李执委提出 · 张组长评议通过 · 第{notice.number}号公示 · {day}入账 · 家美积分 · 余 8 +8"
    ]


def test_an_order_and_its_return_are_lines(page, unlock, household, village):
    keeper = factories.keeper(village, name="马管理员")
    deeds.rule_of(village.id)
    factories.give(household, home=20)
    soap = factories.stocked(village, 10, by=keeper, home=4, name="香皂")
    order_id = tills.redeem(household, soap, 3, by=keeper)
    assert lines(unlock())[0].startswith("兑换 香皂 3 件 积分超市 马管理员 · ")
    assert lines(page("/passbook"))[0].endswith("家美积分 · 余 8 −12")
    tills.take_back(household, order_id, by=keeper)
    found = lines(page("/passbook"))
    assert found[0].startswith("退回 香皂 3 件 积分超市 马管理员 · ")
    assert found[0].endswith("+12")
    assert "后来退回了" in found[1]


def test_a_reversal_says_who_and_why(page, unlock, household, yard, village):
    boss = factories.supervisor(village, name="赵监督")
    deed = deeds.settled(household, yard)
    with atomic():
        remark_id, _ = remarks.keep("记错了户", village_id=village.id)
        ledger.reverse(deed.entry_id, by=boss.id)
    deeds.step(deed, "reverse", "reversed", by=boss, remark_id=remark_id)
    found = lines(unlock())
    assert found[0].startswith("更正：参加环境整治 赵监督更正 · 原因：记错了户 · ")
    assert found[0].endswith("−8")


def test_a_deduction_that_found_too_little_says_so(page, unlock, household, village):
    factories.give(household, civility=3)
    fine = deeds.rule_of(village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction")
    deeds.settled(household, fine)
    assert "得分扣 5 分，可兑换里只扣了 3 分" in lines(unlock())[0]


def test_what_is_under_way_stands_with_its_state(page, unlock, household, yard):
    deeds.deed_of(household, yard)
    notice = deeds.on_notice(deeds.deed_of(household, yard))
    day = notice.ends_on + timedelta(days=1)
    found = lines(unlock(), "#coming")
    assert f"第{notice.number}号公示中，{day.month}月{day.day}日入账" in found[0]
    assert "已报上，等评议" in found[1]


def test_older_months_can_be_paged(page, unlock, household, yard):
    with clock.set_to(clock.now() - timedelta(days=70)):
        month = clock.month_of(clock.today())
        deeds.settled(household, yard)
    unlock()
    assert lines(page("/passbook/history"), "#history") == []
    soup = page(f"/passbook/history?month={month}")
    assert soup.words("h1") == f"{month // 100}年{month % 100}月的明细"
    assert len(lines(soup, "#history")) == 1
    assert soup.select_one("a[rel=prev]") is not None
    assert soup.select_one("a[rel=next]") is not None


@pytest.mark.parametrize("month", ["", "abc", "0", "202613", "-5", "999999999999", "190001", "299912"])
def test_an_odd_month_is_the_present_one(page, unlock, month):
    unlock()
    this = clock.today()
    assert page(f"/passbook/history?month={month}").words("h1") == f"{this.year}年{this.month}月的明细"


def test_the_history_costs_the_same_queries_for_1_line_and_12(app, page, unlock, household, yard, member):
    deeds.settled(household, yard, by=member)
    unlock()
    with count_queries(app) as few:
        page("/passbook/history")
    for _ in range(12):
        deeds.settled(household, yard, by=member)
    with count_queries(app) as many:
        page("/passbook/history")
    assert len(many) == len(few)


def told_deduction(household, member):
    """A deduction whose telling is done; ``answer`` is open."""
    rule = deeds.rule_of(
        household.village_id, name="乱堆乱放", unit="civility", points=-5, route="deduction", publish="place_only"
    )
    with atomic():
        reported, _ = remarks.keep("门前堆了柴草", village_id=household.village_id)
    deed = deeds.deed_of(household, rule, by=member, remark_id=reported)
    db.session.add(
        Deduction(
            deed_id=deed.id, told_on=clock.today(), told_how="in_person", told_by_id=member.id,
            rebuttal_until=clock.today() + timedelta(days=3),
        )
    )  # fmt: skip
    deeds.step(deed, "verify", "verified", by=member)
    return deeds.step(deed, "tell", "told", by=member)


def test_a_deduction_stands_with_every_step(page, unlock, household, member):
    deed = told_deduction(household, member)
    unlock()
    soup = page("/passbook/deductions")
    assert soup.words(f"#deduction-{deed.id} h2") == "乱堆乱放 −5"
    assert "事由：门前堆了柴草" in soup.words(".deduction")
    assert [li.select_one("span").contents[0].strip() for li in soup.select(".deduction li")] == [
        "报上来", "第二个人核实", "告知您家",
    ]  # fmt: skip
    assert deed.id not in set(lines(page("/passbook")))


def test_before_it_was_told_its_reason_stays_with_the_staff(page, unlock, household, member):
    deed = told_deduction(household, member)
    deed.deduction.told_on = None
    deeds.step(deed, "verify", "verified", by=member)
    unlock()
    assert "门前堆了柴草" not in page("/passbook/deductions").response.text


def test_the_household_answers_while_its_time_runs(app, page, unlock, household, member):
    factories.give(household, home=1)
    deed = told_deduction(household, member)
    unlock()
    form = page("/passbook/deductions").select_one(".deduction form")
    with unchanged(app):
        page.submit(form, 422, words="")
    form = page("/passbook/deductions").select_one(".deduction form")
    assert page.submit(form, 303, words="柴草当天就搬走了").location == "/passbook/deductions"
    assert "柴草当天就搬走了" in page("/passbook/deductions").words(".deduction")
    with clock.set_to(clock.now() + timedelta(days=4)):
        assert deed.id
        with pytest.raises(RebuttalOver):
            deductions.answer(household.village_id, deed.id, "太晚了", key=keys.new(), by=None)


def test_another_households_deduction_cannot_be_answered(app, page, unlock, household, member):
    other = factories.HouseholdFactory(grid=household.grid)
    deed = told_deduction(other, member)
    unlock()
    with unchanged(app):
        page.post(f"/passbook/deductions/{deed.id}/answer", {"words": "不是我家", "key": keys.new()}, status=404)


def test_who_looked_is_listed(page, unlock, household, member):
    looks.record_look(household.village_id, household.id, by=member.id, what="household")
    unlock()
    soup = page("/passbook/looks")
    assert soup.words("#looks li").startswith("李执委 ")
    assert soup.words("#looks li").endswith("看了本户页面")


def test_leaving_is_confirmed_in_words_and_undone_in_one_tap(page, unlock, household):
    unlock()
    form = page("/passbook/settings").select_one("form[action='/passbook/leave']")
    assert "已有的积分照样能兑换" in form.get_text()
    page.submit(form, 303)
    assert reloaded(household).left_on == clock.today()
    assert "暂不参加" in page("/passbook").words("#left")
    page.submit(page("/passbook/settings").select_one("form[action='/passbook/come-back']"), 303)
    assert reloaded(household).left_on is None


def test_the_board_can_be_left_and_joined(page, unlock, household):
    unlock()
    version = household.village.board_version
    page.submit(page("/passbook/settings").select_one("#board form"), 303)
    assert reloaded(household).board_opt_out is True
    assert reloaded(household).village.board_version == version + 1
    page.submit(page("/passbook/settings").select_one("#board form"), 303)
    assert reloaded(household).board_opt_out is False


def test_consent_is_given_and_taken_back(page, unlock, household):
    unlock()
    page.submit(page("/passbook/settings").select_one("#consents form"), 303)
    assert queries.has_consent([household.id]) == {household.id}
    page.submit(page("/passbook/settings").select_one("#consents form"), 303)
    assert queries.has_consent([household.id]) == set()


@pytest.mark.parametrize("url", ["board/up", "consents/name_on_board/x", "consents/other/give"])
def test_unknown_wishes_are_not_found(app, page, unlock, url):
    unlock()
    with unchanged(app):
        page.post(f"/passbook/{url}", status=404)
