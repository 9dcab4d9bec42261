"""The red board: picking with consent, story and end; taking down; and what everybody reads of it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys, remarks
from virtue.core.models import Audit
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.honours import titles
from virtue.honours.red_errors import (
    AlreadyOnBoard,
    BadBoardEnd,
    HonourNotConsented,
    NotForTheBoard,
    NothingPicked,
    PickEnded,
    StorySaysTooMuch,
    StoryTooLong,
)
from virtue.honours.red_models import RedPick
from virtue.honours.red_picks import Pick
from virtue.office.daily import settle_village
from virtue.people import services as people
from virtue.transactions import atomic


def rows():
    db.session.expire_all()
    return db.session.scalars(sa.select(RedPick).order_by(RedPick.id)).all()


def test_what_is_picked_stands_until_its_day(app, hall):
    deed = hall.deed(hall.house())
    assert hall.told() == []
    key = keys.new()
    ids = hall.pick(Pick(deed.id, story=" 雪夜帮邻居抢修温室 "), days=3, key=key)
    assert ids == hall.pick(Pick(deed.id, story=" 雪夜帮邻居抢修温室 "), days=3, key=key)
    assert hall.told() == [("王某某家", "0147", "雪夜帮邻居抢修温室")]
    row = rows()[0]
    assert (row.id, row.picked_on, row.ends_on) == (ids[0], clock.today(), clock.today() + timedelta(days=3))
    assert (row.picked_by_id, row.ended_at) == (hall.id("village_admin"), None)
    assert remarks.texts([row.story_id]) == {row.story_id: "雪夜帮邻居抢修温室"}
    now = clock.now()
    with clock.set_to(now + timedelta(days=3)):
        assert len(hall.told()) == 1
    with clock.set_to(now + timedelta(days=4)):
        assert hall.told() == []
        assert settle_village(hall.village.id) == 1
        assert settle_village(hall.village.id) == 0
    assert (rows()[0].ended_at is not None, rows()[0].ended_by_id) == (True, None)
    actions = db.session.scalars(sa.select(Audit.action).where(Audit.subject == "red_pick").order_by(Audit.id)).all()
    assert actions == ["honours.red_pick", "honours.red_over"]


def test_the_name_follows_the_households_word_of_the_moment(hall):
    house = hall.house()
    hall.pick(Pick(hall.deed(house).id))
    assert hall.told() == [("王某某家", "0147", "见义勇为")]
    people.give_consent(hall.village.id, house.id, "name_on_board", "signed", by=None)
    assert hall.told() == [("王永智家", None, "见义勇为")]
    people.withdraw_consent(hall.village.id, house.id, "name_on_board", by=None)
    assert hall.told() == [("王某某家", "0147", "见义勇为")]
    for away, back in ((people.leave, people.come_back), (people.opt_out_of_board, people.opt_into_board)):
        away(hall.village.id, house.id, by=None)
        assert hall.told() == []
        back(hall.village.id, house.id, by=None)
        assert len(hall.told()) == 1


def test_a_householder_under_age_is_never_named(hall):
    house = hall.house("马小龙", "622100000415")
    with atomic():
        house.members[0].birth_year = clock.today().year - 15
    people.give_consent(hall.village.id, house.id, "name_on_board", "signed", by=None)
    hall.pick(Pick(hall.deed(house).id))
    assert hall.told() == [("马某某家", "0415", "见义勇为")]


def test_an_honour_stands_by_name_with_its_own_consent_and_goes_with_it(app, hall):
    house = hall.house(members=2)
    silent = hall.honour(hall.house("李秀兰", "622100000021"), consent=False)
    with unchanged(app), pytest.raises(HonourNotConsented):
        hall.pick(Pick(honour_id=silent))
    ends_on = clock.today() + timedelta(days=5)
    honour_id = hall.honour(house, ends_on=ends_on)
    hall.pick(Pick(honour_id=honour_id, story="照顾公婆十二年"))
    assert hall.told() == [("王永智家", None, "最美家庭（村）：照顾公婆十二年")]
    with clock.set_to(clock.start_of(ends_on + timedelta(days=1))):
        assert hall.told() == []
    titles.withdraw_consent(hall.village.id, honour_id, "name", key=keys.new(), by=hall.id("village_admin"))
    assert hall.told() == []
    titles.consent(hall.village.id, honour_id, "name", "signed", key=keys.new(), by=hall.id("village_admin"))
    assert len(hall.told()) == 1
    titles.revoke(hall.village.id, honour_id, why="查实不符", key=keys.new(), by=hall.id("second_admin"))
    assert hall.told() == []
    assert settle_village(hall.village.id) == 1


def test_an_honour_of_one_person_names_that_person_alone(hall):
    house = hall.house(members=2)
    member = house.members[1]
    hall.pick(Pick(honour_id=hall.honour(house, member_id=member.id)))
    assert hall.told() == [(member.name, None, "最美家庭（村）")]
    with atomic():
        member.gone_on = clock.today()
    assert hall.told() == []


def test_what_may_not_be_picked_is_refused_and_changes_nothing(app, hall):
    house, other = hall.house(), hall.house("李秀兰", "622100000021")
    deed, quiet = hall.deed(house), hall.deed(other)
    people.opt_out_of_board(hall.village.id, other.id, by=None)
    with atomic():
        hall.red.publish = "list"
    listed = hall.deed(house)
    stranger = factories.HouseholdFactory(grid__village=factories.VillageFactory())
    foreign = hall.deed(stranger, rule=hall.red)
    hall.kin("second_admin", house)
    for refusal, chosen, more in (
        (NothingPicked, (), {}),
        (BadBoardEnd, (Pick(deed.id),), {"days": 0}),
        (BadBoardEnd, (Pick(deed.id),), {"days": 93}),
        (NotForTheBoard, (Pick(quiet.id),), {}),
        (NotForTheBoard, (Pick(deed.id), Pick(listed.id)), {}),
        (NotForTheBoard, (Pick(foreign.id),), {}),
        (NotForTheBoard, (Pick(deed.id + 1000),), {}),
        (AlreadyOnBoard, (Pick(deed.id), Pick(deed.id)), {}),
        (StoryTooLong, (Pick(deed.id, story="好" * 41),), {}),
        (StorySaysTooMuch, (Pick(deed.id, story="帮李秀兰老人送水"),), {}),
        (StorySaysTooMuch, (Pick(deed.id, story="电话13912345678"),), {}),
        (OwnKin, (Pick(deed.id),), {"by": "second_admin"}),
    ):
        with unchanged(app), pytest.raises(refusal):
            hall.pick(*chosen, **more)
    assert hall.told() == []


def test_taking_down_once_and_picking_again(app, hall):
    deed = hall.deed(hall.house())
    (first,) = hall.pick(Pick(deed.id))
    hall.take_down(first)
    assert hall.told() == []
    assert rows()[0].ended_by_id == hall.id("village_admin")
    with unchanged(app), pytest.raises(PickEnded):
        hall.take_down(first)
    with unchanged(app), pytest.raises(NotFoundHere):
        hall.take_down(first + 1000)
    hall.pick(Pick(deed.id))
    assert len(hall.told()) == 1


# ---- pages


def test_the_clerk_picks_and_takes_down_on_the_pages(hall, page, visitor):
    house = hall.house()
    deed = hall.deed(house, story="雪夜抢修温室")
    page.sign_in(hall.staff["village_admin"])
    assert "榜上还没有好人好事" in page("/boards").words("main")
    form = page("/boards/red/choose").select_one("#choose")
    assert form.select_one(f"#story-{deed.id}")["value"] == "雪夜抢修温室"
    refused = page.submit(form, 422, **{f"story-{deed.id}": "找王永智", "pick": str(deed.id)})
    assert "写了人名" in refused.words(".form-error")
    assert refused.select_one(f"#story-{deed.id}")["value"] == "找王永智"
    assert refused.select_one(f"#pick-{deed.id}").has_attr("checked")
    page.submit(refused.select_one("#choose"), 422, ends_on="someday")
    page.submit(page("/boards/red/choose").select_one("#choose"), 303, pick=str(deed.id))
    board = page("/boards")
    assert board.rows("#picks")[0][:3] == [
        "王某某家（尾号0147） 雪夜抢修温室", board.rows("#picks")[0][1], hall.staff["village_admin"].name,
    ]  # fmt: skip
    public = visitor()("/v/fumin/red-board")
    assert public.texts("#told li") == ["王某某家 （尾号0147） 雪夜抢修温室"]
    assert public.response.headers["Cache-Control"] == "no-store"
    assert "noindex" in public.response.text
    assert "没有可以挑的" in page("/boards/red/choose").words("main")
    page.submit(board.select_one("#picks form"), 303)
    assert visitor()("/v/fumin/red-board").select("#told li") == []
    page.submit(board.select_one("#picks form"), 303)
    page.post(board.select_one("#picks form")["action"], {"key": keys.new()}, 409)
    looker = visitor().sign_in(hall.staff["committee"])
    looker("/boards")
    looker("/boards/red/choose", 403)
    looker.post("/boards/red/pick", {}, 403)
    visitor().sign_in(hall.staff["keeper"])("/boards", 403)


def test_honours_are_picked_on_their_tab(hall, page):
    honour_id = hall.honour(hall.house())
    page.sign_in(hall.staff["village_admin"])
    soup = page("/boards/red/choose?kind=honours")
    page.submit(soup.select_one("#choose"), 303, pick=str(honour_id))
    assert hall.told() == [("王永智家", None, "最美家庭（村）")]
    assert page("/boards").rows("#picks")[0][0] == "王永智家 最美家庭（村） 荣誉"
