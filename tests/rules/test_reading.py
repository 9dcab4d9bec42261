"""House rules about reading: a GET writes nothing, every link leads somewhere, a list costs the same for 1 row and 30."""

import logging
import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, BaseConverter, RequestRedirect, Rule

from tests import factories
from tests.pages import Visitor, check, count_queries
from tests.rules.conftest import Cast
from tests.watch import reading_digest
from virtue import access
from virtue.awarding.models import Rulebook
from virtue.core import audit
from virtue.extensions import db
from virtue.staff.roles import permissions_of
from virtue.transactions import atomic

ROLES = [None, *factories.CAST]
# As many pages of one kind as are worth a look.
SAMPLES = 3
# Words that name nothing, of every shape that an address asks for.
NOBODYS = ("0" * 32, "0" * 20, "0" * 8, "zz")


def _card(cast: Cast) -> None:
    factories.card_of(factories.HouseholdFactory(grid=cast.grid), by=cast.staff["village_admin"])


def _trace(cast: Cast) -> None:
    with atomic():
        audit.record("people.mark_lost", village_id=cast.village.id, by=cast.staff["village_admin"].id, why="丢了")


def _good(cast: Cast) -> None:
    factories.stocked(cast.village, 3, by=cast.staff["keeper"])


def _rule(cast: Cast) -> None:
    factories.RuleFactory(rulebook=db.session.scalars(select(Rulebook)).first())


# A list's address, who looks at it, what makes one more row.
LISTS: list[tuple[str, str | None, Callable[[Cast], object]]] = [
    ("/households", "village_admin", lambda cast: factories.HouseholdFactory(grid=cast.grid)),
    ("/users", "village_admin", lambda cast: factories.committee(cast.village)),
    ("/cards", "village_admin", _card),
    ("/audit", "supervisor", _trace),
    ("/till", "keeper", _good),
    ("/v/{slug}/goods", None, _good),
    ("/v/{slug}/rules", None, _rule),
]


class Crawl:
    """Every page one person can reach by links, and every address that needs no parameter."""

    def __init__(self, app: Flask, visitor: Visitor) -> None:
        self.app = app
        self.visitor = visitor
        self.seen: set[str] = set()
        self.samples: dict[str, int] = {}
        self.faults: list[str] = []

    def run(self) -> None:
        """Walk until nothing new turns up."""
        rules = self.app.url_map.iter_rules()
        todo = [(rule.rule, "") for rule in rules if "GET" in rule.methods and not rule.arguments]
        while todo:
            url, origin = todo.pop()
            if url in self.seen or not self._is_wanted(url):
                continue
            self.seen.add(url)
            todo += [(link, url) for link in self._visit(url, origin)]

    def _is_wanted(self, url: str) -> bool:
        endpoint = self.endpoint(url)
        # The language is the walk's, not a link's.
        if endpoint == "static" or url.startswith("/language/"):
            return False
        self.samples[endpoint] = self.samples.get(endpoint, 0) + 1
        return self.samples[endpoint] <= SAMPLES

    def endpoint(self, url: str) -> str:
        """Which endpoint answers at an address."""
        try:
            return str(self.app.url_map.bind("localhost").match(urlsplit(url).path)[0])
        except RequestRedirect:
            return "redirect"
        except HTTPException as error:
            return f"nothing ({error.code})"

    def _visit(self, url: str, origin: str) -> list[str]:
        response = self.visitor.raw("GET", url)
        where = f"{url} (from {origin or 'the map'})"
        if response.status_code >= 500:
            self.faults.append(f"{where}: {response.status}")
        elif response.status_code >= 400 and origin:
            self.faults.append(f"{where}: a link to {response.status}")
        if 300 <= response.status_code < 400:
            return [self._local(url, response.headers.get("Location", ""))]
        if response.mimetype != "text/html":
            return []
        soup = BeautifulSoup(response.text, "html.parser")
        try:
            check(soup, response.text, where)
        except AssertionError as error:
            self.faults.append(str(error))
        links = [str(link["href"]) for link in soup.select("a[href]")]
        return [self._local(url, link) for link in links if not link.startswith(("#", "tel:", "mailto:"))]

    def _local(self, url: str, link: str) -> str:
        parts = urlsplit(urljoin(f"http://localhost{url}", link))
        if parts.netloc != "localhost":
            self.faults.append(f"{url}: a link leaves the house: {link}")
            return url
        return parts.path + (f"?{parts.query}" if parts.query else "")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_a_get_writes_nothing(app, cast, visitor, role, language):
    logging.getLogger("virtue.request").setLevel(logging.WARNING)
    person = visitor()
    person.client.set_cookie("lang", language)
    if role is not None:
        person.sign_in(cast.staff[role])
    before = reading_digest(app)
    crawl = Crawl(app, person)
    crawl.run()
    after = reading_digest(app)
    assert not crawl.faults, "\n".join(crawl.faults)
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}
    if role is not None:
        assert crawl.samples.get("office.desk")


@pytest.mark.parametrize(("url", "role", "make"), LISTS, ids=[entry[0] for entry in LISTS])
def test_a_list_costs_the_same_queries_for_1_row_and_30(app, cast, page, url, role, make):
    url = url.format(slug=cast.village.slug)
    if role is not None:
        page.sign_in(cast.staff[role])
    page(url)
    with count_queries(app) as few:
        page(url)
    for _ in range(30):
        make(cast)
    with count_queries(app) as many:
        page(url)
    assert len(many) == len(few), "\n".join(many)


def test_every_closed_endpoint_refuses_strangers(app, cast, visitor):
    """Without a sign-in a closed page leads to the sign-in page, whatever its parameters."""
    stranger, wrong = visitor(), []
    for rule in closed(app):
        url = _address(app, rule)
        for method in sorted(rule.methods & {"GET", "POST"}):
            status = stranger.raw(method, url).status_code
            # A POST without a token is refused before anything else is looked at.
            if status not in {303} | ({400} if method == "POST" else set()):
                wrong.append(f"{method} {rule.rule}: {status}")
    assert wrong == []


def _address(app: Flask, rule: Rule, number: int = 1) -> str:
    """A rule's address with this number for every id, and a word nobody uses for every name."""
    values = {name: _value(kind, number) for name, kind in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def _value(kind: BaseConverter, number: int) -> int | str:
    """Something of the shape that an address asks for; one of its words where it knows its words."""
    if isinstance(kind, AnyConverter):
        return min(kind.items)
    fitting = (value for value in ("no-such-thing", number, *NOBODYS) if re.fullmatch(kind.regex, str(value)))
    return next(fitting)


def closed(app: Flask) -> list[Rule]:
    """The rules that ask for a permission."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in access.PUBLIC and getattr(app.view_functions[rule.endpoint], "permission", None)
    ]


@pytest.mark.parametrize("role", list(factories.CAST))
def test_every_role_is_refused_what_it_may_not_do(app, cast, visitor, role):
    """403 where the permission is missing; the table of roles decides, nothing else."""
    person, wrong = visitor().sign_in(cast.staff[role]), []
    allowed = permissions_of({role})
    for rule in closed(app):
        permission = app.view_functions[rule.endpoint].permission
        if permission in allowed or "GET" not in rule.methods:
            continue
        status = person.raw("GET", _address(app, rule)).status_code
        if status != 403:
            wrong.append(f"{rule.rule} needs {permission}, answered {status}")
    assert wrong == []


@pytest.mark.parametrize("role", list(factories.CAST))
def test_an_unknown_thing_is_not_found(app, cast, visitor, role):
    person, wrong = visitor().sign_in(cast.staff[role]), []
    allowed = permissions_of({role})
    for rule in closed(app):
        if app.view_functions[rule.endpoint].permission in allowed and "GET" in rule.methods and rule.arguments:
            status = person.raw("GET", _address(app, rule, 987_654_321)).status_code
            if status != 404:
                wrong.append(f"{rule.rule} answered {status}")
    assert wrong == []


@pytest.mark.parametrize("role", list(factories.CAST))
def test_another_villages_thing_is_not_found(app, cast, visitor, role):
    """Whatever the same role reaches by links in its own village answers 404 to the one next door."""
    crawl = Crawl(app, visitor().sign_in(cast.staff[role]))
    crawl.run()
    neighbour = factories.GridFactory().village
    stranger, wrong = visitor().sign_in(factories.CAST[role](neighbour)), []
    shut = {rule.endpoint for rule in closed(app) if rule.arguments}
    for url in sorted(crawl.seen):
        if crawl.endpoint(url) in shut:
            status = stranger.raw("GET", url).status_code
            if status != 404:
                wrong.append(f"{url} answered {status}")
    assert wrong == []
