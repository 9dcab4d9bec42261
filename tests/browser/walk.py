"""Walks the pages somebody reaches by links, one of each kind: nothing for axe to find, nothing out of the right edge."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.conftest import Live, axe, scrolls_sideways

DOWNLOAD = re.compile(r"\.(csv|xlsx|zip)(\?|$)")


def walk(page: Page, live: Live, start: str, rooms: tuple[str, ...], language: str, seen: set[str]) -> None:
    """Look at one page of each endpoint of ``rooms`` (blueprints) that links lead to and that isn't in ``seen`` yet.

    The page's scripts never arrive: what is seen is what a browser without them shows.
    """
    page.route(re.compile(r"/static/.*\.js"), lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(live.url(f"/language/{language}?next={start}"))
    todo, faults = [start], []
    seen.discard(_endpoint(live, start))
    while todo:
        path = todo.pop(0)
        endpoint = _endpoint(live, path)
        if endpoint in seen or endpoint.partition(".")[0] not in rooms or DOWNLOAD.search(path):
            continue
        seen.add(endpoint)
        answer = page.goto(live.url(path))
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        todo += page.eval_on_selector_all("a[href^='/']:not([download])", "all => all.map(a => a.getAttribute('href'))")
        wrong = [*axe(page), *(["stands out of the right edge"] if scrolls_sideways(page) else [])]
        if answer.status != 200:
            wrong.append(str(answer.status))
        faults += [f"{language} {path}: {fault}" for fault in wrong]
    page.goto(live.url(f"/language/zh?next={start}"))
    assert not faults, "\n".join(faults)


def _endpoint(live: Live, path: str) -> str:
    try:
        return str(live.app.url_map.bind("localhost").match(urlsplit(path).path)[0])
    except RequestRedirect:
        return "redirect"
    except HTTPException:
        return "nothing"
