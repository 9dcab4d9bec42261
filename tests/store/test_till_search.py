"""Households are found at the till by name, pinyin initials or a part of the code; masked, and checked before they are served."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.store.test_till_pages import qty
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.people.models import Look
from virtue.store import reservation_services


@pytest.fixture
def named(shop):
    """Two more households of the village, and one of another with the same name."""
    made = {"grid": shop.grid}
    factories.HouseholdFactory(head_name="王永志", code="620622100148", **made)
    factories.HouseholdFactory(head_name="李玉兰", code="620622200147", **made)
    factories.HouseholdFactory(head_name="王永智", code="620622100199")
    return shop


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("王永", ["王*智家 尾号 0147 · 第三网格 · 5 口人", "王*志家 尾号 0148 · 第三网格 · 1 口人"]),
        ("ＷＹＺ", ["王*智家 尾号 0147 · 第三网格 · 5 口人", "王*志家 尾号 0148 · 第三网格 · 1 口人"]),
        ("6206222", ["李*兰家 尾号 0147 · 第三网格 · 1 口人"]),
        ("0147", ["王*智家 尾号 0147 · 第三网格 · 5 口人", "李*兰家 尾号 0147 · 第三网格 · 1 口人"]),
    ],
    ids=["name", "initials", "code", "tail"],
)
def test_a_word_finds_the_villages_households_masked(page, named, typed, found):
    till = page.sign_in(named.keeper)("/till")
    answer = page.submit(till.select_one("#find"), 200, code=typed)
    assert answer.texts(".till-matches button") == found
    assert "王永智" not in answer.response.text.replace(f'value="{typed}"', "")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Look)) == 0


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_the_chosen_one_is_checked_by_name_and_keeps_the_goods(page, named, is_htmx):
    visitor = page.sign_in(named.keeper)
    visitor = visitor.with_htmx() if is_htmx else visitor
    data = {"code": "王永", "unit": "home", **qty(named.soap, "2")}
    list_ = visitor.post("/till/find", data, 200)
    word = list_.select(".till-matches button")[0]["value"]
    chosen = visitor.post("/till/choose", {**data, "who": word}, 200 if is_htmx else 303)
    asked = chosen if is_htmx else visitor(chosen.location)
    assert "王永智" not in (chosen.location or "")
    assert asked.words(".till-pay strong") == "没有刷卡，请当面问一声：是王*智家、尾号0147吗？"
    assert asked.select("form#basket") == []
    served = page(asked.select_one(".till-pay a.btn-primary")["href"])
    assert served.words("#till-name") == "王*智家"
    assert served.select_one(f"[name=qty-{named.soap.id}]")["value"] == "2"


def test_many_are_cut_short_and_nobody_is_said(page, named):
    for number in range(9):
        factories.HouseholdFactory(grid=named.grid, head_name="周大山", code=f"62062230{number:04}")
    visitor = page.sign_in(named.keeper)
    many = visitor.post("/till/find", {"code": "周"}, 200)
    assert len(many.select(".till-matches button")) == 8
    assert "还有更多家" in many.words(".till-who")
    for nobody in ("欧阳", " ", "zzz"):
        none = visitor.post("/till/find", {"code": nobody}, 422)
        assert none.words("#scan-code-error").startswith("没有找到这一户")
    stale = visitor.post("/till/choose", {"who": "forged"}, 422)
    assert stale.words("#scan-code-error") == "停得太久了，请重新扫卡。"


@pytest.mark.parametrize("way", ["card", "name"])
def test_finding_a_household_first_gives_back_what_it_didnt_fetch(mid_month, page, named, way):
    wanted = reservation_services.Wanted((named.piece(named.soap, 2),))
    reservation_services.reserve(named.village.id, named.household.id, wanted, key=keys.new(), by=None)
    assert named.balance() == (84, 40)
    with clock.set_to(clock.now() + timedelta(days=8)):
        visitor = page.sign_in(named.keeper).with_htmx()
        if way == "card":
            till = visitor.post("/till/find", {"code": factories.digits_of(named.card)}, target="till")
        else:
            found = visitor.post("/till/find", {"code": "王永智"}, target="till")
            till = visitor.post(
                "/till/choose", {"who": found.select(".till-matches button")[0]["value"]}, target="till"
            )
    assert [box.get_text(strip=True) for box in till.select(".balance b")] == ["128", "40"]
    assert named.balance() == (128, 40)
