"""The form to reserve, the same in the passbook and at the desk: pieces of each good in each unit, who may fetch, delivery."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext

from virtue.quantities import MOST_PIECES, parse_id, parse_whole
from virtue.store.baskets import Piece
from virtue.store.reservation_services import Wanted

_QUANTITY = re.compile(r"qty-(\d{1,9})-(home|civility)")
_PRICE = re.compile(r"(?<!\S)(\d{1,9}):(home|civility):(\d{1,9})(?!\S)")
MOST_LINES = 60


@dataclass
class Asked:
    """The form as it came: what was typed, by field, what is wrong with it, and what it means."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    helper: str = ""
    wants_delivery: bool = False
    store_id: int | None = None

    @property
    def wanted(self) -> Wanted:
        """What the service is asked for."""
        return Wanted(tuple(self.pieces), self.helper, self.wants_delivery, self.store_id)


def read_asked(form: Mapping[str, str]) -> Asked:
    """Read ``qty-<good>-<unit>`` fields, the price ids in ``prices``, ``helper``, ``delivery`` and ``store``."""
    asked = Asked(helper=form.get("helper", "").strip()[:40], wants_delivery=form.get("delivery") == "1")
    asked.store_id = parse_id(form.get("store", ""))
    prices = {(item, unit): int(price) for item, unit, price in _PRICE.findall(form.get("prices", "")[:8000])}
    for name, text in form.items():
        match = _QUANTITY.fullmatch(name)
        if match is None or not text.strip() or text.strip() == "0":
            continue
        asked.typed[name] = text.strip()[:12]
        quantity = parse_whole(text)
        if quantity is None or len(asked.pieces) >= MOST_LINES:
            asked.errors[name] = gettext("数量要填1到%(most)s的整数；不要的商品留空。", most=MOST_PIECES)
        else:
            asked.pieces.append(Piece(int(match[1]), quantity, match[2], prices.get((match[1], match[2]), 0)))
    return asked
