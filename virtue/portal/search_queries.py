"""What the portal's search finds: rules, goods, a notice by its number. Nobody and nothing of a household."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from virtue import clock
from virtue.awarding.models import Rule
from virtue.extensions import db
from virtue.notices import queries as notices
from virtue.notices.models import Notice
from virtue.portal import queries
from virtue.portal.queries import RuleList
from virtue.store import queries as store

LONGEST = 40
MOST_GOODS = 20
_NUMBER = re.compile(r"(?:第|no\.?)?\s*(\d{1,6})\s*(?:号|号公示)?", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What fits the words."""

    rules: tuple[Rule, ...] = ()
    book: RuleList | None = None
    """The rulebook these are of, for their pictures."""
    goods: tuple[Any, ...] = ()
    notice: Notice | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing fits."""
        return not (self.rules or self.goods or self.notice)


def plain(text: str) -> str:
    """What was typed, full-width signs made plain, cut to what a name may be long."""
    return " ".join(unicodedata.normalize("NFKC", text).split())[:LONGEST]


def search(village_id: int, words: str) -> Found:
    """Rules and goods whose names hold the words, and the notice of that number; nothing for no words."""
    if not words:
        return Found()
    number = _NUMBER.fullmatch(words)
    book = queries.rule_list(village_id)
    return Found(
        tuple(rule for rule in (*book.home, *book.civility, *book.deductions) if _fits(rule, words)) if book else (),
        book, _goods(village_id, words), notices.find_notice(village_id, int(number[1])) if number else None,
    )  # fmt: skip


def _goods(village_id: int, words: str) -> tuple[Any, ...]:
    shop = store.find_store(village_id)
    if shop is None:
        return ()
    return tuple(db.session.execute(store.goods_list(shop, clock.today(), text=words).limit(MOST_GOODS)))


def _fits(rule: Rule, words: str) -> bool:
    texts = (rule.name, rule.name_en or "", rule.standard or "", rule.code)
    return any(words.casefold() in text.casefold() for text in texts)
