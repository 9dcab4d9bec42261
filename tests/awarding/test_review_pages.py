"""The review pages: the queue and its filters, one deed after the other, amending, several at once, opening again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import deeds, factories
from tests.awarding.work import deed as deed_of
from tests.awarding.work import state
from tests.pages import count_queries, unchanged
from virtue import clock
from virtue.awarding import amending, queries, services, settling
from virtue.awarding.amending import Range, range_of
from virtue.awarding.errors import NotByThePiece, OutOfRange, ReasonNeeded, WrongState
from virtue.awarding.models import DeedStep
from virtue.core import audit, keys, settings
from virtue.core.models import Audit
from virtue.errors import KeyReused, NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.people.models import Recusal
from virtue.transactions import atomic


def kin(work, user, household):
    """Declare a household as a user's kin."""
    db.session.add(
        Recusal(
            village_id=work.village.id, user_id=user.id, household_id=household.id, relation="sibling",
            declared_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()


def listed(page):
    """The deeds that a queue shows, by their id."""
    return [int(box["value"]) for box in page.select("#tick input[name=deed]")]


def steps_of(deed_id):
    rows = db.session.scalars(sa.select(DeedStep).where(DeedStep.deed_id == deed_id).order_by(DeedStep.id))
    return [(step.action, step.by_id) for step in rows]


def form_of(page, action):
    return page.select_one(f"form[action*='/{action}']")


# ---- the queue


def test_the_queue_is_oldest_first_with_what_is_needed_to_choose(work, seat):
    home = work.household(head_name="王永智", code="620622100147")
    with work.day(-8):
        old = work.propose(home, "W01", words="下渠救人")["deed_id"]
    new = work.propose(work.household())["deed_id"]
    page = seat("reviewer")("/review")
    assert listed(page) == [old, new]
    assert page.words("#count") == "2 项等您评议。"
    row = page.rows("table")[0]
    for words in ("见义勇为", "下渠救人", "要两人同意"):
        assert words in row[1]
    assert row[2:] == ["王*智家 尾号 0147", work.staff["author"].name, "8 天", "+20 文明积分"]
    assert page.rows("table")[1][4] == "今天"


def test_the_queue_is_filtered_by_grid_rule_and_waiting(work, seat, app):
    other = factories.GridFactory(village=work.village, number=4)
    with work.day(-3):
        here = work.propose(work.household(), "J16")["deed_id"]
        there = work.propose(work.household(grid=other), "W10")["deed_id"]
    today = work.propose(work.household(grid=other), "J16")["deed_id"]
    judge = seat("reviewer")
    found = {
        query: listed(judge(f"/review?{query}"))
        for query in (f"grid={other.id}", "rule=J16", "days=3", "days=7", f"grid={other.id}&rule=J16&days=", "days=2", "grid=x")
    }  # fmt: skip
    assert found == {
        f"grid={other.id}": [there, today], "rule=J16": [here, today], "days=3": [here, there], "days=7": [],
        f"grid={other.id}&rule=J16&days=": [today],
        # Anything else filters nothing.
        "days=2": [here, there, today], "grid=x": [here, there, today],
    }  # fmt: skip
    page = judge(f"/review?grid={other.id}")
    assert page.select_one("#filter-grid option[selected]")["value"] == str(other.id)
    kinds = {tuple(link.get_text(" ", strip=True).rsplit(" ", 1)): link["href"] for link in page.select("#kinds a")}
    assert kinds == {
        ("探访照料独居老人", "1"): f"/review?grid={other.id}&rule=J16",
        ("发展产业、扩大规模", "1"): f"/review?grid={other.id}&rule=W10",
    }
    assert page.select_one("[data-review-link]")["href"] == f"/review/{there}?grid={other.id}"


def test_under_htmx_the_filters_bring_the_list_alone(work, seat):
    old = work.propose(work.household())["deed_id"]
    judge = seat("reviewer")
    part = judge.with_htmx()("/review?rule=J16", target="review-list")
    assert part.select_one("html") is None
    assert listed(part) == [old]
    form = judge("/review").select_one("#filters")
    assert (form["method"], form["hx-get"], form["hx-target"]) == ("get", "/review", "#review-list")


def test_an_empty_queue_says_so_and_a_filter_that_finds_nothing_leads_back(work, seat):
    judge = seat("reviewer")
    assert "没有等您评议的事项" in judge("/review").words("main")
    work.propose(work.household())
    page = judge("/review?rule=W10")
    assert page.select_one(".empty a")["href"] == "/review"
    assert "没有等您评议的事项" not in page.words("main")


def test_a_long_queue_has_pages_and_costs_the_same_questions(work, seat, app):
    homes = [work.household() for _number in range(31)]
    day = clock.today()
    judge = seat("reviewer")
    lines = [services.Proposal(home.id, work.rule("J16"), day) for home in homes]
    services.propose_many(work.village.id, lines[:2], key=keys.new(), by=work.id("author"))
    judge("/review")
    with count_queries(app) as few:
        judge("/review")
    services.propose_many(work.village.id, lines[2:], key=keys.new(), by=work.id("author"))
    with count_queries(app) as many:
        first = judge("/review?rule=J16")
    second = judge("/review?rule=J16&page=2")
    assert (len(listed(first)), len(listed(second))) == (30, 1)
    assert first.select_one("a[rel=next]")["href"] == "/review?rule=J16&page=2"
    assert len(many) == len(few)


# ---- what isn't a reviewer's to decide


@pytest.fixture
def barred(work):
    """By reason, a deed that this reviewer may not decide."""
    judge, home = work.staff["second"], work.household()
    factories.RoleGrantFactory(user=judge, role="committee", village_id=work.village.id)
    own, sister, served = work.household(), work.household(), work.household()
    member = factories.MemberFactory(household=own)
    judge.member_id = member.id
    db.session.commit()
    kin(work, judge, sister)
    with work.day(-1):
        made = {
            "OwnProposal": work.propose(home, by="second")["deed_id"],
            "own": work.propose(own)["deed_id"],
            "kin": work.propose(sister)["deed_id"],
            "TwoHats": work.propose(served)["deed_id"],
        }
    factories.RoleGrantFactory(user=judge, role="keeper", village_id=work.village.id)
    with atomic():
        audit.record("store.redeem", village_id=work.village.id, by=judge.id, household_id=served.id)
    return made


WHY = {"OwnProposal": "您自己申报的", "own": "自己家", "kin": "自己家", "TwoHats": "今天您已经给这一户办过"}


def test_own_proposals_kin_and_two_hats_are_not_in_the_queue(barred, seat):
    assert listed(seat("second")("/review")) == []
    assert listed(seat("reviewer")("/review")) == list(barred.values())


@pytest.mark.parametrize("case", WHY)
def test_nor_can_they_be_acted_on_by_address(app, barred, seat, case):
    judge, deed_id = seat("second"), barred[case]
    page = judge(f"/review/{deed_id}")
    assert WHY[case] in page.words(".review-acts")
    assert page.select("form[action*=approve], form[action*=reject], form[action*=amend]") == []
    for action in ("approve", "amend", "send_back", "reject"):
        with unchanged(app):
            told = judge.post(f"/review/{deed_id}/{action}", {"key": keys.new(), "why": "说不清楚", "points": "3"}, 422)
        assert WHY[case] in told.words(".review-acts")
    with unchanged(app):
        asked = judge(f"/review/together?deed={deed_id}")
        judge.post("/review/approve", {"key": keys.new(), "deed": str(deed_id)})
    assert WHY[case] in asked.words(".note")
    assert WHY[case] in judge("/review").words("#messages")
    assert state(deed_id) == "proposed"


def test_another_villages_deed_is_not_found(app, work, seat):
    elsewhere = factories.GridFactory()
    stranger = factories.reviewer(elsewhere.village)
    factories.give(factories.HouseholdFactory(grid=elsewhere), home=1)
    deed_id = work.propose(work.household())["deed_id"]
    judge = seat("reviewer")
    mine = work.propose(work.household())["deed_id"]
    other = type(judge)(app).sign_in(stranger)
    other(f"/review/{deed_id}", 404)
    with unchanged(app):
        for action in ("approve", "amend", "send_back", "reject", "reopen"):
            other.post(f"/review/{deed_id}/{action}", {"key": keys.new(), "why": "说不清楚", "points": "3"}, 404)
        other(f"/review/together?deed={deed_id}", 422)
        other.post("/review/approve", {"key": keys.new(), "deed": [str(deed_id), str(mine)]})
    assert "已同意" not in other("/review").words("#messages")
    with unchanged(app), pytest.raises(NotFoundHere):
        amending.amend(
            stranger.grants[0].village_id, deed_id, 3, why="只做了一半", key=keys.new(), by=stranger.id
        )  # fmt: skip


# ---- one deed


def test_the_page_of_a_deed_has_what_is_needed_to_decide(work, seat):
    home = work.household()
    with work.day(-20):
        earlier = work.propose(home, "J14", happened_on=(work.now - timedelta(days=25)).date())["deed_id"]
        work.approve(earlier)
    with work.day(-8):
        deed_id = work.propose(home, "J14", words="帮邻居收玉米")["deed_id"]
    page = seat("reviewer")(f"/review/{deed_id}")
    assert "等了 8 天" in page.words(".page-head")
    assert page.words("#who-said") == f"{work.staff['author'].name}申报"
    assert [line.get_text(" ", strip=True) for line in page.select("#caps li")] == [
        "2026年3月 已记 5 分，最多 5 分", "2026年 已记 10 分，最多 60 分",
    ]  # fmt: skip
    assert page.words("#same") == "2月23日 评议通过，待公示 +5 家美积分"
    assert "帮邻居收玉米" in page.words(".review-facts")


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_after_a_decision_the_next_of_the_same_part_comes(work, seat, is_htmx):
    first, apart, last = (work.propose(work.household(), code)["deed_id"] for code in ("J16", "W10", "J16"))
    judge = seat("reviewer")
    page = judge(f"/review/{first}?rule=J16")
    assert page.select_one("[data-review-after]")["href"] == f"/review/{last}?rule=J16"
    assert page.select("[data-review-before]") == []
    person = judge.with_htmx() if is_htmx else judge
    url = form_of(page, "approve")["action"]
    done = person.submit(form_of(page, "approve"))
    assert url == f"/review/{first}/approve?rule=J16"
    if is_htmx:
        assert done.response.headers["HX-Push-Url"] == f"/review/{last}?rule=J16"
        assert done.select_one("#messages")["hx-swap-oob"] == "true"
        page = done
    else:
        assert done.location == f"/review/{last}?rule=J16"
        page = judge(done.location)
    assert "已办：探访照料独居老人" in page.words("#messages")
    assert page.select_one("#review form[action]")["action"] == f"/review/{last}/approve?rule=J16"
    done = person.submit(form_of(page, "reject"), why="没有人作证")
    # The last one of this part: back to its queue, which is empty now; the other kind waits.
    assert done.location == "/review?rule=J16"
    assert (state(first), state(last), state(apart)) == ("approved", "rejected", "proposed")
    assert listed(judge("/review")) == [apart]


def test_from_the_last_one_back_to_what_was_left_before_it(work, seat):
    left, last = (work.propose(work.household())["deed_id"] for _number in range(2))
    judge = seat("reviewer")
    page = judge(f"/review/{last}")
    assert page.select_one("[data-review-before]")["href"] == f"/review/{left}"
    assert judge.submit(form_of(page, "send_back"), why="请补照片").location == f"/review/{left}"


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("action", ["send_back", "reject"])
def test_a_refusal_without_a_reason_stands_at_the_field(app, work, seat, action, is_htmx):
    deed_id = work.propose(work.household())["deed_id"]
    judge = seat("reviewer")
    person = judge.with_htmx() if is_htmx else judge
    with unchanged(app):
        back = person.submit(form_of(judge(f"/review/{deed_id}"), action), 422, why=" ")
    assert "请写明理由" in back.words(f"#why-{action}-error")
    assert back.select_one(f"#why-{action}")["aria-invalid"] == "true"
    assert [part.summary.get_text() for part in back.select("details[open]")] == [
        {"send_back": "退回请补充", "reject": "不同意"}[action]
    ]


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_what_somebody_dealt_with_meanwhile_is_said_and_nothing_changes(app, work, seat, is_htmx):
    deed_id = work.propose(work.household())["deed_id"]
    judge = seat("reviewer")
    page = judge(f"/review/{deed_id}")
    services.reject(work.village.id, deed_id, why="没有人作证", key=keys.new(), by=work.id("second"))
    person = judge.with_htmx() if is_htmx else judge
    with unchanged(app):
        told = person.submit(form_of(page, "approve"), 409)
    assert "已经有人办过了" in told.words(".form-error")
    assert form_of(told, "approve") is None
    assert form_of(told, "reopen") is not None


def test_from_twenty_points_two_people_approve(app, work, seat):
    deed_id = work.propose(work.household(), "W01")["deed_id"]
    first, second = seat("reviewer"), seat("second")
    assert first(f"/review/{deed_id}").words("#two") == "20 分以上，要两个人同意，已有 0 人同意。"
    done = first.submit(form_of(first(f"/review/{deed_id}"), "approve"))
    assert "还要另一位评议员同意" in first(done.location).words("#messages")
    assert state(deed_id) == "proposed"
    assert listed(first("/review")) == []
    assert "您已经同意过" in first(f"/review/{deed_id}").words(".review-acts")
    with unchanged(app):
        first.post(f"/review/{deed_id}/approve", {"key": keys.new()}, 422)
    assert "已有 1 人同意" in second(f"/review/{deed_id}").words("#two")
    second.submit(form_of(second(f"/review/{deed_id}"), "approve"))
    assert state(deed_id) == "approved"


def test_the_limit_is_the_villages_own(work, seat):
    deed_id = work.propose(work.household())["deed_id"]
    with atomic():
        settings.change("two_reviewers_from", 5, work.village.id)
    assert work.approve(deed_id) == "proposed"
    assert "要两人同意" in seat("second")("/review").words("tbody")


# ---- amending


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_points_are_amended_with_a_reason_and_approved_anew(work, seat, is_htmx):
    home = work.household()
    deed_id = work.propose(home)["deed_id"]
    judge = seat("reviewer")
    form = form_of(judge(f"/review/{deed_id}"), "amend")
    assert form.select_one("#points")["value"] == "5"
    person = judge.with_htmx() if is_htmx else judge
    done = person.submit(form, points="３", why="只去了一半的天数")
    page = done if is_htmx else judge(done.location)
    assert page.words("#messages") == "已改成 3 分，要重新同意。"
    assert "只去了一半的天数" in page.words("#steps")
    found = deed_of(deed_id)
    assert (found.points, found.state) == (3, "proposed")
    note = db.session.scalar(sa.select(Audit).where(Audit.action == "awarding.amend"))
    assert (note.by_id, note.subject_id, note.household_id, note.details["points"]) == (
        work.id("reviewer"), deed_id, home.id, 3,
    )  # fmt: skip
    judge.submit(form_of(page, "approve"))
    assert (state(deed_id), steps_of(deed_id)[1:]) == (
        "approved", [("amend", work.id("reviewer")), ("approve", work.id("reviewer"))],
    )  # fmt: skip


def test_an_amendment_after_an_approval_starts_again(work, seat):
    deed_id = work.propose(work.household(), "W01")["deed_id"]
    work.approve(deed_id, "reviewer")
    work.approve(deed_id, "second")
    assert state(deed_id) == "approved"
    third = seat("third")
    listed_ids = [row.select_one("a")["href"] for row in third("/review/decided").select("#decided tbody tr")]
    assert listed_ids == [f"/review/{deed_id}"]
    third.submit(form_of(third(f"/review/{deed_id}"), "amend"), points="18", why="同去的还有一户")
    assert (state(deed_id), queries.approvals(deed_id)) == ("proposed", [])
    # Who had approved sees it again; below the limit one is enough.
    assert listed(seat("reviewer")("/review")) == [deed_id]
    assert work.approve(deed_id, "reviewer") == "approved"


def test_a_first_of_two_approvals_ends_with_an_amendment_too(work):
    deed_id = work.propose(work.household(), "W01")["deed_id"]
    work.approve(deed_id, "reviewer")
    amending.amend(work.village.id, deed_id, 19, why="少一些", key=keys.new(), by=work.id("second"))
    amending.amend(work.village.id, deed_id, 20, why="还是照标准", key=keys.new(), by=work.id("second"))
    assert work.approve(deed_id, "second") == "proposed"
    assert work.approve(deed_id, "reviewer") == "approved"


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("points", "why", "field", "sentence"),
    [
        ("6", "做得更多", "points", "只能改成 1–5"),
        ("5", "就这样", "points", "只能改成 1–5"),
        ("0", "没做", "points", "1 到 999 的整数"),
        ("-3", "没做", "points", "1 到 999 的整数"),
        ("1e2", "没做", "points", "1 到 999 的整数"),
        ("", "没做", "points", "1 到 999 的整数"),
        ("3", "", "why-amend", "请写明理由"),
    ],
    ids=["above", "same", "zero", "minus", "odd", "none", "reasonless"],
)
def test_points_out_of_range_are_told_at_their_field(app, work, seat, points, why, field, sentence, is_htmx):
    deed_id = work.propose(work.household())["deed_id"]
    judge = seat("reviewer")
    person = judge.with_htmx() if is_htmx else judge
    with unchanged(app):
        back = person.submit(form_of(judge(f"/review/{deed_id}"), "amend"), 422, points=points, why=why)
    assert sentence in back.words(f"#{field}-error")
    # Nothing typed is lost.
    assert back.select_one("#why-amend")["value"] == why
    assert back.select_one("#points")["value"] == (points or "5")
    assert deed_of(deed_id).points == 5


def test_what_is_on_notice_is_not_amended(app, work):
    deed_id = work.bring("on_notice")
    with unchanged(app), pytest.raises(WrongState):
        amending.amend(work.village.id, deed_id, 3, why="少一些", key=keys.new(), by=work.id("reviewer"))


def test_a_deduction_is_not_decided_here(app, work, seat):
    deed_id = work.bring("approved", deduction=True)
    judge = seat("reviewer")
    assert judge(f"/review/{deed_id}").select("form[action*='/review/'][hx-post]") == []
    with unchanged(app):
        judge.post(f"/review/{deed_id}/amend", {"key": keys.new(), "points": "3", "why": "少一些"}, 409)


def test_the_same_key_amends_once_and_other_points_are_refused(app, work):
    deed_id, key = work.propose(work.household())["deed_id"], keys.new()
    act = {"why": "只做了一半", "key": key, "by": work.id("reviewer")}
    first = amending.amend(work.village.id, deed_id, 3, **act)
    again = amending.amend(work.village.id, deed_id, 3, **act)
    assert (again.result, again.is_repeat) == (first.result, True)
    assert [action for action, _by in steps_of(deed_id)] == ["propose", "amend"]
    with unchanged(app), pytest.raises(KeyReused):
        amending.amend(work.village.id, deed_id, 2, **act)


def test_the_range_is_the_rules_and_what_the_caps_leave(work):
    home = work.household()
    level = work.propose(home, "J01", level=1)["deed_id"]
    assert range_of(deed_of(level)) == Range(2, levels=(1, 2))
    piece = deeds.rule_of(work.village.id, points=2, has_quantity=True, cap_month=11, route="review")
    first = deeds.deed_of(home, piece, by=work.staff["author"], points=4, state="proposed")
    assert range_of(first) == Range(11, each=2)
    deeds.deed_of(home, piece, by=work.staff["author"], points=4, state="proposed")
    assert range_of(first) == Range(7, each=2)
    free = deeds.rule_of(work.village.id, points=3, has_quantity=True, route="review")
    assert range_of(deeds.deed_of(home, free, by=work.staff["author"], state="proposed")) == Range(2997, each=3)


@pytest.mark.parametrize(
    ("allowed", "inside", "outside_of", "refusal"),
    [
        (Range(2, levels=(1, 2)), [1, 2], [0, 3, -1], OutOfRange),
        (Range(7, each=2), [2, 4, 6], [0, 1, 3, 7, 8], NotByThePiece),
        (Range(5), [1, 5], [0, 6, -1], OutOfRange),
    ],
    ids=["levels", "pieces", "points"],
)
def test_what_lies_in_a_range(allowed, inside, outside_of, refusal):
    assert [points in allowed for points in inside + outside_of] == [True] * len(inside) + [False] * len(outside_of)
    assert type(allowed.refusal) is refusal


def test_an_amended_quantity_follows_its_points(work):
    piece = deeds.rule_of(work.village.id, points=2, has_quantity=True, route="review")
    deed = deeds.deed_of(work.household(), piece, by=work.staff["author"], points=6, state="proposed")
    amending.amend(work.village.id, deed.id, 4, why="只有两处", key=keys.new(), by=work.id("reviewer"))
    found = deed_of(deed.id)
    assert (found.points, found.quantity) == (4, 2)


def test_a_reason_is_needed_to_amend(app, work):
    deed_id = work.propose(work.household())["deed_id"]
    with unchanged(app), pytest.raises(ReasonNeeded):
        amending.amend(work.village.id, deed_id, 3, why=" ", key=keys.new(), by=work.id("reviewer"))


def test_amended_points_are_what_is_booked_and_who_amended_does_not_reverse(app, work):
    home = work.household()
    deed_id = work.propose(home)["deed_id"]
    amending.amend(work.village.id, deed_id, 3, why="只做了一半", key=keys.new(), by=work.id("third"))
    work.approve(deed_id)
    work.publish()
    with work.day(6):
        work.settle()
    assert deed_of(deed_id).settled_points == 3
    factories.RoleGrantFactory(user=work.staff["third"], role="supervisor", village_id=work.village.id)
    with work.day(6), unchanged(app), pytest.raises(settling.SecondPersonReverses):
        work.reverse(deed_id, by="third")


# ---- several at once


def test_several_of_one_kind_are_asked_about_in_words_and_go_through_once(work, seat):
    homes = [work.household(head_name=name) for name in ("王永智", "赵桂英", "马文军")]
    ids = [work.propose(home)["deed_id"] for home in homes]
    judge = seat("reviewer")
    tick = judge("/review?rule=J16").select_one("#tick")
    asked = judge.submit(tick, 200, deed=[str(number) for number in ids[:2]])
    assert asked.words("#ask") == "同意这 2 项“探访照料独居老人”，一共 10 分？"
    assert [line.get_text(" ", strip=True).split(" ")[0] for line in asked.select("#together li")] == [
        "王*智家",
        "赵*英家",
    ]
    form = form_of(asked, "approve")
    done = judge.submit(form)
    assert done.location == "/review?rule=J16"
    assert judge(done.location).words("#messages") == "已同意 2 项。"
    judge.submit(form)
    assert [state(number) for number in ids] == ["approved", "approved", "proposed"]
    assert [action for action, _by in steps_of(ids[0])] == ["propose", "approve"]


def test_what_cannot_go_through_is_told_by_name_and_the_rest_does(work, seat):
    homes = [work.household(head_name=name, code=f"62062210{number:04d}") for number, name in enumerate(("王永智", "赵桂英", "马文军"))]  # fmt: skip
    ids = [work.propose(home)["deed_id"] for home in homes]
    judge = seat("reviewer")
    asked = judge(f"/review/together?deed={ids[0]}&deed={ids[1]}&deed={ids[2]}")
    services.reject(work.village.id, ids[1], why="没有人作证", key=keys.new(), by=work.id("second"))
    kin(work, work.staff["reviewer"], homes[2])
    done = judge.submit(form_of(asked, "approve"))
    told = [line.get_text(strip=True) for line in judge(done.location).select("#messages .message")]
    assert told == [
        "已同意 1 项。",
        "没有同意：赵*英家（尾号0001）。这件事已经有人办过了，现在不能这样办。请刷新页面看看。",
        f"没有同意：马*军家（尾号0002）。{OwnKin()}",
    ]
    assert [state(number) for number in ids] == ["approved", "rejected", "proposed"]


def test_of_several_that_need_two_people_the_first_word_is_kept(work, seat):
    ids = [work.propose(work.household(), "W01")["deed_id"] for _number in range(2)]
    for name, states in (("reviewer", ["proposed"] * 2), ("second", ["approved"] * 2)):
        judge = seat(name)
        asked = judge.submit(judge("/review").select_one("#tick"), 200, deed=[str(number) for number in ids])
        assert ("还要另一位评议员同意" in asked.words("#ask")) is (name == "reviewer")
        judge.submit(form_of(asked, "approve"))
        assert [state(number) for number in ids] == states
    assert queries.approvals(ids[0]) == [work.id("reviewer"), work.id("second")]


@pytest.mark.parametrize(
    ("codes", "sentence"), [((), "请先勾选"), (("J16", "W10"), "一次只能办同一项细则")], ids=["none", "two kinds"]
)
def test_nothing_ticked_or_two_kinds_are_refused_with_the_ticks_kept(app, work, seat, codes, sentence):
    ids = [work.propose(work.household(), code)["deed_id"] for code in codes]
    work.propose(work.household())
    judge = seat("reviewer")
    with unchanged(app):
        back = judge.submit(judge("/review").select_one("#tick"), 422, deed=[str(number) for number in ids])
    assert sentence in back.words(".form-error")
    assert [int(box["value"]) for box in back.select("#tick input[checked]")] == ids


def test_an_approval_without_a_tick_is_refused(app, work, seat):
    with unchanged(app):
        assert "请先勾选" in seat("reviewer").post("/review/approve", {"key": keys.new()}, 422).words(".form-error")


# ---- opening again


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_what_was_rejected_is_listed_and_opened_again_with_a_reason(app, work, seat, is_htmx):
    deed_id = work.bring("rejected")
    judge = seat("reviewer")
    (row,) = judge("/review/decided?state=rejected").rows("#decided")
    assert row[3] == "说不清楚"
    person = judge.with_htmx() if is_htmx else judge
    page = judge(f"/review/{deed_id}")
    with unchanged(app):
        back = person.submit(form_of(page, "reopen"), 422, why="")
    assert "请写明理由" in back.words("#why-reopen-error")
    done = person.submit(form_of(back, "reopen"), why="有人作证")
    page = done if is_htmx else judge(done.location)
    assert state(deed_id) == "proposed"
    assert form_of(page, "approve") is not None
    assert listed(judge("/review")) == [deed_id]


def test_what_was_rejected_of_kin_or_by_the_own_word_is_not_listed(app, work, seat):
    home = work.household()
    deed_id = work.bring("rejected", home)
    kin(work, work.staff["reviewer"], home)
    assert seat("reviewer")("/review/decided?state=rejected").select("#decided") == []
    assert len(seat("second")("/review/decided?state=rejected").select("#decided tbody tr")) == 1
    with unchanged(app), pytest.raises(OwnKin):
        services.reopen(work.village.id, deed_id, why="有人作证", key=keys.new(), by=work.id("reviewer"))


def test_who_may_not_review_sees_no_page_of_it(work, seat):
    deed_id = work.propose(work.household())["deed_id"]
    for name in ("committee", "keeper", "supervisor", "village_admin"):
        for url in ("/review", "/review/decided", f"/review/together?deed={deed_id}", f"/review/{deed_id}"):
            seat(name)(url, 403)


@pytest.mark.parametrize(
    "url", ["/review", "/deductions/new", "/notices", "/rules", "/award/rounds/new", "/award/events"]
)
def test_an_english_page_has_no_chinese_rule_name_with_an_english_twin(work, seat, url):
    home = work.household()
    work.propose(home, "W01")
    work.bring("approved", work.household())
    reader = seat(
        "verifier" if "deductions" in url or "award" in url else "reviewer" if url == "/review" else "village_admin"
    )
    reader.raw("GET", "/language/en?next=/desk")
    words = reader(url).get_text(" ")
    rules = queries.rules_in_force(work.village.id)
    assert [rule.name for rule in rules if rule.name_en and rule.name in words] == []
    assert [rule.name for rule in rules if rule.name_en and rule.name_en in words] != []
