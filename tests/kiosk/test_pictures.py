"""Pictures of slides for a stick: the size that was asked for, the end printed, nothing personal that ends within a week."""

import io
import zipfile
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from tests import deeds, factories
from virtue import clock
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.kiosk import picture_drawing, picture_sheets


@pytest.fixture
def village(app):
    return factories.VillageFactory(name="富民新村", slug="fumin")


def test_the_zip_and_what_is_left_out_of_it(app, village, page, monkeypatch):
    grid = factories.GridFactory(village=village, number=1)
    rule = deeds.rule_of(village.id, name="见义勇为", unit="civility", points=20, publish="red")
    noon = clock.start_of(clock.today().replace(month=11, day=10)) + timedelta(hours=4)
    with clock.set_to(noon):
        long, short = (
            factories.HouseholdFactory(grid=grid, head_name=name, code=f"62210000014{number}")
            for number, name in enumerate(("王永智", "马占山"))
        )
        deeds.picked(deeds.settled(long, rule), "冒雪抢修棚膜", days=20)
        deeds.picked(deeds.settled(short, rule), "夜里送老人去医院", days=6)
        sheets = picture_sheets.sheets(village, ["red-board"], 4)
        words = [row[0] for sheet in sheets for row in sheet.rows]
        assert "王某某家 尾号 0140：冒雪抢修棚膜" in words
        assert not any("送老人" in word for word in words)
        assert {sheet.last_day for sheet in sheets if "好人好事" in sheet.title} == {clock.today() + timedelta(days=20)}
        page.sign_in(factories.village_admin(village))
        form = page("/screens/pictures").select_one("#pictures")
        assert page.submit(form, 422, width="12").select_one("#width-error")
        assert "没有能放进" in page.post("/screens/pictures", {"width": "384", "height": "192"}, 422).words(
            ".form-error"
        )
        assert not db.session.scalars(select(Audit).where(Audit.action == "kiosk.download_pictures")).all()
        data = {"width": "384", "height": "192", "slide": "red-board", "csrf_token": page._token("/")}
        answer = page.raw("POST", "/screens/pictures", data=data)
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            names = archive.namelist()
            assert len(names) == len(sheets)
            for name in names:
                with Image.open(io.BytesIO(archive.read(name))) as picture:
                    assert picture.size == (384, 192)
        assert names[-1].endswith(f"-{clock.today() + timedelta(days=20):%Y%m%d}.png")
        trail = db.session.scalars(select(Audit).where(Audit.action == "kiosk.download_pictures")).one()
        assert trail.details == {"pictures": len(sheets)}
        # In the quarter's last week its lists are personal things that end too soon.
        monkeypatch.setattr(picture_drawing, "FONTS", ())
        picture_drawing.font_of.cache_clear()
        assert page.raw("POST", "/screens/pictures", data=data).status_code == 503
        picture_drawing.font_of.cache_clear()
    with clock.set_to(noon.replace(month=12, day=27)):
        assert picture_sheets.sheets(village, ["red-board"], 4) == []


def test_no_word_is_wider_than_its_picture():
    font = picture_drawing.font_of(20)
    text = "城北新村日光温室基地招番茄采摘工人二十名，Electrician course at the town's school，一天一百二十元。"
    for wide in (60, 130, 400):
        lines = picture_drawing.wrapped(text, font, wide)
        assert all(font.getlength(line) <= wide for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "") if lines else wide == 60
        assert not any(line.startswith(("，", "。")) for line in lines)
