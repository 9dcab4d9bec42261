"""Which village a register belongs to: the 填表单位 line, else the title, else the file's name."""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePath
from typing import Any

from virtue.people.register.cells import squeezed

UNIT = re.compile(r"(?:填表|填报|报送|上报|制表|编制|填写)(?:单位|村)(?:名称)?[:：]?(?P<name>.*)")
# What follows the name.
TAIL = re.compile(
    r"(?:村民委员会|村民委员|居民委员会|村委会|村委|党支部|\(盖章\)|\(公章\)|盖章).*$"
    r"|(?:户籍|户口|人口|农户|住户|居民|村民|常住|家庭|花名|名册|名单|登记|台账|基本|信息|汇总|统计).*$"
    r"|[(\[]?\d{4}年?度?.*$|[-_ ]*\(\d+\)$"
)
# What precedes it; the shortest rest that still is a name ends in 村 or 社区.
ABOVE = re.compile(r".*?(?:省|自治区|市|自治县|县|移民区|开发区|区|街道办事处|街道|乡|镇)")


def village_of(text: str, known: Collection[str] = ()) -> str | None:
    """The village a line speaks of, or None. A village already known is recognised in any line."""
    text = squeezed(text)
    told = [name for name in known if name in text]
    if told:
        return max(told, key=len)
    name = _cut_tail(text)
    while (match := ABOVE.match(name)) and len(name) - match.end() >= 2:
        name = name[match.end() :]
    if 2 <= len(name) <= 20 and name.endswith(("村", "社区", "嘎查")) and name.isalpha():
        return name
    return None


def _cut_tail(text: str) -> str:
    """Cut what follows the name, but never the name's own last character (富民新村 + 村民委员会)."""
    if (match := TAIL.search(text)) is None:
        return text
    name = text[: match.start()]
    # 富民村委会: the 村 belongs to both.
    if match[0].startswith("村") and not name.endswith(("村", "社区")):
        name += "村"
    return name


def from_lines(rows: Iterable[Sequence[Any]], known: Collection[str] = ()) -> tuple[str, str] | None:
    """The village by the lines above the headings, and which line said so (``unit`` or ``title``)."""
    title = None
    for row in rows:
        cells = [squeezed(cell) for cell in row if cell != ""]
        for place, text in enumerate(cells):
            if match := UNIT.search(text):
                rest = match["name"] or (cells[place + 1] if place + 1 < len(cells) else "")
                if name := village_of(rest, known):
                    return name, "unit"
            elif title is None:
                title = village_of(text, known)
    return (title, "title") if title else None


def from_file_name(name: str, known: Collection[str] = ()) -> str | None:
    """The village a file's name speaks of: 01-富民新村.xlsx, 富民新村村民委员会户籍花名册(2026年).xls."""
    stem = re.sub(r"^[\d\s._、-]+", "", squeezed(PurePath(name).stem))
    return village_of(stem, known)
