"""Which column is what. Columns are found by their headings, in any order; what isn't listed is never picked.

That is how the forbidden ones stay out: a reader of rows only ever takes the columns named here, and the
forbidden are told apart from the merely unknown so that the report can say they were left out on purpose.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from virtue.people.register.cells import squeezed

# The order in which a row's cells are handed on.
FIELDS = ("code", "grid", "head", "name", "relation", "sex", "birth", "phone", "village")

SYNONYMS = {
    "code": "户号 户编号 户籍编号 户编码 户籍编码 户籍号 户口编号 户口编码 家庭编号 家庭编码 家庭号 农户编号 农户编码 农户号 "
    "户序号",
    "grid": "网格 所属网格 所在网格 网格名称 网格名 网格号 网格编号 所属网格名称",
    "head": "户主 户主姓名 户主名字 户主名 所属户主",
    "name": "姓名 成员姓名 家庭成员姓名 家庭成员 成员 人员姓名 人口姓名 名字 家庭成员名字",
    "relation": "与户主关系 关系 与户主的关系 与户主之关系 户主关系 家庭关系 成员关系 同户主关系 "
    "和户主关系 与户主或本人关系",
    "sex": "性别",
    "birth": "出生日期 出生年月 出生年月日 出生时间 出生日 出生 生日 出生年份 出生月份 生年月",
    "phone": "联系电话 电话 手机 手机号 手机号码 电话号码 联系方式 联系电话号码 移动电话",
    "village": "村 村名 行政村 所属村 所在村 村名称 村民委员会 村委会",
}
FIELD_OF = {word: name for name, words in SYNONYMS.items() for word in words.split()}

# What is private beyond need, or none of a points system's business (ID, health, welfare, party, faith...).
FORBIDDEN = re.compile(
    "身份|证件|证号|备注|说明|情况|附注|民族|健康|身体|疾病|患病|病|残|低保|贫困|脱贫|五保|特困|监测|救助|困难|优抚"
    "|党|团员|政治|面貌|宗教|信仰|婚|育|计生|银行|卡号|账号|账户|帐号|收入|户口性质|服刑|社保|医保|养老|血型|退役|军"
)

NEEDED = {"code": "户编号", "grid": "网格", "name": "姓名", "relation": "与户主关系", "sex": "性别"}


@dataclass(slots=True)
class Columns:
    """Where a sheet's columns stand."""

    places: dict[str, int]
    headings: dict[str, str]
    """The heading of each field as the sheet writes it."""
    forbidden: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """The needed columns that aren't there, by their usual names."""
        return [word for name, word in NEEDED.items() if name not in self.places]

    def picker(self, width: int) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """Takes the cells of FIELDS out of a row to which one empty cell was appended."""
        return itemgetter(*(self.places.get(name, width) for name in FIELDS))


def normal(heading: Any) -> str:
    """A heading without blanks, stars, colons and what stands in brackets."""
    return re.sub(r"[(\[【{<《].*?[)\]】}>》]|[*★☆:：]", "", squeezed(heading))


def read_headings(row: Sequence[Any]) -> Columns:
    """What the columns under this row of headings are."""
    found = Columns({}, {})
    names = [normal(cell) for cell in row]
    if (
        "姓名" in names
        and any(FIELD_OF.get(n) == "name" and n != "姓名" for n in names)
        and not ({"户主", "户主姓名"} & set(names))
    ):
        # 姓名 beside 家庭成员姓名 is the householder's.
        names[names.index("姓名")] = "户主姓名"
    for place, heading in enumerate(names):
        if not heading:
            continue
        name = FIELD_OF.get(heading)
        if name is not None and name not in found.places:
            found.places[name] = place
            found.headings[name] = heading
        elif name is not None:
            found.twice.append(heading)
        elif FORBIDDEN.search(heading):
            found.forbidden.append(heading)
        else:
            found.ignored.append(heading[:30])
    return found


def is_heading_row(columns: Columns) -> bool:
    """Whether the row reads like a register's headings: a name and two more of the fields needed."""
    return "name" in columns.places and len(columns.places) >= 3


def find_headings(rows: Sequence[Sequence[Any]]) -> tuple[int, Columns] | None:
    """The index of the last heading row among the first 40 rows, and its columns.

    Where headings stand in two rows (merged above, split below), both are read as one.
    """
    best: tuple[int, Columns] | None = None
    for index, row in enumerate(rows[:40]):
        if sum(1 for cell in row if cell != "") < 3:
            continue
        one = read_headings(row)
        if not one.places:
            continue
        candidate = (index, one)
        if one.missing and index + 1 < len(rows):
            below = rows[index + 1]
            both = read_headings([under or over for over, under in zip(row, below, strict=False)])
            if read_headings(below).places and len(both.places) > len(one.places):
                candidate = (index + 1, both)
        if is_heading_row(candidate[1]) and (best is None or len(candidate[1].places) > len(best[1].places)):
            best = candidate
        if best is not None and not best[1].missing:
            break
    return best
