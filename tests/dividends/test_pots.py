"""A pot from draft to paid: states, people apart, the sheet's sums, objections, months; on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.dividends import deciding, objections, paying, pots, queries, sheets
from virtue.dividends.errors import (
    AlreadyPaid,
    BadMonths,
    BadPayment,
    BadPot,
    BadPotVote,
    BadYear,
    NobodyToPay,
    NoQuorum,
    NoSuchSheetLine,
    NotCarried,
    ObjectionsOpen,
    PartWithoutBasis,
    PotNameTaken,
    SecondPersonInDividend,
    SheetObjectionOver,
    SheetStillOpen,
    YearNotOver,
)
from virtue.dividends.models import DividendLine, Payout, Pot, PotState
from virtue.dividends.states import POT_STEPS, pot_target
from virtue.errors import OwnKin
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.notices.services import Sender
from virtue.people.models import Participation, Recusal
from virtue.scores.models import Tally
from virtue.transactions import atomic

YEAR = 2025
START = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def village(app):
    with clock.set_to(START):
        village = factories.VillageFactory()
        with atomic():
            ledger.lock(village.id)
        yield village


@pytest.fixture
def people(village):
    """Who drafts, who checks, who signs, who pays."""
    return {
        "clerk": factories.village_admin(village), "township": factories.UserFactory(),
        "supervisor": factories.supervisor(village), "payer": factories.village_admin(village),
    }  # fmt: skip


@pytest.fixture
def homes(village):
    """Three households with 140, 92 and 100 points (in home points far more, which don't count)."""
    grid = factories.GridFactory(village=village)
    found = [factories.HouseholdFactory(grid=grid) for _ in range(3)]
    for home, earned, deducted in zip(found, (40, 2, 0), (0, 10, 0), strict=True):
        score(home, 202503, earned, deducted)
        score(home, 202504, 900, 0, unit="home")
        score(home, 202604, 500, 0)
    return found


def score(home, month, earned, deducted, unit="civility"):
    db.session.add(
        Tally(month=month, village_id=home.village_id, household_id=home.id, dimension="-", unit=unit, earned=earned,
              deducted=deducted, deeds=1, last_seq=1)
    )  # fmt: skip
    db.session.commit()


def new_pot(fen=1_000_00, basis="score", **fields):
    return pots.NewPot(fields.pop("year", YEAR), fields.pop("name", "村集体分红"), "village", fen, basis, **fields)


def drafted(village, people, **fields):
    outcome = pots.draft(village.id, new_pot(**fields), key=keys.new(), by=people["clerk"].id)
    return db.session.get(Pot, outcome.result["pot_id"])


def opened(village, people, **fields):
    pot = drafted(village, people, **fields)
    pots.open_sheet(village.id, pot.id, key=keys.new(), by=people["clerk"].id)
    return pot


def amounts(pot):
    return [line.fen for line in db.session.scalars(queries.lines(pot))]


def vote(**fields):
    return deciding.Vote(**{
        "on": date(2026, 3, 21), "assembly": "representatives", "entitled": 30, "present": 20, "in_favour": 11,
        "minutes": "村民代表会议记录", **fields,
    })  # fmt: skip


def act(action, pot, people):
    """Do one action of the table as the person it belongs to."""
    who = {"check": "township", "send_back": "township", "sign": "supervisor", "pay": "payer", "close": "payer"}
    common = {"key": keys.new(), "by": people[who.get(action, "clerk")].id}
    line = db.session.scalar(queries.lines(pot).limit(1))
    return {
        "change": lambda: pots.change(pot.village_id, pot.id, new_pot(name="改了"), **common),
        "set_months": lambda: pots.set_months(pot.village_id, pot.id, people["home"].id, 6, why="六月迁入", **common),
        "open": lambda: pots.open_sheet(pot.village_id, pot.id, **common),
        "object": lambda: objections.object_to(pot.village_id, pot.id, 1, "不对", Sender(), came_by="paper", **common),
        "answer": lambda: objections.answer(
            pot.village_id, pot.id, people["number"], objections.Verdict("dismissed", "核对过，没有错"),
            key=keys.new(), by=people["supervisor"].id,
        ),
        "revise": lambda: pots.revise(pot.village_id, pot.id, why="重算", **common),
        "vote": lambda: deciding.record_vote(pot.village_id, pot.id, vote(), **common),
        "check": lambda: deciding.check(pot.village_id, pot.id, **common),
        "send_back": lambda: deciding.send_back(pot.village_id, pot.id, why="缺记录", **common),
        "sign": lambda: deciding.sign(pot.village_id, pot.id, **common),
        "pay": lambda: paying.pay(pot.village_id, pot.id, line.id if line else 0, how="bank", on=clock.today(), **common),
        "close": lambda: paying.close(pot.village_id, pot.id, **common),
        "withdraw": lambda: pots.withdraw(pot.village_id, pot.id, why="不分了", **common),
    }[action]()  # fmt: skip


PATH = {
    "draft": (), "open": ("open",), "voted": ("open", "vote"), "checked": ("open", "vote", "check"),
    "signed": ("open", "vote", "check", "sign"), "closed": ("open", "vote", "check", "sign", "close"),
    "withdrawn": ("open", "withdraw"),
}  # fmt: skip
LATER = datetime(2026, 3, 21, 4, tzinfo=UTC)


def led_to(state, village, people):
    pot = drafted(village, people)
    for action in PATH[state]:
        with clock.set_to(START if action == "open" else LATER):
            act(action, pot, people)
    return pot


@pytest.mark.parametrize("state", list(PotState), ids=str)
@pytest.mark.parametrize("action", list(POT_STEPS))
def test_every_action_in_every_state(app, village, people, homes, state, action):
    people["home"] = homes[0]
    pot = led_to(state, village, people)
    people["number"] = 0
    if action == "answer" and state == PotState.OPEN:
        people["number"] = act("object", pot, people).result["number"]
    is_allowed = state in POT_STEPS[action].sources
    moment = START if action in {"object", "answer", "open"} else LATER
    with clock.set_to(moment):
        if is_allowed:
            act(action, pot, people)
            assert pot.state == pot_target(action, state)
            return
        with unchanged(app), pytest.raises(Exception) as refused:  # noqa: PT011
            act(action, pot, people)
    assert refused.value.code in {"PotElsewhere", "NotFoundHere"}


def test_the_sheet_adds_up_and_says_why(village, people, homes):
    pot = opened(village, people)
    assert [(line.earned, line.deducted, line.twelfths // 12, line.months) for line in db.session.scalars(queries.lines(pot))] == [
        (40, 0, 140, 12), (2, 10, 92, 12), (0, 0, 100, 12),
    ]  # fmt: skip
    # 100,000 fen over 332 points: 42168.67, 27710.84, 30120.48
    assert amounts(pot) == [42_169, 27_711, 30_120]
    assert sheets.adds_up(pot)
    assert pot.open_until == date(2026, 3, 20)


def test_ended_away_and_moved_households_count_by_months(village, people, homes):
    homes[0].state, homes[0].ended_on = "ended", date(2025, 6, 3)
    db.session.add(Participation(village_id=village.id, household_id=homes[1].id, left_on=date(2025, 9, 15)))
    db.session.commit()
    pot = drafted(village, people)
    pots.set_months(village.id, pot.id, homes[2].id, 4, why="九月迁入", key=keys.new(), by=people["clerk"].id)
    pots.open_sheet(village.id, pot.id, key=keys.new(), by=people["clerk"].id)
    found = [(line.months, line.twelfths) for line in db.session.scalars(queries.lines(pot))]
    assert found == [(6, 600 + 480), (9, 900 - 96), (4, 400)]
    assert sum(amounts(pot)) == pot.fen


def test_who_left_before_the_year_stands_in_no_sheet(village, people, homes):
    homes[2].state, homes[2].ended_on = "ended", date(2024, 12, 31)
    db.session.commit()
    assert len(amounts(opened(village, people))) == 2


def test_a_pot_of_one_fen(village, people, homes):
    assert amounts(opened(village, people, fen=1)) == [1, 0, 0]


def test_nobody_to_pay(app, village, people):
    pot = drafted(village, people)
    with unchanged(app), pytest.raises(NobodyToPay):
        pots.open_sheet(village.id, pot.id, key=keys.new(), by=people["clerk"].id)


def test_two_bases_need_somebody_each(app, village, people, homes):
    pot = drafted(village, people, basis="both")
    with unchanged(app), pytest.raises(PartWithoutBasis):
        pots.open_sheet(village.id, pot.id, key=keys.new(), by=people["clerk"].id)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"fen": 0}, BadPot), ({"name": " "}, BadPot), ({"basis": "heads"}, BadPot), ({"base": -1}, BadPot),
        ({"basis": "both", "score_weight": 0}, BadPot), ({"year": 2019}, BadYear), ({"year": 2027}, BadYear),
    ],
    ids=["no-money", "no-name", "unknown-basis", "base", "weight", "long-ago", "future"],
)  # fmt: skip
def test_a_pot_that_makes_no_sense(app, village, people, fields, refusal):
    with unchanged(app), pytest.raises(refusal):
        drafted(village, people, **fields)


def test_the_name_is_taken_once_a_year(app, village, people):
    drafted(village, people)
    with unchanged(app), pytest.raises(PotNameTaken):
        drafted(village, people)


def test_the_year_must_be_over(app, village, people, homes):
    pot = drafted(village, people, year=2026)
    with unchanged(app), pytest.raises(YearNotOver):
        pots.open_sheet(village.id, pot.id, key=keys.new(), by=people["clerk"].id)


def test_the_known_pots():
    county = pots.county_pot(YEAR, "县文明股", capital_fen=1_240_000_00, rate=1000, key_total=124)
    own = pots.village_pot(YEAR, "村集体", income_fen=1_100_866_67, percent=1500)
    assert (county.fen, own.fen) == (1_000_00, 165_130_00)


@pytest.mark.parametrize("months", [-1, 13])
def test_months_that_can_t_be(app, village, people, homes, months):
    pot = drafted(village, people)
    with unchanged(app), pytest.raises(BadMonths):
        pots.set_months(village.id, pot.id, homes[0].id, months, why="迁入", key=keys.new(), by=people["clerk"].id)


def test_an_upheld_objection_draws_the_whole_sheet_anew(app, village, people, homes):
    pot = opened(village, people)
    number = objections.object_to(
        village.id,
        pot.id,
        3,
        "我们七月才迁来",
        Sender(homes[2].id),
        came_by="desk",
        key=keys.new(),
        by=people["clerk"].id,
    ).result["number"]
    with clock.set_to(LATER), unchanged(app), pytest.raises(ObjectionsOpen):
        act("vote", pot, people)
    verdict = objections.Verdict("upheld_amended", "七月迁入，按六个月算", months=6)
    with unchanged(app), pytest.raises(SheetObjectionOver):
        objections.answer(village.id, pot.id, number, verdict, key=keys.new(), by=people["clerk"].id)
    objections.answer(village.id, pot.id, number, verdict, key=keys.new(), by=people["supervisor"].id)
    # 100,000 fen over 140 + 92 + 50
    assert amounts(pot) == [49_645, 32_624, 17_731]
    assert (pot.sheet, db.session.query(DividendLine).count()) == (2, 6)
    with clock.set_to(LATER):
        act("vote", pot, people)
    assert pot.state == "voted"


def test_an_objection_needs_a_line(app, village, people, homes):
    pot = opened(village, people)
    with unchanged(app), pytest.raises(NoSuchSheetLine):
        objections.object_to(village.id, pot.id, 4, "不对", Sender(), came_by="paper", key=keys.new(), by=None)


def test_it_is_open_for_ten_days(app, village, people, homes):
    pot = opened(village, people)
    with clock.set_to(START + timedelta(days=10)), unchanged(app), pytest.raises(SheetStillOpen):
        act("vote", pot, people)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"present": 19, "in_favour": 19}, NoQuorum), ({"in_favour": 10}, NotCarried), ({"in_favour": 21}, BadPotVote),
        ({"present": 31}, BadPotVote), ({"minutes": ""}, BadPotVote), ({"on": date(2026, 3, 20)}, BadPotVote),
        ({"on": date(2026, 3, 22)}, BadPotVote), ({"assembly": "villagers", "present": 15, "in_favour": 15}, NoQuorum),
    ],
    ids=["two-thirds", "half-of-present", "more-for", "more-there", "no-minutes", "too-early", "tomorrow", "half"],
)  # fmt: skip
def test_a_vote_that_does_not_carry(app, village, people, homes, fields, refusal):
    pot = led_to("open", village, people)
    with clock.set_to(LATER), unchanged(app), pytest.raises(refusal):
        deciding.record_vote(village.id, pot.id, vote(**fields), key=keys.new(), by=people["clerk"].id)


def test_four_steps_four_people(app, village, people, homes):
    pot = led_to("voted", village, people)
    with clock.set_to(LATER):
        with unchanged(app), pytest.raises(SecondPersonInDividend):
            deciding.check(village.id, pot.id, key=keys.new(), by=people["clerk"].id)
        act("check", pot, people)
        for who in ("clerk", "township"):
            with unchanged(app), pytest.raises(SecondPersonInDividend):
                deciding.sign(village.id, pot.id, key=keys.new(), by=people[who].id)
        act("sign", pot, people)
        for who in ("clerk", "township", "supervisor"):
            with unchanged(app), pytest.raises(SecondPersonInDividend):
                paying.close(village.id, pot.id, key=keys.new(), by=people[who].id)


def test_a_signed_sheet_is_sealed_and_stays(village, people, homes):
    pot = led_to("signed", village, people)
    seal = pot.seal
    score(homes[0], 202505, 999, 0)
    assert sheets.seal_of(pot) == seal
    assert amounts(pot) == [42_169, 27_711, 30_120]


def test_a_line_is_paid_once(app, village, people, homes):
    pot = led_to("signed", village, people)
    line = db.session.scalar(queries.lines(pot).limit(1))
    with clock.set_to(LATER):
        key = keys.new()
        pay = {"how": "signature", "on": clock.today(), "by": people["payer"].id}
        paying.pay(village.id, pot.id, line.id, key=key, **pay)
        assert paying.pay(village.id, pot.id, line.id, key=key, **pay).is_repeat
        with unchanged(app), pytest.raises(AlreadyPaid):
            paying.pay(village.id, pot.id, line.id, key=keys.new(), **pay)
    assert db.session.query(Payout).count() == 1


def test_what_nobody_fetched_is_listed_and_may_be_fetched_later(village, people, homes):
    pot = led_to("signed", village, people)
    lines = list(db.session.scalars(queries.lines(pot)))
    with clock.set_to(LATER):
        paying.pay(village.id, pot.id, lines[0].id, how="bank", on=clock.today(), key=keys.new(), by=people["payer"].id)
        closed = paying.close(village.id, pot.id, key=keys.new(), by=people["payer"].id).result
        assert closed == {"paid": 1, "paid_fen": 42_169, "unclaimed": 2, "unclaimed_fen": 57_831}
        paying.pay(
            village.id, pot.id, lines[1].id, how="thumb", on=clock.today(), key=keys.new(), by=people["payer"].id
        )
    assert queries.unclaimed(pot) == [lines[2]]


@pytest.mark.parametrize(
    ("how", "on"), [("cash", date(2026, 3, 21)), ("bank", date(2026, 3, 20)), ("bank", date(2026, 3, 22))]
)
def test_a_payment_that_can_t_be(app, village, people, homes, how, on):
    pot = led_to("signed", village, people)
    line = db.session.scalar(queries.lines(pot).limit(1))
    with clock.set_to(LATER), unchanged(app), pytest.raises(BadPayment):
        paying.pay(village.id, pot.id, line.id, how=how, on=on, key=keys.new(), by=people["payer"].id)


def test_nobody_pays_the_own_kin(app, village, people, homes):
    pot = led_to("signed", village, people)
    db.session.add(
        Recusal(
            village_id=village.id, user_id=people["payer"].id, household_id=homes[0].id, relation="sibling",
            declared_at=clock.now(), declared_by_id=people["payer"].id,
        )
    )  # fmt: skip
    db.session.commit()
    with unchanged(app), pytest.raises(OwnKin):
        act("pay", pot, people)


@pytest.mark.parametrize(
    "statement", ["UPDATE dividend_line SET fen = fen", "DELETE FROM dividend_line", "DELETE FROM payout"]
)
def test_sheets_and_payments_are_append_only(village, people, homes, statement):
    pot = led_to("signed", village, people)
    with clock.set_to(LATER):
        act("pay", pot, people)
    with pytest.raises(Exception, match="append-only"):
        db.session.execute(db.text(statement))
    db.session.rollback()


def test_the_trial_sheet_meets_no_page_of_deeds(village, people, homes):
    from virtue.awarding.queries import due_notices
    from virtue.notices import queries as notices

    pot = led_to("open", village, people)
    act("object", pot, people)
    assert list(db.session.scalars(notices.notices(village.id))) == []
    assert notices.open_notices(village.id, clock.today()) == []
    assert notices.waiting(village.id, clock.today()) == (0, 0)
    assert notices.find_objection(village.id, 1) is None
    assert due_notices(village.id, date(2027, 1, 1)) == []
