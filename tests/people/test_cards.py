"""Cards: issued one by one or for a grid, lost, found, reissued, ended, handed over."""

import pytest
from sqlalchemy import select

from tests.factories import GridFactory, HouseholdFactory, UserFactory, VillageFactory
from tests.pages import unchanged
from tests.people.cards import card_of, digits_of
from virtue.core import keys
from virtue.core.models import Audit
from virtue.errors import BadKey, KeyReused, NotFoundHere
from virtue.extensions import db
from virtue.people import codes, services
from virtue.people.errors import HouseholdEnded, WrongCardState
from virtue.people.models import Card


@pytest.fixture
def household(app):
    return HouseholdFactory()


@pytest.fixture
def by(app) -> int:
    return UserFactory().id


def cards(household) -> list[Card]:
    return list(db.session.scalars(select(Card).where(Card.household_id == household.id).order_by(Card.id)))


def actions() -> list[str]:
    return list(db.session.scalars(select(Audit.action).order_by(Audit.id)))


def test_issue_card(household, by):
    made = services.issue_card(household.village_id, household.id, key=keys.new(), by=by)
    card = db.session.get(Card, made.result["card_id"])
    assert (card.household_id, card.state, card.version, card.issued_by_id) == (household.id, "in_force", 1, by)
    assert card.code_hmac == codes.code_hmac(digits_of(card))
    assert actions() == ["people.issue_card"]


def test_issue_card_twice_with_one_key_makes_one(household, by):
    key = keys.new()
    first = services.issue_card(household.village_id, household.id, key=key, by=by)
    again = services.issue_card(household.village_id, household.id, key=key, by=by)
    assert (again.is_repeat, again.result) == (True, first.result)
    assert len(cards(household)) == 1


def test_issue_card_key_of_another_household_is_refused(app, household, by):
    key, other = keys.new(), HouseholdFactory(grid=household.grid)
    services.issue_card(household.village_id, household.id, key=key, by=by)
    with unchanged(app), pytest.raises(KeyReused):
        services.issue_card(household.village_id, other.id, key=key, by=by)
    with unchanged(app), pytest.raises(BadKey):
        services.issue_card(household.village_id, other.id, key="1", by=by)


def test_household_may_have_several_cards(household, by):
    for _ in range(2):
        services.issue_card(household.village_id, household.id, key=keys.new(), by=by)
    assert [card.state for card in cards(household)] == ["in_force", "in_force"]


def test_issue_cards_for_a_grid(household, by):
    village, grid = household.village, household.grid
    second = HouseholdFactory(grid=grid)
    elsewhere = HouseholdFactory(grid=GridFactory(village=village, number=99))
    left, ended = HouseholdFactory(grid=grid), HouseholdFactory(grid=grid)
    services.leave(village.id, left.id, by=by)
    services.end_household(village.id, ended.id, by=by)
    made = services.issue_cards(village.id, grid.id, by=by)
    assert [len(cards(one)) for one in (household, second, elsewhere, left, ended)] == [1, 1, 0, 0, 0]
    assert sorted(made) == sorted([cards(household)[0].id, cards(second)[0].id])
    assert services.issue_cards(village.id, grid.id, by=by) == []
    assert services.issue_cards(village.id, by=by) == [cards(elsewhere)[0].id]
    assert actions().count("people.issue_card") == 3


def test_issue_cards_replaces_what_is_lost(household, by):
    services.mark_lost(household.village_id, card_of(household).id, by=by)
    services.issue_cards(household.village_id, by=by)
    assert [card.state for card in cards(household)] == ["lost", "in_force"]


def test_codes_are_all_different_and_found(app, by):
    grid = GridFactory()
    for _ in range(30):
        HouseholdFactory(grid=grid)
    services.issue_cards(grid.village_id, by=by)
    made = db.session.scalars(select(Card)).all()
    assert len({digits_of(card) for card in made}) == 30
    assert all(card.code_hmac == codes.code_hmac(digits_of(card)) for card in made)


def test_a_taken_code_raises_the_version(household, by, monkeypatch):
    first = card_of(household)
    real = codes.derive
    taken = digits_of(first)
    monkeypatch.setattr(codes, "derive", lambda card: taken if card.version == 1 else real(card))
    services.issue_card(household.village_id, household.id, key=keys.new(), by=by)
    assert [card.version for card in cards(household)] == [1, 2]


def test_code_stands_nowhere_in_the_database(app, household, by):
    digits = digits_of(card_of(household))
    services.reissue(household.village_id, card_of(household).id, key=keys.new(), by=by)
    found = []
    for table in db.metadata.sorted_tables:
        found += [table.name for row in db.session.execute(select(table)) if digits in repr(tuple(row))]
    assert found == []


def test_lost_and_found(household, by):
    card = card_of(household)
    services.mark_lost(household.village_id, card.id, by=by)
    assert (card.state, card.lost_at is not None) == ("lost", True)
    services.mark_lost(household.village_id, card.id, by=by)
    services.mark_found(household.village_id, card.id, by=by)
    assert (card.state, card.lost_at) == ("in_force", None)
    assert actions() == ["people.issue_card", "people.mark_lost", "people.mark_found"]


def test_reissue_replaces_at_once_and_keeps_the_pin(household, by):
    card, key = card_of(household), keys.new()
    before = (household.pin_hash, household.pin_version)
    new_id = services.reissue(household.village_id, card.id, key=key, by=by).result["card_id"]
    assert services.reissue(household.village_id, card.id, key=key, by=by).result["card_id"] == new_id
    assert [(one.id, one.state) for one in cards(household)] == [(card.id, "replaced"), (new_id, "in_force")]
    assert cards(household)[0].replaced_by_id == new_id
    assert (household.pin_hash, household.pin_version) == before


STEPS = {
    "mark_lost": services.mark_lost,
    "mark_found": services.mark_found,
    "end": services.end_card,
    "reissue": lambda village_id, card_id, *, by: services.reissue(village_id, card_id, key=keys.new(), by=by),
}


@pytest.mark.parametrize(
    ("state", "step", "said"),
    [
        ("replaced", "mark_lost", "这张卡现在是“已补卡”，不能挂失。"),
        ("replaced", "mark_found", "这张卡现在是“已补卡”，不能解除挂失。"),
        ("replaced", "reissue", "这张卡现在是“已补卡”，不能补卡。"),
        ("replaced", "end", "这张卡现在是“已补卡”，不能注销。"),
        ("ended", "mark_lost", "这张卡现在是“已注销”，不能挂失。"),
        ("ended", "mark_found", "这张卡现在是“已注销”，不能解除挂失。"),
        ("ended", "reissue", "这张卡现在是“已注销”，不能补卡。"),
    ],
)
def test_refused_step_says_why_and_changes_nothing(app, household, by, state, step, said):
    card = card_of(household)
    STEPS["reissue" if state == "replaced" else "end"](household.village_id, card.id, by=by)
    with unchanged(app), pytest.raises(WrongCardState) as refused:
        STEPS[step](household.village_id, card.id, by=by)
    assert str(refused.value) == said


@pytest.mark.parametrize("step", STEPS)
def test_foreign_card_is_not_found(app, household, by, step):
    card, elsewhere = card_of(household), VillageFactory()
    with unchanged(app), pytest.raises(NotFoundHere):
        STEPS[step](elsewhere.id, card.id, by=by)


def test_ended_household_gets_no_card(app, household, by):
    card = card_of(household)
    services.mark_lost(household.village_id, card.id, by=by)
    services.end_household(household.village_id, household.id, by=by)
    assert card.state == "ended"
    with unchanged(app), pytest.raises(HouseholdEnded):
        services.issue_card(household.village_id, household.id, key=keys.new(), by=by)
    with unchanged(app), pytest.raises(WrongCardState):
        services.mark_found(household.village_id, card.id, by=by)


def test_handed_over_once_and_only_here(app, household, by):
    card, foreign = card_of(household), card_of(HouseholdFactory())
    both = [card.id, foreign.id]
    assert services.note_printed(household.village_id, both, by=by) == 1
    assert services.note_handed_over(household.village_id, both, by=by) == 1
    assert services.note_handed_over(household.village_id, both, by=by) == 0
    db.session.expire_all()
    assert (card.handed_over_on is not None, foreign.handed_over_on) == (True, None)
    assert actions()[-2:] == ["people.note_printed", "people.note_handed_over"]
