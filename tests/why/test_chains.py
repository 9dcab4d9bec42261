"""Every chain adds up to its number, whatever moved it, and says in plain words what it is made of."""

from datetime import timedelta

import pytest

from tests import deeds, factories
from tests.pages import count_queries
from virtue import clock
from virtue.awarding import caps, public_queries
from virtue.awarding.models import Deed
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.scores import queries as scores
from virtue.why import periods, queries
from virtue.why.queries import DESK, HOUSEHOLD, KEEPER

UNITS = ("home", "civility")
NOTICED = "3月12日，{who}：{what}，加 {points} 分；3月14日{by}评议通过；第{notice}号公示第1行，公示到3月19日；3月20日公示期满入账（第{seq}笔）"
BURNT = (
    "3月5日，王秀英反映：焚烧秸秆，扣 5 分；事由：倒在渠边；3月5日钱执委核实；3月6日当面告知；3月6日您家陈述申辩；"
    "3月12日李国强、3月13日赵敏评议，同意扣分；第{0}号公示第1行，公示到3月19日；3月20日公示期满入账（第{1}笔）"
)
OPENED = "3月20日，周文书按旧账录入：期初余额：{0} {1} 分，加 {1} 分；3月20日郑文书核对；3月20日入账（第{2}笔）。"
SOAP = "3月20日，在积分超市兑换香皂 {0} 件；马管理经手；{1}第{2}笔入账。"
SPENT_BACK = (
    "3月20日，孙监督查实记错了，更正：探访照料独居老人（原来第{0}笔）；原来加的 5 分全部收回；原因：弄错了人家；"
    "已经花掉 4 分，记作欠，以后得的先补；第{1}笔入账。"
)
EVENT = "3月20日，王秀英在活动“清渠”登记：{0}，加 {1} 分；当场入账（第{2}笔）"
TAKEN_BACK = "3月20日，{0}：{1}（原来第{2}笔）；原来加的 {3} 分全部收回；{4}第{5}笔入账。"
OF_FEBRUARY = "2月26日，由王秀英登记：探访照料独居老人，加 5 分；{0}李国强评议通过；第{1}号公示第1行，公示到{2}；3月20日公示期满入账（第{3}笔）"
CLEAN, HELP, CARE = "参加环境整治（每户每次）", "志愿服务（每次）", "探访照料独居老人"
FOUND_WRONG, WRONG_HOME, GONE = "孙监督查实记错了，更正", "原因：弄错了人家；", "，后来更正了。"
NOT_SO = "3月20日，孙监督查实记错了，更正：焚烧秸秆（原来第19笔）；原来扣的 5 分不算了，实扣的都退回；原因：弄错了人家；第20笔入账。"


def noticed(notice, seq, who="由王秀英登记", what=CARE, points=5, by="李国强", end="。"):
    return NOTICED.format(notice=notice, seq=seq, who=who, what=what, points=points, by=by) + end


# By kind of movement: the lines of the purse, newest first, as its household reads them; with what each changed.
TOLD = {
    "booked": [(2, EVENT.format(CLEAN, 2, 1) + "。")],
    "noticed": [(5, noticed(1, 2))],
    "claimed": [(5, noticed(2, 3, who="您家自己申报", what=CARE + "（3月11日的事）"))],
    "two": [(20, noticed(3, 4, what="见义勇为", points=20, by="李国强、赵敏"))],
    "round": [(2, noticed(4, 5, who="王秀英、钱执委月评打分", what="庭院卫生月评合格", points=2))],
    "opening": [(120, OPENED.format("家美积分", 120, 6)), (30, OPENED.format("文明积分", 30, 7))],
    "capped": [(20, noticed(5, 8, points=25, by="李国强、赵敏", end="；报的是 25 分，到上限了，记 20 分。"))],
    "bought": [
        (8, "3月20日，香皂 2 件退回积分超市；马管理经手；第12笔入账。"), (-8, SOAP.format(2, "后来退回了；", 11)),
        (-4, SOAP.format(1, "", 10)), (20, OPENED.format("家美积分", 20, 9)),
    ],
    "deducted": [(-5, BURNT.format(6, 14) + "。"), (30, OPENED.format("文明积分", 30, 13))],
    "short": [
        (-3, BURNT.format(7, 16) + "；得分扣 5 分，可兑换里只扣了 3 分。"), (3, OPENED.format("文明积分", 3, 15)),
    ],
    "nothing": [],
    "deduction reversed": [
        (3, NOT_SO), (-3, BURNT.format(9, 19) + "，后来更正了；得分扣 5 分，可兑换里只扣了 3 分。"),
        (3, OPENED.format("文明积分", 3, 18)),
    ],
    "reversed": [
        (-5, TAKEN_BACK.format(FOUND_WRONG, CARE, 21, 5, WRONG_HOME, 22)), (5, noticed(10, 21, end=GONE)),
    ],
    "undone": [
        (-2, TAKEN_BACK.format("王秀英扫错了，当场收回", CLEAN, 23, 2, "", 24)), (2, EVENT.format(CLEAN, 2, 23) + GONE),
    ],
    "owed": [
        (-1, SPENT_BACK.format(25, 27)), (-4, SOAP.format(1, "", 26)), (5, noticed(11, 25, end=GONE)),
    ],
    "paid off": [
        (3, EVENT.format(HELP, 5, 33) + "；其中 2 分补了以前欠的。"), (-1, SPENT_BACK.format(29, 31)),
        (-4, SOAP.format(1, "", 30)), (5, noticed(12, 29, end=GONE)),
    ],
    "amended": [
        (3, noticed(14, 34, who="异议成立，孙监督重新登记", by="赵敏").replace("加 5 分", "原来加 5 分，改为加 3 分")),
    ],
    "late": [
        (-5, TAKEN_BACK.format(FOUND_WRONG, CARE, 35, 5, WRONG_HOME, 37)),
        (5, OF_FEBRUARY.format("2月26日", 15, "3月3日", 35) + GONE),
    ],
    "closed": [
        (5, OF_FEBRUARY.format("3月4日", 16, "3月9日", 36) + "；那个月已经结账，算在2026年3月。"),
    ],
}  # fmt: skip
OWED = {"owed": [-2, 4], "paid off": [-2, -2, 4]}
"""By kind: what was owed and paid back, newest first."""


def adds_up(chain: queries.Chain) -> int:
    """The number, once its lines and its sums add up to it."""
    assert chain.carried + sum(line.change for line in chain.lines) == chain.number
    assert chain.carried + sum(points for _word, points in chain.sums) == chain.number
    return chain.number


def check_numbers(home, village_id):
    """Every number of a household is what its chain adds up to."""
    kept = ledger.balance(home.id)
    for unit in UNITS:
        for reader in (HOUSEHOLD, DESK, KEEPER):
            assert adds_up(queries.balance(home.id, unit, reader)) == kept.of(unit)
        assert adds_up(queries.owed(home.id, unit, HOUSEHOLD)) == getattr(kept, f"{unit}_owed")
        for key in ("2026-02", "2026-03", "2026-q1", "2026", "2025-q4"):
            months = periods.find(key).months
            counted = scores.scores_of(home.id, village_id, months)[unit].net
            assert adds_up(queries.score(home.id, unit, months, HOUSEHOLD)) == counted
    for deed in db.session.query(Deed).filter_by(household_id=home.id):
        check_caps(deed)


def check_caps(deed):
    used = caps.usage([deed.household_id], [deed.month], with_open=True, with_years=True, with_ever=True)
    expected = {
        "month": used.in_month(deed.household_id, deed.rule_code, deed.month),
        "year": used.in_year(deed.household_id, deed.rule_code, deed.happened_on.year),
        "ever": used.ever.get((deed.household_id, deed.rule_code), 0),
    }
    for cap in queries.cap(deed.household_id, deed.rule, deed.happened_on, DESK):
        assert sum(line.change for line in cap.lines) == cap.used == expected[cap.period]


def test_every_kind_of_movement_adds_up_and_reads_right(app, life):
    told, owed = {}, {}
    for kind, home in life.homes.items():
        check_numbers(home, life.work.village.id)
        lines = [line for unit in UNITS for line in queries.balance(home.id, unit, HOUSEHOLD).lines]
        told[kind] = [(line.change, line.sentence) for line in lines]
        debts = queries.owed(home.id, "home", HOUSEHOLD).lines
        owed[kind] = [line.change for line in debts]
    assert told == TOLD
    assert {kind: changes for kind, changes in owed.items() if changes} == OWED
    short = queries.balance(life.homes["bought"].id, "home", KEEPER)
    assert [(line.change, line.title) for line in short.lines] == [
        (8, "退回 香皂 2 件"), (-8, "兑换 香皂 2 件"), (-4, "兑换 香皂 1 件"), (20, "加分、扣分、更正，共 1 笔"),
    ]  # fmt: skip
    late = life.homes["late"]
    by_month = {month: queries.score(late.id, "home", [month], HOUSEHOLD).number for month in (202602, 202603)}
    assert by_month == {202602: 5, 202603: -5}


@pytest.fixture
def household(app):
    return factories.HouseholdFactory(grid__village=factories.VillageFactory())


@pytest.fixture
def rule(household):
    return deeds.rule_of(household.village_id, name="庭院整洁", points=2, cap_month=60, cap_year=600)


def test_a_long_history_is_carried_over(household, rule):
    for _ in range(45):
        deeds.settled(household, rule)
    for chain in (
        lambda number: queries.balance(household.id, "home", HOUSEHOLD, number=number),
        lambda number: queries.score(household.id, "home", [clock.month_of(clock.today())], HOUSEHOLD, number=number),
    ):
        pages = [chain(number) for number in (1, 2, 3)]
        assert [adds_up(page) for page in pages] == [90, 50, 10]
        assert [page.carried for page in pages] == [50, 10, 0]
        assert [len(page.lines) for page in pages] == [20, 20, 5]
        assert len({line.seq for page in pages for line in page.lines}) == 45


def test_a_balance_of_a_day_is_what_was_there_that_evening(household, rule):
    for days in (3, 2, 1):
        with clock.set_to(clock.now() - timedelta(days=days)):
            deeds.settled(household, rule)
    yesterday = clock.today() - timedelta(days=2)
    chain = queries.balance(household.id, "home", DESK, last=yesterday)
    assert (adds_up(chain), len(chain.lines), chain.until) == (4, 2, yesterday)
    assert queries.balance(household.id, "home", DESK, last=yesterday - timedelta(days=9)).number == 0


def test_open_deeds_take_of_a_cap_and_rejected_ones_do_not(household, rule):
    reviewer = factories.reviewer(household.village)
    deeds.settled(household, rule)
    deeds.deed_of(household, rule)
    deeds.step(deeds.deed_of(household, rule), "reject", "rejected", by=reviewer)
    deeds.step(deeds.deed_of(household, rule), "send_back", "sent_back", by=reviewer)
    month, year = queries.cap(household.id, rule, clock.today(), DESK)
    assert (month.used, month.most, [line.change for line in month.lines]) == (4, 60, [2, 2])
    assert (year.used, year.most) == (4, 600)
    assert month.lines[0].sentence.endswith("；现在：待评议。")
    assert month.lines[0].seq is None


def test_another_households_deeds_are_in_no_chain(household, rule):
    other = factories.HouseholdFactory(grid=household.grid)
    deeds.settled(other, rule)
    assert queries.balance(household.id, "home", DESK).lines == []
    assert queries.score(household.id, "home", [clock.month_of(clock.today())], DESK).lines == []
    assert queries.cap(household.id, rule, clock.today(), DESK)[0].lines == ()


@pytest.mark.parametrize("kind", ["balance", "score", "cap"])
def test_a_chain_costs_the_same_queries_for_1_line_and_12(app, household, rule, kind):
    member = factories.committee(household.village)
    month = clock.month_of(clock.today())
    ask = {
        "balance": lambda: queries.balance(household.id, "home", DESK).lines,
        "score": lambda: queries.score(household.id, "home", [month], DESK).lines,
        "cap": lambda: queries.cap(household.id, public_queries.find_rule(village_id, rule_id), clock.today(), DESK)[0].lines,
    }[kind]  # fmt: skip
    village_id, rule_id = household.village_id, rule.id
    deeds.settled(household, rule, by=member)
    db.session.expire_all()
    assert household.id
    with count_queries(app) as few:
        assert len(ask()) == 1
    for _ in range(11):
        deeds.settled(household, rule, by=member)
    db.session.expire_all()
    assert household.id
    with count_queries(app) as many:
        assert len(ask()) == 12
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("key", "months", "name"),
    [
        ("2026-03", [202603], "2026年3月"),
        ("2026-q1", [202601, 202602, 202603], "2026年第一季度"),
        ("2026", list(range(202601, 202613)), "2026年"),
        ("2025-q4", [202510, 202511, 202512], "2025年第四季度"),
    ],
    ids=["month", "quarter", "year", "last-year"],
)
def test_a_period_has_its_months_and_its_name(app, key, months, name):
    with clock.set_to(clock.start_of(clock.first_day(202603))):
        found = periods.find(key)
        assert (list(found.months), found.name, found.key) == (months, name, key)
        assert found.earlier.later == found


@pytest.mark.parametrize(
    "key",
    ["", "2026-04", "2026-q2", "2027", "2015", "2026-00", "2026-13", "2026-q5", "２０２６", "2026-1", "0000", "x"],
)
def test_what_has_not_begun_is_too_old_or_is_no_period_is_none(app, key):
    with clock.set_to(clock.start_of(clock.first_day(202603))):
        assert periods.find(key) is None
        assert periods.find("2026").later is None
