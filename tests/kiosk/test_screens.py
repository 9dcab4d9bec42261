"""Screens from the pairing code to the revocation; what their token opens; what the desk hears of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import deeds, factories
from tests.pages import count_queries
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.kiosk import hours
from virtue.kiosk.announcement_models import Announcement
from virtue.kiosk.screen_models import Screen
from virtue.kiosk.slide_words import SLIDES
from virtue.people import services as people

PLAN = {"name": "村委会门口", "seconds": "15", "place-red-board": "2", "place-announcements": "1", "place-notices": ""}


@pytest.fixture
def village(app):
    return factories.VillageFactory(name="富民新村", slug="fumin")


@pytest.fixture
def clerk(village):
    return factories.village_admin(village)


@pytest.fixture
def desk(visitor, clerk):
    return visitor().sign_in(clerk)


@pytest.fixture
def screen(page, desk):
    """A television and its page, paired by the desk."""
    code = page("/kiosk").words(".pairing-code")
    desk.submit(desk(f"/screens/new?code={code}").select_one("#screen-form"), **PLAN)
    return page


def alive(screen, soup, slide="红榜", status=204, **changes):
    data = {"slide": slide, "proof": soup.select_one("#kiosk")["data-proof"], **changes}
    assert screen.raw("POST", "/kiosk/alive", data=data).status_code == status


def actions():
    return list(db.session.scalars(select(Audit.action).where(Audit.action.like("kiosk.%")).order_by(Audit.id)))


def test_from_the_code_to_the_programme_and_back_to_the_code(app, page, visitor, desk, clerk, village):
    shown = page("/kiosk")
    code = shown.words(".pairing-code")
    assert len(code.replace(" ", "")) == 9
    assert shown.select_one("noscript meta[http-equiv=refresh]")
    assert page("/kiosk").words(".pairing-code") == code
    assert not db.session.scalars(select(Screen)).all()
    cookie = page.client.get_cookie("screen", path="/kiosk")
    assert cookie.http_only
    assert cookie.path == "/kiosk"
    form = desk(f"/screens/new?code={code}").select_one("#screen-form")
    desk.submit(form, **PLAN)
    desk.submit(form, **PLAN)
    (row,) = db.session.scalars(select(Screen)).all()
    assert (row.slides, row.village_id) == (["announcements", "red-board"], village.id)
    # Another form can't take the screen from its village.
    assert desk.submit(desk(f"/screens/new?code={code}").select_one("#screen-form"), 422, **PLAN).select_one(
        "#code-error"
    )
    programme = page("/kiosk")
    # What has nothing to show is passed over, unless nothing has.
    assert [one["id"] for one in programme.select("[data-slide]:not([data-spare])")] == [
        "announcements-1", "slide-civility", "slide-home"
    ]  # fmt: skip
    assert len(programme.select("h1")) == 1
    # The token opens the programme and nothing else; without its proof it says nothing either.
    assert page.raw("GET", "/screens").status_code == 303
    assert page.raw("GET", "/desk").status_code == 303
    alive(page, programme, status=403, proof="")
    alive(visitor(), programme, status=403)
    assert desk("/screens").words("#screens .badge") == "等它连上"
    alive(page, programme, "红榜" * 30)
    kept = db.session.get(Screen, row.id)
    db.session.refresh(kept)
    assert (kept.seen_slide, kept.token_hash is None) == (("红榜" * 30)[:40], False)
    first_seen = kept.seen_at
    alive(page, programme, "星级榜")
    db.session.refresh(kept)
    assert (kept.seen_at, kept.seen_slide[:2]) == (first_seen, "红榜")
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        alive(page, programme, "星级榜")
    assert "星级榜" in desk("/screens").words("#screens")
    # Changed at the desk: a new ETag, the typed order; another village's clerk finds nothing.
    edit = desk(f"/screens/{row.id}")
    assert edit.select_one("#place-announcements")["value"] == "1"
    desk.submit(edit.select_one("#screen-form"), **{"place-announcements": "", "is_led": "1"})
    again = page("/kiosk", headers={"If-None-Match": programme.response.headers["ETag"]})
    assert again.select_one("html")["data-version"] == "2"
    assert "is-led" in again.select_one("html")["class"]
    stranger = visitor().sign_in(factories.village_admin(factories.VillageFactory()))
    stranger(f"/screens/{row.id}", 404)
    stranger.post(f"/screens/{row.id}/revoke", {"key": keys.new()}, 404)
    visitor().sign_in(factories.keeper(village))("/screens", 403)
    # Revoked: the next question is answered with a code, whatever ETag it carries, and a sign of life with 403.
    ended = desk("/screens").select_one("#screens form")
    desk.submit(ended)
    lost = page("/kiosk", headers={"If-None-Match": again.response.headers["ETag"]})
    assert lost.words(".pairing-code") == code
    alive(page, again, status=403)
    assert actions() == ["kiosk.pair_screen", "kiosk.change_screen", "kiosk.revoke_screen"]


def test_a_refusal_stands_at_its_field_keeps_what_was_typed_and_changes_nothing(page, desk):
    code = page("/kiosk").words(".pairing-code").replace(" ", "")
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for at, changes in {
        "#code-error": {"code": wrong}, "#name-error": {"name": "长" * 21}, "#seconds-error": {"seconds": "4"},
        "#on_from-error": {"on_from": "07:00"}, "#slides.has-error": {"place-red-board": "", "place-announcements": ""},
    }.items():  # fmt: skip
        form = desk(f"/screens/new?code={code}").select_one("#screen-form")
        refused = desk.submit(form, 422, **{**PLAN, **changes})
        assert refused.select_one(at)
        assert refused.select_one("#seconds")["value"] == changes.get("seconds", "15")
    assert db.session.scalars(select(Screen)).all() == []
    assert actions() == []


def test_another_device_with_the_same_code_gets_nothing_once_the_screen_has_given_a_sign(screen, visitor):
    alive(screen, screen("/kiosk"))
    row = db.session.scalars(select(Screen)).one()
    assert row.code_hash
    other = visitor()
    assert other("/kiosk").select_one(".pairing-code")


def test_unchanged_is_a_304_after_one_query_and_a_drawn_programme_costs_the_same_for_1_and_30(
    app, screen, desk, village
):
    names = list(SLIDES)
    edit = desk("/screens/" + str(db.session.scalars(select(Screen.id)).one()))
    desk.submit(
        edit.select_one("#screen-form"),
        **{f"place-{name}": str(place) for place, name in enumerate([n for n in names if n != "black-board"], 1)},
    )
    grid = factories.GridFactory(village=village, number=1)
    rule = deeds.rule_of(village.id, name="见义勇为", unit="civility", points=20, publish="red")
    first = factories.HouseholdFactory(grid=grid, head_name="王永智")
    deeds.picked(deeds.settled(first, rule), "送水")
    people.give_consent(village.id, first.id, "name_on_board", "signed", by=None)
    screen("/")
    with count_queries(app) as few:
        soup = screen("/kiosk")
    with count_queries(app) as same:
        answer = screen.raw("GET", "/kiosk", headers={"If-None-Match": soup.response.headers["ETag"]})
    assert (answer.status_code, len(same)) == (304, 1)
    for number in range(30):
        house = factories.HouseholdFactory(grid=grid, head_name="李秀兰", code=f"6221000002{number:02d}")
        deeds.picked(deeds.settled(house, rule), "送水")
        people.give_consent(house.village_id, house.id, "name_on_board", "signed", by=None)
    with count_queries(app) as many:
        full = screen("/kiosk")
    assert "李秀兰家" in full.words("#slide-civility")
    assert len(many) == len(few), "\n".join(many)
    # Consent withdrawn while it stands: gone at the next question, which the old ETag doesn't answer.
    people.withdraw_consent(house.village_id, house.id, "name_on_board", by=None)
    gone = screen("/kiosk", headers={"If-None-Match": full.response.headers["ETag"]})
    assert gone.words("#slide-civility .deeds") != full.words("#slide-civility .deeds")


def test_a_screen_that_falls_silent_within_its_hours_is_a_task_and_stands_first(screen, desk, village, clerk):
    row = db.session.scalars(select(Screen)).one()
    now = clock.now()
    assert not desk("/desk").select("#tasks a[href='/screens']")
    with clock.set_to(now + timedelta(minutes=16)):
        assert "块大屏没有消息" in desk("/desk").words("#tasks")
        assert desk("/screens").words("#screens .badge") == "没有消息"
        alive(screen, screen("/kiosk"))
        assert desk("/screens").words("#screens .badge") == "正常"
    # By hours of the day in Shanghai, also over midnight; a quarter of an hour to start.
    day = clock.start_of(clock.today())
    row.seen_at = day - timedelta(days=1)
    for on_from, off_from, hour, minute, is_on, silent in (
        (None, None, 3, 0, True, True), ("07:00", "21:00", 6, 59, False, False), ("07:00", "21:00", 7, 14, True, False),
        ("07:00", "21:00", 7, 15, True, True), ("07:00", "21:00", 21, 0, False, False), ("20:00", "02:00", 1, 59, True, True),
    ):  # fmt: skip
        row.on_from, row.off_from = on_from, off_from
        at = day + timedelta(hours=hour, minutes=minute)
        assert (hours.minutes_on(row, at) is not None, hours.is_silent(row, at)) == (is_on, silent)


def test_announcements_are_checked_shown_and_gone_after_their_day(screen, desk, village):
    form = desk("/screens/announcements").select_one("#new-announcement")
    last = clock.today() + timedelta(days=3)
    good = {
        "kind": "job",
        "title": "招摘菜工",
        "text": "一天一百二十元",
        "checked_by": "镇就业服务站",
        "ends_on": last.isoformat(),
    }
    for at, changes in {
        "title": {"title": "招"}, "text": {"text": "电话 139 1234 5678"}, "checked_by": {"checked_by": ""},
        "ends_on": {"ends_on": (clock.today() - timedelta(days=1)).isoformat()},
    }.items():  # fmt: skip
        assert desk.submit(form, 422, **{**good, **changes}).select_one(f"#{at}-error")
        form = desk("/screens/announcements").select_one("#new-announcement")
    assert db.session.scalars(select(Announcement)).all() == []
    before = screen("/kiosk")
    desk.submit(form, **good)
    after = screen("/kiosk", headers={"If-None-Match": before.response.headers["ETag"]})
    assert after.words("#announcements-1 .panel").startswith("招工 · 招摘菜工 一天一百二十元 镇就业服务站核实。")
    assert "data-named" not in after.select_one("#announcements-1").attrs
    with clock.set_to(clock.start_of(last) + timedelta(days=1)):
        assert "招摘菜工" not in screen("/kiosk").words("main")
    desk.submit(desk("/screens/announcements").select_one("#announcements form"))
    assert "招摘菜工" not in screen("/kiosk").words("main")
    assert actions()[-2:] == ["kiosk.add_announcement", "kiosk.end_announcement"]


@pytest.mark.parametrize("name", SLIDES)
def test_every_slide_has_a_page_that_says_what_comes(page, village, name):
    soup = page(f"/kiosk/fumin/{name}")
    assert soup.select("[data-slide]")
    assert soup.select("[data-as-of]")
    page(f"/kiosk/fumin/{name}x", 404)
