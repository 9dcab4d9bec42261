"""What one cell means: names, codes, dates, sex, relation, phone, grid.

Each function takes a cell as calamine gives it (text, float, date, empty text) and gives the clean value,
or raises ``BadCell`` with the kind of the problem. A register has tens of thousands of cells with few
distinct contents, so the readings of text are kept.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

Birth = tuple[int | None, int | None]

HIDDEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
DOTS = str.maketrans("•．・‧∙", "·····")
HEADS = {"户主", "本人", "户主本人", "本人户主", "户主或本人"}
SEXES = {
    "男": "男", "男性": "男", "1": "男", "M": "男", "MALE": "男",
    "女": "女", "女性": "女", "2": "女", "F": "女", "FEMALE": "女",
}  # fmt: skip
NOT_A_RELATION = re.compile("残|病|低保|贫困|脱贫|五保|特困|党|族|婚|监测|死|服刑|戒")
ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}|\d{6}[*xX×]{4,}\d{2,4}[\dXx]?")
_HAN_NAME = re.compile("[\u4e00-\u9fff]{1,40}")
EARLIEST = 1900
EXCEL_EPOCH = date(1899, 12, 30)
NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九")}


class BadCell(Exception):
    """A cell that can't be taken; ``kind`` names the problem."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def text_of(cell: Any) -> str:
    """A cell as plain text: half-width, whole numbers without ``.0``, outer blanks gone."""
    if isinstance(cell, str):
        text = cell
    elif isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    else:
        text = str(cell)
    return unicodedata.normalize("NFKC", text).translate(HIDDEN).strip()


def squeezed(cell: Any) -> str:
    """A cell's text without any blank."""
    return "".join(text_of(cell).split())


@lru_cache(maxsize=4096)
def _odd_name(text: str) -> str:
    parts = unicodedata.normalize("NFKC", text.translate(DOTS)).translate(HIDDEN).translate(DOTS).split()
    # Between two Latin words a blank is part of the name; anywhere else it is a slip of the hand.
    latin = all(part.isascii() for part in parts)
    name = (" " if latin else "").join(parts)
    if len(name) > 40 or any(c.isdigit() for c in name) or not re.fullmatch(r"[^\W_]+(?:[ ·.'’-][^\W_]+)*", name):
        raise BadCell("OddName" if name else "NoName")
    return name


def name(cell: Any) -> str:
    """A person's name without stray blanks."""
    if type(cell) is str and _HAN_NAME.fullmatch(cell):
        return cell
    if not isinstance(cell, str):
        raise BadCell("OddName")
    return _odd_name(cell)


def code(cell: Any) -> str:
    """A household's code: digits only."""
    text = cell if type(cell) is str and cell.isascii() and cell.isdigit() else squeezed(cell)
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise BadCell("CodeLooksLikeId" if ID_NUMBER.search(text) else "BadCode")
    if len(text) == 18 and is_id_number(text):
        raise BadCell("CodeLooksLikeId")
    return text


def is_id_number(text: str) -> bool:
    """Whether 18 digits carry an ID number's date and check digit."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(c) * w for c, w in zip(text, weights, strict=False)) % 11]
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    return check == text[17].upper() and EARLIEST <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


@lru_cache(maxsize=512)
def relation(cell: Any) -> str:
    """The relation to the householder; 本人 is 户主."""
    text = re.sub(r"[(\[【].*", "", squeezed(cell))
    if not text:
        raise BadCell("NoRelation")
    if text in HEADS:
        return "户主"
    if len(text) > 10 or not text.replace("、", "").isalpha() or NOT_A_RELATION.search(text):
        raise BadCell("OddRelation")
    return text


@lru_cache(maxsize=64)
def sex(cell: Any) -> str:
    """男 or 女."""
    text = squeezed(cell).upper()
    if not text:
        raise BadCell("NoSex")
    try:
        return SEXES[text]
    except KeyError:
        raise BadCell("UnknownSex") from None


@lru_cache(maxsize=512)
def grid(cell: Any) -> tuple[str, int | None]:
    """A grid's name and, where it has one, its number: 第１网格, 1网格, 网格一 and 1 are all 第1网格."""
    text = squeezed(cell)
    if not text:
        raise BadCell("NoGrid")
    if match := re.fullmatch(
        r"第?(?P<a>\d+|[一二三四五六七八九十]+)号?(?:网格)?|网格第?(?P<b>\d+|[一二三四五六七八九十]+)号?", text
    ):
        number = _number(match["a"] or match["b"])
        if 0 < number < 10_000:
            return f"第{number}网格", number
        raise BadCell("BadGrid")
    if len(text) > 40 or ID_NUMBER.search(text):
        raise BadCell("BadGrid")
    return text, None


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (NUMERALS.get(tens, 1) * 10 if ten else 0) + NUMERALS.get(ones, 0)


@lru_cache(maxsize=4096)
def phone(cell: Any) -> str | None:
    """A telephone number as written, half-width and without blanks; None where it isn't one."""
    text = re.sub("[—–-]+", "-", squeezed(cell))
    if re.fullmatch(r"\+?[\d*-]{7,20}", text) and not re.search(r"\d{15}", text):
        return text
    return None


def birth(cell: Any, today: date) -> Birth:
    """Year and month of birth; the month None where only the year is written, both None where nothing is.

    The day is looked at (there is no 30 February) and forgotten.
    """
    if isinstance(cell, date):
        year, month, day = cell.year, cell.month, cell.day
    elif isinstance(cell, str):
        return _birth_text(cell, today)
    elif isinstance(cell, float | int) and not isinstance(cell, bool):
        return _birth_number(float(cell), today)
    else:
        raise BadCell("UnreadableBirth")
    return _checked(year, month, day, today)


_SEPARATED = re.compile(
    r"(?P<y>\d{4})(?:年|[-/.,、])(?:(?P<m>\d{1,2})(?:月份?|[-/.,、])?(?:(?P<d>\d{1,2})[日号]?)?)?(?:生|出生)?"
)
_PACKED = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})?(?P<d>\d{2})?年?")

_TIME = re.compile(r"[T\s]*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
_DASH = re.compile("[—–~]")


@lru_cache(maxsize=40_000)
def _birth_text(cell: str, today: date) -> Birth:
    match = _PACKED.fullmatch(cell) or _SEPARATED.fullmatch(cell)
    if match is None:
        text = _TIME.sub("", text_of(cell))
        text = "".join(_DASH.sub("-", text).split())
        if not text:
            return None, None
        match = _PACKED.fullmatch(text) or _SEPARATED.fullmatch(text)
    if match is None:
        raise BadCell("UnreadableBirth")
    year, month, day = match["y"], match["m"], match["d"]
    return _checked(int(year), int(month) if month else None, int(day) if day else None, today)


def _birth_number(number: float, today: date) -> Birth:
    if number.is_integer():
        whole = int(number)
        if 2_100 < whole < 80_000:
            day = EXCEL_EPOCH + timedelta(days=whole)
            return _checked(day.year, day.month, day.day, today)
        return _birth_text(str(whole), today)
    if EARLIEST <= number < today.year + 1:
        year, _, month = f"{number:.4f}".rstrip("0").partition(".")
        if month == "1":
            raise BadCell("AmbiguousBirth")
        if len(month) <= 2:
            return _checked(int(year), int(month), None, today)
    raise BadCell("UnreadableBirth")


def _checked(year: int, month: int | None, day: int | None, today: date) -> Birth:
    if year < EARLIEST or (month is not None and not 1 <= month <= 12):
        raise BadCell("ImpossibleBirth")
    if day is not None and not 1 <= day <= 28 and not 1 <= day <= monthrange(year, month or 1)[1]:
        raise BadCell("ImpossibleBirth")
    if (year, month or 1, day or 1) > (today.year, today.month, today.day):
        raise BadCell("FutureBirth")
    return year, month


def kept_text(cell: Any) -> str:
    """What may be shown again of a cell that has to be corrected: never anything like an ID number."""
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return ID_NUMBER.sub("……", text_of(cell))[:60]
