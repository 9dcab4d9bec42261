"""Plates for the doors and what a door shows: only held stars of a published rating; none for who wants none."""

import pytest

from tests.honours.conftest import Sky
from tests.pages import unchanged
from virtue.extensions import db
from virtue.people import codes, door_services, participation_services
from virtue.people.errors import HouseholdHasOpenThings
from virtue.people.models import DoorCode


def door_of(household) -> str:
    return codes.derive_door(db.session.query(DoorCode).filter_by(household_id=household.id).one())


def test_a_plate_from_a_published_rating_only(app, sky: Sky, page, visitor):
    bright, some, left, shy = (
        sky.household(head_name=name, code=f"62210000014{number}")
        for number, name in enumerate(("王永智", "赵桂英", "马占山", "李秀兰"), 1)
    )
    sky.shine(bright)
    clerk = visitor().sign_in(sky.staff["village_admin"])
    door_services.issue_door_codes(sky.village.id, by=sky.id("village_admin"))
    assert "还没有可打印的星级门牌" in clerk("/stars/plates").words("main")
    sky.propose()
    sky.word(bright)
    sky.close_months()
    sky.publish()
    job = f"/stars/plates/print?grid={sky.grid.id}"
    with unchanged(app):
        assert "没有可打印的" in clerk(job).words("main")
        assert "星级：未参评" in page(f"/d/{door_of(bright)}").words("#door-stars")
    with sky.day(6):
        clerk = visitor().sign_in(sky.staff["village_admin"])
        sky.settle()
        participation_services.leave(sky.village.id, left.id, by=sky.id("village_admin"))
        participation_services.opt_out_of_board(sky.village.id, shy.id, by=sky.id("village_admin"))
        with unchanged(app):
            sheets = clerk(job).select(".star-plate")
            assert [one.h2.get_text() for one in sheets] == ["八星级文明户", "3 颗星"]
            assert [len(one.select(".star-plate-row svg")) for one in sheets] == [8, 3]
            assert f"3-{bright.tail}" in sheets[0].get_text()
            assert "王" not in sheets[0].get_text()
            only = clerk(f"/stars/plates/print?household={some.id}").select(".star-plate")
            assert [one.b.get_text() for one in only] == [f"3-{some.tail}"]
            assert clerk(f"/stars/plates/print?household={shy.id}").select(".star-plate") == []
            assert [cell.split() for cell in clerk("/stars/plates").rows("#plates")[0][1:3]] == [["2"], ["0"]]
            for address in ("grid=999", "household=999", ""):
                clerk(f"/stars/plates/print?{address}", 404)
            shown = page(f"/d/{door_of(bright)}").words("main")
            assert ("八星级文明户" in shown, "王" in shown) == (True, False)
            held = page(f"/d/{door_of(some)}").select("#door-stars li")
            assert [one.get_text(strip=True) for one in held] == ["遵纪守法星", "诚实守信星", "移风易俗星"]
            for one in (left, shy):
                assert "星级：未参评" in page(f"/d/{door_of(one)}").words("#door-stars")


def test_whoever_may_lose_a_star_does_not_end_meanwhile(app, sky: Sky):
    bright = sky.household()
    sky.shine(bright)
    sky.propose()
    removal_id = sky.remove(bright)
    clerk = sky.id("village_admin")
    with pytest.raises(HouseholdHasOpenThings) as told, unchanged(app):
        participation_services.end_household(sky.village.id, bright.id, by=clerk)
    assert "没办完的摘星1件" in str(told.value)
    sky.drop(removal_id)
    assert participation_services.end_household(sky.village.id, bright.id, by=clerk).state == "ended"
