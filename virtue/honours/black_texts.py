"""What a black board's words may say: things and places, never people."""

import re

from virtue.honours.black_errors import BlackTextMissing, BlackTextNames
from virtue.people import public_queries as people

MOST = 40
_SOMEBODYS = re.compile(
    r"[某一]家|[0-9一二三四五六七八九十]+[号户]|家门|门前屋后|房前屋后|屋后|院内|院里|家院|户主|他家|她家|人家"
)
"""Words that point at one household's spot."""


def clean(village_id: int, text: str) -> str:
    """A text as it may stand on the board. Raises BlackTextMissing, BlackTextNames."""
    words = " ".join(text.split())
    if not 2 <= len(words) <= MOST:
        raise BlackTextMissing(most=MOST)
    if names_somebody(words, {name for name, _household in people.names_within(village_id, words)}):
        raise BlackTextNames(text=words)
    return words


def names_somebody(words: str, names: set[str]) -> bool:
    """Whether a text points at a person or a household. ``names``: of people of the village that occur somewhere."""
    if people.has_long_number(words) or _SOMEBODYS.search(words):
        return True
    return any(name in words for name in names)
