"""Whatever is done at the stores in whatever order, points and goods agree; and the machine that says so finds bugs."""

from datetime import timedelta

import pytest

from tests.stateful import LOOK_FOR_BUGS, run
from tests.store import papers
from tests.store.machine import Stores
from tests.store.planted import BUGS

DAY = timedelta(days=1)
# One walk past everything that can be done, with what is refused on the way; the machine knows what must come of each.
WALK = [
    ("earn", 0, 20, "home"), ("earn", 0, 9, "civility"), ("earn", 1, 8, "home"),
    ("sell", 0, 0, 0, [(0, 1, "home"), (0, 1, "civility")]),
    ("sell_one", 0, 0, 0, [(2, 1, "home")]), ("send_again", -1),
    ("give_back", -2, 0, {1}, "", True), ("give_back", -2, 0, {1}, "", False),
    ("give_back", -2, 0, None, "", True), ("give_back", -2, 0, None, "", False),
    ("wait", timedelta(minutes=20)), ("give_back", -1, 0, None, "", True), ("give_back", -1, 1, None, "退货", True),
    ("receive", 0, [(1, 15, None)], False, False, True), ("reserve", 1, [(1, "purse + 1", "home")], False),
    ("reserve", 0, [(0, "all", "home")], False), ("reserve_one", 0, [(0, 1, "home")]),
    ("wait", DAY), ("sell_one", 0, 1, 1, [(2, 1, "home")]),
    ("wait", 8 * DAY), ("sell_one", 0, 0, 0, [(1, 1, "home")]), ("fetch", -1, 0, False),
    ("reserve_one", 1, [(1, 1, "home")]), ("give_up", -1, True, True), ("reserve_one", 1, [(1, 1, "home")]),
    ("fetch", -1, 1, True), ("reserve_one", 1, [(1, 1, "home")]), ("wait", 8 * DAY), ("the_day_is_settled",),
    ("change_price", 0, "home", 3, 0), ("sell", 0, 0, 0, [(0, 1, "home")], True, True),
    ("change_price", 0, "home", 1, 1), ("wait", DAY), ("sell_one", 0, 0, 0, [(0, 1, "home")]),
    ("receive", 1, [(0, 2, 9), (0, 2, 3)], True, False, True), ("sell_one", 1, 1, 0, [(0, 1, "civility")]),
    ("receive", 0, [(0, 1, 9)], True, True, False), ("carry", -2, 2, False), ("carry", -1, 1, True),
    ("write_off", -1, 1, "broken"), ("receive", 0, [(0, 3, None), (2, 3, None)], False, False, True),
    ("count", 0, (0, -1, 0), (0, -1, 0), {"while counting"}), ("count", 0, (1, 0, -2), (1, 0, -2), set()),
    ("count", 1, (-1, 1, -1), (-1, 1, 0), {"before booking"}),
]  # fmt: skip


@pytest.fixture
def quick(fast, monkeypatch):
    """No act settles the whole village's day first: the machine has a rule for that, and the till must do its part."""
    monkeypatch.delitem(fast.extensions, "virtue_settle_due")


def walk():
    """The walk, with the laws after every step."""
    stores = Stores()
    for step, *given in WALK:
        getattr(stores, step)(*given)
        stores.the_papers_agree()
        stores.it_is_as_it_should_be()
    return stores


def test_points_and_goods_agree_whatever_is_done(quick, database):
    """In any order; PostgreSQL, where a step costs more, tries fewer orders and takes the walk past the rest."""
    run(Stores, 15 if database == "sqlite" else 5, 25, LOOK_FOR_BUGS)
    # Every example's village is still there.
    assert papers.broken_laws() == []


def test_the_walk_meets_every_refusal_it_is_to_meet(quick):
    refused = {one.answer.__name__ for one in walk().sent if isinstance(one.answer, type)}
    assert refused == {
        "AlreadyReturned", "ExpiresTooSoon", "LineReturned", "NotEnoughPoints", "PriceChanged", "ReservationOver",
        "SameStore", "UndoNeedsAnother",
    }  # fmt: skip
    assert papers.broken_laws() == []


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_the_machine_finds(quick, monkeypatch, bug):
    bug(monkeypatch)
    with pytest.raises(Exception, match="."):
        walk()
