"""Pinyin for searching and for addresses: initials of a name, the slug of a village.

pypinyin's table of phrases is left out (it serves running text and costs 30 MB); what it would
decide for a surname is written down here.
"""

import os
from functools import lru_cache

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

# Surnames that are read otherwise than the character alone.
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "盖": "ge", "翟": "zhai", "缪": "miao",
    "朴": "piao", "区": "ou", "乐": "yue", "种": "chong", "重": "chong", "尉": "yu", "晟": "cheng", "召": "shao",
    "折": "she", "黑": "he", "秘": "bi", "冼": "xian", "员": "yun", "贾": "jia", "沈": "shen", "石": "shi",
    "洗": "xian", "长": "zhang", "覃": "qin", "繁": "po", "万": "wan", "宿": "su",
}  # fmt: skip


@lru_cache(maxsize=8192)
def reading(character: str) -> str:
    """One character's commonest reading without tone; what isn't Chinese stays, in small letters."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(character)).lower()


@lru_cache(maxsize=8192)
def _initial(character: str) -> str:
    letter = reading(character)[:1]
    return letter if letter.isalnum() and letter.isascii() else ""


def initials(name: str) -> str:
    """What is typed to find a name: 王永智 -> wyz."""
    if not name:
        return ""
    surname = SURNAMES.get(name[0])
    first = surname[0] if surname else _initial(name[0])
    return first + "".join(map(_initial, name[1:]))


def slug(name: str) -> str:
    """A name as part of an address: 富民新村 -> fuminxincun. ``village`` where nothing is left of it."""
    letters = "".join(map(reading, name))
    return "".join(c for c in letters if c.isascii() and c.isalnum())[:40] or "village"
