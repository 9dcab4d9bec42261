"""Objections to a star's line: taken, frozen, settled by others, and what follows; on both databases."""

import pytest

from tests import deeds, factories
from tests.honours.conftest import Sky
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import objections
from virtue.awarding.errors import WrongState
from virtue.awarding.objections import Verdict, Words
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.honours import star_notice_queries
from virtue.honours.star_models import StarChange
from virtue.notices.services import Sender
from virtue.people import participation_services


def send(sky: Sky, line: int, words: str = "他家门前也扫过", *, notice: int = 1, household=None, key=None) -> int:
    sender = Sender(household.id if household else None)
    told = Words(notice, line, words, "spoken")
    by = sky.id("village_admin")
    return objections.object_to(sky.village.id, told, sender, key=key or keys.new(), by=by).result["number"]


def settle(sky: Sky, number: int, state: str, dimension: str = "", *, by: str = "supervisor", key=None, **more):
    verdict = Verdict(state, "到现场看过", dimension=dimension, **more)
    return objections.settle(sky.village.id, number, verdict, key=key or keys.new(), by=sky.id(by)).result


def hang(sky: Sky, *bright, dark=()):
    """On notice: the bright hold seven (and 孝老爱亲, eight without 环境卫生's lack), the dark have four."""
    for one in bright:
        sky.shine(one)
    sky.propose()
    sky.word(*bright, *dark)
    sky.close_months()
    sky.publish()
    return {one.id: sky.rating(one).notice_line for one in (*bright, *dark)}


def test_upheld_gives_the_star_back_and_the_line_goes_on(app, sky: Sky):
    bright, dark = sky.household(code="622100000001"), sky.household(code="622100000002")
    lines = hang(sky, bright, dark=[dark])
    key = keys.new()
    number = send(sky, lines[dark.id], household=bright, key=key)
    assert (number, sky.rating(dark).state, sky.rating(bright).state) == (1, "frozen", "on_notice")
    with unchanged(app):
        assert send(sky, lines[dark.id], household=bright, key=key) == 1
    second = send(sky, lines[dark.id], "还有一颗")
    key = keys.new()
    done = settle(sky, number, "upheld_amended", "环境卫生", key=key)
    assert (done["deed_state"], sky.rating(dark).held, sky.rating(dark).stars) == ("frozen", "01011110", 5)
    with unchanged(app):
        assert settle(sky, number, "upheld_amended", "环境卫生", key=key) == done
    change = db.session.query(StarChange).order_by(StarChange.id.desc()).first()
    assert (change.dimension, change.to_held, change.occasion, change.by_id) == (
        "环境卫生", True, "objection", sky.id("supervisor"),
    )  # fmt: skip
    # The second still waits; the day after the notice the line stands still, the others are published.
    with sky.day(6):
        sky.settle()
        assert (sky.rating(dark).state, sky.rating(bright).state) == ("frozen", "published")
        assert settle(sky, second, "dismissed")["deed_state"] == "on_notice"
        sky.settle()
        assert (sky.rating(dark).state, sky.rating(dark).stars) == ("published", 5)
        with unchanged(app):
            assert sky.settle() == 0


def test_a_star_that_should_not_be_there_goes_the_way_of_a_removal(app, sky: Sky):
    bright, other = sky.household(), sky.household()
    sky.staff["supervisor_2"] = factories.supervisor(sky.village)
    lines = hang(sky, bright, other)
    number = send(sky, lines[bright.id], "他家渠边倒垃圾", household=other)
    settle(sky, number, "upheld_amended", "环境卫生", corrected=True)
    db.session.expire_all()
    rating = sky.rating(bright)
    assert (rating.state, rating.stars) == ("on_notice", 8)
    # Nobody reads that a star may be lost; nothing was corrected in public.
    assert star_notice_queries.corrections(sky.village.id, clock.today()) == []
    with sky.day(6):
        sky.settle()
        assert sky.rating(bright).state == "published"
        removal = sky.removal(1)
        assert (removal.state, removal.proposed_by_id, removal.household_id) == (
            "proposed", sky.id("supervisor"), bright.id,
        )  # fmt: skip
        sky.tell(removal.id)
    with sky.day(12):
        sky.sign(removal.id, "second")
        sky.sign(removal.id, "third")
        notice = sky.publish_removals()["number"]
        number = send(sky, 1, "是路人倒的", notice=notice, household=bright)
        assert sky.removal(removal.id).state == "frozen"
        with pytest.raises(WrongState), unchanged(app):
            settle(sky, number, "upheld_amended", "环境卫生", by="supervisor_2")
        with unchanged(app), pytest.raises(BrokenRule) as told:
            settle(sky, number, "upheld_withdrawn")
        assert told.value.code == "DecidedTheLine"
        settle(sky, number, "upheld_withdrawn", by="supervisor_2")
    with sky.day(20):
        sky.settle()
        assert (sky.removal(removal.id).state, sky.rating(bright).stars) == ("dropped", 8)


def test_a_dismissed_one_lets_the_removal_go_on(sky: Sky):
    bright = sky.household()
    hang(sky, bright)
    with sky.day(6):
        sky.settle()
        removal_id = sky.remove(bright)
        sky.tell(removal_id)
    with sky.day(12):
        sky.sign(removal_id, "second")
        sky.sign(removal_id, "third")
        number = send(sky, 1, "不是他家", notice=sky.publish_removals()["number"])
    with sky.day(20):
        assert sky.settle() == 0
        settle(sky, number, "dismissed")
        assert (sky.settle(), sky.removal(removal_id).state, sky.rating(bright).stars) == (1, "done", 7)


@pytest.mark.parametrize(
    ("by", "wanted"),
    [("village_admin", "DecidedTheLine"), ("reviewer", "DecidedTheLine"), ("second", "NotTheSettler"),
     ("kin", "OwnKin"), ("objector", "OwnObjection")],
)  # fmt: skip
def test_who_has_a_hand_in_the_line_or_is_kin_does_not_settle(app, sky: Sky, by, wanted):
    bright, other = sky.household(), sky.household()
    lines = hang(sky, bright, other)
    number = send(sky, lines[bright.id], household=other)
    near = {"kin": bright, "objector": other}.get(by)
    if near is not None:
        sky.staff[by] = factories.supervisor(sky.village)
        sky.kin(by, near)
    with pytest.raises(BrokenRule) as told, unchanged(app):
        settle(sky, number, "dismissed", by=by)
    assert (told.value.code, sky.rating(bright).state) == (wanted, "frozen")


def test_what_is_wrong_is_refused_and_changes_nothing(app, sky: Sky):
    bright, dark = sky.household(), sky.household()
    lines = hang(sky, bright, dark=[dark])
    with pytest.raises(BrokenRule) as told, unchanged(app):
        send(sky, 9)
    assert told.value.code == "NoSuchLine"
    number = send(sky, lines[dark.id])
    for state, dimension, wanted in (
        ("upheld_amended", "", "UnknownStar"), ("upheld_amended", "没有这颗", "UnknownStar"), ("upheld_withdrawn", "", "WrongState"),
    ):  # fmt: skip
        with pytest.raises(BrokenRule) as told, unchanged(app):
            settle(sky, number, state, dimension)
        assert told.value.code == wanted
    taken = objections.take_back(sky.village.id, number, key=keys.new(), by=None)
    assert (taken.result["state"], sky.rating(dark).state) == ("taken_back", "on_notice")
    leaver = send(sky, lines[bright.id])
    participation_services.leave(sky.village.id, bright.id, by=sky.id("village_admin"))
    with sky.day(6):
        sky.settle()
        settle(sky, leaver, "dismissed")
        sky.settle()
        # Whoever left meanwhile has no rating: 未参评.
        assert (sky.rating(bright), sky.rating(dark).state) == (None, "published")
        with pytest.raises(BrokenRule) as told, unchanged(app):
            send(sky, lines[dark.id])
        assert told.value.code == "NoticeOver"


def test_a_correction_hangs_where_others_saw_the_line(sky: Sky, page):
    bright, six = sky.household(head_name="王永智", code="622100000147"), sky.household(code="622100000258")
    for dimension in ("爱党爱国", "邻里和睦"):
        sky.score(six, dimension, home=5)
    lines = hang(sky, bright, dark=[six])
    number = send(sky, lines[six.id])
    page.sign_in(sky.staff["supervisor"])
    shown = page(f"/objections/{number}")
    assert "2026年第二季度星级：6 颗星" in shown.words("main")
    assert [one["value"] for one in shown.select("#verdict input[name=state]")] == ["dismissed", "upheld_amended"]
    with_choice = {"state": "upheld_amended", "reason": "到现场看过", "dimension": "环境卫生", "corrected": "y"}
    with sky.day(0.005):
        assert page.submit(shown.select_one("#verdict"), **with_choice).location == f"/objections/{number}"
    assert "异议成立，已按理由办" in page(f"/objections/{number}").words("#facts")
    assert "2026年第二季度星级" in page("/objections?state=answered").words("#objections")
    public = page(f"/v/{sky.village.slug}/notices/1").words("#corrections")
    assert ("尾号0258" in public, "应有环境卫生星" in public) == (True, True)
    page.sign_in(sky.staff["village_admin"])
    assert "应有环境卫生星" in page("/stars/notices/1/print").words("#named")
    # The next notice prints it too, of whatever it is; the one after it no longer.
    rule = deeds.rule_of(sky.village.id, name="庭院整洁")
    for day in (1, 2):
        with sky.day(day):
            deeds.on_notice(deeds.deed_of(bright, rule, state="approved"))
    assert "第1号第" in page("/notices/2/print").words(".correction")
    assert "应有环境卫生星" in page("/notices/2/print").words(".correction")
    assert page("/notices/3/print").select(".correction") == []
    link = page("/stars/notices/1").select_one("#lines a[href*='/objections/new']")
    form = page(str(link["href"]))
    assert "2026年第二季度星级" in form.words("#what")
    assert page.submit(form.select_one("main form"), words="也不对", came_by="desk").location == "/objections/2"
    assert "异议回执第2号" in page("/objections/2/receipt").words("h2")
