"""Caps: cut at entry with what is open, refused when full with the next day, and cut again at settling."""

from datetime import date, timedelta

import pytest

from tests.awarding.work import deed, state
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import caps, services
from virtue.awarding.errors import CapReached, CapReachedForever
from virtue.core import keys
from virtue.ledger import queries as ledger


@pytest.fixture
def household(work):
    return work.household()


def send_back(work, deed_id):
    services.send_back(work.village.id, deed_id, why="说不清楚", key=keys.new(), by=work.id("second"))


def come_again(work, deed_id):
    services.resubmit(work.village.id, deed_id, words="补了照片", key=keys.new(), by=work.id("author"))


def test_entry_cuts_to_what_is_left_and_says_so(app, work, household):
    """J08 gives 1 a kilogram and 10 a month."""
    first = work.book(household, "J08", quantity=7)
    assert (first["points"], first["cut_from"], first["booked"]) == (7, None, 7)
    second = work.book(household, "J08", quantity=7)
    assert (second["points"], second["cut_from"], second["booked"], second["balance"]) == (3, 7, 3, 10)
    with unchanged(app), pytest.raises(CapReached) as refused:
        work.book(household, "J08", quantity=1)
    kept = {"rule": "交售可回收物", "rule_en": "hands in recyclables", "from_day": "2026-04-01"}
    assert refused.value.params == kept
    assert "2026年4月1日起可再加" in str(refused.value)


def test_open_deeds_count_at_entry_and_ended_ones_do_not(app, work, household):
    deed_id = work.propose(household, "J14")["deed_id"]
    with unchanged(app), pytest.raises(CapReached):
        work.propose(household, "J14")
    services.reject(work.village.id, deed_id, why="没有这回事", key=keys.new(), by=work.id("second"))
    assert work.propose(household, "J14")["points"] == 5


def test_a_year_is_a_calendar_year_and_ever_is_ever(app, work, household):
    """J18 gives 1, and 12 a year; J20 gives 5, and 20 a year; W09 gives 15 once."""
    for _ in range(4):
        work.propose(household, "J20")
    with unchanged(app), pytest.raises(CapReached) as refused:
        work.propose(household, "J20")
    assert refused.value.params["from_day"] == "2027-01-01"
    work.propose(household, "W09")
    with unchanged(app), work.day(400), pytest.raises(CapReachedForever):
        work.propose(household, "W09")
    with clock.set_to(clock.start_of(date(2027, 1, 1))):
        assert work.propose(household, "J20")["points"] == 5


def test_the_month_is_that_of_the_day_it_happened(work, household):
    march = clock.start_of(date(2026, 3, 31)) + timedelta(hours=23)
    with clock.set_to(march):
        work.propose(household, "J14")
    with clock.set_to(march + timedelta(hours=2)):
        assert work.propose(household, "J14")["points"] == 5
        with pytest.raises(CapReached):
            work.propose(household, "J14", happened_on=date(2026, 3, 31))


def test_what_comes_again_is_cut_to_what_is_left_by_then(app, work, household):
    """While sent back it isn't counted; J14 gives 5, and 5 a month."""
    back = [work.propose(household, "J14")["deed_id"], work.propose(work.household(), "J14")["deed_id"]]
    for deed_id in back:
        send_back(work, deed_id)
    other = work.propose(household, "J14")["deed_id"]
    with unchanged(app), pytest.raises(CapReached):
        come_again(work, back[0])
    assert state(back[0]) == "sent_back"
    come_again(work, back[1])
    assert (state(back[1]), deed(back[1]).points) == ("proposed", 5)
    services.reject(work.village.id, other, why="重复", key=keys.new(), by=work.id("second"))
    come_again(work, back[0])
    with unchanged(app), pytest.raises(CapReached):
        services.reopen(work.village.id, other, why="再看看", key=keys.new(), by=work.id("second"))


def test_coming_again_keeps_only_the_rest(work, household):
    """J01 has levels of 2 and 1, and 2 a month."""
    first = work.propose(household, "J01", level=2)["deed_id"]
    send_back(work, first)
    assert work.propose(household, "J01", level=1)["points"] == 1
    come_again(work, first)
    assert [step.points for step in deed(first).steps] == [2, 2, 1]
    assert deed(first).points == 1


def test_settling_cuts_again_down_to_nothing_and_its_line_says_so(work, household, monkeypatch):
    """Entry's wall taken away: what was let in too much is cut under the lock."""
    usage = caps.usage

    def blind(*arguments, with_open, **named):
        return usage(*arguments, with_open=False, **named)

    with monkeypatch.context() as patch:
        patch.setattr(caps, "usage", blind)
        deeds = [work.propose(household, "J14")["deed_id"] for _ in range(2)]
        deeds += [work.propose(household, "J16")["deed_id"]]
    for deed_id in deeds:
        work.approve(deed_id)
    work.publish()
    with work.day(6):
        assert work.settle() == 3
    assert [(deed(each).points, deed(each).settled_points) for each in deeds] == [(5, 5), (5, 0), (5, 5)]
    assert ledger.balance(household.id).home == 10
    entry = ledger.find_entry("deed", deeds[1])
    assert entry is not None


def test_a_reversed_deed_makes_room_again(work, household):
    deed_id = work.book(household, "J23")["deed_id"]
    with pytest.raises(CapReached):
        work.propose(household, "J23", way="event", event_id=work.open_event("又一场"))
    work.reverse(deed_id)
    assert work.book(household, "J23")["points"] == 5
