"""The server killed in the middle of the morning, again and again: what a keeper was told is there, once, and nothing else.

Clients are keepers without scripts: a form is sent again, with its key, until its answer is known.
"""

import http.client
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa

from tests import factories
from tests.killable import Killable
from tests.load.clients import sign_in
from tests.passbook.tills import prices_shown
from virtue.core import keys
from virtue.core.invariants import Run
from virtue.extensions import db
from virtue.ledger import invariants as ledger_laws
from virtue.ledger import queries as ledger
from virtue.store import invariants as store_laws
from virtue.store import served
from virtue.store.models import Batch, Movement, Order

TILLS = 8
KILLS = 50
# So many sales after a start are told before the next kill strikes; the other tills are in the middle of theirs.
MOST_SALES = 12
PATIENCE = 60
PURSE, SHELF = 100_000, 100_000


@pytest.fixture
def server(app) -> Iterator[Killable]:
    server = Killable(app)
    yield server
    server.close()


@dataclass
class Morning:
    """What the tills were told, by key; ``is_over`` lets each finish the form it holds."""

    told: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    is_over: bool = False
    news: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, key: str, order_id: int) -> None:
        with self.news:
            self.told[key] = order_id
            self.news.notify_all()

    def fail(self, fault: str) -> None:
        with self.news:
            self.faults.append(fault)
            self.news.notify_all()

    def wait_for(self, sales: int) -> None:
        """Until so many sales were told."""
        with self.news:
            assert self.news.wait_for(lambda: self.faults or len(self.told) >= sales, PATIENCE), len(self.told)
        assert self.faults == []


@dataclass(frozen=True)
class Till:
    """A keeper at a till, signed in, and the forms that are to be sent."""

    port: int
    cookie: str
    forms: list[dict[str, str]]

    def work(self, morning: Morning) -> None:
        for form in self.forms:
            if morning.is_over:
                return
            try:
                morning.tell(form["key"], self.confirm(form, morning))
            except AssertionError as fault:
                morning.fail(str(fault))
                return

    def confirm(self, form: dict[str, str], morning: Morning) -> int:
        """Send the form, again and again while nobody answers; gives the order's id."""
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.request(
                    "POST", "/till/redeem", urlencode(form),
                    {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"},
                )  # fmt: skip
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                continue
            finally:
                connection.close()
            if answer.status == 503:
                continue
            assert answer.status == 303, f"{answer.status}: {body[-2000:].decode()}"
            return int(parse_qs(urlsplit(answer.headers["Location"]).query)["done"][0])


@dataclass
class Market:
    """A village whose tills never run dry."""

    households: list[int]
    goods: list[int]
    keepers: list[tuple[int, str]]
    prices: str

    def form(self, till: int, token: str) -> dict[str, str]:
        by = self.keepers[till][0]
        who = served.make(served.Served(self.households[till], None), by=by)
        fields = {
            "who": who, "key": keys.new(), "unit": "home", "prices": self.prices, "shown": "yes", "again": "yes",
            "csrf_token": token,
        }  # fmt: skip
        return {**fields, **{f"qty-{item_id}": "1" for item_id in self.goods}}


@pytest.fixture
def market(app) -> Market:
    village = factories.VillageFactory()
    grid = factories.GridFactory(village=village)
    keepers = [factories.keeper(village) for _ in range(TILLS)]
    goods = [
        factories.stocked(village, SHELF, by=keepers[0], home=points, name=f"商品{points}") for points in (3, 4, 5)
    ]
    households = [factories.HouseholdFactory(grid=grid) for _ in range(TILLS)]
    for household in households:
        factories.give(household, home=PURSE)
    return Market(
        [household.id for household in households],
        [item.id for item in goods],
        [(user.id, user.username) for user in keepers],
        prices_shown(village.id),
    )


def faults_of_the_books() -> list[str]:
    """Every law of ledger and store that a row breaks."""
    laws = (*ledger_laws.INVARIANTS, *store_laws.INVARIANTS)
    return [law.name for law in laws for _row in law.rows(Run())]


def test_a_killed_server_loses_nothing_and_sells_nothing_twice(app, server, market):
    server.start()
    tills = []
    for number, (_, username) in enumerate(market.keepers):
        cookie, token = sign_in(server.port, username)
        tills.append(
            Till(server.port, cookie, [market.form(number, token) for _ in range(KILLS * MOST_SALES)])
        )  # fmt: skip
    db.session.rollback()
    morning, moments = Morning(), random.Random(20261124)
    threads = [threading.Thread(target=till.work, args=[morning], daemon=True) for till in tills]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        morning.wait_for(len(morning.told) + moments.randint(1, MOST_SALES))
        server.kill()
        server.start()
    morning.is_over = True
    for thread in threads:
        thread.join(PATIENCE)
    assert [thread.is_alive() for thread in threads] == [False] * TILLS
    assert morning.faults == []
    server.kill()

    orders = sorted(db.session.scalars(sa.select(Order.id)))
    assert orders == sorted(morning.told.values())
    assert len(orders) >= KILLS
    assert faults_of_the_books() == []
    bought = sum(PURSE - ledger.balance(household_id).home for household_id in market.households)
    assert bought == 12 * len(orders)
    assert db.session.scalars(sa.select(Batch.quantity)).all() == [SHELF - len(orders)] * 3
    assert db.session.scalar(sa.select(sa.func.count()).where(Movement.kind == "sold")) == 3 * len(orders)
