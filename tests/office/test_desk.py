"""The desk: what waits, for whom, and what is beside it."""

from datetime import timedelta

import pytest

from tests.factories import (
    GridFactory,
    HouseholdFactory,
    RoleGrantFactory,
    UserFactory,
    VillageFactory,
    committee,
    keeper,
    reviewer,
    staff_of,
    village_admin,
)
from tests.office.test_settings import open_deed
from virtue import clock
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.models import Checkpoint, EntryKind
from virtue.ledger.services import Flow, Move, Posting
from virtue.places.models import Village
from virtue.scores.models import Tally
from virtue.transactions import atomic


@pytest.fixture
def village(app):
    return VillageFactory()


def titles(page):
    return [item.find_all("span")[1].contents[0].strip() for item in page("/desk").select("#tasks li")]


def test_an_idle_desk_says_so(app, village, page):
    page.sign_in(keeper(village))
    assert "现在没有等您办的事" in page("/desk").words("main")


def test_each_role_sees_its_own_tasks(app, village, page, visitor):
    household = HouseholdFactory(grid__village=village)
    open_deed(village, household, clock.month_of(clock.today()))
    reviewer(village)
    page.sign_in(reviewer(village))
    assert titles(page) == ["申报等评议"]
    keeper_desk = visitor().sign_in(keeper(village))
    assert keeper_desk("/desk").select("#tasks li") == []
    member_desk = visitor().sign_in(committee(village))
    assert member_desk("/desk").select("#tasks li") == []


def test_kins_deeds_do_not_wait_for_a_reviewer(app, village, page):
    household = HouseholdFactory(grid__village=village)
    open_deed(village, household, clock.month_of(clock.today()))
    page.sign_in(reviewer(village, member_id=household.members[0].id))
    assert page("/desk").select("#tasks li") == []


def test_too_few_reviewers_are_told_at_once(app, village, page):
    page.sign_in(village_admin(village))
    assert titles(page)[0] == "评议员不够"
    reviewer(village)
    reviewer(village)
    assert "评议员不够" not in titles(page)


def test_a_month_waits_until_two_have_signed(app, village, page, visitor):
    page.sign_in(village_admin(village))
    month = clock.month_of(clock.today().replace(day=1) - timedelta(days=1))
    assert not any("要月结" in title for title in titles(page)), "the village is younger than the month"
    db.session.get(Village, village.id).created_at = clock.now() - timedelta(days=60)
    db.session.commit()
    assert any("要月结" in title for title in titles(page))
    page.post(f"/months/{month}/sign")
    assert not any("要月结" in title for title in titles(page))
    other = visitor().sign_in(village_admin(village))
    assert any("要月结" in title for title in titles(other))


@pytest.mark.parametrize("role", ["committee", "reviewer", "keeper", "supervisor", "village_admin"])
def test_every_link_of_the_desk_opens(app, village, page, role):
    household = HouseholdFactory(grid__village=village)
    for state in ("proposed", "approved", "sent_back", "verified", "lead"):
        deed = open_deed(village, household, clock.month_of(clock.today()))
        deed.state = state
        deed.route = "deduction" if state in {"verified", "lead"} else "review"
    db.session.commit()
    page.sign_in(staff_of(village, role))
    for link in page("/desk").select("#tasks a"):
        page(str(link["href"]))


def test_who_is_in_no_village_has_the_desk_alone_to_choose_one(app, village, page):
    user = UserFactory()
    RoleGrantFactory(user=user, role="township_admin", village_id=None, township_id=village.township_id)
    page.sign_in(user)
    assert [link["href"] for link in page("/desk").select("#bar-nav a")] == ["/desk"]
    page.submit(page("/desk").select_one("main form"), button=f"village_id={village.id}")
    links = [link["href"] for link in page("/desk").select("#bar-nav a")]
    assert links == ["/desk", "/titles", "/campaigns", "/store/goods", "/rules", "/dividends"]
    for link in links:
        page(link)


def test_participation_stands_in_the_grids_order(app, village, page):
    second, first = GridFactory(village=village, number=2), GridFactory(village=village, number=1)
    active = HouseholdFactory(grid=first)
    HouseholdFactory(grid=first)
    HouseholdFactory(grid=second)
    HouseholdFactory(grid=second, left_on=clock.today())
    tally = {"dimension": "-", "unit": "home", "deeds": 1, "deducted": 0, "last_seq": 1}
    db.session.add(
        Tally(month=clock.month_of(clock.today()), village_id=village.id, household_id=active.id, earned=2, **tally)
    )
    db.session.commit()
    page.sign_in(keeper(village))
    bars = page("/desk").select("#bars text")
    assert [bar.get_text() for bar in bars] == [first.name, "50%", second.name, "0%"]


def test_the_check_words_are_yesterdays(app, village, page):
    page.sign_in(keeper(village))
    assert "有了第一笔账" in page("/desk").words("#seal")
    household = HouseholdFactory(grid__village=village)
    with clock.set_to(clock.now() - timedelta(days=1)), atomic():
        ledger.post(village.id, [Posting(EntryKind.DEED, 1, household.id, (Move("home", 2, Flow.AWARD),))], by=None)
    shown = page("/desk").words("#seal .words")
    assert len(shown.split(" · ")) == 4
    with atomic():
        ledger.post(village.id, [Posting(EntryKind.DEED, 2, household.id, (Move("home", 2, Flow.AWARD),))], by=None)
    assert db.session.query(Checkpoint).count() == 1
    assert page("/desk").words("#seal .words") == shown


def test_above_the_villages_one_is_chosen(app, village, page):
    user = UserFactory()
    RoleGrantFactory(user=user, role="county_admin", village_id=None)
    page.sign_in(user)
    page.submit(page("/desk").select_one("main form"), button=f"village_id={village.id}")
    assert village.name in page("/desk").words(".bar-name")
