"""Claims from the passbook: with the PIN, a rule, a day, a sentence, a photo; and what becomes of them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories, photos
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import claims, services, settling
from virtue.awarding.claims import Claim
from virtue.awarding.errors import TooManyClaims
from virtue.awarding.models import Deed, DeedStep
from virtue.core import keys
from virtue.core.models import StoredFile
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people import services as people
from virtue.transactions import atomic


@pytest.fixture
def rules(village):
    book = factories.RulebookFactory(village_id=village.id)
    # The village's chain is there: a refused first write of all would leave that behind.
    with atomic():
        ledger.lock(village.id)

    def make(name, entry="claim+scan", **fields):
        return factories.RuleFactory(rulebook=book, name=name, route="review", entry=entry, **fields)

    return {
        "plain": make("邻里互助", name_en="Helping a neighbour"),
        "photo": make("清理渠道垃圾", evidence="photo"),
        "capped": make("垃圾分类", points=5, cap_month=5),
        "home": make("居室整洁", needs="home_consent"),
        "scan": make("治安巡防", entry="scan"),
        "fine": factories.RuleFactory(rulebook=book, name="乱倒垃圾", points=-5, route="deduction", entry="claim"),
    }


def put(household, rule, words="帮邻居收麦子", **fields):
    what = Claim(rule.id, fields.pop("day", clock.today()), words, **fields)
    done = claims.claim(household.village_id, household.id, what, key=keys.new(), by=None)
    return done.result["deed_id"]


def the_deed(deed_id=None):
    return db.session.scalar(select(Deed).where(Deed.id == deed_id) if deed_id else select(Deed))


@pytest.fixture
def form(page, unlock, rules):
    """The claim form of a household that gave its PIN."""
    unlock()
    return page("/passbook/claim").select_one("form#claim")


def test_without_the_pin_there_is_no_claiming(app, page, scan, card, rules):
    scan(card)
    for address in ("/passbook/claim", "/passbook/claims"):
        assert page(address, 303).location == "/passbook/pin"
    with unchanged(app):
        assert page.post("/passbook/claim", {"rule": "1"}).location == "/passbook/pin"


def test_only_rules_that_can_be_claimed_are_offered(form):
    assert [one.get_text() for one in form.select(".choice > span > b")] == [
        "邻里互助", "清理渠道垃圾", "垃圾分类", "居室整洁",
    ]  # fmt: skip


def test_a_claim_waits_for_review(page, form, household, rules):
    sent = page.submit(form, 303, rule=str(rules["photo"].id), words="清了两公里渠道", photo=photos.upload())
    assert sent.location == "/passbook/claims"
    deed = the_deed()
    assert (deed.way, deed.proposed_by_id, deed.state, deed.household_id) == ("claim", None, "proposed", household.id)
    shown = page("/passbook/claims")
    card = shown.words(f"#claim-{deed.id}")
    assert "清了两公里渠道" in card
    assert "已报上，等评议" in card
    small = shown.select_one(f"#claim-{deed.id} img")["src"]
    answer = page.raw("GET", small)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    page.post("/passbook/end")
    page(small, 404)


def test_the_claim_counts_once_however_often_it_is_sent(page, form, rules):
    for _ in range(2):
        page.submit(form, 303, rule=str(rules["plain"].id), words="帮邻居收麦子", photo=photos.upload())
    assert db.session.scalar(select(func.count()).select_from(Deed)) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule": ""}, "请选一项"),
        ({"rule": "999999"}, "没有这一项"),
        ({"rule": "scan"}, "请选一项"),
        ({"words": "  "}, "请写一句"),
        ({"words": "长" * 201}, "太长"),
        ({"happened_on": "昨天"}, "日期"),
        ({"happened_on": "2999-01-01"}, "日期不对"),
        ({"happened_on": "2020-01-01"}, "日期不对"),
        ({"photo": (b"<svg/>", "x.jpg")}, "不是照片"),
    ],
    ids=["none", "unknown", "word", "blank", "long", "no-day", "future", "past", "no-photo"],
)
def test_a_wrong_claim_comes_back_with_all_that_was_typed(app, page, form, rules, fields, said):
    data = {"rule": str(rules["plain"].id), "words": "帮邻居收麦子", "photo": photos.upload()} | fields
    if isinstance(data["photo"][0], bytes):
        data["photo"] = photos.upload(*data["photo"])
    with unchanged(app):
        back = page.submit(form, 422, **data)
    assert said in back.words("form#claim")
    assert back.select_one("textarea[name=words]").get_text().strip() == data["words"].strip()
    assert bool(back.select("input[name=kept_photo]")) == ("photo" not in fields)


def test_a_rule_of_another_way_is_refused(app, page, form, rules):
    for name in ("scan", "fine"):
        with unchanged(app):
            back = page.submit(form, 422, rule=str(rules[name].id), words="帮邻居收麦子")
        assert "不能这样加" in back.words(".form-error")
        form = back.select_one("form#claim")


def test_the_kept_photo_goes_with_the_second_try(page, form, rules):
    back = page.submit(form, 422, rule=str(rules["photo"].id), words="", photo=photos.upload())
    page.submit(back.select_one("form#claim"), 303, words="清了两公里渠道")
    assert the_deed().photo_id is not None


def test_a_photo_that_is_asked_for_is_asked_for(app, page, form, rules):
    with unchanged(app):
        back = page.submit(form, 422, rule=str(rules["photo"].id), words="清了两公里渠道")
    assert "要有照片" in back.words(".form-error")


def test_the_householder_ticks_for_the_own_home_too(app, page, form, rules):
    with unchanged(app):
        back = page.submit(form, 422, rule=str(rules["home"].id), words="扫干净了")
    page.submit(back.select_one("form#claim"), 303, home_consent="y")
    assert the_deed().home_consent is True


def test_a_full_cap_is_said_before_anything_is_sent(app, page, unlock, household, rules):
    unlock()
    put(household, rules["capped"])
    form = page("/passbook/claim").select_one("form#claim")
    tile = form.select_one(f"input[value='{rules['capped'].id}']")
    assert tile.has_attr("disabled")
    assert "起可再报" in tile.parent.get_text()
    with unchanged(app):
        back = page.submit(form, 422, rule=str(rules["capped"].id), words="分了一个月垃圾")
    assert "已经加满" in back.words(".form-error")


def test_a_household_that_left_doesnt_claim(app, page, unlock, household, rules):
    unlock()
    form = page("/passbook/claim").select_one("form#claim")
    people.leave(household.village_id, household.id, by=None)
    shown = page("/passbook/claim")
    assert shown.select("form#claim") == []
    assert "暂不参加" in shown.words(".pb-box")
    with unchanged(app):
        page.submit(form, 422, rule=str(rules["plain"].id), words="帮邻居收麦子")


def test_ten_may_wait_and_no_more(app, household, rules):
    for _ in range(claims.MOST_WAITING):
        put(household, rules["plain"])
    with unchanged(app), pytest.raises(TooManyClaims):
        put(household, rules["plain"])


def test_so_many_photos_of_refused_forms_and_no_more(app, page, form, rules, monkeypatch):
    monkeypatch.setattr("virtue.passbook.claim_views.FREE_PHOTOS", 1)
    page.submit(form, 422, rule="", words="帮邻居收麦子", photo=photos.upload())
    with unchanged(app):
        back = page.submit(form, 429, rule="", words="帮邻居收麦子", photo=photos.upload())
    assert "分钟后再试" in back.words(".form-error")


# What becomes of it.


def test_sent_back_with_the_reason_and_sent_again(page, unlock, village, household, rules):
    unlock()
    deed_id = put(household, rules["plain"])
    judge = factories.reviewer(village)
    services.send_back(village.id, deed_id, why="哪一天、谁家的麦子", key=keys.new(), by=judge.id)
    assert "有 1 项申报退回来要补充" in page("/passbook").words("#sent-back")
    shown = page("/passbook/claims")
    assert "哪一天、谁家的麦子" in shown.words(f"#claim-{deed_id} .pb-reason")
    form = shown.select_one(f"form[action='/passbook/claims/{deed_id}/resend']")
    page.submit(form, 303, words="三月二日，李家", photo=photos.upload())
    deed = the_deed(deed_id)
    assert (deed.state, deed.photo_id is not None) == ("proposed", True)
    last = db.session.scalars(select(DeedStep).where(DeedStep.deed_id == deed_id).order_by(DeedStep.id.desc())).first()
    assert (last.action, last.by_id) == ("resubmit", None)
    services.approve(village.id, deed_id, key=keys.new(), by=judge.id)
    assert the_deed(deed_id).state == "approved"


def test_an_empty_answer_comes_back_with_its_photo(app, page, unlock, village, household, rules):
    unlock()
    deed_id = put(household, rules["plain"])
    services.send_back(village.id, deed_id, why="说清楚", key=keys.new(), by=factories.reviewer(village).id)
    form = page("/passbook/claims").select_one(f"form[action='/passbook/claims/{deed_id}/resend']")
    with unchanged(app):
        back = page.submit(form, 422, words="", photo=photos.upload())
    form = back.select_one(f"form[action='/passbook/claims/{deed_id}/resend']")
    assert "请写一句" in back.words(".form-error")
    page.submit(form, 303, words="三月二日，李家")
    assert the_deed(deed_id).photo_id is not None


def test_rejected_with_the_reason(page, unlock, village, household, rules):
    unlock()
    deed_id = put(household, rules["plain"])
    services.reject(village.id, deed_id, why="不在村里，查不到", key=keys.new(), by=factories.reviewer(village).id)
    card = page("/passbook/claims").select_one(f"#claim-{deed_id}")
    assert "评议没有通过" in card.get_text()
    assert "不在村里，查不到" in card.get_text()
    assert card.select("form") == []


def test_on_notice_until_a_day_and_then_settled(mid_month, page, unlock, village, household, rules):
    unlock()
    deed_id = put(household, rules["plain"])
    services.approve(village.id, deed_id, key=keys.new(), by=factories.reviewer(village).id)
    assert "评议通过" in page("/passbook/claims").words(f"#claim-{deed_id} .claim-state")
    settling.publish_notice(village.id, key=keys.new(), by=factories.village_admin(village).id)
    assert "号公示中" in page("/passbook/claims").words(f"#claim-{deed_id} .claim-state")
    with clock.set_to(clock.now() + timedelta(days=6)):
        settling.settle_due(village.id)
    assert "已入账" in page("/passbook/claims").words(f"#claim-{deed_id} .claim-state")
    assert "您家自己申报" in page("/passbook").words("#latest")


def test_an_undecided_claim_is_taken_back_and_a_decided_one_isnt(app, page, unlock, village, household, rules):
    unlock()
    first, second = put(household, rules["plain"]), put(household, rules["plain"])
    shown = page("/passbook/claims")
    forms = {one: shown.select_one(f"form[action='/passbook/claims/{one}/withdraw']") for one in (first, second)}
    page.submit(forms[first], 303)
    assert the_deed(first).state == "withdrawn"
    assert "您家撤回了" in page("/passbook/claims").words(f"#claim-{first}")
    services.approve(village.id, second, key=keys.new(), by=factories.reviewer(village).id)
    with unchanged(app):
        page.submit(forms[second], 409)


def test_what_the_desk_took_down_is_shown_as_such(page, unlock, village, household, rules):
    unlock()
    clerk = factories.village_admin(village, name="张文书")
    what = Claim(rules["plain"].id, clock.today(), "帮邻居收麦子")
    claims.claim(village.id, household.id, what, key=keys.new(), by=clerk.id)
    assert "张文书代您家申报" in page("/passbook/claims").words(".claim")


def test_another_households_claim_isnt_there(app, page, unlock, village, household, rules):
    unlock()
    other = factories.HouseholdFactory(grid=household.grid)
    theirs = put(other, rules["plain"])
    scanned = services.propose(
        village.id, services.Proposal(household.id, rules["plain"].id, clock.today()), key=keys.new(),
        by=factories.committee(village).id,
    ).result["deed_id"]  # fmt: skip
    for deed_id in (theirs, scanned, 987654):
        for act in ("withdraw", "resend"):
            with unchanged(app):
                page.post(f"/passbook/claims/{deed_id}/{act}", {"key": keys.new(), "words": "帮邻居"}, 404)
    assert page("/passbook/claims").select(".claim") == []


def test_another_households_photo_isnt_there(page, visitor, unlock, form, household, rules):
    page.submit(form, 303, rule=str(rules["plain"].id), words="帮邻居收麦子", photo=photos.upload())
    name = db.session.scalar(select(StoredFile.name))
    page.raw("GET", f"/passbook/photos/{name}")
    neighbour = factories.HouseholdFactory(grid=household.grid)
    other = visitor()
    other(f"/C/{factories.digits_of(factories.card_of(neighbour))}", 303)
    other(f"/passbook/photos/{name}", 404)
    form = other("/passbook/pin").select_one("#pin-form")
    other.submit(form, 303, pin=factories.pin_of(neighbour))
    form = other("/passbook/new-pin").select_one("#new-pin-form")
    other.submit(form, 303, pin="361942", again="361942")
    other(f"/passbook/photos/{name}", 404)


def test_the_page_is_there_in_english(page, unlock, rules):
    unlock()
    page.client.set_cookie("lang", "en")
    shown = page("/passbook/claim")
    assert shown.html["lang"] == "en"
    assert "Helping a neighbour" in shown.words("form#claim")
