"""A slip as it is typed in: number, day, household, a line for each kind of goods. Nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from virtue import clock
from virtue.ledger.models import Unit
from virtue.quantities import MOST_PIECES, parse_id, parse_whole
from virtue.store.paper_services import LINES


@dataclass
class TypedRow:
    """A line of goods as typed, and what is wrong with it."""

    number: int
    item: str = ""
    quantity: str = ""
    unit: str = "home"
    error: str = ""


@dataclass
class TypedSlip:
    """The whole slip."""

    number: str = ""
    day_text: str = ""
    who: str = ""
    rows: list[TypedRow] = field(default_factory=lambda: [TypedRow(number) for number in range(1, LINES + 1)])
    taken: list[tuple[int, int, str]] = field(default_factory=list)
    day: date | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Whether something can't be read."""
        return bool(self.errors) or any(row.error for row in self.rows)

    @property
    def fields(self) -> dict[str, str]:
        """All that was typed, by the names of the fields: for the page that asks whether it is right."""
        found = {"number": self.number, "day": self.day_text, "who": self.who}
        for row in self.rows:
            found |= {f"item-{row.number}": row.item, f"quantity-{row.number}": row.quantity,
                      f"unit-{row.number}": row.unit}  # fmt: skip
        return found


def read_slip(form: Mapping[str, str], item_ids: set[int]) -> TypedSlip:
    """Read ``number``, ``day``, ``who`` and the lines ``item-1``, ``quantity-1``, ``unit-1`` and so on."""
    typed = TypedSlip(
        form.get("number", "").strip()[:40],
        form.get("day", "").strip()[:10],
        form.get("who", "").strip()[:200],
        rows=[],
    )
    typed.day = clock.read_day(typed.day_text)
    if not typed.number:
        typed.errors["number"] = gettext("请写纸条上的编号。")
    if typed.day is None:
        typed.errors["day"] = gettext("请写纸条上的日期。")
    if not typed.who:
        typed.errors["who"] = gettext("请写纸条上的户号。")
    for number in range(1, LINES + 1):
        words = {name: form.get(f"{name}-{number}", "").strip()[:20] for name in ("item", "quantity", "unit")}
        row = TypedRow(
            number, words["item"], words["quantity"], words["unit"] if words["unit"] in set(Unit) else "home"
        )
        typed.rows.append(row)
        _read_row(typed, row, item_ids)
    if not typed.taken and not typed.has_errors:
        typed.errors["lines"] = gettext("请照纸条填换了什么、几件。")
    return typed


def _read_row(typed: TypedSlip, row: TypedRow, item_ids: set[int]) -> None:
    if not row.item and not row.quantity:
        return
    item_id, quantity = parse_id(row.item), parse_whole(row.quantity, most=MOST_PIECES)
    if item_id is None or item_id not in item_ids:
        row.error = gettext("请选商品。")
    elif quantity is None:
        row.error = gettext("数量要填1到%(most)s的整数。", most=MOST_PIECES)
    else:
        typed.taken.append((item_id, quantity, row.unit))
