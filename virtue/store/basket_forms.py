"""What the till's form carries: pieces, the unit that pays for each, cash beside; typed words are kept for the next page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from virtue.ledger.models import Unit
from virtue.quantities import MOST_PIECES, parse_fen, parse_whole
from virtue.store.baskets import MOST_CASH, Piece

SPLIT = "split"
"""The payer divides the pieces over both units."""

MOST_LINES = 60

_FIELD = re.compile(r"(qty|civ|cash)-(\d{1,9})")
_PRICE = re.compile(r"(?<!\S)(\d{1,9}):(home|civility):(\d{1,9})(?!\S)")


@dataclass
class Typed:
    """What stands in a good's fields: pieces, how many of them in civility points, cash in yuan."""

    qty: str = ""
    civ: str = ""
    cash: str = ""


@dataclass
class Basket:
    """The till's form as it came: pieces at the prices it showed, and what was typed."""

    unit: str = Unit.HOME.value
    """home, civility, or split."""
    typed: dict[int, Typed] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    prices: str = ""
    is_shown: bool = False
    """The total stood on the page before it was confirmed."""
    is_again: bool = False

    def of(self, item_id: int) -> Typed:
        """What stands in a good's fields; empty ones for a good that nothing was typed for."""
        return self.typed.get(item_id) or Typed()

    @property
    def lines(self) -> list[tuple[int, int, str]]:
        """Good, pieces, unit."""
        return [(piece.item_id, piece.quantity, piece.unit) for piece in self.pieces]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields that say the same once more, for a hidden form or an address."""
        return [("unit", self.unit)] + [
            (f"{name}-{item_id}", getattr(typed, name))
            for item_id, typed in self.typed.items()
            for name in ("qty", "civ", "cash")
            if getattr(typed, name)
        ]


def read_basket(form: Mapping[str, str]) -> Basket:
    """Read ``qty-<good>``, ``civ-<good>`` and ``cash-<good>``, ``unit``, and the price ids in ``prices``."""
    unit = form.get("unit", "home")
    basket = Basket(
        unit=unit if unit in {*Unit, SPLIT} else Unit.HOME.value,
        prices=form.get("prices", "")[:8000],
        is_shown=bool(form.get("shown")),
        is_again=form.get("again") == "yes",
    )
    for name, text in form.items():
        match = _FIELD.fullmatch(name)
        if match and text.strip():
            setattr(basket.typed.setdefault(int(match[2]), Typed()), match[1], text.strip()[:12])
    prices = {(int(item), unit): int(number) for item, unit, number in _PRICE.findall(basket.prices)}
    for item_id, typed in basket.typed.items():
        _read_line(basket, item_id, typed, prices)
    return basket


def basket_of(lines: Iterable[Any]) -> Basket:
    """The basket that an order's lines (item_id, quantity, unit) say, to be filled in again; cash is asked for anew."""
    basket, units = Basket(), set()
    pieces: dict[int, dict[str, int]] = {}
    for line in lines:
        of_good = pieces.setdefault(line.item_id, {})
        of_good[line.unit] = of_good.get(line.unit, 0) + line.quantity
        units.add(line.unit)
    basket.unit = units.pop() if len(units) == 1 else SPLIT
    for item_id, by_unit in pieces.items():
        civility = by_unit.get(Unit.CIVILITY, 0)
        divided = str(civility) if basket.unit == SPLIT else ""
        basket.typed[item_id] = Typed(qty=str(sum(by_unit.values())), civ=divided)
    return basket


def _read_line(basket: Basket, item_id: int, typed: Typed, prices: Mapping[tuple[int, str], int]) -> None:
    """One good's fields as one piece, or two where it is divided over both units; or what is wrong with them."""
    if not typed.qty:
        # Words beside a good that isn't taken: nothing is wrong with it.
        return
    quantity = parse_whole(typed.qty)
    if quantity is None or len(basket.pieces) >= MOST_LINES:
        basket.errors[item_id] = gettext("数量要填1到%(most)s的整数；不要的商品留空。", most=MOST_PIECES)
        return
    civility = _in_civility(basket.unit, item_id, typed, quantity, prices)
    if civility is None:
        basket.errors[item_id] = gettext("用文明积分付的件数要填0到%(most)s的整数。", most=quantity)
        return
    cash = parse_fen(typed.cash) if typed.cash else 0
    if cash is None or cash > MOST_CASH:
        basket.errors[item_id] = gettext("补的现金要填0到%(most)s元，最多两位小数；不补留空。", most=MOST_CASH // 100)
        return
    for unit, pieces in ((Unit.HOME.value, quantity - civility), (Unit.CIVILITY.value, civility)):
        if pieces:
            basket.pieces.append(Piece(item_id, pieces, unit, prices.get((item_id, unit), 0), cash))
            cash = 0


def _in_civility(
    unit: str, item_id: int, typed: Typed, quantity: int, prices: Mapping[tuple[int, str], int]
) -> int | None:
    """How many pieces of a line civility points pay for; None: more than there are, or no number."""
    if unit != SPLIT:
        return quantity if unit == Unit.CIVILITY else 0
    if typed.civ:
        return parse_whole(typed.civ, most=quantity, least=0)
    # Left empty: home points pay where the good has such a price.
    has_only_civility = (item_id, "home") not in prices and (item_id, "civility") in prices
    return quantity if has_only_civility else 0
