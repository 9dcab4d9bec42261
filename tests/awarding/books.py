"""Rulebooks in any state, made by the services that make them, for tests."""

from datetime import timedelta

from tests import factories
from virtue import clock
from virtue.awarding import adopting, book_queries, drafts, rulebook_file, rulebooks
from virtue.awarding.adopting import Vote
from virtue.core import keys
from virtue.extensions import db
from virtue.places.models import Village
from virtue.staff.models import User

COUNTY = rulebook_file.COUNTY_RULES

ROW = {
    "code": "X01", "name": "清扫巷道", "dimension": "环境卫生", "subject": "environment", "unit": "home", "points": "3",
    "per": "次", "cap_month": "6", "scores": "1", "evidence": "photo", "route": "review", "entry": "scan+claim",
    "publish": "list", "standard": "巷道见本色", "decides": "group",
}  # fmt: skip
"""A rule as a form or a file says it."""


def in_force(village: Village, *, is_trial: bool = False, starter: bool = True):
    """A book adopted with its papers, in force since today."""
    adoption = rulebooks.Adoption(
        clock.today(), is_trial=is_trial, adopted_on=clock.today(), present=80, in_favour=70, women_present=30
    )
    book = rulebooks.adopt_book(
        village.id, "细则", COUNTY.read_bytes(), "rules.csv", adoption, by=None, only_starter=starter
    )
    return book_queries.find_book(village.id, book.id)


def draft(village: Village, by: User):
    """A draft of the starter set."""
    outcome = drafts.draft_from_file(
        village.id, COUNTY.read_bytes(), "rules.csv", "新细则", key=keys.new(), by=by.id, only_starter=True
    )
    return found(village, outcome.result["rulebook_id"])


def found(village: Village, book_id: int):
    """The book as it stands in the database."""
    db.session.rollback()
    db.session.expire_all()
    return book_queries.find_book(village.id, book_id)


def township(village: Village) -> User:
    """Somebody of the township."""
    user = factories.UserFactory()
    factories.RoleGrantFactory(user=user, role="township_admin", township_id=village.township_id)
    return user


def vote(present: int = 80, in_favour: int = 60, women: int = 30, day=None) -> Vote:
    return Vote(day or clock.today(), present, in_favour, women)


def do(action: str, village: Village, book_id: int, by: User, *, key: str | None = None):
    """One step with what it needs, valid."""
    today, why = clock.today(), {"why": "要改一处"}
    arguments = {
        "open_comments": [today], "enter_paper": ["黄镇审〔2026〕1号", today], "record_vote": [vote()],
        "file": ["黄镇备〔2026〕9号"], "put_in_force": [today + timedelta(days=10)], "try_out": [today + timedelta(days=10)],
    }.get(action, [])  # fmt: skip
    named = why if action in {"send_back", "revise", "withdraw"} else {}
    return getattr(adopting, action)(village.id, book_id, *arguments, **named, key=key or keys.new(), by=by.id)


TO_STATE = {
    "draft": [], "comments": ["open_comments"], "township_check": ["open_comments", "submit"],
    "vote": ["open_comments", "submit", "confirm"], "voted": ["open_comments", "submit", "confirm", "record_vote"],
    "filed": ["open_comments", "submit", "confirm", "record_vote", "file"],
    "in_force": ["open_comments", "submit", "confirm", "record_vote", "file", "put_in_force"],
    "withdrawn": ["withdraw"],
}  # fmt: skip
"""The steps that bring a draft into a state."""


def in_state(village: Village, state: str, clerk: User, town: User):
    """A book in this state, as of the second day (comments were open through the first)."""
    book = draft(village, clerk)
    for action in TO_STATE[state]:
        by = town if action == "confirm" else clerk
        days = 0 if action == "open_comments" else 1
        with clock.set_to(clock.now() + timedelta(days=days)):
            do(action, village, book.id, by)
    return found(village, book.id)
