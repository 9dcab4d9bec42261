"""Names with rare characters (extensions A and B) and with a dot between them stay what they are, from the workbook to the wall."""

import pytest
from sqlalchemy import select

from tests import deeds, factories
from tests.people.register_books import line, read_rows
from virtue.extensions import db
from virtue.people import services as people
from virtue.people.models import Household, Member
from virtue.people.register import importing
from virtue.store.reservation_services import _NAME

NAMES = {
    "𠮷永𪚥": "𠮷*𪚥",
    "㐂𡈽": "㐂*",
    "阿依古丽·买买提": "阿*" + "*" * 5 + "提",
    "𨭎才让·扎西": "𨭎" + "*" * 4 + "西",
}


def test_a_rare_name_is_equal_in_register_passbook_desk_and_on_the_wall(app, visitor):
    rows = [line(name, code=f"010{number}") for number, name in enumerate(NAMES)]
    importing.import_reading(read_rows(*rows), skip_bad=False, by=None)
    made = list(db.session.scalars(select(Household).order_by(Household.code)).unique())
    assert [household.head_name for household in made] == list(NAMES)
    assert list(db.session.scalars(select(Member.name).order_by(Member.id))) == list(NAMES)
    village = made[0].village
    clerk = factories.village_admin(village)
    red = deeds.rule_of(village.id, unit="civility", points=20, publish="red")
    for household in made:
        people.give_consent(village.id, household.id, "name_on_board", "signed", by=clerk.id)
        deeds.picked(deeds.settled(household, red))
    wall = visitor()(f"/kiosk/{village.slug}/red-board").words()
    desk = visitor().sign_in(clerk)
    for household in made:
        name, masked = household.head_name, NAMES[household.head_name]
        assert f"{name}家" in wall
        phone = visitor()
        phone(f"/C/{factories.digits_of(factories.card_of(household))}", 303)
        assert phone("/passbook").words("h1") == f"{masked}家的积分"
        assert desk(f"/households/{household.id}").words("h1").endswith(f"{name}家")
        assert masked in desk(f"/households?q={name[:2]}").words("main")


@pytest.mark.parametrize("name", NAMES)
def test_a_helper_may_bear_one(name):
    assert _NAME.fullmatch(name)
