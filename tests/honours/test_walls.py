"""Walls: with consent, for each purpose by itself, until the end or until it is taken back; pages and screens."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.honours.ballots import DAYS, NOW, Poll, make_poll
from tests.pages import unchanged
from virtue import clock
from virtue.core import files, keys, pictures
from virtue.extensions import db
from virtue.honours import titles, wall_services
from virtue.honours.title_models import Honour
from virtue.honours.wall_services import NoPortraitHere, Telling, WallStoryTooLong


@pytest.fixture
def poll(fast):
    """A campaign that has ended; its two honours are confirmed."""
    with clock.set_to(NOW):
        poll = make_poll()
        poll.run_to("ended")
    with poll.day(DAYS["give"] + 1):
        for one in db.session.query(Honour):
            titles.confirm(poll.village.id, one.id, key=keys.new(), by=poll.id("clerk2"))
        yield poll


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "orange").save(out, "JPEG")
    return out.getvalue()


def agree(poll: Poll, purpose: str, honour_id: int = 1) -> None:
    titles.consent(poll.village.id, honour_id, purpose, "signed", key=keys.new(), by=poll.id("village_admin"))


def take_back(poll: Poll, purpose: str, honour_id: int = 1) -> None:
    titles.withdraw_consent(poll.village.id, honour_id, purpose, key=keys.new(), by=poll.id("village_admin"))


def test_nobody_hangs_without_consent_and_each_purpose_counts_by_itself(poll: Poll, page):
    slug = poll.village.slug
    name = f"{poll.households[0].head_name}家"
    walls = [f"/{face}/{slug}/{wall}" for face in ("v", "kiosk") for wall in ("good-people", "honour-roll")]
    wall_services.tell(
        poll.village.id, 1, Telling("十一年照顾老人", files.keep_picture(pictures.clean_picture(photo()))), key=keys.new(),
        by=poll.id("village_admin"),
    )  # fmt: skip

    def seen() -> list[bool]:
        return [name in page(url).words("main") for url in walls]

    assert seen() == [False] * 4
    agree(poll, "name")
    assert seen() == [True] * 4
    assert "十一年照顾老人" in page(walls[0]).words("#good-people")
    assert page(walls[0]).select("img") == page(walls[2]).select("img") == []
    agree(poll, "portrait")
    url = page(walls[0]).select_one("#good-people img")["src"]
    assert page(walls[2]).select_one(".people img")["src"] == url
    assert page(url).response.mimetype == "image/jpeg"
    take_back(poll, "portrait")
    assert page(walls[2]).select("img") == []
    page(url, 404)
    take_back(poll, "name")
    assert seen() == [False] * 4


def test_it_is_taken_down_at_its_end_and_when_the_household_leaves(poll: Poll, page):
    honour = db.session.get(Honour, 1)
    honour.ends_on = clock.today()
    db.session.commit()
    agree(poll, "name")
    agree(poll, "name", 2)
    urls = [f"/v/{poll.village.slug}/honour-roll", f"/kiosk/{poll.village.slug}/honour-roll"]
    first, second = (f"{one.head_name}家" for one in poll.households[:2])
    assert [(first in page(url).words("main"), second in page(url).words("main")) for url in urls] == [(True, True)] * 2
    until = page(urls[1]).select_one(".slide")["data-fresh-until"]
    assert until == clock.start_of(clock.today() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with poll.day(DAYS["give"] + 2):
        assert [(first in page(url).words("main"), second in page(url).words("main")) for url in urls] == [
            (False, True)
        ] * 2
    poll.households[1].left_on = clock.today()
    db.session.commit()
    assert second not in page(urls[0]).words("main")


def test_what_a_wall_tells_is_held_to_its_rules(app, poll: Poll):
    honour = db.session.get(Honour, 1)
    clerk = poll.id("village_admin")
    upload = files.keep_picture(pictures.clean_picture(photo()))
    with unchanged(app):
        for story in ("好" * 201, "电话 13800001234"):
            with pytest.raises(WallStoryTooLong):
                wall_services.tell(poll.village.id, 1, Telling(story), key=keys.new(), by=clerk)
    honour.title.has_portrait = False
    db.session.commit()
    with unchanged(app), pytest.raises(NoPortraitHere):
        wall_services.tell(poll.village.id, 1, Telling("好", upload), key=keys.new(), by=clerk)


def test_the_desk_writes_the_wall_and_hangs_the_portrait(poll: Poll, visitor):
    clerk = visitor().sign_in(poll.staff["village_admin"])
    form = clerk("/titles/1").select_one("#wall form")
    assert "照顾瘫痪的老人" in form.select_one("textarea").text
    refused = clerk.submit(form, 422, story="打 13800001234 找我")
    assert ("不写电话" in refused.words(".form-error"), "13800001234" in refused.words("#wall")) == (True, True)
    clerk.submit(form, story="院里种满了花", photo=(io.BytesIO(photo()), "a.jpg"), key=keys.new())
    shown = clerk("/titles/1")
    assert (shown.select_one("#wall textarea").text, len(shown.select("#wall img"))) == ("院里种满了花", 1)
    assert clerk("/titles/1/photo").response.mimetype == "image/jpeg"
    clerk.submit(shown.select_one("#wall form"), drop="1")
    clerk("/titles/1/photo", 404)


def test_empty_walls_say_what_to_do(poll: Poll, page):
    slug = poll.village.slug
    for face in ("v", "kiosk"):
        assert "到村委会说一声" in page(f"/{face}/{slug}/thanks").words("main")
        assert "本人同意了" in page(f"/{face}/{slug}/good-people").words("main")
