"""A delivery as it is typed: from whom, and a line for each kind of goods. Nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from virtue.people import codes
from virtue.quantities import parse_fen, parse_id, parse_whole
from virtue.store.delivery_services import MOST_LINES, Line, Paper
from virtue.store.donor_services import ANONYMOUS, NAMED, NewDonor
from virtue.store.models import Item
from virtue.store.stock_services import MOST_RECEIVED

ROWS = 3
"""So many lines an empty form has; more can be asked for."""


@dataclass
class TypedLine:
    """One line as typed, and what is wrong with it."""

    number: int
    item: str = ""
    quantity: str = ""
    cost: str = ""
    until: str = ""
    error: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed; a chosen good alone is no line yet where others are filled."""
        return not (self.quantity or self.until)


@dataclass
class TypedDelivery:
    """The whole form."""

    source: str = "bought"
    supplier: str = ""
    donor: str = ""
    donor_name: str = ""
    thanks: str = ANONYMOUS
    rows: list[TypedLine] = field(default_factory=lambda: [TypedLine(number) for number in range(1, ROWS + 1)])
    lines: list[Line] = field(default_factory=list)
    error: str | None = None
    scan: str = ""
    """A barcode that was scanned and isn't on a line: what is wrong stands in ``scan_error``."""
    scan_error: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether a line can't be read."""
        return any(row.error for row in self.rows)

    @property
    def paper(self) -> Paper:
        """From whom it came."""
        donor_id = parse_id(self.donor)
        is_new = donor_id is None and (self.donor_name.strip() or self.donor == "new")
        return Paper(
            self.source, self.supplier, donor_id, NewDonor(self.donor_name, self.thanks) if is_new else None
        )  # fmt: skip


def add_scanned(typed: TypedDelivery, code: str, goods: Mapping[str, Item]) -> None:
    """Put a scanned barcode on the lines: one piece more of a line of this good, else on the next empty one.

    ``goods``: by all their barcodes. An unknown one stays in the field, with its sentence.
    """
    digits = codes.clean(code)
    good = goods.get(digits)
    if good is None:
        typed.scan = code.strip()[:40]
        typed.scan_error = gettext("没有这个条码的商品。先在商品页添加这个商品，或给已有的商品加上这个条码。")
        return
    same = next((row for row in typed.rows if row.item == str(good.id) and not row.until), None)
    row = same or next((row for row in typed.rows if row.is_empty and not row.item), None)
    if row is None:
        if len(typed.rows) >= MOST_LINES:
            typed.scan_error = gettext("一张入库单最多%(most)s行。先入库这些，再开一张。", most=MOST_LINES)
            return
        row = TypedLine(len(typed.rows) + 1)
        typed.rows.append(row)
    if same is None:
        row.item, row.cost = str(good.id), row.cost or f"{good.cost_fen / 100:.2f}"
    row.quantity = str((parse_whole(row.quantity, most=MOST_RECEIVED) or 0) + 1)


def read_delivery(form: Mapping[str, str], item_ids: set[int]) -> TypedDelivery:
    """Read the lines ``item-1``, ``quantity-1``, ``cost-1``, ``until-1`` and so on; empty ones are left out."""
    count = parse_whole(form.get("rows"), most=MOST_LINES) or ROWS
    is_more = "more" in form or "add" in form
    if "more" in form:
        count = min(MOST_LINES, count + ROWS)
    typed = TypedDelivery(
        source="donated" if form.get("source") == "donated" else "bought", supplier=form.get("supplier", "")[:60],
        donor=form.get("donor", "")[:15], donor_name=form.get("donor_name", "")[:60],
        thanks=NAMED if form.get("thanks") == NAMED else ANONYMOUS, rows=[],
    )  # fmt: skip
    for number in range(1, count + 1):
        words = {name: form.get(f"{name}-{number}", "").strip()[:20] for name in ("item", "quantity", "cost", "until")}
        row = TypedLine(number, **words)
        typed.rows.append(row)
        if not row.is_empty and not is_more:
            line = _line(row, item_ids)
            if line is not None:
                typed.lines.append(line)
    return typed


def _line(row: TypedLine, item_ids: set[int]) -> Line | None:
    item_id, cost = parse_id(row.item), parse_fen(row.cost)
    quantity = parse_whole(row.quantity, most=MOST_RECEIVED)
    until = _day(row.until)
    if item_id is None or item_id not in item_ids:
        row.error = gettext("请选商品。")
    elif quantity is None:
        row.error = gettext("数量要填1到%(most)s的整数。", most=MOST_RECEIVED)
    elif cost is None:
        row.error = gettext("每件进价要填金额（元），最多两位小数。")
    elif row.until and until is None:
        row.error = gettext("日期要写成年-月-日，例如 2026-11-24。")
    if row.error or item_id is None or quantity is None or cost is None:
        return None
    return Line(item_id, quantity, cost, until)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
