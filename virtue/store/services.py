"""The till: goods handed over for points. One transaction moves points and goods or nothing.

Statements are prepared once; no ORM on this path. First everything is looked at that may refuse, then it is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select

from virtue import clock
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere, OwnKin
from virtue.ledger import queries as points_of
from virtue.ledger import services as ledger
from virtue.ledger.errors import NotEnoughPoints
from virtue.ledger.models import EntryKind, Unit
from virtue.ledger.services import Flow, Move, Posting
from virtue.people import hats, standing
from virtue.people.errors import HouseholdEnded
from virtue.prepared import Prepared, into
from virtue.store import opening_queries, proof_services, stock_services
from virtue.store.baskets import Piece, Sale, priced
from virtue.store.errors import CardNotInForce, TrialRun
from virtue.store.models import Order, OrderLine, Store
from virtue.store.proof_services import Proof
from virtue.store.reservation_releasing import HAS_OVERDUE, release_due
from virtue.store.return_services import give_back, return_ends
from virtue.store.stock_services import Occasion, Step

_ORDER, _LINE, _STORE = Order.__table__, OrderLine.__table__, Store.__table__
_NEW_ORDER, _NEW_LINE = into(_ORDER, "id", returning="id"), into(_LINE, "id")
_IS_STORE = exists(
    select(_STORE.c.id).where(_STORE.c.id == bindparam("store_id"), _STORE.c.village_id == bindparam("village_id"))
)
# Who stands on both sides of the counter, in one statement.
_PARTIES = Prepared(
    standing.STANDING.add_columns(
        _IS_STORE.label("is_store"),
        hats.may_have_worn(hats.AWARD).label("may_award"),
        settings.column("is_trial_run").label("is_trial_run"),
        settings.column("pin_from_points").label("pin_from_points"),
        HAS_OVERDUE.label("has_overdue"),
    )
)

__all__ = ["Piece", "Quote", "give_back", "quote", "redeem", "return_ends"]


@dataclass(frozen=True)
class Counter:
    """Both sides of the counter: at which store, who takes goods and by which card, who gives them, what stands behind it."""

    village_id: int
    store_id: int
    household_id: int
    card_id: int | None
    by: int
    proof: Proof | None = None


def redeem(
    village_id: int,
    store_id: int,
    household_id: int,
    basket: Sequence[Piece],
    *,
    key: str,
    by: int,
    card_id: int | None = None,
    proof: Proof | None = None,
) -> Outcome:
    """Hand goods over for points, once per key. ``proof``: who stood behind a basket above the village's amount.

    The result: order_id, seq, seal (16 hex digits), drawn_at, pieces, points and balance by unit, cash_fen. Raises OwnKin,
    TwoHats, HouseholdEnded, CardNotInForce, TrialRun, EmptyBasket, BadQuantity, BadCash, UnknownGood, NotPayable,
    PriceChanged, LimitReached, ProofNeeded, WrongPin, WrongSecond, SecondIsKin, OutOfStock, NotEnoughPoints.
    """
    chain: list[Any] = []
    counter = Counter(village_id, store_id, household_id, card_id, by, proof)

    def look() -> Callable[[], dict[str, Any]]:
        parties = check_parties(counter)
        if parties.has_overdue:
            release_due(village_id, household_id)
            chain[0] = ledger.lock(village_id)
        sale = priced(village_id, household_id, basket, max(clock.now(), chain[0].recorded_at))
        proof_services.check(household_id, sale.points, proof, least=parties.least)
        steps = stock_services.take(store_id, sale.wanted, sale.goods, clock.day_of(sale.at))
        book = ledger.open_book(village_id, [household_id], chain=chain[0])
        for unit, points in sale.points.items():
            book.check_spend(household_id, unit, points)
        return lambda: hand_over(counter, sale, steps, book)

    contents = [by, store_id, household_id, card_id, [piece.asked for piece in basket]]
    if proof is not None:
        contents.append(proof.asked)
    return keys.run_once(
        key, "store.redeem", contents, look, village_id=village_id, lock=lambda: chain.append(ledger.lock(village_id)),
        is_planned=True,
    )  # fmt: skip


@dataclass(frozen=True)
class _Parties:
    """What a sale has to mind of the two who stand there."""

    has_overdue: bool
    """The household has reservations that nobody fetched in time: they are released before balances are read."""
    least: int
    """From how many points on the village wants the PIN or a second person; 0 never."""


def check_parties(counter: Counter) -> _Parties:
    """Who stands on both sides of the counter: the household may take, the keeper may give."""
    found = _PARTIES.first({
        "village_id": counter.village_id, "store_id": counter.store_id, "household_id": counter.household_id,
        "card_id": counter.card_id, "user_id": counter.by,
        "today": clock.start_of(clock.today()), "day": clock.today(),
    })  # fmt: skip
    if found is None or not found.is_store:
        raise NotFoundHere
    if found.state == "ended":
        raise HouseholdEnded
    if counter.card_id is not None and found.card_state != "in_force":
        raise CardNotInForce
    if found.is_kin:
        raise OwnKin
    hats.check_hats(counter.by, counter.household_id, hats.TILL, may_wear_both=found.may_award)
    if settings.or_default("is_trial_run", found.is_trial_run):
        raise TrialRun
    return _Parties(bool(found.has_overdue), settings.or_default("pin_from_points", found.pin_from_points))


def hand_over(
    counter: Counter, sale: Sale, steps: list[Step], book: Any, *, flow: Flow = Flow.SPEND, more: tuple[Any, ...] = ()
) -> dict[str, Any]:
    """Write order, lines, movements, entry and audit row, inside a write that holds the village's lock.

    ``flow``: how it is paid. ``more``: what the seal covers beside store and lines.
    """
    day = clock.day_of(sale.at)
    village_id, household_id, by = counter.village_id, counter.household_id, counter.by
    head = {
        "village_id": village_id, "store_id": counter.store_id, "household_id": household_id,
        "card_id": counter.card_id, "month": clock.month_of(day), "home_points": sale.points.get(Unit.HOME, 0),
        "civility_points": sale.points.get(Unit.CIVILITY, 0), "cash_fen": sale.cash_fen, "pieces": sale.pieces,
        "drawn_at": sale.at, "by_id": by,
    }  # fmt: skip
    order_id: int = _NEW_ORDER.scalar(head)
    shared = {"order_id": order_id, "household_id": household_id, "month": head["month"]}
    _NEW_LINE.run_many([{**shared, **line} for line in sale.lines])
    stock_services.move(steps, Occasion(village_id, by, sale.at, "sold", order_id))
    words = (counter.store_id, [_sealed(line) for line in sale.lines], *more)
    moves = tuple(Move(unit, points, flow) for unit, points in sale.points.items())
    posting = Posting(EntryKind.ORDER, order_id, household_id, moves, words)
    posted = ledger.post(village_id, [posting], by=by, book=book)[0]
    _record(counter, sale, order_id)
    return {
        "order_id": order_id, "seq": posted.seq, "seal": posted.seal[:16], "drawn_at": sale.at.isoformat(),
        "pieces": sale.pieces, "points": sale.points, "balance": posted.balance, "cash_fen": sale.cash_fen,
    }  # fmt: skip


def _record(counter: Counter, sale: Sale, order_id: int) -> None:
    """The audit row, and beside the order who stood behind it."""
    more: dict[str, Any] = {}
    if counter.proof is not None:
        proof_services.note(order_id, counter.proof)
        more = {"proof": counter.proof.kind, "second": counter.proof.second_id}
    audit.record(
        "store.redeem", village_id=counter.village_id, by=counter.by, household_id=counter.household_id, subject="order",
        subject_id=order_id, pieces=sale.pieces, points=sale.points,
        outside_hours=opening_queries.is_outside_hours(counter.store_id, sale.at) or None, **more,
    )  # fmt: skip


def _sealed(line: dict[str, Any]) -> list[Any]:
    """What the order's seal covers of a line; cash only where there is some."""
    words = [line["item_id"], line["quantity"], line["unit"], line["points"], line["price_id"]]
    return [*words, line["cash_fen"]] if line["cash_fen"] else words


@dataclass(frozen=True)
class QuotedLine:
    """A line in words before it is confirmed; ``points`` and ``cash_fen`` for all its pieces."""

    name: str
    measure: str
    quantity: int
    unit: str
    points: int
    cash_fen: int


@dataclass(frozen=True)
class Quote:
    """A basket before it is confirmed: its lines, points and what is left by unit, cash beside."""

    lines: list[QuotedLine]
    points: dict[str, int]
    left: dict[str, int]
    cash_fen: int
    proof_from: int = 0
    """The village's amount, where this basket reaches it and needs the PIN or a second person; else 0."""


def quote(
    village_id: int, store_id: int, household_id: int, basket: Sequence[Piece], *, by: int, card_id: int | None = None
) -> Quote:
    """What ``redeem`` would do now, without doing it; raises what it would raise. Overdue reservations are released."""
    parties = check_parties(Counter(village_id, store_id, household_id, card_id, by))
    if parties.has_overdue:
        release_due(village_id, household_id)
    sale = priced(village_id, household_id, basket, clock.now())
    stock_services.take(store_id, sale.wanted, sale.goods, clock.today())
    purse = points_of.balance(household_id)
    for unit, points in sale.points.items():
        if purse.of(unit) < points:
            raise NotEnoughPoints(unit=unit, balance=purse.of(unit), points=points)
    lines = [
        QuotedLine(good.name, good.measure, line["quantity"], line["unit"], line["points"], line["cash_fen"])
        for good, line in ((sale.goods[line["item_id"]], line) for line in sale.lines)
    ]
    left = {unit: purse.of(unit) - points for unit, points in sale.points.items()}
    proof_from = parties.least if proof_services.is_needed(parties.least, sale.points) else 0
    return Quote(lines, sale.points, left, sale.cash_fen, proof_from)
