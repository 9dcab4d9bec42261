"""A list of goods as a CSV file: read, checked row by row, told in plain words. Writes nothing."""

import csv
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext

from virtue.errors import BrokenRule
from virtue.quantities import parse_fen, parse_whole
from virtue.store import goods_services
from virtue.store.ean import is_ean13
from virtue.store.goods_services import ItemFields

COLUMNS = (
    "barcode", "name", "category", "unit", "price_home", "price_civility", "cost_yuan", "market_yuan",
    "per_household_limit", "limit_period", "low_stock", "opening_stock",
)  # fmt: skip
NEEDED = ("name", "category", "unit", "price_home", "price_civility", "cost_yuan")
PERIODS = {
    "": None,
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "月": "month",
    "季": "quarter",
    "年": "year",
}
MOST_BYTES = 2 * 1024 * 1024
MOST_POINTS = 99_999


@dataclass(frozen=True)
class GoodsRow:
    """One good of the file."""

    number: int
    fields: ItemFields
    prices: dict[str, int | None]
    opening_stock: int
    why: str = ""


@dataclass
class GoodsFile:
    """What a file holds, and what is wrong with it: nothing is imported while anything is."""

    rows: list[GoodsRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_goods(data: bytes) -> GoodsFile:
    """Read a CSV file in UTF-8 or GB18030."""
    found = GoodsFile()
    text = _text(data)
    if text is None:
        found.problems.append(gettext("这不是能读的 CSV 表格。请用表格软件另存为 CSV 再试。"))
        return found
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        found.problems.append(gettext("第一行缺少这些列：%(columns)s。", columns="、".join(missing)))
        return found
    try:
        for number, raw in enumerate(reader, 2):
            cells = {name: unicodedata.normalize("NFKC", raw.get(name) or "").strip() for name in (*COLUMNS, "reason")}
            cells["name"] = (raw.get("name") or "").strip()
            if any(cells.values()):
                _read_row(number, cells, found)
    except csv.Error:
        found.problems.append(gettext("这不是能读的 CSV 表格。请用表格软件另存为 CSV 再试。"))
        return found
    _check_twice(found)
    if not found.rows and not found.problems:
        found.problems.append(gettext("表格里没有商品。"))
    return found


def _text(data: bytes) -> str | None:
    if len(data) > MOST_BYTES or b"\0" in data:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _read_row(number: int, cells: dict[str, str], found: GoodsFile) -> None:
    problems: list[str] = []

    def take(name: str, parse: Callable[[str], int | None], words: str, *, empty: int | None = None) -> int | None:
        if not cells[name]:
            return empty
        value = parse(cells[name])
        if value is None:
            problems.append(gettext("第 %(row)s 行 %(column)s：%(words)s", row=number, column=name, words=words))
        return value

    whole = gettext("要填整数")
    yuan = gettext("要填金额（元），最多两位小数")
    for name in ("name", "category", "unit", "cost_yuan"):
        if not cells[name]:
            problems.append(gettext("第 %(row)s 行 %(column)s：没有填", row=number, column=name))
    if cells["barcode"] and not is_ean13(cells["barcode"]):
        problems.append(gettext("第 %(row)s 行 barcode：条码不是 13 位，或校验码不对", row=number))
    if cells["limit_period"] not in PERIODS:
        problems.append(gettext("第 %(row)s 行 limit_period：要填 month、quarter 或 year", row=number))
    fields = ItemFields(
        barcode=cells["barcode"], name=cells["name"][:40], category=cells["category"][:20], measure=cells["unit"][:10],
        cost_fen=take("cost_yuan", parse_fen, yuan, empty=0) or 0,
        market_fen=take("market_yuan", parse_fen, yuan),
        limit_quantity=take("per_household_limit", parse_whole, whole),
        limit_period=PERIODS.get(cells["limit_period"]),
        low_stock=take("low_stock", _stock, whole, empty=0) or 0,
    )  # fmt: skip
    prices = {
        "home": take("price_home", _points, whole),
        "civility": take("price_civility", _points, whole),
    }
    opening = take("opening_stock", _stock, whole, empty=0) or 0
    if not problems:
        problems += _rule_problems(number, fields, prices, cells["reason"])
    if problems:
        found.problems += problems
    else:
        found.rows.append(GoodsRow(number, fields, prices, opening, cells["reason"]))


def _stock(text: str) -> int | None:
    return parse_whole(text, most=MOST_POINTS, least=0)


def _points(text: str) -> int | None:
    return parse_whole(text, most=MOST_POINTS)


def _rule_problems(number: int, fields: ItemFields, prices: dict[str, int | None], why: str) -> list[str]:
    problems = []
    if all(points is None for points in prices.values()):
        problems.append(gettext("第 %(row)s 行：两种积分至少要有一个价格", row=number))
    if (fields.limit_quantity is None) != (fields.limit_period is None):
        problems.append(gettext("第 %(row)s 行：限购要数量和周期都填，或者都不填", row=number))
    for points in prices.values():
        try:
            goods_services.check_price(points or 1, fields.cost_fen, fields.market_fen, why=why)
        except BrokenRule as error:
            problems.append(
                gettext("第 %(row)s 行 %(column)s：%(words)s", row=number, column="price", words=str(error))
            )
            break
    return problems


def _check_twice(found: GoodsFile) -> None:
    first: dict[str, int] = {}
    for row in found.rows:
        code = row.fields.barcode
        if code and code in first:
            found.problems.append(
                gettext("第 %(row)s 行 barcode：和第 %(first)s 行重复", row=row.number, first=first[code])
            )
        first.setdefault(code, row.number)
