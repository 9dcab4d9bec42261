"""Finding a household: by card, code, number on the card, name, initials; and who is kin."""

import pytest

from tests.factories import GridFactory, HouseholdFactory, MemberFactory, UserFactory, VillageFactory
from tests.people.cards import card_of, digits_of
from virtue.core import keys
from virtue.extensions import db
from virtue.people import codes, queries, services
from virtue.people.errors import (
    EndedCard,
    LostCard,
    MisreadCard,
    ReplacedCard,
    SeveralHouseholds,
    UnknownCard,
    UnknownHousehold,
)
from virtue.people.models import Card


@pytest.fixture
def grid(app):
    return GridFactory(number=3)


@pytest.fixture
def household(grid):
    return HouseholdFactory(grid=grid, code="62062203000147", tail="0147", head_name="王永智", initials="wyz")


def found(query) -> list[str]:
    return [household.code for household in db.session.scalars(query)]


def test_card_finds_its_household(household):
    digits = digits_of(card_of(household))
    assert queries.household_by_card_code(household.village_id, digits).id == household.id
    assert queries.card_by_code(f"HTTP://HOST:8000/C/{digits}").household_id == household.id


def test_foreign_and_unknown_cards_are_told_alike(household):
    elsewhere = VillageFactory()
    digits = digits_of(card_of(household))
    unknown = "0" * 19 + codes.check_digit("0" * 19)
    said = []
    for village_id, text in ((elsewhere.id, digits), (household.village_id, unknown)):
        with pytest.raises(UnknownCard) as refused:
            queries.household_by_card_code(village_id, text)
        said.append(str(refused.value))
    assert said == ["不是本村的卡。"] * 2


@pytest.mark.parametrize("text", ["", "王", "123", "31415926535897932380"])
def test_misread_card(household, text):
    with pytest.raises(MisreadCard) as refused:
        queries.household_by_card_code(household.village_id, text)
    assert str(refused.value) == "卡号不对。请再扫一次，或对着卡逐位核对20个数字。"


def test_lost_replaced_and_ended_cards_say_so(household):
    village_id = household.village_id
    card, by = card_of(household), UserFactory().id
    services.mark_lost(village_id, card.id, by=by)
    with pytest.raises(LostCard, match="已挂失"):
        queries.household_by_card_code(village_id, digits_of(card))
    new_id = services.reissue(village_id, card.id, key=keys.new(), by=by).result["card_id"]
    with pytest.raises(ReplacedCard, match="已换新卡"):
        queries.household_by_card_code(village_id, digits_of(card))
    new = db.session.get(Card, new_id)
    assert queries.household_by_card_code(village_id, digits_of(new)).id == household.id
    services.end_card(village_id, new_id, by=by)
    with pytest.raises(EndedCard, match="已注销"):
        queries.household_by_card_code(village_id, digits_of(new))


def test_passbook_cookie_finds_only_a_card_in_force(household):
    card = card_of(household)
    assert queries.find_card_in_force(card.id, card.version).id == card.id
    assert queries.find_card_in_force(card.id, card.version + 1) is None
    services.mark_lost(household.village_id, card.id, by=None)
    assert queries.find_card_in_force(card.id, card.version) is None


def test_household_by_code(household):
    assert queries.household_by_code(household.village_id, "６２０６２２ 03000147").id == household.id
    with pytest.raises(UnknownHousehold):
        queries.household_by_code(household.village_id, "62062203000148")
    with pytest.raises(UnknownHousehold):
        queries.household_by_code(VillageFactory().id, household.code)


@pytest.mark.parametrize("text", ["62062203000147", "3-0147", "３－０１４７", " 3 - 0147 ", "0147"])
def test_what_is_typed_names_a_household(household, text):
    given = queries.household_by_input(household.village_id, text)
    assert (given.household.id, given.card) == (household.id, None)


def test_what_is_scanned_names_household_and_card(household):
    card = card_of(household)
    given = queries.household_by_input(household.village_id, f"HTTPS://A.CN/C/{digits_of(card)}")
    assert (given.household.id, given.card.id) == (household.id, card.id)


def test_a_tail_of_several_households_is_not_guessed(household):
    HouseholdFactory(grid=GridFactory(village=household.village, number=98), code="62062204000147", tail="0147")
    with pytest.raises(SeveralHouseholds) as refused:
        queries.household_by_input(household.village_id, "0147")
    assert str(refused.value) == "尾号是0147的不止一户。请扫积分卡，或输入卡上的编号（例如3-0147）或完整的户号。"
    assert queries.household_by_input(household.village_id, "98-0147").household.code == "62062204000147"


@pytest.mark.parametrize("text", ["", "王永智", "9-9999", "9999", "62062203"])
def test_nobody_is_named(household, text):
    with pytest.raises(UnknownHousehold):
        queries.household_by_input(household.village_id, text)


@pytest.mark.parametrize("text", ["", "王永", "永智", "wyz", "WY", "6206220300", "0147", "3-0147", "王 永 智"])
def test_search_finds(household, text):
    HouseholdFactory(head_name="王永智", initials="wyz", code="1110147")
    assert found(queries.search_households(household.village_id, text)) == [household.code]


def test_search_finds_by_member_and_by_card(household):
    MemberFactory(household=household, name="马秀兰", initials="mxl")
    other = HouseholdFactory(grid=household.grid, head_name="赵大山")
    village_id = household.village_id
    assert found(queries.search_households(village_id, "秀兰")) == [household.code]
    assert found(queries.search_households(village_id, "mxl")) == [household.code]
    assert found(queries.search_households(village_id, digits_of(card_of(other)))) == [other.code]


@pytest.mark.parametrize("text", ["%", "_", "w%", "'; drop table household", "\\", "李"])
def test_search_takes_signs_as_signs(household, text):
    assert found(queries.search_households(household.village_id, text)) == []


def test_search_filters_grid_and_state(household):
    village_id, by = household.village_id, UserFactory().id
    grid = GridFactory(village=household.village, number=99)
    left, ended = HouseholdFactory(grid=grid, code="9001"), HouseholdFactory(grid=grid, code="9002")
    services.leave(village_id, left.id, by=by)
    services.end_household(village_id, ended.id, by=by)
    assert found(queries.search_households(village_id)) == ["62062203000147", "9001"]
    assert found(queries.search_households(village_id, grid_id=grid.id)) == ["9001"]
    assert found(queries.search_households(village_id, state="active")) == ["62062203000147"]
    assert found(queries.search_households(village_id, state="left")) == ["9001"]
    assert found(queries.search_households(village_id, state="ended")) == ["9002"]


def test_foreign_household_is_not_found(household):
    assert queries.find_household(household.village_id, household.id).id == household.id
    assert queries.find_household(VillageFactory().id, household.id) is None


def test_kin_is_the_own_household_and_each_recusal_in_force(household):
    village_id, by = household.village_id, UserFactory().id
    brother, stranger = HouseholdFactory(grid=household.grid), HouseholdFactory(grid=household.grid)
    user = UserFactory(member_id=household.members[0].id)
    recusal = services.declare_recusal(village_id, user.id, brother.id, "sibling", by=user.id)
    assert queries.kin_household_ids(user.id) == {household.id, brother.id}
    assert queries.is_kin(user.id, brother.id)
    assert not queries.is_kin(user.id, stranger.id)
    services.end_recusal(village_id, recusal.id, by=by)
    assert queries.kin_household_ids(user.id) == {household.id}


def test_looks_are_kept(household):
    user = UserFactory(name="李文书")
    services.record_look(household.village_id, household.id, by=user.id, what="reveal")
    from virtue.people.looks import latest_looks

    assert [(look.what, name) for look, name in latest_looks(household.id)] == [("reveal", "李文书")]
