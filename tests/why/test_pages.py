"""The pages of every chain: linked from where the number stands, for whoever may read it, and for nobody else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import deeds, factories
from tests.awarding.work import make_work
from tests.pages import count_queries, unchanged
from tests.passbook import tills
from tests.passbook.conftest import card, household, scan, unlock, village  # noqa: F401  fixtures
from virtue import clock
from virtue.core import remarks
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.ledger import services as ledger_services
from virtue.people.models import Look
from virtue.store import served
from virtue.transactions import atomic


@pytest.fixture
def yard(village):  # noqa: F811
    return deeds.rule_of(village.id, name="参加环境整治", unit="home", points=8, cap_month=20)


@pytest.fixture
def honour(village):  # noqa: F811
    return deeds.rule_of(village.id, name="见义勇为", unit="civility", points=20)


@pytest.fixture
def clerk(village):  # noqa: F811
    return factories.village_admin(village, name="周文书")


@pytest.fixture
def member(village):  # noqa: F811
    return factories.committee(village, name="李执委")


def href(soup, words, at="main"):
    """The address of the link whose whole text begins so."""
    return next(a["href"] for a in soup.select(f"{at} a") if a.get_text(" ", strip=True).startswith(words))


def sums(soup):
    """The sum's lines as (word, points), its last line the number."""
    rows = [row.select("th, td") for row in soup.select(".why-sum tr")]
    return [(cells[0].get_text(" ", strip=True), _number(cells[1].get_text(strip=True))) for cells in rows]


def _number(text):
    return int(text.replace("−", "-").replace("+", "").replace(",", ""))


def quarter():
    day = clock.today()
    return f"{day.year}-q{(day.month - 1) // 3 + 1}"


# ---- the passbook


def test_without_the_pin_no_number_opens(page, scan, card, yard, household):  # noqa: F811
    deed = deeds.settled(household, yard)
    soup = scan(card)
    assert soup.select("a.why") == []
    for path in (
        "balance/home",
        "owed/home",
        f"score/home/{quarter()}",
        f"deeds/{deed.id}",
        "entries/1",
        f"caps/{yard.id}",
    ):
        assert page(f"/passbook/{path}", 303).location == "/passbook/pin"


def test_the_passbooks_numbers_open_what_they_are_made_of(page, unlock, household, yard, honour, member):  # noqa: F811
    deeds.settled(household, yard, by=member)
    deeds.settled(household, honour, by=member)
    soup = unlock()
    home = page(href(soup, "看怎么来的", ".is-home"))
    assert home.words("h1") == "家美积分可兑换是怎么来的"
    assert home.words(".why-number") == "8 家美积分"
    assert sums(home) == [("做好事加的", 8), ("加起来：家美积分可兑换", 8)]
    assert "由李执委登记：参加环境整治，加 8 分；" in home.words(".why-said")
    score = page(href(soup, "看怎么来的", "#score"))
    assert sums(score)[-1][1] == 20
    assert "见义勇为" in score.words("#why")
    assert score.select_one("a[rel=prev]")["href"].startswith("/passbook/score/civility/")
    assert page(score.select_one("a[rel=prev]")["href"]).words("#why").endswith("还没有一笔，所以是 0。")
    entry = page(href(home, "看第1笔"))
    assert entry.words("h1") == "第1笔"
    assert entry.words("#seal") == ledger.one_entry(household.village_id, 1)[0].seal[:16]
    assert [row.get_text(" ", strip=True) for row in entry.select(".why-sum tr")] == ["家美积分 可兑换 之后 8 +8"]
    assert page(href(soup, "参加环境整治", "#latest")).words("h1") == "第1笔"


def test_what_is_owed_opens(page, unlock, household, yard, village):  # noqa: F811
    deed = deeds.settled(household, yard)
    soap = factories.stocked(village, 9, by=factories.keeper(village), home=6)
    tills.redeem(household, soap, 1, by=factories.keeper(village))
    boss, entry_id = factories.supervisor(village).id, deed.entry_id
    with atomic():
        ledger_services.reverse(entry_id, by=boss)
    soup = unlock()
    owed = page(href(soup, "看怎么来的", "#owed"))
    assert owed.words("h1") == "家美积分还欠的是怎么来的"
    assert sums(owed) == [("更正的", 6), ("加起来：家美积分还欠的", 6)]
    balance = page("/passbook/balance/home")
    assert sums(balance) == [
        ("做好事加的", 8), ("更正的", -2), ("换东西花的", -6), ("加起来：家美积分可兑换", 0),
    ]  # fmt: skip
    entry = page("/passbook/entries/3")
    assert [row.get_text(" ", strip=True) for row in entry.select(".why-sum tr")] == [
        "家美积分 可兑换 之后 0 −2", "家美积分 还欠 之后 6 +6",
    ]  # fmt: skip


def test_what_is_under_way_opens_with_where_it_stands(page, unlock, household, yard, member):  # noqa: F811
    deeds.deed_of(household, yard, by=member)
    soup = unlock()
    deed = page(href(soup, "参加环境整治", "#coming"))
    assert deed.words("h1") == "参加环境整治"
    assert deed.words(".why-said").endswith("由李执委登记：参加环境整治，加 8 分；现在：待评议。")
    assert "细则第1版，" in deed.words("#why")


def test_a_cap_that_is_near_opens_in_the_claim_form(page, unlock, household, village):  # noqa: F811
    rule = deeds.rule_of(village.id, name="探访老人", points=5, cap_month=10, route="review", entry="claim+scan")
    for _ in range(2):
        deeds.settled(household, rule)
    unlock()
    cap = page(href(page("/passbook/claim"), "探访老人"))
    assert "一户最多 10 分，已记 10 分，还可记 0 分。" in cap.words("#cap-month")
    assert sums(cap) == [("加起来：已记", 10)]


def test_what_was_written_before_it_was_told_stays_sealed(page, unlock, household, village, member):  # noqa: F811
    rule = deeds.rule_of(village.id, name="乱堆乱放", unit="civility", points=-5, route="deduction")
    with atomic():
        said, _ = remarks.keep("东头赵家说的", village_id=village.id)
    deed = deeds.deed_of(household, rule, by=member, remark_id=said)
    unlock()
    soup = page(f"/passbook/deeds/{deed.id}")
    assert "李执委反映：乱堆乱放，扣 5 分；现在：待核实。" in soup.words(".why-said")
    assert "东头赵家" not in soup.response.text
    deeds.step(deed, "drop", "dropped", by=member)
    page(f"/passbook/deeds/{deed.id}", 404)


def test_another_households_things_are_not_found(page, unlock, household, yard):  # noqa: F811
    other = factories.HouseholdFactory(grid=household.grid)
    deed = deeds.settled(other, yard)
    foreign = deeds.rule_of(factories.VillageFactory().id)
    unlock()
    for path in (f"deeds/{deed.id}", "deeds/999999", "entries/1", "entries/2", f"caps/{foreign.id}", "caps/999999"):
        page(f"/passbook/{path}", 404)
    for path in ("balance/gold", "score/home/2026-q5", "score/home/9999", "score/home/x"):
        page(f"/passbook/{path}", 404)
    assert page("/passbook/balance/home?page=abc").words("#why").endswith("还没有一笔，所以是 0。")


def test_a_long_history_is_paged_and_every_page_adds_up(page, unlock, household, yard):  # noqa: F811
    for _ in range(45):
        factories.give(household, home=2)
    unlock()
    url, seen = "/passbook/balance/home", []
    while url:
        soup = page(url)
        *parts, (_word, total) = sums(soup)
        assert sum(points for _name, points in parts) == total
        seen.append(total)
        following = soup.select_one("a[rel=next]")
        url = following["href"] if following else None
    assert seen == [90, 50, 10]
    assert page("/passbook/balance/home?page=2").words("#carried").startswith("再以前的 看再以前的 10")


def test_it_reads_in_english(page, unlock, household, yard, member):  # noqa: F811
    deeds.settled(household, yard, by=member)
    unlock()
    page.raw("GET", "/language/en?next=/passbook")
    soup = page("/passbook/balance/home")
    assert soup.words("h1") == "Why: home points to spend"
    assert "entered by 李执委: A clean yard, +8 points; booked" in soup.words(".why-said")
    assert "Sum: home points to spend 8" in soup.words(".why-sum")


# ---- the desk


@pytest.fixture
def desk(page, clerk):
    return page.sign_in(clerk)


def test_the_households_page_opens_each_number_and_each_look_is_kept(app, desk, household, yard, honour, clerk):  # noqa: F811
    deeds.settled(household, yard)
    deeds.settled(household, honour)
    soup = desk(f"/households/{household.id}")
    links = [a["href"] for a in soup.select("#household-points a.why")]
    year = clock.today().year
    assert links == [
        f"/households/{household.id}/{path}"
        for path in (
            "balance/home", "balance/civility", f"score/home/{quarter()}", f"score/home/{year}",
            f"score/civility/{quarter()}", f"score/civility/{year}",
        )
    ]  # fmt: skip
    with unchanged(app):
        assert [sums(desk(link))[-1][1] for link in links] == [8, 20, 8, 8, 20, 20]
    entry = desk(href(desk(links[0]), "看第1笔"))
    assert entry.words("h1") == "第1笔"
    assert href(entry, "看这件事的每一步").startswith("/deeds/")
    looks = db.session.scalars(sa.select(Look.what).where(Look.household_id == household.id)).all()
    assert looks.count("why") == len(links) + 2


def test_a_balance_of_a_past_day(desk, household, yard):  # noqa: F811
    with clock.set_to(clock.now() - timedelta(days=3)):
        deeds.settled(household, yard)
        then = clock.today()
    deeds.settled(household, yard)
    assert sums(desk(f"/households/{household.id}/balance/home?day={then}"))[-1][1] == 8
    assert sums(desk(f"/households/{household.id}/balance/home?day=yesterday"))[-1][1] == 16


def test_the_history_leads_to_the_entry(desk, household, yard):  # noqa: F811
    deeds.settled(household, yard)
    assert href(desk(f"/households/{household.id}/history"), "第1笔") == "/entries/1"


@pytest.mark.parametrize("cast", ["committee", "reviewer", "keeper"])
def test_the_whole_chain_is_for_clerk_and_supervisor(page, household, yard, village, cast):  # noqa: F811
    deeds.settled(household, yard)
    page.sign_in(factories.CAST[cast](village))
    for path in ("balance/home", "owed/home", "score/home/2026"):
        page(f"/households/{household.id}/{path}", 403)
    page("/entries/1", 403)
    assert db.session.query(Look).count() == 0


def test_another_village_is_not_found(page, household, yard):  # noqa: F811
    deeds.settled(household, yard)
    elsewhere = factories.VillageFactory()
    page.sign_in(factories.village_admin(elsewhere))
    for path in ("balance/home", "owed/home", f"score/home/{quarter()}", f"caps/{yard.id}"):
        page(f"/households/{household.id}/{path}", 404)
    page("/entries/1", 404)
    assert db.session.query(Look).count() == 0


def test_odd_addresses_are_not_found(desk, household, yard):  # noqa: F811
    for path in ("balance/gold", "score/home/2026-13", "score/home/soon", "caps/999999"):
        desk(f"/households/{household.id}/{path}", 404)
    desk("/entries/77", 404)
    desk("/households/999999/balance/home", 404)


@pytest.mark.parametrize("path", ["balance/home", "score/home/{quarter}", "caps/{rule}"])
def test_a_page_costs_the_same_queries_for_1_line_and_12(app, desk, household, yard, member, path):  # noqa: F811
    url = f"/households/{household.id}/" + path.format(quarter=quarter(), rule=yard.id)
    deeds.settled(household, yard, by=member)
    desk(url)
    with count_queries(app) as few:
        desk(url)
    for _ in range(11):
        deeds.settled(household, yard, by=member)
    with count_queries(app) as many:
        assert len(desk(url).select(".history > li")) == 12
    assert len(many) == len(few)


# ---- caps, where one decides


def test_the_award_page_names_the_rules_already_counted(page, household, yard, member):  # noqa: F811
    deeds.settled(household, yard)
    page.sign_in(member)
    card_code = factories.digits_of(factories.card_of(household))
    found = page.submit(page("/award").select_one("#find"), 303, code=card_code)
    cap = page(href(page(found.location), "参加环境整治", "#award details"))
    assert cap.words("h1") == "参加环境整治：已记了多少"
    assert cap.words("main > p") == "王*智家 第三网格 · 尾号 0147"
    assert "一户最多 20 分，已记 8 分，还可记 12 分。" in cap.words("#cap-month")
    assert cap.select(".history a") == []


def test_the_review_page_opens_what_is_counted_and_keeps_its_reason_empty(page, household, yard, member, village):  # noqa: F811
    yard.route = "review"
    deed = deeds.deed_of(household, yard, by=member)
    page.sign_in(factories.reviewer(village))
    soup = page(f"/review/{deed.id}")
    assert [field["value"] for field in soup.select("input[name=why]")] == ["", "", ""]
    assert "现在：待评议。" in page(href(soup, "看怎么来的")).words("#cap-month")


# ---- the till


@pytest.fixture
def sold(household, yard, village):  # noqa: F811
    """A keeper who handed one soap over, and the word by which the till knows the household."""
    keeper = factories.keeper(village, name="马管理")
    deeds.settled(household, yard)
    tills.redeem(household, factories.stocked(village, 9, by=keeper, home=3, name="香皂"), 1, by=keeper)
    return keeper


def test_the_till_opens_what_went_over_the_counter_and_no_deed(page, household, sold):  # noqa: F811
    page.sign_in(sold)
    code = factories.digits_of(factories.card_of(household))
    till = page(page.submit(page("/till").select_one("#find"), 303, code=code).location)
    soup = page(till.select_one(".till-who a.why")["href"])
    assert [b.get_text() for b in soup.select(".history > li b:first-child")][:2] == [
        "兑换 香皂 1 件",
        "加分、扣分、更正，共 1 笔",
    ]
    assert sums(soup) == [("换东西花的", -3), ("加分、扣分、更正，共 1 笔", 8), ("加起来：家美积分可兑换", 5)]
    assert "参加环境整治" not in soup.response.text
    assert "王永智" not in soup.response.text
    assert db.session.query(Look).count() == 0


def test_the_till_opens_nothing_for_a_household_that_was_not_found_here(page, visitor, household, sold, village):  # noqa: F811
    page.sign_in(sold)
    words = [
        served.make(served.Served(household.id, None, is_checked=False), by=sold.id),
        served.make(served.Served(household.id, None), by=sold.id + 1),
        "x",
        "",
    ]
    for word in words:
        assert page(f"/till/balance?unit=home&who={word}", 303).location == "/till"
    page(f"/till/balance?unit=gold&who={words[1]}", 404)
    other = visitor().sign_in(factories.committee(village))
    other(f"/till/balance?unit=home&who={words[1]}", 403)


def test_a_deeds_own_page_leads_to_its_entry_for_who_may_open_it(desk, visitor, household, yard, member):  # noqa: F811
    deed = deeds.settled(household, yard)
    assert href(desk(f"/deeds/{deed.id}"), "入账：账本第 1 笔") == "/entries/1"
    assert visitor().sign_in(member)(f"/deeds/{deed.id}").select("#chain a") == []


def test_the_boards_open_nothing(page, household, village, honour):  # noqa: F811
    deeds.settled(household, honour)
    for url in (f"/kiosk/{village.slug}/red-board", f"/v/{village.slug}/"):
        assert page(url).select("a.why") == []


def test_a_real_pipelines_chain_is_on_the_page(visitor):
    work = make_work()
    home = work.household()
    deed_id = work.bring("settled", home)
    desk = visitor().sign_in(work.staff["supervisor"])
    soup = desk(f"/households/{home.id}/balance/home")
    assert "评议通过；第1号公示第1行，公示到" in soup.words(".why-said")
    assert f"/deeds/{deed_id}" == href(desk(href(soup, "看第1笔")), "看这件事的每一步")
