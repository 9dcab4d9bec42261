"""The law of a deed's states: every state times every action, for everybody who may act, and for everybody who may not.

What must come of each stands here in words of its own; ``states.py`` is what is tested.
"""

from collections.abc import Callable

import pytest

from tests.awarding.work import AWARD_STAGES, DEDUCTION_STAGES, Work, state
from tests.pages import unchanged
from virtue.awarding import amending, deductions, services, settling
from virtue.awarding.models import DeedState
from virtue.awarding.states import STEPS
from virtue.core import keys
from virtue.errors import BrokenRule

AWARD = {f"award:{stage}" for stage in AWARD_STAGES}
DEDUCTION = {f"deduction:{stage}" for stage in DEDUCTION_STAGES}
PLACES = sorted(AWARD | DEDUCTION)

# By action: from where to where it leads.
LAW: dict[str, dict[str, str]] = {
    "approve": {"award:proposed": "approved"},
    "amend": {"award:proposed": "proposed", "award:approved": "proposed"},
    "send_back": {"award:proposed": "sent_back"},
    "resubmit": {"award:sent_back": "proposed"},
    "reject": {"award:proposed": "rejected"},
    "reopen": {"award:rejected": "proposed"},
    "publish": {"award:approved": "on_notice", "deduction:approved": "on_notice"},
    "freeze": {"award:on_notice": "frozen", "deduction:on_notice": "frozen"},
    "thaw": {"award:frozen": "on_notice", "deduction:frozen": "on_notice"},
    "withdraw": {
        f"{kind}:{stage}": "withdrawn" for kind in ("award", "deduction") for stage in ("on_notice", "frozen")
    },
    "settle": {"award:on_notice": "settled", "deduction:on_notice": "settled"},
    "take_back": {"award:proposed": "withdrawn", "award:sent_back": "withdrawn", "award:booked": "reversed"},
    "reverse": {"award:settled": "reversed", "award:booked": "reversed", "deduction:settled": "reversed"},
    "verify": {"deduction:lead": "verified"},
    "tell": {"deduction:verified": "told"},
    "answer": {"deduction:told": "told"},
    "decide": {"deduction:heard": "approved"},
    "drop": {
        f"deduction:{stage}": "dropped"
        for stage in ("lead", "verified", "told", "heard", "approved", "on_notice", "frozen")
    },
}  # fmt: skip
INSIDE = {"book", "undo", "countersign"}
"""Part of a larger act: booking in an event, taking back what was booked, an opening balance's second person."""

# Who may, by action. ``None``: the day's run and what an objection does have no page of their own here.
MAY: dict[str, set[str] | None] = {
    "approve": {"reviewer"},
    "amend": {"reviewer"},
    "send_back": {"reviewer"},
    "resubmit": {"committee"},
    "reject": {"reviewer"},
    "reopen": {"reviewer"},
    "publish": {"village_admin"},
    "freeze": None,
    "thaw": None,
    "withdraw": None,
    "settle": None,
    "take_back": {"committee"},
    "reverse": {"supervisor", "village_admin"},
    "verify": {"committee", "reviewer", "village_admin"},
    "tell": {"committee", "reviewer", "village_admin"},
    "answer": {"committee", "reviewer", "village_admin"},
    "decide": {"reviewer"},
    "drop": {"committee", "reviewer", "village_admin"},
}
ROLES = ("committee", "reviewer", "keeper", "supervisor", "village_admin")

# The refusals that aren't plainly "somebody has dealt with it already" (409).
OTHERWISE = {
    **{("decide", f"deduction:{stage}"): "NotTold" for stage in ("lead", "verified")},
    ("decide", "deduction:told"): "RebuttalStillRunning",
    **{("take_back", place): "TooLateToTakeBack" for place in (*DEDUCTION, "award:settled")},
    **{
        ("answer", f"deduction:{stage}"): "RebuttalOver"
        for stage in ("heard", "approved", "on_notice", "frozen", "settled", "reversed")
    },
}  # fmt: skip

TELLING = deductions.Telling("in_person")
ACTS: dict[str, Callable[[int, int, dict], object]] = {
    "approve": services.approve,
    "amend": lambda v, d, **o: amending.amend(v, d, 3, why="只做了一半", **o),
    "send_back": lambda v, d, **o: services.send_back(v, d, why="说不清楚", **o),
    "resubmit": lambda v, d, **o: services.resubmit(v, d, words="补了照片", **o),
    "reject": lambda v, d, **o: services.reject(v, d, why="说不清楚", **o),
    "reopen": lambda v, d, **o: services.reopen(v, d, why="有人作证", **o),
    "take_back": services.take_back,
    "reverse": lambda v, d, **o: settling.reverse(v, d, why="弄错了", **o),
    "verify": deductions.verify,
    "tell": lambda v, d, **o: deductions.tell(v, d, TELLING, **o),
    "answer": lambda v, d, **o: deductions.answer(v, d, "不是我家", **o),
    "decide": deductions.decide,
    "drop": lambda v, d, **o: deductions.drop(v, d, why="已经清理", **o),
}


def actor(action: str, role: str) -> str:
    """Who of the cast acts: an own entry is taken back and completed by who made it."""
    return "author" if action in {"resubmit", "take_back"} and role == "committee" else role


def bring(work: Work, place: str) -> int:
    kind, stage = place.split(":")
    return work.bring(stage, deduction=kind == "deduction")


def act(work: Work, action: str, deed_id: int, by: str) -> None:
    if action in ACTS:
        ACTS[action](work.village.id, deed_id, key=keys.new(), by=work.id(by))
    elif action == "publish":
        work.publish()
    elif action == "settle":
        with work.day(6):
            work.settle()
    else:
        work.move(deed_id, action)


def test_every_action_has_its_law():
    assert set(LAW) == set(MAY) == set(STEPS) - INSIDE
    assert {place.split(":")[1] for place in PLACES} == {str(each) for each in DeedState} | {"booked", "heard"}


@pytest.mark.parametrize("place", PLACES)
def test_what_no_law_allows_is_refused_and_changes_nothing(app, work, place):
    """Every action that the law doesn't list for the place, by everybody whose role may do it somewhere."""
    deed_id = bring(work, place)
    before = state(deed_id)
    wrong = []
    with unchanged(app):
        for action in sorted(LAW):
            if place in LAW[action]:
                continue
            for role in sorted(MAY[action] or {"village_admin"}):
                told = _refusal(work, action, deed_id, actor(action, role))
                if told != _expected(action, place):
                    wrong.append((action, role, told))
    assert wrong == []
    assert state(deed_id) == before


def _expected(action: str, place: str) -> str | None:
    if action == "publish":
        return "NothingToPublish"
    return None if action == "settle" else OTHERWISE.get((action, place), "WrongState")


def _refusal(work: Work, action: str, deed_id: int, by: str) -> str | None:
    try:
        act(work, action, deed_id, by)
    except BrokenRule as error:
        assert str(error).endswith("。"), error.code
        assert error.status == (409 if error.code == "WrongState" else 422)
        return error.code
    return None


@pytest.mark.parametrize("action", sorted(LAW))
def test_what_the_law_allows_is_done_by_each_who_may(work, action):
    done = {}
    for place in sorted(LAW[action]):
        for role in sorted(MAY[action] or {"village_admin"}):
            deed_id = bring(work, place)
            act(work, action, deed_id, actor(action, role))
            done[place, role] = state(deed_id)
    assert done == {
        (place, role): target for place, target in LAW[action].items() for role in MAY[action] or {"village_admin"}
    }


URLS = {
    **{action: f"/review/%s/{action}" for action in ("approve", "amend", "send_back", "reject", "reopen")},
    "resubmit": "/award/mine/%s/resubmit",
    "take_back": "/award/%s/take-back",
    "reverse": "/deeds/%s/reverse",
    **{action: f"/deductions/%s/{action}" for action in ("verify", "tell", "answer", "decide", "drop")},
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_may_not_gets_403_in_every_state(app, work, seat, role):
    """The guard stands before the database is asked, so that one database is proof enough."""
    visitor = seat(role)
    deeds = [bring(work, place) for place in sorted(PLACES, key=lambda place: place.endswith(":approved"))]
    with unchanged(app):
        for action, url in URLS.items():
            if role not in MAY[action]:
                for deed_id in deeds:
                    answer = visitor.raw("POST", url % deed_id, data={"csrf_token": visitor.state["token"]})
                    assert answer.status_code == 403, (action, deed_id)
        if role not in MAY["publish"]:
            visitor.post("/notices", {"key": keys.new()}, 403)
