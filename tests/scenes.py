"""A village with a deed on an open notice, and everybody who has to do with an objection to it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests import deeds, factories
from virtue import clock
from virtue.awarding import objections
from virtue.awarding.models import Deed, Rule
from virtue.awarding.objections import Verdict, Words
from virtue.core import keys
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.notices import queries
from virtue.notices.models import Notice, Objection
from virtue.notices.services import Sender
from virtue.people.models import Household
from virtue.places.models import Village
from virtue.staff.models import User
from virtue.transactions import atomic


@dataclass
class Scene:
    """Who and what an objection needs."""

    village: Village
    household: Household
    neighbour: Household
    member: User
    judge: User
    supervisor: User
    clerk: User
    rule: Rule

    def deed(self, **fields) -> Deed:
        """An approved deed of the household: proposed by the member, approved by the judge."""
        rule = fields.pop("rule", self.rule)
        deed = deeds.deed_of(fields.pop("household", self.household), rule, by=self.member, **fields)
        return deeds.step(deed, "approve", "approved", by=self.judge)

    def on_notice(self, *made: Deed) -> Notice:
        """A notice with these deeds, or with one."""
        found = made or (self.deed(),)
        notice = deeds.on_notice(*found)
        for deed in found:
            kept = db.session.get(Deed, deed.id)
            kept.state = "approved"  # where the step that is written beside it begins
            deeds.step(kept, "publish", "on_notice", by=self.clerk)
        return db.session.get(Notice, notice.id)

    def booked(self, points: int = 5) -> Deed:
        """A deed booked at once in an event."""
        rule = deeds.rule_of(self.village.id, name="渠道清理", unit="home", points=points, route="at_once")
        deed = deeds.deed_of(self.household, rule, by=self.member)
        deed.way = "event"
        db.session.commit()
        return deeds.settle(deed)

    def spend(self, points: int) -> None:
        """The household hands points in at the till."""
        with atomic():
            moves = (ledger.Move("home", points, ledger.Flow.SPEND),)
            ledger.post(self.village.id, [ledger.Posting("order", 1, self.household.id, moves)], by=None)

    def object(self, notice: Notice, line: int = 1, text: str = "他家没有参加", **fields) -> Objection:
        """The neighbour objects, by mouth, unless told otherwise."""
        outcome = self.send(notice, line, text, **fields)
        return queries.find_objection(self.village.id, outcome.result["number"])

    def send(self, notice: Notice, line: int = 1, text: str = "他家没有参加", **fields) -> Outcome:
        """The same, with the service's own answer."""
        by = fields.pop("by", self.clerk)
        sender = fields.pop("sender", Sender(self.neighbour.id))
        words = Words(notice.number, line, text, fields.pop("came_by", "spoken"), fields.pop("received_on", None))
        return objections.object_to(
            self.village.id, words, sender, key=fields.pop("key", None) or keys.new(), by=by.id if by else None
        )

    def settle(self, objection: Objection, state: str, reason: str = "到现场看过", *, by: User | None = None, **fields):
        """The supervisor settles it, unless told otherwise."""
        key = fields.pop("key", None) or keys.new()
        verdict = Verdict(state, reason, **fields)
        by_id = (by or self.supervisor).id
        return objections.settle(self.village.id, objection.number, verdict, key=key, by=by_id)

    def state(self, deed: Deed) -> str:
        """A deed's state, read anew."""
        db.session.expire_all()
        return db.session.get(Deed, deed.id).state


def make_scene() -> Scene:
    """A village with its people."""
    village = factories.VillageFactory()
    grid = factories.GridFactory(village=village)
    return Scene(
        village=village,
        household=factories.HouseholdFactory(grid=grid, head_name="王永智", code="622100000147"),
        neighbour=factories.HouseholdFactory(grid=grid, head_name="赵桂英", code="622100000258"),
        member=factories.committee(village, name="李执委"),
        judge=factories.reviewer(village, name="张评议"),
        supervisor=factories.supervisor(village, name="孙监督"),
        clerk=factories.village_admin(village, name="周文书"),
        rule=deeds.rule_of(village.id, name="参加环境整治", unit="home", points=8, route="review"),
    )


@pytest.fixture
def scene(app) -> Scene:
    return make_scene()


@pytest.fixture
def later():
    """The clock, days on: ``with later(6):``."""
    return lambda days: clock.set_to(clock.now() + timedelta(days=days))
