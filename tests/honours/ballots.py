"""A campaign and everybody it needs; acts are the real services' with fresh keys, on the day on which they may be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests import factories
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import (
    campaign_counting,
    campaign_ending,
    campaign_judging,
    campaign_nominating,
    campaign_queries,
    campaigns,
    titles,
    vote_casting,
)
from virtue.honours.campaign_models import Campaign
from virtue.honours.title_models import Title
from virtue.notices.services import Sender
from virtue.people.models import Household
from virtue.places.models import Grid, Village
from virtue.staff.models import User

NOW = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)
DAYS = {
    "nominate": 0,
    "check": 0,
    "begin": 3,
    "cast": 4,
    "close": 9,
    "count": 9,
    "publish": 10,
    "object": 12,
    "give": 17,
}
"""Nominations end on day 2, the vote on day 8, the notice of day 10 on day 15."""
STAGES = ("nominating", "open", "closed", "counted", "notice", "ended", "cancelled")


@dataclass
class Poll:
    """A village with a campaign for 最美家庭（村）."""

    village: Village
    grid: Grid
    staff: dict[str, User]
    households: list[Household]
    how: str = "vote"
    tie: str = "score"
    campaign_id: int = 0
    nominees: list[int] = field(default_factory=list)

    def id(self, name: str) -> int:
        return self.staff[name].id

    @contextmanager
    def day(self, days: float) -> Iterator[None]:
        with clock.set_to(NOW + timedelta(days=days)):
            yield

    def open(self, *, seats: int = 2, picks: int = 2, by: str = "village_admin", **fields) -> int:
        today = clock.today()
        judges = fields.pop("judges", [self.id(one) for one in ("reviewer", "second", "third")])
        new = campaigns.NewCampaign(
            db.session.query(Title.id).filter_by(name="最美家庭（村）", village_id=self.village.id).scalar(),
            "2026年最美家庭评选", "家庭和睦，孝老爱亲，院落整洁，邻里都说好。", self.how, seats, picks, self.tie,
            today + timedelta(days=2), today + timedelta(days=8), judges=judges if self.how == "judges" else (), **fields,
        )  # fmt: skip
        done = campaigns.open_campaign(self.village.id, new, key=keys.new(), by=self.id(by))
        self.campaign_id = done.result["campaign_id"]
        return self.campaign_id

    def nominate(self, household: Household, by: str = "committee", **fields) -> int:
        new = campaign_nominating.NewNominee(
            household.id,
            fields.pop("story", "照顾瘫痪的老人十一年，从没红过脸"),
            fields.pop("consent_how", "signed"),
            **fields,
        )
        args = (self.village.id, self.campaign_id, new)
        return campaign_nominating.nominate(*args, key=keys.new(), by=self.id(by)).result["nominee_id"]

    def check(self, nominee_id: int, by: str = "reviewer", is_fit: bool = True, why: str = "不符合条件"):
        return campaign_nominating.check(
            self.village.id, self.campaign_id, nominee_id, is_fit=is_fit, why=why, key=keys.new(), by=self.id(by)
        ).result

    def withdraw(self, nominee_id: int, by: str = "committee", why: str = "本人不愿参加"):
        args = (self.village.id, self.campaign_id, nominee_id)
        return campaign_nominating.withdraw(*args, why=why, key=keys.new(), by=self.id(by)).result

    def step(self, action: str, by: str, **fields):
        return getattr(campaigns, action)(
            self.village.id, self.campaign_id, key=keys.new(), by=self.id(by), **fields
        ).result

    def cast(self, household: Household, *choice: int, by: str | None = None, key: str = ""):
        return vote_casting.cast(
            self.village.id,
            self.campaign_id,
            household.id,
            choice,
            key=key or keys.new(),
            by=self.id(by) if by else None,
        ).result

    def paper(self, household: Household, by: str = "committee"):
        args = (self.village.id, self.campaign_id, household.id)
        return vote_casting.give_paper(*args, key=keys.new(), by=self.id(by)).result

    def print(self, count: int, by: str = "committee"):
        return vote_casting.print_papers(
            self.village.id, self.campaign_id, count, key=keys.new(), by=self.id(by)
        ).result

    def read(self, number: int, *choice: int, by: str = "committee"):
        args = (self.village.id, self.campaign_id, number, choice)
        return vote_casting.read_paper(*args, key=keys.new(), by=self.id(by)).result

    def judge(self, by: str, **given: int):
        scores = {self.nominees[int(name[1:]) - 1]: score for name, score in given.items()}
        return campaign_judging.judge(self.village.id, self.campaign_id, scores, key=keys.new(), by=self.id(by)).result

    def object(self, line: int = 1, sender: Household | None = None, by: str = "committee") -> int:
        return campaign_ending.object_to(
            self.village.id, self.campaign_id, line, "这家和邻居闹过纠纷", Sender(sender.id if sender else None),
            came_by="desk", key=keys.new(), by=self.id(by),
        ).result["number"]  # fmt: skip

    def answer(self, number: int, outcome: str = "dismissed", by: str = "supervisor"):
        return campaign_ending.answer(
            self.village.id, self.campaign_id, number, outcome, "查过了，情况清楚", key=keys.new(), by=self.id(by)
        ).result

    def give(self, by: str = "village_admin", document: str = "富民村发〔2026〕9号"):
        return campaign_ending.give(self.village.id, self.campaign_id, document, key=keys.new(), by=self.id(by)).result

    def campaign(self) -> Campaign:
        db.session.expire_all()
        return campaign_queries.find_campaign(self.village.id, self.campaign_id)

    def winners(self) -> list[int]:
        """The numbers of who has won, best first."""
        db.session.expire_all()
        return [one.number for one in campaign_counting.winners(self.campaign_id)]

    # Ways through it.

    def run_to(self, stage: str, votes: list[tuple[int, ...]] | None = None) -> None:
        """A campaign with three nominees that stands where it is asked for."""
        self.open()
        self.nominees = [self.nominate(one) for one in self.households[:3]]
        for one in self.nominees:
            self.check(one)
        if stage == "cancelled":
            self.step("cancel", "village_admin", why="推荐的太少")
        if stage in {"nominating", "cancelled"}:
            return
        with self.day(DAYS["begin"]):
            self.step("begin", "village_admin")
        if stage == "open":
            return
        self.fill(votes or [(1,), (1, 2), (2,), (1,), (3,)])
        with self.day(DAYS["close"]):
            self.step("close", "village_admin")
            if stage != "closed":
                self.step("count", "supervisor")
        if stage in {"notice", "ended"}:
            with self.day(DAYS["publish"]):
                self.step("publish", "village_admin")
        if stage == "ended":
            with self.day(DAYS["give"]):
                self.give()

    def fill(self, votes: list[tuple[int, ...]]) -> None:
        """Everybody votes; or the judges give 90, 80 and 70."""
        with self.day(DAYS["cast"]):
            if self.how == "judges":
                for one in ("reviewer", "second", "third"):
                    self.judge(one, n1=90, n2=80, n3=70)
                return
            for household, choice in zip(self.households, votes, strict=False):
                self.cast(household, *choice)


def make_poll(count: int = 6, **fields) -> Poll:
    village = factories.VillageFactory()
    grid = factories.GridFactory(village=village, number=3)
    staff = {name: make(village) for name, make in factories.CAST.items()}
    staff |= {name: factories.reviewer(village) for name in ("second", "third")}
    staff["other"] = factories.supervisor(village)
    staff["clerk2"] = factories.village_admin(village)
    titles.take_county_titles(village.id, key=keys.new(), by=None)
    return Poll(village, grid, staff, [factories.HouseholdFactory(grid=grid) for _ in range(count)], **fields)
