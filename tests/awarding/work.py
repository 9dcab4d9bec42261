"""A village at work on its deeds, through the real services: a cast with one hat each, and a deed in any state.

Stages are states, but for a told deduction: ``told`` may still be answered, ``heard`` has had its days and one signature.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests import factories
from virtue import clock
from virtue.awarding import deductions, events, queries, rulebooks, services, settling, steps
from virtue.awarding.models import Deed
from virtue.awarding.services import Proposal
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people.models import Household
from virtue.places.models import Grid, Village
from virtue.staff.models import User
from virtue.transactions import atomic

RULES = Path(__file__).parents[2] / "virtue/demo/data/rules.csv"

AWARD_STAGES = (
    "proposed", "sent_back", "approved", "on_notice", "frozen", "settled", "booked", "reversed", "rejected", "withdrawn",
)  # fmt: skip
"""``booked``: settled at once in an open event; ``settled``: by a notice, days ago."""
DEDUCTION_STAGES = (
    "lead", "verified", "told", "heard", "approved", "on_notice", "frozen", "settled", "reversed", "dropped",
)  # fmt: skip


@cache
def book_file() -> bytes:
    """The whole rulebook, as its file."""
    return RULES.read_bytes()


@dataclass
class Work:
    """What the tests of awarding act on; every act is a real service's, with a fresh key unless one is given."""

    village: Village
    grid: Grid
    staff: dict[str, User]
    now: datetime
    rule_ids: dict[str, int] = field(default_factory=dict)
    event_id: int | None = None

    # The cast and the village.

    def id(self, name: str) -> int:
        """A user's id by the name in the cast."""
        return self.staff[name].id

    def household(self, **fields: Any) -> Household:
        """Another household of the grid."""
        return factories.HouseholdFactory(grid=fields.pop("grid", self.grid), **fields)

    def rule(self, code: str) -> int:
        """A rule's id in the book in force."""
        if code not in self.rule_ids:
            rule = queries.find_rule_by_code(self.village.id, code)
            assert rule is not None, code
            self.rule_ids[code] = rule.id
        return self.rule_ids[code]

    @contextmanager
    def day(self, days: float = 0) -> Iterator[None]:
        """So many days from now on."""
        with clock.set_to(self.now + timedelta(days=days)):
            yield

    # Acts.

    def propose(self, household: Household | int, code: str = "J16", by: str = "author", **how: Any) -> dict[str, Any]:
        """Enter a deed of today."""
        key = how.pop("key", None) or keys.new()
        day: date = how.pop("happened_on", clock.today())
        proposal = Proposal(_number(household), self.rule(code), day, **how)
        return services.propose(self.village.id, proposal, key=key, by=self.id(by)).result

    def approve(self, deed_id: int, by: str = "reviewer", **more: Any) -> str:
        """One reviewer's yes; the state after it."""
        return services.approve(self.village.id, deed_id, key=keys.new(), by=self.id(by), **more).result["state"]

    def publish(self, by: str = "village_admin") -> dict[str, Any]:
        """All that waits goes on a notice."""
        return settling.publish_notice(self.village.id, key=keys.new(), by=self.id(by)).result

    def settle(self) -> int:
        """What is due today is booked."""
        return settling.settle_due(self.village.id)

    def open_event(self, name: str = "清渠", by: str = "author", **more: Any) -> int:
        """An event of today."""
        opened = events.open_event(
            self.village.id, name, "三支渠", clock.today(), key=keys.new(), by=self.id(by), **more
        )
        return int(opened.result["event_id"])

    def book(self, household: Household | int, code: str = "J05", by: str = "author", **how: Any) -> dict[str, Any]:
        """Scan a household in today's event: booked at once."""
        if self.event_id is None:
            self.event_id = self.open_event()
        return self.propose(household, code, by, way="event", event_id=how.pop("event_id", self.event_id), **how)

    def lead(self, household: Household | int, code: str = "D05", by: str = "author", **what: Any) -> int:
        """Note a lead of today."""
        found = deductions.Lead(
            _number(household), self.rule(code), what.pop("happened_on", clock.today()), what.pop("words", "倒在渠边"),
            **what,
        )  # fmt: skip
        return int(deductions.lead(self.village.id, found, key=keys.new(), by=self.id(by)).result["deed_id"])

    def verify(self, deed_id: int, by: str = "village_admin") -> str:
        """Find it so."""
        return deductions.verify(self.village.id, deed_id, key=keys.new(), by=self.id(by)).result["state"]

    def tell(self, deed_id: int, how: str = "in_person", by: str = "committee", **more: Any) -> str:
        """Deliver it."""
        telling = deductions.Telling(how, **more)
        return deductions.tell(self.village.id, deed_id, telling, key=keys.new(), by=self.id(by)).result["state"]

    def answer(self, deed_id: int, words: str = "不是我家倒的", by: str | None = "committee") -> str:
        """The household's answer."""
        user_id = self.id(by) if by else None
        return deductions.answer(self.village.id, deed_id, words, key=keys.new(), by=user_id).result["state"]

    def decide(self, deed_id: int, by: str = "reviewer") -> str:
        """One reviewer finds for it."""
        return deductions.decide(self.village.id, deed_id, key=keys.new(), by=self.id(by)).result["state"]

    def drop(self, deed_id: int, why: str = "已经清理干净", by: str = "committee") -> str:
        """Let it fall."""
        return deductions.drop(self.village.id, deed_id, why=why, key=keys.new(), by=self.id(by)).result["state"]

    def reverse(self, deed_id: int, why: str = "弄错了人家", by: str = "supervisor") -> dict[str, Any]:
        """Reverse a settled deed."""
        return settling.reverse(self.village.id, deed_id, why=why, key=keys.new(), by=self.id(by)).result

    def take_back(self, deed_id: int, by: str = "author") -> str:
        """Take an own entry back."""
        return services.take_back(self.village.id, deed_id, key=keys.new(), by=self.id(by)).result["state"]

    def move(self, deed_id: int, action: str) -> None:
        """A step that an objection takes."""
        with atomic():
            ledger.lock(self.village.id)
            steps.move(steps.locked(self.village.id, deed_id), action, by=self.id("village_admin"), why="有人提异议")

    # A deed in any state.

    def bring(self, stage: str, household: Household | int | None = None, *, deduction: bool = False) -> int:
        """A deed that stands where it is asked for, at ``now``."""
        household = household or self.household().id
        return self._deduction(stage, household) if deduction else self._award(stage, household)

    def _award(self, stage: str, household: Household | int) -> int:
        if stage in {"booked", "reversed"}:
            deed_id = int(self.book(household)["deed_id"])
            if stage == "reversed":
                self.reverse(deed_id)
            return deed_id
        with self.day(-8 if stage == "settled" else 0):
            deed_id = int(self.propose(household)["deed_id"])
            if stage in {"sent_back", "rejected"}:
                decide = {"sent_back": services.send_back, "rejected": services.reject}[stage]
                decide(self.village.id, deed_id, why="说不清楚", key=keys.new(), by=self.id("second"))
            elif stage == "withdrawn":
                self.take_back(deed_id)
            elif stage != "proposed":
                self.approve(deed_id, "second")
                self._to_notice(stage, deed_id)
        if stage == "settled":
            self.settle()
        return deed_id

    def _deduction(self, stage: str, household: Household | int) -> int:
        steps_to = ["lead", "verified", "told", "heard"]
        reached = steps_to.index(stage) if stage in steps_to else 4 if stage != "dropped" else 0
        with self.day(-12 if reached > 2 else 0):
            deed_id = self.lead(household)
            if reached > 0:
                self.verify(deed_id, "verifier")
            if reached > 1:
                self.tell(deed_id, by="verifier")
            if stage == "dropped":
                self.drop(deed_id)
        with self.day(-8):
            if reached > 2:
                self.decide(deed_id, "second")
            if reached > 3:
                self.decide(deed_id, "third")
            if stage in {"settled", "reversed"}:
                self._to_notice(stage, deed_id)
        if reached > 3 and stage not in {"settled", "reversed"}:
            self._to_notice(stage, deed_id)
        if stage in {"settled", "reversed"}:
            self.settle()
        if stage == "reversed":
            self.reverse(deed_id)
        return deed_id

    def _to_notice(self, stage: str, deed_id: int) -> None:
        if stage != "approved":
            self.publish()
        if stage == "frozen":
            self.move(deed_id, "freeze")


def make_work(now: datetime | None = None) -> Work:
    """A village with the whole rulebook in force and its staff. ``author`` proposes, ``second`` and ``third`` review too."""
    now = now or clock.now()
    with clock.set_to(now - timedelta(days=40)):
        village = factories.VillageFactory()
        grid = factories.GridFactory(village=village, number=3)
        staff = {name: make(village) for name, make in factories.CAST.items()}
        staff |= {name: factories.committee(village) for name in ("author", "verifier")}
        staff |= {name: factories.reviewer(village) for name in ("second", "third")}
        adoption = rulebooks.Adoption(
            clock.today(), adopted_on=clock.today(), present=80, in_favour=70, women_present=30
        )
        rulebooks.adopt_book(village.id, "细则", book_file(), "rules.csv", adoption, by=None)
    return Work(village, grid, staff, now)


def deed(deed_id: int) -> Deed:
    """A deed as it is in the database now."""
    found = db.session.get(Deed, deed_id, populate_existing=True)
    assert found is not None
    return found


def state(deed_id: int) -> str:
    """The state a deed is in now."""
    return str(deed(deed_id).state)


def _number(household: Household | int) -> int:
    return household if isinstance(household, int) else household.id
