"""Titles and honours: two people, the document, seats, the deed it makes, shares and consent; on both databases."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.awarding.test_pipeline import village  # noqa: F401  a fixture
from tests.pages import unchanged
from virtue import clock
from virtue.awarding.models import Deed
from virtue.core import keys
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.honours import title_queries, titles
from virtue.honours.honour_errors import (
    AlreadyHonoured,
    BadHonourYear,
    DocumentNumberNeeded,
    GivenAbove,
    HonourDone,
    HonourEndsTooSoon,
    NoSuchPurpose,
    NotInTheHousehold,
    NotOfAge,
    SeatsTaken,
    SecondPersonConfirmsHonour,
    TitlesAlreadyThere,
    UnknownTitle,
)
from virtue.honours.honour_states import HONOUR_STEPS, honour_target
from virtue.honours.title_models import Honour, HonourState, Title
from virtue.ledger import services as ledger
from virtue.people.models import Member, Recusal
from virtue.places.models import Village
from virtue.transactions import atomic


@pytest.fixture
def clerk(village):  # noqa: F811
    titles.take_county_titles(village.id, key=keys.new(), by=None)
    return factories.village_admin(village)


@pytest.fixture
def second(village):  # noqa: F811
    return factories.village_admin(village)


@pytest.fixture
def township(village):  # noqa: F811
    users = [factories.UserFactory() for _ in range(2)]
    for user in users:
        factories.RoleGrantFactory(user=user, role="township_admin", township_id=village.township_id)
    return users


@pytest.fixture
def household(village):  # noqa: F811
    return factories.HouseholdFactory(grid__village=village, members=2)


def title(name):
    return db.session.query(Title).filter_by(name=name).one()


def entered(household, by, name="最美家庭（村）", **fields):
    new = titles.NewHonour(
        title(name).id, household.id, fields.pop("year", clock.today().year), fields.pop("document", "黄镇发〔2026〕7号"),
        fields.pop("given_on", clock.today()), **fields,
    )  # fmt: skip
    outcome = titles.enter(household.village_id, new, key=keys.new(), by=by.id)
    return db.session.get(Honour, outcome.result["honour_id"])


def confirm(honour, by):
    return titles.confirm(honour.village_id, honour.id, key=keys.new(), by=by.id).result


def declare_kin(user, household):
    db.session.add(
        Recusal(
            village_id=household.village_id, user_id=user.id, household_id=household.id, relation="sibling",
            declared_at=clock.now(), declared_by_id=user.id,
        )
    )  # fmt: skip
    db.session.commit()


def test_the_county_s_titles_are_taken_over_once(app, clerk, village):  # noqa: F811
    found = {one.name: (one.level, one.group, one.rule_code, one.shares, one.has_portrait, one.seats)
             for one in title_queries.titles(village.id)}  # fmt: skip
    assert len(found) == 10
    assert found["最美家庭（镇）"] == ("township", "最美家庭", "J33", 2, True, 5)
    assert found["八星级文明户"] == ("village", "星级", "W04", 2, False, None)
    with unchanged(app), pytest.raises(TitlesAlreadyThere):
        titles.take_county_titles(village.id, key=keys.new(), by=clerk.id)


def test_an_honour_makes_a_deed_that_goes_the_way_of_deeds(clerk, second, household):
    honour = entered(household, clerk)
    assert confirm(honour, second)["points"] == 10
    deed = db.session.get(Deed, honour.deed_id)
    assert (deed.rule_code, deed.points, deed.state, deed.way) == ("J30", 10, "proposed", "title")
    assert deed.proposed_by_id == clerk.id
    assert (honour.state, honour.shares, honour.confirmed_by_id) == ("confirmed", 1, second.id)


def test_a_higher_title_of_the_group_gives_the_difference(clerk, second, township, household):
    confirm(entered(household, clerk), second)
    higher = entered(household, township[0], "最美家庭（镇）")
    assert confirm(higher, township[1])["points"] == 5
    # And once the higher one is there, the lower one gives nothing more.
    assert title_queries.shares_of_year(household.village_id, clock.today().year) == {household.id: 2}


def test_a_lower_title_after_the_higher_one_gives_nothing(clerk, second, township, household):
    confirm(entered(household, township[0], "最美家庭（镇）"), township[1])
    assert confirm(entered(household, clerk), second) | {"honour_id": 0} == {
        "honour_id": 0,
        "deed_id": None,
        "points": 0,
    }


def test_titles_of_two_groups_add_up(clerk, second, household):
    confirm(entered(household, clerk), second)
    confirm(entered(household, clerk, "八星级文明户"), second)
    assert title_queries.shares_of_year(household.village_id, clock.today().year) == {household.id: 3}


def test_shares_count_for_the_honour_s_year_once_confirmed(clerk, second, household):
    year = clock.today().year
    honour = entered(household, clerk, year=year - 1, given_on=date(year - 1, 12, 20))
    assert title_queries.shares_of_year(household.village_id, year - 1) == {}
    confirm(honour, second)
    assert title_queries.shares_of_year(household.village_id, year - 1) == {household.id: 1}
    assert title_queries.shares_of_year(household.village_id, year) == {}


def test_who_entered_it_does_not_confirm_it(app, clerk, household):
    honour = entered(household, clerk)
    with unchanged(app), pytest.raises(SecondPersonConfirmsHonour):
        confirm(honour, clerk)


def test_a_title_above_the_village_is_the_township_s(app, clerk, second, township, household):
    with unchanged(app), pytest.raises(GivenAbove):
        entered(household, clerk, "文明家庭")
    honour = entered(household, township[0], "文明家庭")
    with unchanged(app), pytest.raises(GivenAbove):
        confirm(honour, second)


def test_kin_neither_enter_nor_confirm(app, clerk, second, household):
    honour = entered(household, clerk)
    for user in (clerk, second):
        declare_kin(user, household)
    with unchanged(app), pytest.raises(OwnKin):
        entered(household, clerk, "八星级文明户")
    with unchanged(app), pytest.raises(OwnKin):
        confirm(honour, second)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"document": " "}, DocumentNumberNeeded), ({"year": 2019}, BadHonourYear), ({"year": 2099}, BadHonourYear),
        ({"given_on": date(2099, 1, 1)}, BadHonourYear), ({"ends_on": date(2020, 1, 1)}, HonourEndsTooSoon),
        ({"member_id": 0}, NotInTheHousehold),
    ],
    ids=["no-document", "long-ago", "next-year", "tomorrow", "ended-before", "stranger"],
)  # fmt: skip
def test_what_does_not_hold_is_refused(app, clerk, household, fields, refusal):
    with unchanged(app), pytest.raises(refusal):
        entered(household, clerk, **fields)


@pytest.mark.parametrize(("years", "is_named"), [(17, False), (18, False), (19, True), (None, False)])
def test_only_people_of_age_are_named(app, clerk, household, years, is_named):
    member = db.session.query(Member).filter_by(household_id=household.id, is_head=False).one()
    member.birth_year = clock.today().year - years if years else None
    member.birth_month = 12
    db.session.commit()
    if is_named:
        assert entered(household, clerk, member_id=member.id).member_id == member.id
        return
    with unchanged(app), pytest.raises(NotOfAge):
        entered(household, clerk, member_id=member.id)


def test_a_title_is_given_once_a_year_and_not_beyond_its_seats(app, clerk, household, village):  # noqa: F811
    honour = entered(household, clerk)
    with unchanged(app), pytest.raises(AlreadyHonoured):
        entered(household, clerk)
    title("最美家庭（村）").seats = 1
    db.session.commit()
    other = factories.HouseholdFactory(grid=household.grid)
    with unchanged(app), pytest.raises(SeatsTaken):
        entered(other, clerk)
    titles.drop(village.id, honour.id, why="录错了户", key=keys.new(), by=clerk.id)
    assert entered(other, clerk).household_id == other.id


def test_a_retired_title_and_a_neighbour_s_are_unknown(app, clerk, household):
    title("美丽庭院").retired_on = clock.today()
    db.session.commit()
    with unchanged(app), pytest.raises(UnknownTitle):
        entered(household, clerk, "美丽庭院")
    stranger = factories.HouseholdFactory()
    with atomic():
        ledger.lock(stranger.village_id)
    with unchanged(app), pytest.raises(UnknownTitle):
        entered(stranger, clerk)
    foreign = factories.HouseholdFactory()
    new = titles.NewHonour(title("八星级文明户").id, foreign.id, clock.today().year, "7号", clock.today())
    with unchanged(app), pytest.raises(NotFoundHere):
        titles.enter(household.village_id, new, key=keys.new(), by=clerk.id)


def test_it_is_shown_with_consent_and_until_its_end(clerk, second, household, village):  # noqa: F811
    day = clock.today()
    honour = entered(household, clerk, ends_on=day + timedelta(days=30))
    confirm(honour, second)
    assert title_queries.shown(village.id, day) == []
    for purpose in ("name", "portrait"):
        titles.consent(village.id, honour.id, purpose, "signed", key=keys.new(), by=clerk.id)
    assert title_queries.shown(village.id, day) == [honour]
    assert title_queries.consents_of([honour.id]) == {honour.id: {"name", "portrait"}}
    assert title_queries.shown(village.id, day + timedelta(days=31)) == []
    before = db.session.get(Village, village.id).board_version
    titles.withdraw_consent(village.id, honour.id, "name", key=keys.new(), by=clerk.id)
    assert title_queries.shown(village.id, day) == []
    assert db.session.get(Village, village.id, populate_existing=True).board_version == before + 1


def test_a_title_without_portrait_shows_none(app, clerk, household, village):  # noqa: F811
    honour = entered(household, clerk, "八星级文明户")
    with unchanged(app), pytest.raises(NoSuchPurpose):
        titles.consent(village.id, honour.id, "portrait", "signed", key=keys.new(), by=clerk.id)


def test_a_revoked_honour_carries_no_shares(clerk, second, household, village):  # noqa: F811
    honour = entered(household, clerk)
    confirm(honour, second)
    titles.revoke(village.id, honour.id, why="文件撤销了", key=keys.new(), by=second.id)
    assert title_queries.shares_of_year(village.id, clock.today().year) == {}


@pytest.mark.parametrize("state", list(HonourState))
@pytest.mark.parametrize("action", list(HONOUR_STEPS))
def test_the_table_holds(state, action):
    sources, target = HONOUR_STEPS[action]
    if state in sources:
        assert honour_target(action, state) == target
        return
    with pytest.raises(HonourDone):
        honour_target(action, state)
