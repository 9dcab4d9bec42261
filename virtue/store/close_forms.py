"""What the form of a daily close carries; typed words are kept for the next page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext

from virtue.quantities import parse_fen, parse_id, parse_whole
from virtue.store.close_services import Counted
from virtue.store.stock_services import MOST_RECEIVED

_COUNT = re.compile(r"count-(\d{1,9})")
LONGEST_WHY = 200


@dataclass
class CloseForm:
    """The form as it came: what was counted, and the last order and return that the page had shown."""

    cash: str = ""
    why: str = ""
    typed: dict[int, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    counted: Counted | None = None
    """None: something can't be read."""
    up_to: tuple[int, int] | None = None


def read_close(form: Mapping[str, str]) -> CloseForm:
    """Read ``cash``, ``why``, ``count-<good>`` fields and the ids in ``orders`` and ``returns``."""
    read = CloseForm(cash=form.get("cash", "")[:20], why=form.get("why", "")[: LONGEST_WHY + 1])
    cash = parse_fen(read.cash)
    if cash is None:
        read.errors["cash"] = gettext("要填金额（元），最多两位小数；没有现金填0。")
    if len(read.why) > LONGEST_WHY:
        read.errors["why"] = gettext("太长了。")
    goods = _goods(form, read)
    orders, returns = parse_id(form.get("orders")), parse_id(form.get("returns"))
    if orders is not None and returns is not None:
        read.up_to = (orders, returns)
    if cash is not None and not read.errors:
        read.counted = Counted(cash, goods, read.why)
    return read


def _goods(form: Mapping[str, str], read: CloseForm) -> dict[int, int]:
    goods: dict[int, int] = {}
    for name, text in form.items():
        match = _COUNT.fullmatch(name)
        if match is None or not text.strip():
            continue
        item_id = int(match[1])
        read.typed[item_id] = text.strip()[:12]
        pieces = parse_whole(text, most=MOST_RECEIVED, least=0)
        if pieces is None:
            read.errors[f"count-{item_id}"] = gettext("要填整数；不点的留空。")
        else:
            goods[item_id] = pieces
    return goods
