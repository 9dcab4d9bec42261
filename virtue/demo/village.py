"""The demo village from its data files: register, cards, rulebook, goods, people, three known PINs, and its history.

Idempotent: what is there stays; what is missing is made.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from virtue import clock
from virtue.awarding import queries as awarding
from virtue.awarding import rulebooks
from virtue.awarding.models import Deed
from virtue.core import settings
from virtue.demo import cast, history, market
from virtue.extensions import db
from virtue.ledger import queries as ledger
from virtue.people import codes, pin_services
from virtue.people import services as people
from virtue.people.models import Card, Household
from virtue.people.register import importing, parsing
from virtue.places import queries as places
from virtue.places.models import County, Township, Village
from virtue.store import import_services as goods_imports
from virtue.store import queries as store
from virtue.store import shop_services as shops
from virtue.transactions import atomic

DATA = Path(__file__).parent / "data"
REGISTER = DATA / "01-富民新村.xlsx"
NAME = "富民新村"
STORE_NAME = "巾帼家美积分超市"
PHONE = "0935-5550147"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DemoCard:
    """A card whose PIN the demo knows."""

    code: str
    pin: str
    household_id: int
    household_code: str
    name: str
    home: int
    civility: int


def make(progress: Progress, *, days: int = history.DAYS) -> dict[str, Any]:
    """Make what is missing, and give sign-ins and three cards; the same again at a second start."""
    papers = _read_papers()
    today = clock.today()
    first = today - timedelta(days=days)
    with history.at(first, 6):
        village = _village(progress, today)
        signs = [asdict(sign) for sign in cast.make_cast(village.id, village.township_id)]
        papers["sign_ins"] = papers.get("sign_ins", []) + signs
        _book_and_goods(village.id, first)
    _write_papers(papers)
    _tell(village.id, first, today, papers, progress)
    if "is_fitted" not in papers:
        told = history.load(village.id, _store_id(village.id))
        market.fit_out(told, today)
        papers["is_fitted"] = True
        _write_papers(papers)
    if "pins" not in papers:
        papers["pins"] = _choose_pins(village.id)
        _write_papers(papers)
    return {
        "village": NAME, "slug": village.slug, "sign_ins": papers["sign_ins"],
        "cards": [asdict(card) for card in _cards(papers["pins"])],
    }  # fmt: skip


def _village(progress: Progress, today: date) -> Village:
    """The village with its register and cards."""
    found = places.find_village_by_name(NAME)
    if found is None or not db.session.scalar(select(func.count()).where(Household.village_id == found.id)):
        progress("register", 0, 1)
        # The register is this year's: children born since the history began stand in it.
        reading = parsing.read_registers([(REGISTER.name, REGISTER.read_bytes())], today=today)
        importing.import_reading(reading, by=None)
        progress("register", 1, 1)
    with atomic():
        village = db.session.scalars(select(Village).where(Village.name == NAME)).one()
        if village.township_id is None:
            county = County(name="古浪县")
            db.session.add(county)
            db.session.flush()
            township = Township(county_id=county.id, name="黄花滩镇")
            db.session.add(township)
            db.session.flush()
            village.township_id, village.phone = township.id, PHONE
        settings.change("start_done", True, village.id)
        settings.change("start_done", True)
        settings.change("start_step", "opening,print", village.id)
    people.issue_cards(village.id, by=None)
    return village


def _book_and_goods(village_id: int, first: date) -> None:
    admin = history.load(village_id, 0).people["wenshu"]
    if awarding.rulebook_in_force(village_id) is None:
        adoption = rulebooks.Adoption(
            first, adopted_on=first - timedelta(days=20), present=86, in_favour=79, women_present=38,
            filing_number=f"黄政备〔{first.year}〕12号",
        )  # fmt: skip
        data = (DATA / "rules.csv").read_bytes()
        rulebooks.adopt_book(village_id, "富民新村积分细则", data, "rules.csv", adoption, by=admin)
    shops.open_store(village_id, STORE_NAME, by=admin)
    if not store.items_of(village_id):
        goods_imports.import_goods(village_id, (DATA / "goods.csv").read_bytes(), by=admin)


def _store_id(village_id: int) -> int:
    found = store.find_store(village_id)
    if found is None:
        raise LookupError("the demo village has no store")
    return found.id


def _tell(village_id: int, first: date, last: date, papers: dict[str, Any], progress: Progress) -> None:
    """Let the history happen; when it was cut off, from the day after the last one that was told."""
    if papers.get("is_told"):
        return
    begun = papers.setdefault("first", first.isoformat())
    start = date.fromisoformat(papers.get("told_until", "2000-01-01")) + timedelta(days=1)
    told = history.load(village_id, _store_id(village_id))
    for number, day in enumerate(history.days(told, date.fromisoformat(begun), max(start, first), last), 1):
        papers["told_until"] = day.isoformat()
        _write_papers(papers)
        progress("history", number, (last - max(start, first)).days + 1)
    papers["is_told"] = True
    _write_papers(papers)


def _choose_pins(village_id: int) -> dict[str, str]:
    """Three households with points in both units, nobody's kin, choose a PIN of their own. By household id."""
    households = db.session.scalars(
        select(Household)
        .where(Household.village_id == village_id, Household.left_on.is_(None), Household.state == "active")
        .order_by(Household.id)
        .limit(120)
    ).all()
    balances = ledger.balances([household.id for household in households])
    carded = set(
        db.session.scalars(select(Card.household_id).where(Card.village_id == village_id, Card.state == "in_force"))
    )
    rich = [h.id for h in households if h.id in carded and balances[h.id].home >= 20 and balances[h.id].civility >= 5]
    claimed = set(
        db.session.scalars(select(Deed.household_id).where(Deed.village_id == village_id, Deed.way == "claim"))
    )
    rich.sort(key=lambda household_id: household_id not in claimed)
    poor = [h.id for h in households if h.id in carded and h.id not in rich]
    pins = {}
    for number, household_id in enumerate((rich + poor)[:3]):
        pin = ("250814", "731926", "486205")[number]
        pin_services.choose_pin(household_id, pin)
        pins[str(household_id)] = pin
    return pins


def _cards(pins: dict[str, str]) -> list[DemoCard]:
    found = []
    for household_id, pin in pins.items():
        household = db.session.get_one(Household, int(household_id))
        card = db.session.scalar(
            select(Card).where(Card.household_id == household.id, Card.state == "in_force").order_by(Card.id.desc())
        )
        if card is not None:
            balance = ledger.balance(household.id)
            found.append(
                DemoCard(
                    codes.derive(card), pin, household.id, household.code, household.head_name, balance.home,
                    balance.civility,
                )
            )  # fmt: skip
    return found


def _papers_path() -> Path:
    return Path(current_app.config["VIRTUE_DATA_DIR"]) / "demo.json"


def _read_papers() -> dict[str, Any]:
    path = _papers_path()
    return json.loads(path.read_text()) if path.exists() else {}


def _write_papers(papers: dict[str, Any]) -> None:
    """The demo's sign-ins, so that a second start can print them again; readable by the owner alone."""
    path = _papers_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(papers, file, ensure_ascii=False, indent=1)
