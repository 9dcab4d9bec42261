"""The county's pot over all its villages: exact to the fen, by a stated key; the drafts it leaves in each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import factories
from tests.dividends.test_pots import START
from tests.pages import unchanged
from virtue import clock
from virtue.dividends import county_queries
from virtue.dividends.county import CountyPot, divide_county
from virtue.dividends.errors import BadPot, NobodyToPay
from virtue.dividends.models import Pot
from virtue.extensions import db
from virtue.places.models import Village

WHOLE = CountyPot(2025, "县文明股分红", 1_240_000_00, 1000, "equal")


def villages(count):
    return [Village(id=number, slug=f"v{number:03}", name=f"{number}村") for number in range(count, 0, -1)]


def test_the_known_pot_over_124_villages():
    parts = divide_county(WHOLE, villages(124))
    assert [part.fen for part in parts] == [1_000_00] * 124
    assert [part.village.slug for part in parts] == sorted(part.village.slug for part in parts)


def test_what_is_left_over_goes_by_remainder_then_by_address(monkeypatch):
    measured = {1: 3, 2: 3, 3: 1, 4: 0}
    monkeypatch.setattr(county_queries, "weights", lambda *_asked: measured)
    parts = divide_county(CountyPot(2025, "县", 100_00, 1, "households"), villages(4))
    assert parts[0].total == 7
    # 1 fen over 3, 3, 1, 0: the first of the two largest remainders
    assert [(part.village.id, part.fen, part.extra) for part in parts] == [(1, 1, 1), (2, 0, 0), (3, 0, 0), (4, 0, 0)]
    measured.clear()
    with pytest.raises(NobodyToPay):
        divide_county(CountyPot(2025, "县", 100_00, 100, "shares"), villages(4))
    with pytest.raises(BadPot):
        divide_county(CountyPot(2025, "县", 100_00, 100, "heads"), villages(4))


@settings(max_examples=25)
@given(st.integers(1, 10**10), st.integers(1, 10_000), st.lists(st.integers(0, 900), min_size=1, max_size=130))
def test_the_parts_add_up_to_the_pot(capital, rate, weights):
    whole = CountyPot(2025, "县", capital, rate, "households")
    if not whole.fen or not sum(weights):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(county_queries, "weights", lambda *_asked: dict(enumerate(weights, 1)))
        parts = divide_county(whole, villages(len(weights)))
    assert sum(part.fen for part in parts) == whole.fen
    assert all(abs(part.fen * sum(weights) - whole.fen * part.weight) < sum(weights) for part in parts)


def test_the_county_drafts_each_village_s_part(app, visitor):
    with clock.set_to(START):
        township = factories.VillageFactory(name="甲村", slug="a-cun").township_id
        other = factories.VillageFactory(name="乙村", slug="b-cun")
        grids = [factories.GridFactory(village=village) for village in db.session.query(Village).order_by(Village.slug)]
        for grid, count in zip(grids, (1, 2), strict=True):
            for _number in range(count):
                factories.HouseholdFactory(grid=grid)
        user = factories.UserFactory()
        factories.RoleGrantFactory(user=user, role="county_admin", village_id=None)
        admin = visitor().sign_in(user)
        filled = {"year": "2025", "name": "县文明股分红", "capital": "1,000.00", "rate": "10", "measure": "households"}
        form = admin("/dividends/county").select_one("form.card")
        with unchanged(app):
            assert admin.submit(form, 422, **{**filled, "capital": "很多"}).select_one("#capital")["value"] == "很多"
            shown = admin.submit(form, 200, **filled)
        assert shown.rows("#parts") == [["甲村", "1／3", "¥33.33"], ["乙村", "2／3", "¥66.67"]]
        draft = shown.select_one("#draft")
        for _time in range(2):
            assert admin.submit(draft, 303).location == "/dividends/county"
            assert "2个村的草稿起草好了" in admin("/dividends/county").words("#messages")
        shown = admin.submit(form, 200, **filled)
        admin.submit(shown.select_one("#draft"), 303)
        assert "甲村没有起草：2025年已经有一笔" in admin("/dividends/county").words("#messages")
        pots = db.session.query(Pot).order_by(Pot.village_id).all()
        assert [(pot.fen, pot.basis, pot.state, pot.drafted_by_id) for pot in pots] == [
            (33_33, "shares", "draft", user.id), (66_67, "shares", "draft", user.id),
        ]  # fmt: skip
        clerk = visitor().sign_in(factories.village_admin(other))
        assert "按参加的户数分到各村：全县3份里本村占2份" in clerk(f"/dividends/{pots[1].id}").words("main")
        form = clerk(f"/dividends/{pots[1].id}/edit").select_one("form.card")
        assert form.select_one("[name=amount]")["type"] == "hidden"
        clerk.submit(form, 303, basis="both", amount="9", year="2024")
        mended = db.session.get(Pot, pots[1].id)
        assert (mended.fen, mended.year, mended.basis, mended.source["key"]) == (66_67, 2025, "both", "households")
        clerk("/dividends/county", 403)
        assert township
