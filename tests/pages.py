"""Visitors for tests: they fetch pages as people do, check each page they get, and hand back soup.

    page.sign_in(keeper)
    till = page("/till")
    sold = page.submit(till.select_one("#till form"), digits=code)
    assert sold.words("#messages") == "..."

``page(...)`` and ``page.post(...)`` follow nothing by themselves: the status is asserted, so a redirect
is seen. A full page must be valid HTML in zh-Hans or English with one h1 and a title; a fragment
must have one root with an id; neither may carry inline script or style, double ids, a POST form
without token, or ASCII punctuation beside a Han character.
"""

import contextvars
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import flask
import html5lib
from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString
from flask import Flask
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from tests.watch import count_queries, unchanged
from virtue.extensions import db
from virtue.staff import services as staff_services

__all__ = ["Page", "Visitor", "check", "count_queries", "outside", "unchanged"]

T = TypeVar("T")

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# A full stop inside a file's name or a number is none.
BESIDE_HAN = re.compile(rf"[{HAN}]\s?(?:[,:;?!()]|\.(?![0-9A-Za-z]))|[,.:;?!()]\s?[{HAN}]")
SPOKEN = ("placeholder", "title", "aria-label", "alt")
SILENT = {"script", "style", "template", "code", "pre", "textarea"}


class Page(BeautifulSoup):
    """A fetched page or fragment, with its response beside it."""

    response: TestResponse

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.response.status_code

    @property
    def location(self) -> str | None:
        """Where the answer sends the browser."""
        return self.response.headers.get("Location") or self.response.headers.get("HX-Redirect")

    def words(self, selector: str | None = None) -> str:
        """The text of the first element that matches (or of the page), blanks joined."""
        found = self if selector is None else self.select_one(selector)
        assert found is not None, f"nothing matches {selector}"
        return " ".join(found.get_text(" ").split())

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that match, blanks joined."""
        return [" ".join(found.get_text(" ").split()) for found in self.select(selector)]

    def rows(self, selector: str) -> list[list[str]]:
        """A table's rows as lists of their cells' texts."""
        lines = self.select(f"{selector} tbody tr")
        return [[" ".join(cell.get_text(" ").split()) for cell in line.select("th, td")] for line in lines]


class Visitor:
    """One person's browser: cookies, the token of the last page seen, with or without htmx."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.state: dict[str, str] = {}
        self.is_htmx = False
        self.language: str | None = None

    def with_htmx(self) -> "Visitor":
        """The same cookies and token, sending requests as htmx 4 does."""
        twin = Visitor(self.app)
        twin.client, twin.state, twin.is_htmx = self.client, self.state, True
        return twin

    def __call__(self, url: str, status: int = 200, **options: Any) -> Page:
        """Fetch a page."""
        return self.get(url, status, **options)

    def get(self, url: str, status: int = 200, target: str | None = None, **options: Any) -> Page:
        """Fetch a page; under htmx ``target`` is the id that will be replaced."""
        return self._fetch("GET", url, status, target, **options)

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        status: int | None = None,
        target: str | None = None,
        **options: Any,
    ) -> Page:
        """Send a form with the token of the last page seen; 303 is expected of a plain form, 200 of htmx."""
        expected = status or (200 if self.is_htmx else 303)
        fields = dict(data or {})
        headers = dict(options.pop("headers", {}))
        if self.is_htmx:
            headers["X-CSRFToken"] = self._token(url)
        else:
            fields.setdefault("csrf_token", self._token(url))
        return self._fetch("POST", url, expected, target, data=fields, headers=headers, **options)

    def submit(self, form: Tag, status: int | None = None, button: str | None = None, **fields: Any) -> Page:
        """Send a form of a fetched page as its browser would, with some fields filled in.

        ``button`` is the name=value or the text of the button that was pressed.
        """
        data = {**_filled(form, button), **fields}
        url = str(form.get("action") or self.state.get("url", "/"))
        if str(form.get("method", "get")).lower() == "get":
            return self.get(url, status or 200, query_string=data)
        data.pop("csrf_token", None)
        options = {"content_type": "multipart/form-data"} if form.get("enctype") else {}
        return self.post(url, data, status, **options)

    def sign_in(self, user: Any, password: str | None = None) -> "Visitor":
        """Open a session through the service that the sign-in page calls; the page itself has tests of its own."""
        from tests.factories import PASSWORD

        name = user.username
        # An app asks its database until there is somebody: with somebody signed in it would have.
        self.app.extensions["virtue_is_begun"] = True
        sid, secret, self.state["token"] = outside(lambda: self._open(name, password or PASSWORD))
        with self.client.session_transaction() as session:
            # A new session id: nothing of the cookie before the sign-in stays.
            session.clear()
            session.update(sid=sid, csrf_token=secret)
            session.permanent = True
        return self

    def _open(self, username: str, password: str) -> tuple[str, str, str]:
        """The session's token, the secret behind its forms' token, and that token."""
        with self.app.test_request_context():
            sid, token = staff_services.sign_in(username, password, address="127.0.0.1"), generate_csrf()
            return sid, flask.session["csrf_token"], token

    def _token(self, url: str) -> str:
        if "token" not in self.state:
            plain = Visitor(self.app)
            plain.client, plain.state = self.client, self.state
            for address in ("/sign-in", "/password", "/"):
                plain.raw("GET", address)
                if "token" in self.state:
                    break
        return self.state.get("token", "")

    def raw(self, method: str, url: str, **options: Any) -> TestResponse:
        """Send a request and look at nothing but the token."""
        headers = dict(options.pop("headers", {}))
        if self.language:
            headers.setdefault("Accept-Language", self.language)
        response = outside(lambda: self.client.open(url, method=method, headers=headers, **options))
        if response.mimetype == "text/html":
            self._remember(response)
        return response

    def _remember(self, response: TestResponse) -> None:
        field = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.text)
        header = re.search(r"X-CSRFToken(?:&#34;|&quot;|\")\s*:\s*(?:&#34;|&quot;|\")([^&\"]+)", response.text)
        if found := field or header:
            self.state["token"] = found.group(1)

    def _fetch(self, method: str, url: str, status: int, target: str | None, **options: Any) -> Page:
        headers = dict(options.pop("headers", {}))
        if self.is_htmx:
            headers = {**_htmx_headers(self.state.get("url", "/"), target), **headers}
        response = self.raw(method, url, headers=headers, **options)
        assert response.status_code == status, f"{method} {url}: {response.status}\n{_gist(response)}"
        if method == "GET" and status == 200 and not self.is_htmx:
            self.state["url"] = url
        is_html = response.mimetype == "text/html"
        soup = Page(response.text if is_html else "", "html.parser")
        soup.response = response
        if is_html and response.data and not 300 <= status < 400:
            check(soup, response.text, f"{method} {url}")
        return soup


def outside(action: Callable[[], T]) -> T:
    """Run a request outside the test's app context: with its own session and its own ``g``, as a server does.

    Before it, what the test wrote is committed; after it, the test's session forgets what it has read.
    """
    db.session.commit()
    context = contextvars.Context()
    for variable, value in contextvars.copy_context().items():
        if not variable.name.startswith("flask."):
            context.run(variable.set, value)
    try:
        return context.run(action)
    finally:
        db.session.rollback()
        db.session.expire_all()


def check(soup: BeautifulSoup, text: str, where: str) -> None:
    """Refuse what no page of this house may be; a page like one that was well needs no second look."""
    ids = Counter(_ID.findall(text))
    faults = [f"id {name} stands {count} times" for name, count in ids.items() if count > 1]
    seen = hash(_VARYING.sub("0", text))
    if seen in _found_well and not faults:
        return
    is_page = soup.find("html") is not None
    faults += [*_parse_faults(text, is_page), *_inline(soup), *_tokenless(soup)]
    faults += _page_faults(soup) if is_page else _fragment_faults(soup)
    root = soup.find("html")
    if not isinstance(root, Tag) or root.get("lang") == "zh-Hans":
        faults += _punctuation(soup)
    assert not faults, f"{where}:\n" + "\n".join(faults)
    _found_well.add(seen)


# What differs between pages that are alike: keys and tokens, and all figures.
_VARYING = re.compile(r'(?<=")[\w.-]{32,}(?=")|\d+')
_ID = re.compile(r"""<[^<>]*\sid=["']([^"']+)["']""")
_found_well: set[int] = set()


def _parse_faults(text: str, is_page: bool) -> list[str]:
    shape = hash(_TEXT.sub(lambda found: "> <" if found[1].isspace() else ">-<", _VALUE.sub('=""', text)))
    if shape in _parsed_well:
        return []
    faults = list(_parsed(text, is_page))
    if not faults:
        _parsed_well.add(shape)
    return faults


# Words and values between the marks that give a page its shape; what holds a mark itself is kept.
_TEXT = re.compile(r">([^<>&]+)<")
_VALUE = re.compile(r'="[^"<>&]*"')
_parsed_well: set[int] = set()


def _parsed(text: str, is_page: bool) -> Iterator[str]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    if is_page:
        parser.parse(text)
    else:
        # A row may only stand in a table body, an option in a select: parse the part where it will be put.
        first = re.match(r"\s*<(\w+)", text)
        inside = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "option": "select"}
        parser.parseFragment(text, container=inside.get(first.group(1) if first else "", "div"))
    lines = text.splitlines()
    for (row, _), code, details in parser.errors:
        yield f"line {row}: {code} {details} {lines[min(row, len(lines)) - 1].strip()[:120]}"


def _inline(soup: BeautifulSoup) -> list[str]:
    faults = []
    for tag in soup.find_all(True):
        if tag.name == "style" or (tag.name == "script" and not tag.get("src") and not _is_data(tag)):
            faults.append(f"inline <{tag.name}>")
        faults += [
            f"<{tag.name} {name}=> is inline code"
            for name in tag.attrs
            if name == "style" or re.fullmatch(r"on[a-z]+", name) or name.startswith("hx-on")
        ]
    return faults


def _is_data(tag: Tag) -> bool:
    return str(tag.get("type", "")) in {"application/json", "application/ld+json"}


def _tokenless(soup: BeautifulSoup) -> list[str]:
    forms = soup.find_all("form", method=re.compile("^post$", re.IGNORECASE))
    return [
        f"the form to {form.get('action')} has no token"
        for form in forms
        if not form.find("input", attrs={"name": "csrf_token"})
    ]


def _page_faults(soup: BeautifulSoup) -> list[str]:
    faults = []
    root = soup.find("html")
    if not isinstance(root, Tag) or root.get("lang") not in {"zh-Hans", "en"}:
        faults.append("the page is in no language")
    if len(soup.find_all("h1")) != 1:
        faults.append(f"{len(soup.find_all('h1'))} h1")
    titles = soup.select("head > title")
    if len(titles) != 1 or not titles[0].get_text(strip=True):
        faults.append("no title")
    return faults


def _fragment_faults(soup: BeautifulSoup) -> list[str]:
    roots = [child for child in soup.children if isinstance(child, Tag)]
    return [f"a fragment's root <{root.name}> has no id" for root in roots if not root.get("id")]


def _punctuation(soup: BeautifulSoup) -> list[str]:
    texts = []
    for node in soup.find_all(string=True):
        parents = {parent.name for parent in node.parents}
        if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            if not parents & SILENT:
                texts.append(str(node))
    for tag in soup.find_all(True):
        texts += [str(tag[name]) for name in SPOKEN if tag.get(name)]
    return [f"ASCII punctuation beside Han: {text.strip()[:80]}" for text in texts if BESIDE_HAN.search(text)]


def _filled(form: Tag, button: str | None) -> dict[str, Any]:
    """The fields a browser would send for this form as it stands."""
    data: dict[str, list[str]] = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        if not field.has_attr("disabled"):
            data.setdefault(str(field["name"]), []).extend(_values(field))
    if button is not None:
        pressed = _pressed(form, button)
        if pressed.get("name"):
            data.setdefault(str(pressed["name"]), []).append(str(pressed.get("value", "")))
    return {name: values[0] if len(values) == 1 else values for name, values in data.items() if values}


def _values(field: Tag) -> list[str]:
    """What one field adds to the form: nothing for a button, a box without tick, a file."""
    kind = str(field.get("type", "text"))
    if field.name == "select":
        options = field.select("option[selected]") or field.select("option")[:1]
        return [str(option.get("value", option.get_text(strip=True))) for option in options]
    if field.name == "textarea":
        return [field.get_text()]
    if kind in {"submit", "button", "image", "reset", "file"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [str(field.get("value", "on"))] if field.has_attr("checked") else []
    return [str(field.get("value", ""))]


def _pressed(form: Tag, button: str) -> Tag:
    for candidate in form.select("button, input[type=submit]"):
        text = " ".join(candidate.get_text(" ").split())
        if button in {text, f"{candidate.get('name')}={candidate.get('value')}"}:
            return candidate
    raise AssertionError(f"no button {button!r} in the form to {form.get('action')}")


def _htmx_headers(current: str, target: str | None) -> dict[str, str]:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{current}", "HX-Source": "form"}
    if target:
        headers["HX-Target"] = f"section#{target}"
    return headers


def _gist(response: TestResponse) -> str:
    if response.mimetype != "text/html":
        return response.get_data(as_text=True)[:400]
    soup = BeautifulSoup(response.text, "html.parser")
    body = soup.find("main") or soup
    return " ".join(body.get_text(" ").split())[:600] + f" -> {response.headers.get('Location', '')}"
