"""A month of a village, in real browsers where it is theirs: a round on three phones, an event of 40 cards, claims,
deductions, the notice, objections, and the day's run that is killed in between. The end sums are right to the point.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Live
from tests.browser.walk import walk
from virtue import clock
from virtue.awarding import claims, deductions, events, objections, repairs, rounds, services
from virtue.awarding.claims import Claim
from virtue.awarding.deductions import Lead, Telling
from virtue.awarding.models import Deed, Event
from virtue.awarding.objections import Verdict, Words
from virtue.awarding.services import Proposal
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.notices.models import Notice, Objection
from virtue.notices.services import Sender
from virtue.people.models import Household
from virtue.places.models import Village
from virtue.scores.models import Tally
from virtue.staff.models import User

ROOT = Path(__file__).parents[2]
# A Thursday morning; the month's notice is over before the month is.
THE_DAY = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)
CARDS = 40
OWN_PIN = "250814"
# The pages of awarding that a month's work leads over.
PAGES = """
    award mine events event rounds_list round_page sheets_list door_codes review reviewed deductions deduction
    notices notice print_notice objection_list rules rulebook rule_versions spot_checks_list
""".split()
RULES = {
    "J01": {"name": "庭院卫生月评合格", "levels": "2/1/0", "entry": "round+scan", "route": "review"},
    "J05": {"name": "参加环境整治"},
    "J14": {"name": "邻里互助、好人好事", "points": 5, "cap_month": 5, "entry": "claim+scan", "route": "review"},
    "W08": {"name": "义务投工投劳", "unit": "civility", "points": 3},
    "D04": {
        "name": "乱倒垃圾", "unit": "civility", "points": -5, "route": "deduction", "entry": "scan", "publish": "place_only",
    },
}  # fmt: skip


@dataclass
class Month:
    """The village and its people; ``homes`` are inspected, ``others`` aren't."""

    live: Live
    village: Village
    judges: list[User]
    reviewers: list[User]
    clerk: User
    supervisor: User
    homes: list[Household]
    others: list[Household]
    rules: dict[str, int]
    round_id: int
    event_id: int
    digits: dict[int, str] = field(default_factory=dict)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """An act that no browser is needed for, at the server's time; what was read before is let go."""
        db.session.rollback()
        with clock.set_to(self.live.now()):
            yield

    def do(self, service: Any, *what: Any, by: User | None) -> dict[str, Any]:
        """One act of a service of this village."""
        with self.acting():
            by_id = by.id if by else None
            return service(self.village.id, *what, key=keys.new(), by=by_id).result

    def day(self, number: int) -> None:
        """So many days after the first, in the morning."""
        self.live.set_clock(THE_DAY + timedelta(days=number))

    def deed(self, household: Household, code: str) -> Deed:
        """The household's one deed under a rule, as it is in the database now."""
        db.session.rollback()
        return db.session.scalars(sa.select(Deed).filter_by(household_id=household.id, rule_code=code)).one()

    def purses(self) -> list[tuple[int, int]]:
        """Everybody's home and civility points."""
        db.session.rollback()
        ids = [household.id for household in (*self.homes, *self.others)]
        found = ledger.balances(ids)
        return [(found[number].home, found[number].civility) for number in ids]


@pytest.fixture
def month(live: Live) -> Month:
    live.set_clock(THE_DAY)
    with clock.set_to(THE_DAY - timedelta(hours=1)):
        village = factories.VillageFactory(name="富民新村", slug="fumin-xincun")
        book = factories.RulebookFactory(village_id=village.id)
        rules = {code: factories.RuleFactory(rulebook=book, code=code, **fields).id for code, fields in RULES.items()}
        grids = [factories.GridFactory(village=village, number=number) for number in (3, 4)]
        judges = [factories.committee(village, name=name) for name in ("甲大姐", "乙大姐", "丙大姐")]
        households = [
            factories.HouseholdFactory(grid=grids[number >= 4], code=f"62062210{number + 147:04d}")
            for number in range(CARDS)
        ]
        clerk = factories.village_admin(village, name="周文书")
        opened = rounds.open_round(
            village.id, grids[0].id, "J01", clock.today(), key=keys.new(), by=judges[0].id,
            judges=[judge.id for judge in judges],
        )  # fmt: skip
        event = factories.EventFactory(village_id=village.id, opened_by_id=judges[0].id, rule_code="J05")
        month = Month(
            live=live, village=village, judges=judges, clerk=clerk,
            reviewers=[factories.reviewer(village, name=f"{name}评议") for name in "张马"],
            supervisor=factories.supervisor(village, name="孙监督"), homes=households[:4], others=households[4:], rules=rules,
            round_id=opened.result["round_id"], event_id=event.id,
        )  # fmt: skip
        month.digits = {each.id: factories.digits_of(factories.card_of(each, by=clerk)) for each in households}
    db.session.commit()
    return month


@pytest.fixture(autouse=True)
def _no_network_is_no_fault(live):
    """A browser without network says so in its console."""
    yield
    live.faults[:] = [fault for fault in live.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def sign_in(page: Page, month: Month, user: User, path: str) -> Page:
    page.goto(month.live.url(f"/sign-in?next={path}"))
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(re.escape(path)))
    return page


def open_passbook(page: Page, month: Month, household: Household, *, is_first: bool = True) -> Page:
    """By the card, with the slip's PIN the first time, then with the own one."""
    page.goto(month.live.url(f"/C/{month.digits[household.id]}"))
    page.get_by_role("link", name="输密码看明细").click()
    page.locator("[name=pin]").fill(factories.pin_of(household) if is_first else OWN_PIN)
    page.locator("#pin-form button").click()
    if is_first:
        page.locator("[name=pin]").fill(OWN_PIN)
        page.locator("[name=again]").fill(OWN_PIN)
        page.locator("#new-pin-form button").click()
    expect(page.locator("#latest")).to_be_visible()
    return page


def the_round(month: Month, screen) -> None:
    """Three judges on three phones, one of them without network for a while; the middle mark counts: 2, 1, 2, none."""
    path = f"/award/rounds/{month.round_id}"
    phones = [sign_in(screen("phone"), month, judge, path) for judge in month.judges]
    away = phones[1]
    away.context.set_offline(True)
    for phone, marks in zip(
        phones,
        (("最清洁", "较清洁", "最清洁"), ("一般", "最清洁", "最清洁"), ("最清洁", "较清洁", "一般")),
        strict=True,
    ):
        for home, word in zip(month.homes, marks, strict=False):
            phone.locator(f"#h-{home.id}").get_by_role("button", name=word).click()
        phone.locator(f"#h-{month.homes[3].id}").get_by_role("button", name="未走访").click()
        expect(phone.locator("[data-round-progress]")).to_have_text("已评 4/4")
    expect(away.locator("[data-queue-said]")).to_have_text("没有网络，先记在手机里：待发送 4")
    away.context.set_offline(False)
    expect(away.locator("[data-queue-said]")).to_have_text("")
    for phone in phones:
        phone.reload()
        phone.get_by_text("我评完了，交").click()
        phone.get_by_role("button", name="确认交").click()
        expect(phone.locator("#round")).to_contain_text("您已经交了")
    month.do(rounds.close, month.round_id, by=month.judges[0])
    month.do(rounds.decide, month.round_id, by=month.judges[0])
    assert [month.deed(home, "J01").points for home in month.homes[:3]] == [2, 1, 2]


def the_event(month: Month, screen) -> None:
    """Cards scanned one after another: ten, then thirty without network, which come later; one twice, which is told."""
    page = sign_in(screen("phone"), month, month.judges[0], f"/award/events/{month.event_id}/scan")
    households = [*month.homes, *month.others]
    for household in households[:10]:
        scan(page, month, household)
    expect(page.locator("[data-scan-list] li.is-good")).to_have_count(10)
    page.context.set_offline(True)
    for household in (*households[10:], households[9]):
        scan(page, month, household)
    expect(page.locator("[data-queue-said]")).to_have_text("没有网络，先记在手机里：待发送 31")
    page.context.set_offline(False)
    expect(page.locator("[data-queue-said]")).to_have_text("")
    expect(page.locator("[data-queue-list] li")).to_have_count(1)
    expect(page.locator("[data-queue-list] li")).to_contain_text("这一户在这场活动里已经记过")
    helped = Proposal(month.others[3].id, month.rules["W08"], clock.day_of(THE_DAY), "event", event_id=month.event_id)
    assert month.do(services.propose, helped, by=month.judges[1])["booked"] == 3
    assert month.do(events.close_event, month.event_id, by=month.clerk)["deeds"] == CARDS + 1


def scan(page: Page, month: Month, household: Household) -> None:
    """As a USB scanner types the card's address, wherever the focus is."""
    page.keyboard.type(f"HTTP://127.0.0.1:8000/C/{month.digits[household.id]}\n")


def two_claims(month: Month, screen) -> None:
    """One from the passbook; one of a household whose neighbours know better."""
    page = open_passbook(screen("elder"), month, month.others[0])
    page.get_by_role("link", name="报一件好事").click()
    page.get_by_role("radio", name="邻里互助、好人好事").check()
    page.locator("[name=words]").fill("帮邻居收玉米")
    page.get_by_role("button", name="报上去").click()
    expect(page.locator(".claim-state")).to_have_text("已报上，等评议")
    claim = Claim(month.rules["J14"], clock.day_of(THE_DAY), "帮人搬家")
    month.do(claims.claim, month.others[1].id, claim, by=None)


def two_deductions(month: Month, screen) -> None:
    """Both told; one household answers and puts it right, so that it is dropped; the other says nothing."""
    today = clock.day_of(THE_DAY)
    for household, repair_until in ((month.others[2], today + timedelta(days=5)), (month.others[3], None)):
        lead = Lead(household.id, month.rules["D04"], today, "倒在渠边", repair_until=repair_until)
        deed_id = month.do(deductions.lead, lead, by=month.judges[0])["deed_id"]
        month.do(deductions.verify, deed_id, by=month.judges[1])
        month.do(deductions.tell, deed_id, Telling("in_person"), by=month.judges[0])
    month.day(1)
    page = open_passbook(screen("elder"), month, month.others[2])
    page.goto(month.live.url("/passbook/deductions"))
    page.locator("[name=words]").fill("风吹过去的，马上清")
    page.get_by_role("button", name="交上答复").click()
    expect(page.locator(".deduction")).to_contain_text("风吹过去的，马上清")
    page.get_by_role("button", name="已经改好了").click()
    expect(page.locator(".deduction")).to_contain_text("等另一个人来复查")
    repaired = month.deed(month.others[2], "D04").id
    month.do(repairs.pass_repair, repaired, by=month.judges[1])
    page.reload()
    expect(page.locator(".deduction")).not_to_contain_text("倒在渠边")
    month.day(4)
    settled = month.deed(month.others[3], "D04").id
    for reviewer in month.reviewers:
        month.do(deductions.decide, settled, by=reviewer)


def the_notice(month: Month, screen) -> None:
    """The review group has said yes to all that waits; the clerk puts it on notice and prints it."""
    waiting = [month.deed(home, "J01").id for home in month.homes[:3]]
    waiting += [month.deed(each, "J14").id for each in month.others[:2]]
    approved = month.do(services.approve_many, waiting, by=month.reviewers[0])["approved"]
    assert sorted(approved) == sorted(waiting)
    page = sign_in(screen("desk"), month, month.clerk, "/notices")
    page.get_by_text("发布公示", exact=True).click()
    page.get_by_role("button", name="确认发布").click()
    page.wait_for_url(re.compile(r"/notices/1$"))
    page.goto(month.live.url("/notices/1/print"))
    assert page.locator("#named tbody td:nth-child(3)").all_inner_texts() == [
        "庭院卫生月评合格", "庭院卫生月评合格", "庭院卫生月评合格", "邻里互助、好人好事", "邻里互助、好人好事",
    ]  # fmt: skip
    assert page.locator("#places tbody td:nth-child(3)").all_inner_texts() == ["乱倒垃圾"]
    month.live.look(page, "month-notice")


def two_objections(month: Month, screen) -> None:
    """One from a passbook, upheld; one by word of mouth, dismissed."""
    month.day(5)
    wrong, right = month.deed(month.others[1], "J14"), month.deed(month.homes[1], "J01")
    page = open_passbook(screen("elder"), month, month.others[0], is_first=False)
    page.goto(month.live.url(f"/passbook/objections/new?notice=1&line={wrong.notice_line}"))
    page.locator("[name=words]").fill("那天他家没有人在")
    page.get_by_role("button", name="交上去").click()
    expect(page.locator("#own")).to_contain_text("回执第1号")
    words, neighbour = Words(1, right.notice_line, "院里堆着柴草", "spoken"), Sender(month.homes[0].id)
    month.do(objections.object_to, words, neighbour, by=month.clerk)
    month.day(6)
    desk = sign_in(screen("desk"), month, month.supervisor, "/objections/1")
    desk.get_by_label("成立：撤下这一行").check()
    desk.locator("[name=reason]").fill("问过本人，没有这回事")
    desk.get_by_role("button", name="办结").click()
    expect(desk.locator("#facts")).to_contain_text("异议成立，撤下")
    month.do(objections.settle, 2, Verdict("dismissed", "到现场看过，是干净的"), by=month.supervisor)
    db.session.rollback()
    states = db.session.scalars(sa.select(Objection.state).order_by(Objection.number)).all()
    assert states == ["upheld_withdrawn", "dismissed"]
    assert [month.deed(month.others[1], "J14").state, month.deed(month.homes[1], "J01").state] == [
        "withdrawn", "on_notice",
    ]  # fmt: skip


def every_page_is_well(month: Month, screen) -> None:
    """What staff and the household can reach by links, on a phone without scripts, in both languages."""
    staff = (month.clerk, month.judges[0], month.reviewers[0], month.supervisor)
    desks = [sign_in(screen(), month, user, "/desk") for user in staff]
    passbook = open_passbook(screen("elder"), month, month.homes[0])
    for language in ("zh", "en"):
        seen: set[str] = set()
        for desk in desks:
            walk(desk, month.live, "/desk", ("awarding", "office", "why"), language, seen)
        walk(passbook, month.live, "/passbook", ("passbook", "why"), language, seen)
        assert {f"awarding.{page}" for page in PAGES} - seen == set()


def settle_and_die(month: Month, app) -> None:
    """The morning's run is killed before the first deed is settled."""
    command = [
        sys.executable, "-m", "tests.office.killed_daily", app.config["SQLALCHEMY_DATABASE_URI"],
        app.config["VIRTUE_DATA_DIR"], "UPDATE deed", "1", month.live.now().isoformat(),
    ]  # fmt: skip
    db.session.rollback()
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -9, killed.stderr.decode()[-800:]


# Two languages of every page take their time.
@pytest.mark.timeout(900)
def test_the_end_sums_of_a_month_are_right_to_the_point(live, screen, app, cli, month):
    the_round(month, screen)
    the_event(month, screen)
    two_claims(month, screen)
    two_deductions(month, screen)
    the_notice(month, screen)
    two_objections(month, screen)
    every_page_is_well(month, screen)

    # What was booked at once, until the notice is over: the event's 2 points each, and 3 for work.
    before = [(2, 0)] * 7 + [(2, 3)] + [(2, 0)] * 32
    month.day(9)
    with month.acting():
        assert "富民新村：0 项到期已入账。" in cli("virtue", "daily").output
    assert month.purses() == before
    month.day(10)
    settle_and_die(month, app)
    assert month.purses() == before
    with month.acting():
        assert "富民新村：5 项到期已入账。" in cli("virtue", "daily").output
        assert "富民新村：0 项到期已入账。" in cli("virtue", "daily").output

    after = [(4, 0), (3, 0), (4, 0), (2, 0), (7, 0), (2, 0), (2, 0), (2, 0)] + [(2, 0)] * 32
    assert month.purses() == after
    earned, deducted = sa.func.sum(Tally.earned), sa.func.sum(Tally.deducted)
    scores = db.session.execute(sa.select(Tally.unit, earned, deducted).group_by(Tally.unit).order_by(Tally.unit))
    # A deduction lowers the score in full; from the purse it took the 3 points that were there.
    assert scores.all() == [("civility", 3, 5), ("home", 90, 0)]
    assert db.session.scalars(sa.select(Notice.settled_at)).one() is not None
    assert db.session.scalar(sa.select(sa.func.count()).where(Event.closed_at.is_(None))) == 0
    with month.acting():
        cli("virtue", "verify")

    page = open_passbook(screen("elder"), month, month.others[3])
    expect(page.locator("#home-balance")).to_have_text("2")
    page.goto(live.url("/passbook/history"))
    expect(page.locator("#history li b")).to_have_text(["−3", "+3", "+2"])
    live.look(page, "month-history")
