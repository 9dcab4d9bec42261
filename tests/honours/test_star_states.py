"""The law of stars: every state of a removal times every action, for everybody who may act and everybody who may not."""

from collections.abc import Callable

import pytest

from tests.honours.conftest import Sky
from tests.pages import Visitor, unchanged
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import star_publishing
from virtue.honours.star_models import RemovalState
from virtue.honours.star_states import PERIOD_STEPS, RATING_STEPS, REMOVAL_STEPS
from virtue.staff.roles import PERMISSIONS

STAGES = ("proposed", "told", "heard", "half", "decided", "on_notice", "done", "dropped")
"""``heard``: its days are over; ``half``: one reviewer has signed."""

LAW: dict[str, dict[str, str]] = {
    "tell": {"proposed": "told"},
    "answer": {"told": "told"},
    "sign": {"heard": "told", "half": "decided"},
    "publish": {"decided": "on_notice"},
    "settle": {"on_notice": "done"},
    "drop": dict.fromkeys(("proposed", "told", "heard", "half", "decided", "on_notice"), "dropped"),
}
OTHERWISE = {
    ("sign", "proposed"): "StarNotTold", ("sign", "told"): "StarAnswerStillRunning",
    ("answer", "heard"): "StarAnswerOver", ("answer", "half"): "StarAnswerOver",
    **{("publish", stage): "NoRemovalToPublish" for stage in STAGES if stage != "decided"},
    **{("settle", stage): None for stage in STAGES if stage != "on_notice"},
}  # fmt: skip
MAY = {
    "tell": {"committee", "reviewer", "village_admin"},
    "answer": {"committee", "reviewer", "village_admin"},
    "sign": {"reviewer"},
    "publish": {"village_admin"},
    "drop": {"reviewer"},
}
ROLES = ("committee", "reviewer", "keeper", "supervisor", "village_admin")
URLS = {name: f"/stars/removals/%s/{name}" for name in ("tell", "answer", "sign", "drop")}


def bring(sky: Sky, stage: str) -> int:
    """A removal that stands where it is asked for."""
    household = sky.household()
    sky.shine(household)
    sky.propose()
    days = 0 if stage in {"proposed", "told", "dropped"} else -20
    with sky.day(days):
        removal_id = sky.remove(household)
        if stage == "dropped":
            sky.drop(removal_id)
        elif stage != "proposed":
            sky.tell(removal_id)
    with sky.day(-10):
        if stage in {"half", "decided", "on_notice", "done"}:
            sky.sign(removal_id, "second")
        if stage in {"decided", "on_notice", "done"}:
            sky.sign(removal_id, "third")
    if stage in {"on_notice", "done"}:
        with sky.day(-9):
            sky.publish_removals()
    if stage == "done":
        sky.settle()
    return removal_id


ACTS: dict[str, Callable[[Sky, int, str], object]] = {
    "tell": lambda sky, one, by: sky.tell(one, by=by),
    "answer": lambda sky, one, by: sky.answer(one, by=by),
    "sign": lambda sky, one, by: sky.sign(one, "third" if by == "reviewer" else by),
    "publish": lambda sky, _one, by: sky.publish_removals(by),
    "settle": lambda sky, _one, _by: star_publishing.settle_due(sky.village.id),
    "drop": lambda sky, one, by: sky.drop(one, by=by),
}


def test_every_action_has_its_law():
    assert set(LAW) == set(ACTS) == set(REMOVAL_STEPS) - {"freeze", "thaw"}
    assert {"heard", "half", *RemovalState} - {"frozen"} == {*STAGES}
    for action, roles in MAY.items():
        permission = REMOVAL_STEPS[action].permission or "stars.tell"
        assert {role for role in ROLES if permission in PERMISSIONS[role]} == roles
    for steps in (PERIOD_STEPS, RATING_STEPS):
        for step in steps.values():
            assert step.permission is None or any(step.permission in held for held in PERMISSIONS.values())


@pytest.mark.parametrize("stage", STAGES)
def test_what_no_law_allows_is_refused_and_changes_nothing(app, sky: Sky, stage):
    removal_id = bring(sky, stage)
    wrong = []
    with unchanged(app):
        for action in sorted(LAW):
            if stage in LAW[action]:
                continue
            for role in sorted(MAY.get(action, {"village_admin"})):
                told = None
                try:
                    ACTS[action](sky, removal_id, role)
                except BrokenRule as error:
                    told = error.code
                if told != OTHERWISE.get((action, stage), "StarsMovedOn"):
                    wrong.append((action, role, told))
    assert wrong == []


@pytest.mark.parametrize("action", sorted(LAW))
def test_what_the_law_allows_is_done_by_each_who_may(sky: Sky, action):
    done = {}
    for stage in sorted(LAW[action]):
        for role in sorted(MAY.get(action, {"village_admin"})):
            removal_id = bring(sky, stage)
            ACTS[action](sky, removal_id, role)
            done[stage, role] = sky.removal(removal_id).state
    assert done == {
        (stage, role): target for stage, target in LAW[action].items() for role in MAY.get(action, {"village_admin"})
    }


def test_until_it_is_done_the_star_is_held(sky: Sky):
    household = sky.household()
    sky.shine(household)
    sky.propose()
    with sky.day(-20):
        removal_id = sky.remove(household)
        sky.tell(removal_id)
    with sky.day(-10):
        sky.sign(removal_id, "second")
        sky.sign(removal_id, "third")
    with sky.day(-9):
        sky.publish_removals()
    assert sky.rating(household).stars == 7
    sky.settle()
    assert (sky.rating(household).stars, sky.rating(household).held[6]) == (6, "0")
    assert sky.removal(removal_id).ended_at is not None


@pytest.mark.parametrize("who", ["reviewer", "second"])
def test_neither_the_proposer_nor_one_person_twice(app, sky: Sky, who):
    household = sky.household()
    sky.shine(household)
    sky.propose()
    with sky.day(-20):
        removal_id = sky.remove(household)
        sky.tell(removal_id)
    sky.sign(removal_id, "second")
    with pytest.raises(BrokenRule) as told, unchanged(app):
        sky.sign(removal_id, who)
    assert told.value.code == {"reviewer": "OwnRemoval", "second": "SignedRemoval"}[who]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_may_not_gets_403_in_every_state(app, sky: Sky, visitor, role):
    """The guard stands before the database is asked, so that one database is proof enough."""
    seat: Visitor = visitor().sign_in(sky.staff[role])
    removals = [bring(sky, stage) for stage in STAGES]
    with unchanged(app):
        for action, url in URLS.items():
            if role not in MAY[action]:
                for removal_id in removals:
                    answer = seat.raw("POST", url % removal_id, data={"csrf_token": seat.state["token"]})
                    assert answer.status_code == 403, (action, removal_id)
        if role not in MAY["publish"]:
            seat.post("/stars/removals/publish", {"key": keys.new()}, 403)
