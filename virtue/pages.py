"""What every page may use: the menu, the village, the language, keys for forms; and paging of lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, current_app, request, url_for
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.routing import IntegerConverter, RequestRedirect

from virtue import access, clock
from virtue.core import keys
from virtue.extensions import db
from virtue.places import queries as places
from virtue.places.models import Village
from virtue.staff.roles import ROLE_NAMES

PER_PAGE = 30

MENU = (
    ("office.desk", _l("工作台"), "desk.view"),
    ("awarding.award", _l("加分"), "awarding.propose"),
    ("awarding.rounds_list", _l("月评"), "awarding.judge"),
    ("awarding.review", _l("评议"), "awarding.review"),
    ("awarding.deductions", _l("扣分"), "awarding.lead"),
    ("awarding.notices", _l("公示"), "awarding.view"),
    ("awarding.objection_list", _l("异议"), "notices.view"),
    ("honours.star_list", _l("星级"), "stars.view"),
    ("honours.boards", _l("榜单"), "boards.view"),
    ("kiosk.screens", _l("大屏"), "screens.manage"),
    ("honours.title_list", _l("荣誉"), "titles.view"),
    ("honours.campaign_list", _l("评选"), "campaigns.view"),
    ("store.till", _l("兑换"), "store.sell"),
    ("store.goods", _l("超市"), "store.view"),
    ("people.households", _l("农户"), "people.view"),
    ("reports.ledgers", _l("台账"), "reports.store"),
    ("reports.papers", _l("张贴"), "boards.view"),
    ("awarding.rules", _l("细则"), "rules.view"),
    ("dividends.pot_list", _l("分红"), "dividends.view"),
    ("staff.users", _l("人员"), "staff.view"),
    ("office.audit", _l("留痕"), "audit.view"),
    ("reports.fairness", _l("公平对照"), "reports.fairness"),
    ("awarding.spot_checks_list", _l("抽查"), "awarding.spot_check"),
    ("office.settings", _l("设置"), "settings.edit"),
)
"""Endpoint, label (a msgid), permission; in the order of a working day."""


class Number(IntegerConverter):
    """A number in an address, no longer than a database can hold: beyond it nothing is found (404)."""

    regex = r"\d{1,15}"


def number_asked(name: str) -> int | None:
    """A number in the address's query; None when it is missing, or no number that could be an id."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, and where it stands."""

    rows: Sequence[Any]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.per_page))


def paged(query: Any, number: int, *, per_page: int = PER_PAGE, scalars: bool = True) -> Page:
    """The ``number``-th page of a query, and the total; two statements whatever the size."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // per_page)))
    result = db.session.execute(query.limit(per_page).offset((number - 1) * per_page))
    rows = result.unique().scalars().all() if scalars else result.all()
    return Page(rows, number, total, per_page)


def nav_items() -> list[dict[str, Any]]:
    """The menu of the signed-in person; who stands above the villages and is in none has the desk, to choose one."""
    here, is_somewhere = (request.endpoint or "").split(".")[0], access.find_village() is not None
    items = []
    for endpoint, label, permission in MENU:
        is_open = access.can(permission) and (is_somewhere or endpoint == "office.desk")
        if is_open and endpoint in current_app.view_functions:
            active = request.endpoint == endpoint or (
                endpoint in {"people.households", "store.goods"} and here == endpoint.split(".")[0]
                and request.endpoint not in {entry[0] for entry in MENU}
            )  # fmt: skip
            # The same word stands in sentences, in English with a small letter.
            items.append({"url": url_for(endpoint), "label": f"{label[:1].upper()}{label[1:]}", "active": active})
    return items


def url_with(**changes: Any) -> str:
    """This list's address with some query parameters changed; None takes one away."""
    args: dict[str, Any] = request.args.to_dict()
    args.update({name: value for name, value in changes.items() if value is not None})
    for name in [name for name, value in changes.items() if value is None]:
        args.pop(name, None)
    return url_for(request.endpoint or "", **(request.view_args or {}), **args)


def public_village(slug: str) -> Village:
    """The village of a public address; an address it once had redirects to the new one, any other is a 404."""
    village = places.find_by_slug(slug)
    if village is None:
        moved = places.find_by_old_slug(slug)
        if moved is None:
            abort(404)
        values: dict[str, Any] = {**(request.view_args or {}), "slug": moved.slug, **request.args}
        raise RequestRedirect(url_for(request.endpoint or "", **values))
    return village


def html_lang() -> str:
    """The ``lang`` of the page; zh-Hans always, else the wrong glyphs are picked."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh-Hans"


def init_pages(app: Flask) -> None:
    """Give templates the functions above, and addresses their numbers."""
    app.url_map.converters["int"] = Number
    app.jinja_env.globals.update(
        nav_items=nav_items, new_key=keys.new, url_with=url_with, html_lang=html_lang, today=clock.today,
        find_village=access.find_village,
    )  # fmt: skip
    app.jinja_env.filters["role_name"] = lambda role: ROLE_NAMES[role]
