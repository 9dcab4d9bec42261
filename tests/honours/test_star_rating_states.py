"""The law of a quarter and its ratings: every state times every action does the one thing, or is refused with nothing changed."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.honours.conftest import Sky, make_sky
from tests.honours.test_star_objections import send, settle
from tests.pages import unchanged
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.honours import star_removals, stars
from virtue.honours.star_models import PeriodState, RatingState, StarRating
from virtue.honours.star_states import PERIOD_STEPS, RATING_STEPS
from virtue.ledger import services as ledger
from virtue.people import participation_services
from virtue.people.models import Household
from virtue.staff.roles import PERMISSIONS
from virtue.transactions import atomic

STAGES = ("none", "review", "on_notice", "frozen", "published", "withdrawn")
DAY = {"none": 0, "review": 0, "on_notice": 1, "frozen": 1, "published": 7, "withdrawn": 7}
ROLES = ("committee", "reviewer", "keeper", "supervisor", "village_admin")


@dataclass
class Case:
    """A household's rating that stands somewhere, beside another one that only keeps it company."""

    sky: Sky
    household: Household
    other: Household
    objection: int = 0

    def stands(self) -> tuple[str | None, str | None, int]:
        """The quarter's state, the rating's, how many stars it holds."""
        period = self.sky.period()
        if period is None:
            return None, None, 0
        row = next(one for one in period_ratings(self.sky) if one.household_id == self.household.id)
        return period.state, row.state, row.stars


def period_ratings(sky: Sky) -> list[StarRating]:
    db.session.expire_all()
    return db.session.query(StarRating).filter_by(period_id=sky.period().id).all()


def bring(sky: Sky, stage: str) -> Case:
    case = Case(sky, sky.household(), sky.household())
    sky.score(case.household, "爱党爱国", home=5)
    sky.close_months()
    with atomic():
        # The first lock of a village writes its chain's row.
        ledger.lock(sky.village.id)
    if stage == "none":
        return case
    sky.propose()
    sky.word(case.other)
    if stage == "review":
        return case
    sky.publish()
    with sky.day(1):
        if stage == "frozen":
            case.objection = send(sky, sky.rating(case.household).notice_line)
        if stage == "withdrawn":
            participation_services.leave(sky.village.id, case.household.id, by=sky.id("village_admin"))
    if stage in {"published", "withdrawn"}:
        with sky.day(6):
            sky.settle()
    return case


def _rating_id(case: Case) -> int:
    return next(one.id for one in period_ratings(case.sky) if one.household_id == case.household.id)


def _change(case: Case, by: str) -> None:
    stars.change(
        case.sky.village.id, _rating_id(case), "环境卫生", to_held=True, why="评议会一致同意", key=keys.new(),
        by=case.sky.id(by),
    )  # fmt: skip


def _remove(case: Case, by: str) -> None:
    star_removals.remove(
        case.sky.village.id, _rating_id(case), "爱党爱国", why="渠边乱倒，多次不改", key=keys.new(), by=case.sky.id(by)
    )


ACTS: dict[str, Callable[[Case, str], object]] = {
    "propose": lambda case, by: case.sky.propose(by=by),
    "word": lambda case, by: case.sky.word(case.household, by=by),
    "change": _change,
    "remove": _remove,
    "publish": lambda case, by: case.sky.publish(by=by),
    "object": lambda case, _by: send(case.sky, 1),
    "answer": lambda case, by: settle(case.sky, case.objection, "dismissed", by=by),
    "settle": lambda case, _by: case.sky.settle(),
}
# By action: from where to where it leads (the quarter, the rating, its stars).
LAW: dict[str, dict[str, tuple[str, str, int]]] = {
    "propose": {"none": ("review", "review", 4), "review": ("review", "review", 4)},
    "word": {"review": ("review", "review", 5)},
    "change": {"review": ("review", "review", 5)},
    "remove": {"review": ("review", "review", 4), "published": ("published", "published", 4)},
    "publish": {"review": ("notice", "on_notice", 4)},
    "object": {"on_notice": ("notice", "frozen", 4), "frozen": ("notice", "frozen", 4)},
    "answer": {"frozen": ("notice", "on_notice", 4)},
    "settle": {},
}
MAY = {
    "propose": {"reviewer", "village_admin"}, "word": {"reviewer"}, "change": {"reviewer"}, "remove": {"reviewer"},
    "publish": {"village_admin"},
}  # fmt: skip
PERMISSION = {
    "propose": PERIOD_STEPS["propose"].permission, "publish": PERIOD_STEPS["publish"].permission,
    "word": RATING_STEPS["give_word"].permission, "change": RATING_STEPS["change"].permission,
    "remove": RATING_STEPS["remove"].permission,
}  # fmt: skip


def test_every_state_and_every_step_has_its_law():
    assert set(PERIOD_STEPS) | set(RATING_STEPS) == {
        "propose", "publish", "settle", "change", "give_word", "remove", "freeze", "thaw", "leave"
    }  # fmt: skip
    assert set(STAGES) - {"none"} == set(RatingState)
    assert {"review", "notice", "published"} == set(PeriodState)
    for action, roles in MAY.items():
        assert {role for role in ROLES if PERMISSION[action] in PERMISSIONS[role]} == roles


@pytest.mark.parametrize("stage", STAGES)
def test_what_no_law_allows_is_refused_and_changes_nothing(app, sky: Sky, stage):
    case = bring(sky, stage)
    wrong = []
    with sky.day(DAY[stage]), unchanged(app):
        for action in sorted(LAW):
            if stage in LAW[action] or (stage == "none" and action in {"change", "remove"}):
                continue
            for role in sorted(MAY.get(action, {"supervisor"})):
                told = None
                try:
                    ACTS[action](case, role)
                except BrokenRule as error:
                    told = error.code
                if told is None and action != "settle":
                    wrong.append((action, role))
    assert wrong == []


@pytest.mark.parametrize("action", sorted(set(LAW) - {"settle"}))
def test_what_the_law_allows_is_done_by_each_who_may(sky: Sky, action):
    done = {}
    for stage in sorted(LAW[action]):
        for role in sorted(MAY.get(action, {"supervisor"})):
            case = bring(sky, stage) if not done else _again(stage)
            with case.sky.day(DAY[stage]):
                ACTS[action](case, role)
                done[stage, role] = case.stands()
    assert done == {
        (stage, role): target for stage, target in LAW[action].items() for role in MAY.get(action, {"supervisor"})
    }


def _again(stage: str) -> Case:
    """The same in a village of its own."""
    return bring(make_sky(), stage)


def test_the_day_publishes_what_nobody_objects_to_and_leaves_who_left(sky: Sky):
    case = bring(sky, "frozen")
    with sky.day(7):
        sky.settle()
        assert case.stands() == ("published", "frozen", 4)
        settle(sky, case.objection, "dismissed")
        sky.settle()
        assert case.stands() == ("published", "published", 4)
    gone = _again("withdrawn")
    assert gone.stands()[1] == "withdrawn"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_may_not_gets_403(app, sky: Sky, visitor, role):
    """The guard stands before the database is asked, so that one database is proof enough."""
    seat = visitor().sign_in(sky.staff[role])
    case = bring(sky, "review")
    urls = {name: f"/stars/2026-q2/{name}" for name in ("propose", "word", "publish")}
    urls |= {name: f"/stars/ratings/{_rating_id(case)}/{name}" for name in ("change", "remove")}
    with unchanged(app):
        for action, url in urls.items():
            if role not in MAY[action]:
                seat.post(url, {"why": "评议会一致同意", "dimension": "环境卫生"}, 403)
