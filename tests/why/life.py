"""A village where each household lived through one kind of movement, by the real services; and one that lived through much."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests import factories
from tests.awarding.work import Work, make_work
from tests.passbook import tills
from virtue import clock
from virtue.awarding import claims, objections, rounds, rulebooks
from virtue.awarding.claims import Claim
from virtue.awarding.marking import Tap
from virtue.awarding.models import Deed
from virtue.awarding.objections import Verdict, Words
from virtue.awarding.rulebooks import Opening
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import months
from virtue.notices.services import Sender
from virtue.people.models import Household
from virtue.store.models import Item

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
NAMES = {
    "author": "王秀英", "second": "李国强", "third": "赵敏", "supervisor": "孙监督", "village_admin": "周文书",
    "verifier": "钱执委", "committee": "吴网格", "keeper": "马管理", "other_clerk": "郑文书",
}  # fmt: skip


@dataclass
class Life:
    """The village, and by kind of movement the household that lived through it."""

    work: Work
    soap: Item
    homes: dict[str, Household]

    def settle(self, home: Household, code: str = "J16", *, by: tuple[str, ...] = ("second",), **how) -> int:
        """A deed of eight days ago, approved two days later, on a notice that day, booked today."""
        with self.work.day(-8):
            deed_id = int(self.work.propose(home, code, **how)["deed_id"])
        self.decide_and_settle(deed_id, by)
        return deed_id

    def decide_and_settle(self, deed_id: int, by: tuple[str, ...] = ("second",)) -> None:
        """Approved and published six days ago, booked today."""
        with self.work.day(-6):
            for name in by:
                self.work.approve(deed_id, name)
            self.work.publish()
        self.work.settle()

    def open_balance(self, household: Household, **points: int) -> None:
        """What stood in the paper books, entered by one, checked by another."""
        rulebooks.propose_openings(
            self.work.village.id, [Opening(household.id, **points)], "2025 年底册子", key=keys.new(),
            by=self.work.id("village_admin"),
        )  # fmt: skip
        rulebooks.book_openings(self.work.village.id, key=keys.new(), by=self.work.id("other_clerk"))

    def book(self, home: Household, code: str = "J05", **how) -> int:
        """A card scanned in today's event."""
        return int(self.work.book(home, code, **how)["deed_id"])


def live(work: Work) -> Life:
    """A village where everything happened; the clock stands at NOW."""
    work.staff["other_clerk"] = factories.village_admin(work.village)
    for name, words in NAMES.items():
        work.staff[name].name = words
    db.session.commit()
    soap = factories.stocked(work.village, 500, by=work.staff["keeper"], home=4, name="香皂")
    life = Life(work, soap, {})
    for kind, happen in KINDS.items():
        home = life.homes[kind] = work.household(head_name="王永智")
        happen(life, home)
    return life


def make_life() -> Life:
    """The same, where no fixture lends a village."""
    work = make_work(NOW)
    with work.day():
        return live(work)


def claimed(life: Life, home: Household) -> None:
    """Claimed in the passbook, of the day before."""
    with life.work.day(-8):
        asked = Claim(life.work.rule("J16"), clock.today() - timedelta(days=1), "照看了一天", 1)
        outcome = claims.claim(life.work.village.id, home.id, asked, key=keys.new(), by=None)
    life.decide_and_settle(int(outcome.result["deed_id"]))


def in_round(life: Life, home: Household) -> None:
    """Two judges of a round; both propose."""
    village_id, who = life.work.village.id, [life.work.id("author"), life.work.id("verifier")]
    home.grid = factories.GridFactory(village=life.work.village, number=90)
    db.session.commit()
    with life.work.day(-8):
        opened = rounds.open_round(
            village_id, home.grid_id, "J01", clock.today(), key=keys.new(), by=who[0], judges=tuple(who)
        )
        number = int(opened.result["round_id"])
        for judge in who:
            rounds.mark(village_id, number, Tap(home.id, "2"), key=keys.new(), by=judge)
            rounds.hand_in(village_id, number, key=keys.new(), by=judge)
        rounds.close(village_id, number, key=keys.new(), by=who[0])
        rounds.decide(village_id, number, key=keys.new(), by=who[0])
    life.decide_and_settle(waiting(home))


def waiting(home: Household) -> int:
    """The household's one deed that waits for the review group."""
    deed = db.session.query(Deed).filter_by(household_id=home.id, state="proposed").one()
    return int(deed.id)


def capped(life: Life, home: Household) -> None:
    """More was asked than the month's cap of 20 leaves when it is booked."""
    with life.work.day(-8):
        deed_id = int(life.work.propose(home)["deed_id"])
    deed = db.session.get(Deed, deed_id)
    deed.points = 25
    db.session.commit()
    life.decide_and_settle(deed_id, ("second", "third"))


def bought(life: Life, home: Household) -> None:
    """Points spent at the till, and one basket taken back."""
    life.open_balance(home, home=20)
    keeper = life.work.staff["keeper"]
    tills.redeem(home, life.soap, 1, by=keeper)
    tills.take_back(home, tills.redeem(home, life.soap, 2, by=keeper), by=keeper)


def deducted(life: Life, home: Household, had: int = 30) -> int:
    """A deduction told, answered, decided by two, on notice, booked; ``had``: civility points there were."""
    if had:
        life.open_balance(home, civility=had)
    with life.work.day(-15):
        deed_id = life.work.lead(home)
        life.work.verify(deed_id, "verifier")
    with life.work.day(-14):
        life.work.tell(deed_id)
        life.work.answer(deed_id, by=None)
    for days, name in ((-8, "second"), (-7, "third")):
        with life.work.day(days):
            life.work.decide(deed_id, name)
    with life.work.day(-6):
        life.work.publish()
    life.work.settle()
    return deed_id


def owed(life: Life, home: Household) -> None:
    """Reversed when four of five points were spent: these are owed; a later award pays of it."""
    deed_id = life.settle(home)
    tills.redeem(home, life.soap, 1, by=life.work.staff["keeper"])
    life.work.reverse(deed_id)
    life.book(home)


def paid_off(life: Life, home: Household) -> None:
    """The same, until all is paid and some is over."""
    owed(life, home)
    life.book(home, "J10")


def amended(life: Life, home: Household) -> None:
    """An upheld objection changed the points: withdrawn, proposed anew, reviewed, booked."""
    work = life.work
    with work.day(-8):
        deed_id = int(work.propose(home)["deed_id"])
        work.approve(deed_id, "second")
        number = int(work.publish()["number"])
        words, sender = Words(number, 1, "没有去五次", "spoken", None), Sender(life.homes["claimed"].id)
        sent = objections.object_to(work.village.id, words, sender, key=keys.new(), by=work.id("village_admin"))
        verdict = Verdict("upheld_amended", "核对了签到表", points=3)
        objections.settle(work.village.id, sent.result["number"], verdict, key=keys.new(), by=work.id("supervisor"))
    life.decide_and_settle(waiting(home), ("third",))


def late(life: Life, home: Household) -> None:
    """Of February, which is closed now: one reversed since, and another household's, which settled only then."""
    work = life.work
    other = life.homes["closed"] = work.household(head_name="王永智")
    with work.day(-22):
        first, second = (int(work.propose(one)["deed_id"]) for one in (home, other))
        work.approve(first, "second")
        work.publish()
    with work.day(-16):
        work.settle()
        work.approve(second, "second")
        work.publish()
    for name in ("village_admin", "other_clerk"):
        months.sign_month(work.village.id, 202602, by=work.id(name))
    work.settle()
    work.reverse(first)


KINDS: dict[str, Callable[[Life, Household], object]] = {
    "booked": lambda life, home: life.book(home),
    "noticed": lambda life, home: life.settle(home),
    "claimed": claimed,
    "two": lambda life, home: life.settle(home, "W01", by=("second", "third")),
    "round": in_round,
    "opening": lambda life, home: life.open_balance(home, home=120, civility=30),
    "capped": capped,
    "bought": bought,
    "deducted": deducted,
    "short": lambda life, home: deducted(life, home, 3),
    "nothing": lambda life, home: deducted(life, home, 0),
    "deduction reversed": lambda life, home: life.work.reverse(deducted(life, home, 3)),
    "reversed": lambda life, home: life.work.reverse(life.settle(home)),
    "undone": lambda life, home: life.work.take_back(life.book(home)),
    "owed": owed,
    "paid off": paid_off,
    "amended": amended,
    "late": late,
}
