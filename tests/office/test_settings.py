"""The settings a village may change, and the closing of months by two people."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import VillageFactory, committee, supervisor, village_admin
from tests.watch import unchanged
from virtue import clock
from virtue.awarding.models import Deed
from virtue.core import settings
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.formatting import month_name
from virtue.ledger import queries as ledger
from virtue.ledger.models import ClosedMonth
from virtue.office.forms import FIELDS, Number
from virtue.places.models import Village
from virtue.store.models import Store


@pytest.fixture
def village(app):
    return VillageFactory()


@pytest.fixture
def clerk(village, page):
    clerk = village_admin(village)
    page.sign_in(clerk)
    return clerk


def save(page, status=303, **fields):
    return page.submit(page("/settings").select_one("main form"), status, **fields)


def test_settings_are_saved_and_audited(app, village, clerk, page):
    save(page, notice_days="７", phone="0935-512 3456", keep_phones="1")
    assert settings.value("notice_days", village.id) == 7
    assert settings.value("keep_phones", village.id) is True
    village = db.session.get(Village, village.id)
    assert (village.phone, village.board_version) == ("0935-5123456", 2)
    row = db.session.scalar(select(Audit).where(Audit.action == "office.change_settings"))
    assert row.details == {"changed": ["notice_days", "keep_phones", "phone"], "notice_days": 7, "keep_phones": True}


def test_saving_the_same_changes_nothing(app, village, clerk, page):
    with unchanged(app):
        save(page)
    assert db.session.scalar(select(Audit.id).where(Audit.action == "office.change_settings")) is None


def test_the_stores_name(app, village, clerk, page):
    db.session.add(Store(village_id=village.id, name="积分超市"))
    db.session.commit()
    save(page, store="巾帼家美积分超市")
    assert db.session.scalar(select(Store.name)) == "巾帼家美积分超市"
    with unchanged(app):
        save(page, 422, store=" ")
        save(page, 422, store="店" * 41)


NUMBERS = {name: field for name, field in FIELDS.items() if isinstance(field, Number)}
WRONG = [
    *(
        {name: str(end(field)) for name, field in NUMBERS.items()}
        for end in (lambda f: f.least - 1, lambda f: f.most + 1)
    ),
    *(dict.fromkeys(NUMBERS, text) for text in ("", "三", "1.5", "1e1", "9" * 30)),
]


def test_numbers_outside_their_limits_are_refused_each_at_its_field(app, village, clerk, page):
    with unchanged(app):
        for typed in WRONG:
            answer = save(page, 422, **typed)
            assert {name: answer.select_one(f"#{name}")["value"] for name in NUMBERS} == typed
            assert [name for name in NUMBERS if not answer.select_one(f"#{name}-error")] == []
        for name, field in NUMBERS.items():
            answer = save(page, 422, **{name: str(field.most + 1)})
            assert [error["id"] for error in answer.select(".field-error")] == [f"{name}-error"]


@pytest.mark.parametrize("end", ["least", "most"])
def test_numbers_at_their_limits_are_taken(app, village, clerk, page, end):
    numbers = {name: getattr(field, end) for name, field in NUMBERS.items()}
    save(page, **{name: str(number) for name, number in numbers.items()})
    assert {name: settings.value(name, village.id) for name in NUMBERS} == numbers


@pytest.mark.parametrize("phone", ["abc", "12", "1" * 21, "<b>", "0935，5123456"])
def test_a_wrong_phone_is_refused(app, village, clerk, page, phone):
    with unchanged(app):
        assert save(page, 422, phone=phone).select_one("#phone-error")


def test_another_villages_settings_stay(app, village, clerk, page):
    other = VillageFactory()
    save(page, notice_days="9")
    assert settings.value("notice_days", other.id) == 5


def test_only_the_clerk_changes_settings(app, village, page):
    page.sign_in(supervisor(village))
    with unchanged(app):
        page("/settings", 403)
        page.post("/settings", {"notice_days": "9"}, 403)


# ---- months ---------------------------------------------------------------------------------------


def last_month():
    return clock.month_of(clock.today().replace(day=1) - timedelta(days=1))


def test_a_month_is_closed_by_two(app, village, clerk, page, visitor):
    month = last_month()
    village.created_at = clock.start_of(clock.first_day(month))
    db.session.commit()
    page.submit(page("/months").select_one("#months form"))
    assert not ledger.is_closed(village.id, month)
    shown = page("/months")
    assert "等第二人签" in shown.words("#months")
    assert shown.select(f"form[action='/months/{month}/sign']") == []
    with unchanged(app):
        page.post(f"/months/{month}/sign", status=422)
    second = visitor().sign_in(supervisor(village))
    second.submit(second("/months").select_one(f"form[action='/months/{month}/sign']"))
    assert ledger.is_closed(village.id, month)
    with unchanged(app):
        assert page.post(f"/months/{month}/sign", status=422).select_one(".form-error")


def test_a_month_with_open_deeds_stays_open(app, village, clerk, page):
    from tests.factories import HouseholdFactory

    household = HouseholdFactory(grid__village=village)
    month = last_month()
    deed = open_deed(village, household, month)
    with unchanged(app):
        answer = page.post(f"/months/{month}/sign", status=422)
    assert "还有1项没有办完" in answer.words("main")
    deed = db.session.get(Deed, deed.id)
    deed.state = "rejected"
    db.session.commit()
    page.post(f"/months/{month}/sign")
    assert db.session.query(ClosedMonth).count() == 1


def open_deed(village, household, month):
    from virtue.awarding.rulebooks import Adoption, adopt_book

    data = "code,name,subject,unit,points,route,entry,publish\nA1,庭院,environment,home,2,review,scan,list\n".encode()
    adoption = Adoption(in_force_from=clock.today(), is_trial=True)
    book = adopt_book(village.id, "细则", data, "x.csv", adoption, by=None)
    rule = book.rules[0]
    deed = Deed(
        village_id=village.id, household_id=household.id, grid_id=household.grid_id, rule_id=rule.id, rule_code="A1",
        rule_version=1, rule_name="庭院", standard="", dimension="-", unit="home", scores=True, publish="list", points=2,
        happened_on=clock.first_day(month), month=month, state="proposed", route="review", way="scan",
        proposed_by_id=None, proposed_at=clock.now(),
    )  # fmt: skip
    db.session.add(deed)
    db.session.commit()
    return deed


def test_a_running_or_impossible_month_is_refused(app, village, clerk, page):
    with unchanged(app):
        page.post(f"/months/{clock.month_of(clock.today())}/sign", status=422)
        for month in (0, 202600, 202613, 999999):
            page.post(f"/months/{month}/sign", status=404)


def test_others_do_not_sign(app, village, page):
    page.sign_in(committee(village))
    with unchanged(app):
        page("/months", 403)
        page.post(f"/months/{last_month()}/sign", status=403)


def test_months_go_back_to_the_one_in_which_the_village_began(app, village, clerk, page):
    soup = page("/months")
    assert soup.select("#months") == []
    assert "还没有过完的月份" in soup.words("main")
    two_back = clock.previous_month(last_month())
    db.session.get(Village, village.id).created_at = clock.now().replace(
        year=two_back // 100, month=two_back % 100, day=15
    )
    db.session.commit()
    assert [row[0] for row in page("/months").rows("#months")] == [month_name(last_month()), month_name(two_back)]
    db.session.get(Village, village.id).created_at = clock.now() - timedelta(days=800)
    db.session.commit()
    assert len(page("/months").rows("#months")) == 12
