"""What must hold of the quarters' public sheets: signed figures are what the movements say, at an entry that still stands."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, or_, select

from virtue import clock
from virtue.core.invariants import ALTERED, Invariant, Query, Row, Run, altered_remarks, of_query
from virtue.extensions import db
from virtue.ledger.models import Entry
from virtue.store import public_queries
from virtue.store.models import Batch, Movement
from virtue.store.public_models import PublicSheet

NUMBERS = ("opening", "bought", "donated", "given", "lost", "other", "left")
GIVEN = ("sold", "returned", "fetched")
LOST = ("written_off",)


def _wrong_figures(_run: Run) -> Iterator[Row]:
    """Signed sheets that don't say what the movements up to the quarter's end add up to, reckoned from the first one."""
    query = select(PublicSheet.id, PublicSheet.village_id, PublicSheet.quarter, PublicSheet.figures)
    signed = query.where(PublicSheet.signed_at.is_not(None)).order_by(PublicSheet.id)
    for sheet in db.session.execute(signed).mappings().all():
        said = {
            line.get("item"): [line.get(name) for name in NUMBERS] for line in (sheet["figures"] or {}).get("lines", ())
        }
        money = [(sheet["figures"] or {}).get(name) for name in ("bought_fen", "donated_fen")]
        if (said, money) != _reckoned(sheet["village_id"], sheet["quarter"]):
            yield sheet


def _reckoned(village_id: int, quarter: int) -> tuple[dict[int, list[int]], list[int]]:
    """By good the numbers of a quarter's line, and what was bought and donated in fen, from movements alone."""
    start, end = (clock.start_of(clock.first_day(month)) for month in (quarter, public_queries.next_quarter(quarter)))
    early = case((Movement.recorded_at < start, 1), else_=0).label("is_early")
    rows = db.session.execute(
        select(
            Movement.item_id, Movement.kind, Batch.source, early,
            func.sum(Movement.quantity), func.sum(Movement.quantity * Batch.cost_fen),
        )
        .join(Batch, Batch.id == Movement.batch_id)
        .where(Movement.village_id == village_id, Movement.recorded_at < end)
        .group_by(Movement.item_id, Movement.kind, Batch.source, "is_early")
    )  # fmt: skip
    goods: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NUMBERS, 0))
    moved, money = set(), {"bought": 0, "donated": 0}
    for item_id, kind, source, is_early, pieces, fen in rows:
        column = "opening" if is_early else _column(kind, source)
        goods[item_id][column] += -int(pieces) if column in ("given", "lost") else int(pieces)
        goods[item_id]["left"] += int(pieces)
        if not is_early:
            moved.add(item_id)
        if column in money:
            money[column] += int(fen)
    lines = {item_id: list(line.values()) for item_id, line in goods.items() if item_id in moved or line["left"]}
    return lines, list(money.values())


def _column(kind: str, source: str) -> str:
    if kind == "received":
        return source if source in ("bought", "donated") else "other"
    return "given" if kind in GIVEN else "lost" if kind in LOST else "other"


def _lost_seals() -> Query:
    """A signed sheet whose ledger entry is gone, or has another seal than when it was signed."""
    return (
        select(PublicSheet.id, PublicSheet.seal_seq)
        .outerjoin(Entry, (Entry.village_id == PublicSheet.village_id) & (Entry.seq == PublicSheet.seal_seq))
        .where(PublicSheet.seal_seq > 0, or_(Entry.id.is_(None), Entry.seal != PublicSheet.seal))
        .order_by(PublicSheet.id)
    )


def _altered_words(_run: Run) -> Iterator[Row]:
    """The proof and the reason, each against its hash."""
    for words, kept in (
        (PublicSheet.proof_id, PublicSheet.proof_hash),
        (PublicSheet.reason_id, PublicSheet.reason_hash),
    ):
        table: Any = select(PublicSheet.id, words.label("remark_id"), kept.label("remark_hash")).subquery()
        yield from altered_remarks(table)


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "store.sheet", _l("签字公开的季度公开表就是那个季度的进出加起来的数"),
        _l("%(id)s 号公开表（%(quarter)s 起的季度）上的数和进出加起来不一样。"), _wrong_figures,
    ),
    of_query(
        "store.sheet_seal", _l("公开表签字时的那笔账还在，没有变"),
        _l("%(id)s 号公开表签字时账记到第 %(seal_seq)s 笔，那一笔不在了或者变了。"), _lost_seals,
    ),
    Invariant("store.sheet_remark", _l("公开表的凭证和更正原因没有被改过"), ALTERED, _altered_words),
)  # fmt: skip
