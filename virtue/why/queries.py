"""One question for each kind of number; the lines it gives, with what is carried over from other pages, add up to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue import clock
from virtue.awarding import caps, public_queries
from virtue.awarding.models import Deed, Rule
from virtue.awarding.words import title
from virtue.ledger import queries as ledger
from virtue.ledger import seals
from virtue.pages import Page, paged
from virtue.why import sentences
from virtue.why.facts import Facts, look_up
from virtue.why.reservation_sentences import of_reservation, reservation_title

PER_PAGE = 20

OPENED, EARNED, DEDUCTED, REVERSED, SPENT, RETURNED, HELD, RELEASED, LAPSED, OTHER = (
    _l("以前的旧账"), _l("做好事加的"), _l("扣的"), _l("更正的"), _l("换东西花的"), _l("退货还回来的"), _l("预约留着的"),
    _l("预约退回的"), _l("到期作废的"), _l("别的变动"),
)  # fmt: skip
SORTS = (OPENED, EARNED, DEDUCTED, REVERSED, SPENT, RETURNED, HELD, RELEASED, LAPSED, OTHER)

_COUNTER = ((SPENT, "order"), (RETURNED, "return"), (HELD, "reservation"), (RELEASED, "release"))


@dataclass(frozen=True)
class Reader:
    """Who reads a chain. ``is_own``: its household. A keeper reads what went over the counter, the rest as one sum."""

    is_own: bool = False
    is_keeper: bool = False


HOUSEHOLD, DESK, KEEPER = Reader(is_own=True), Reader(), Reader(is_keeper=True)


@dataclass(frozen=True)
class Line:
    """One thing that a number is made of."""

    title: str
    sentence: str
    change: int
    rule: str = ""
    seq: int | None = None
    """Its entry's number, where there is one (and its reader may open it)."""
    deed_id: int | None = None
    balance_after: int | None = None


@dataclass(frozen=True)
class Chain:
    """A number and its lines, newest first, a page at a time: ``carried`` and ``sums`` add up to ``number``."""

    number: int
    page: Page
    sums: tuple[tuple[str, int], ...]
    carried: int = 0
    """What was there before the oldest line of this page."""
    until: date | None = None
    """The day of this page's number, where it isn't today's."""

    @property
    def lines(self) -> Sequence[Line]:
        """The lines of this page."""
        return self.page.rows


@dataclass(frozen=True)
class _Move:
    """A line before it is said: an entry's columns with what it changed of the number in question."""

    entry_id: int
    seq: int
    kind: str
    subject_id: int
    day: date
    by_id: int | None
    reverses_id: int | None
    change: int
    balance_after: int | None = None

    @classmethod
    def of(cls, row: Any, change: int | None = None) -> "_Move":
        """From an entry's row; with its own change where it has one."""
        own = (row.change, row.balance_after) if change is None else (change, None)
        return cls(
            row.entry_id, row.seq, row.kind, row.subject_id, row.day, row.by_id, row.reverses_id, *own
        )  # fmt: skip


def balance(household_id: int, unit: str, reader: Reader, *, number: int = 1, last: date | None = None) -> Chain:
    """What a household can spend of a unit: every entry that changed it, up to the end of a day if asked."""
    return _account(household_id, unit, "purse", reader, number=number, last=last, sign=1)


def owed(household_id: int, unit: str, reader: Reader, *, number: int = 1) -> Chain:
    """What a household owes of a unit: reversals that found the points spent, and what came in for it since."""
    return _account(household_id, unit, "owed", reader, number=number, last=None, sign=-1)


def _account(
    household_id: int, unit: str, kind: str, reader: Reader, *, number: int, last: date | None, sign: int
) -> Chain:
    query = ledger.movements(household_id, unit, kind, ledger.all_months(), last=last)
    found = paged(query, number, per_page=PER_PAGE, scalars=False)
    moves = [_Move.of(row) for row in found.rows]
    if sign < 0:
        moves = [_turned(move) for move in moves]
    newest, oldest = (moves[0], moves[-1]) if moves else (None, None)
    lines, sums = _told(moves, reader)
    return Chain(
        number=(newest.balance_after or 0) if newest else 0,
        page=Page(lines, found.number, found.total, found.per_page),
        sums=sums,
        carried=(oldest.balance_after or 0) - oldest.change if oldest else 0,
        until=newest.day if newest and found.number > 1 else last,
    )


def _turned(move: _Move) -> _Move:
    """A debt is kept below zero and read above it."""
    return replace(move, change=-move.change, balance_after=-(move.balance_after or 0))


def score(
    household_id: int,
    unit: str,
    months: Sequence[int],
    reader: Reader,
    *,
    number: int = 1,
    dimension: str | None = None,
) -> Chain:
    """Earned less deducted in these months: each deed that counts in them, each reversal that does; of one star, if asked."""
    deeds = public_queries.scoring_deeds(household_id, unit, months, dimension)
    reversals = ledger.reversals_of(row.entry_id for row in deeds if row.reversed_in in months)
    changes: list[tuple[int, int]] = []
    for row in deeds:
        if row.counts_in in months:
            changes.append((row.entry_id, row.settled_points))
        if row.reversed_in in months:
            changes.append((reversals[row.entry_id], -row.settled_points))
    changes.sort(reverse=True)
    page = _slice(changes, number)
    rows = ledger.entries_by_ids(entry_id for entry_id, _change in page.rows)
    lines, sums = _told([_Move.of(rows[entry_id], change) for entry_id, change in page.rows], reader)
    before = changes[(page.number - 1) * PER_PAGE + len(page.rows) :]
    carried = sum(change for _entry_id, change in before)
    return Chain(
        number=carried + sum(line.change for line in lines),
        page=Page(lines, page.number, page.total, page.per_page),
        sums=sums,
        carried=carried,
        until=rows[page.rows[0][0]].day if page.number > 1 else None,
    )


def _slice(rows: Sequence[Any], number: int) -> Page:
    number = min(max(1, number), max(1, -(-len(rows) // PER_PAGE)))
    return Page(rows[(number - 1) * PER_PAGE : number * PER_PAGE], number, len(rows), PER_PAGE)


@dataclass(frozen=True)
class Cap:
    """What a rule's cap has counted in its period: its lines add up to ``used``."""

    period: str
    """month, year or ever."""
    most: int | None
    """None: there is no cap in this period, the count is shown all the same."""
    used: int
    lines: tuple[Line, ...]


def cap(household_id: int, rule: Rule, day: date, reader: Reader) -> list[Cap]:
    """What is used of a rule's caps for a deed of that day; open deeds count, as at entry. The month always, the rest if capped."""
    deeds = caps.counted(rule, household_id, day)
    facts = look_up([], deeds)
    lines = {deed.id: _of_deed(deed, facts, caps.points_of(deed), reader) for deed in deeds}

    def of(period: str, most: int | None, counted: Iterable[Deed]) -> Cap:
        found = tuple(lines[deed.id] for deed in counted)
        return Cap(period, most, sum(line.change for line in found), found)

    found = [of("month", rule.cap_month, (deed for deed in deeds if deed.month == clock.month_of(day)))]
    if rule.cap_year is not None:
        found.append(of("year", rule.cap_year, (deed for deed in deeds if deed.month // 100 == day.year)))
    if rule.cap_ever is not None:
        found.append(of("ever", rule.cap_ever, (deed for deed in deeds if deed.cap_ever is not None)))
    return found


@dataclass(frozen=True)
class EntryStory:
    """One entry of the ledger: what it was, what it moved, its seal."""

    seq: int
    household_id: int
    recorded_at: Any
    seal: str
    check_words: str
    line: Line
    moves: tuple[Any, ...]
    """Rows: unit, account_kind (purse or owed), change, balance_after."""


def entry(village_id: int, seq: int, reader: Reader) -> EntryStory | None:
    """第N笔 of a village; None when there is no such entry."""
    rows = ledger.one_entry(village_id, seq)
    if not rows:
        return None
    first = rows[0]
    change = sum(row.change for row in rows if row.account_kind == "purse")
    line = _line(_Move.of(first, change), look_up([first]), reader)
    moves = tuple(row for row in rows if row.unit is not None)
    words = " ".join(seals.check_words(first.seal))
    return EntryStory(seq, first.household_id, first.recorded_at, first.seal, words, line, moves)


def deed(found: Deed, reader: Reader) -> Line:
    """One deed from who proposed it to its entry, or to where it stands."""
    points = found.settled_points if found.settled_points is not None else found.points
    return _of_deed(found, look_up([], [found]), points, reader)


def _told(moves: Sequence[_Move], reader: Reader) -> tuple[list[Line], tuple[tuple[str, int], ...]]:
    """The lines of a page, and their sums by sort."""
    facts = look_up(moves)
    if reader.is_keeper:
        return _counter_lines(moves, facts, reader)
    sums: dict[Any, int] = {}
    for move in moves:
        sort = _sort(move, facts)
        sums[sort] = sums.get(sort, 0) + move.change
    return [_line(move, facts, reader) for move in moves], tuple((str(s), sums[s]) for s in SORTS if s in sums)


def _counter_lines(
    moves: Sequence[_Move], facts: Facts, reader: Reader
) -> tuple[list[Line], tuple[tuple[str, int], ...]]:
    """What went over the counter line by line; what the household did is for itself to open, so it stands as one sum."""
    over = [move for move in moves if _is_over_the_counter(move, facts)]
    lines = [_line(move, facts, reader) for move in over]
    rest = [move.change for move in moves if not _is_over_the_counter(move, facts)]
    kinds = {move.kind for move in over}
    sums = [
        (str(sort), sum(move.change for move in over if move.kind == kind)) for sort, kind in _COUNTER if kind in kinds
    ]
    if rest:
        word = gettext("加分、扣分、更正，共 %(count)s 笔", count=len(rest))
        said = gettext("哪些事、谁登记、谁评议，本户输密码在积分存折里看。")
        lines.append(Line(word, said, sum(rest)))
        sums.append((word, sum(rest)))
    return lines, tuple(sums)


def _is_over_the_counter(move: _Move, facts: Facts) -> bool:
    return facts.order_of(move) is not None or facts.reservation_of(move) is not None


def _sort(move: _Move, facts: Facts) -> Any:
    if move.kind == "deed":
        found = facts.deed_of(move)
        if found is not None and found.way == "import":
            return OPENED
        return EARNED if move.change >= 0 or found is None or found.points > 0 else DEDUCTED
    sorts = {
        "reversal": REVERSED, "order": SPENT, "return": RETURNED, "reservation": HELD, "release": RELEASED, "lapse": LAPSED,
    }  # fmt: skip
    return sorts.get(move.kind, OTHER)


def _line(move: _Move, facts: Facts, reader: Reader) -> Line:
    order, found, kept = facts.order_of(move), facts.deed_of(move), facts.reservation_of(move)
    if kept is not None:
        name, said = reservation_title(move, kept), of_reservation(move, kept, facts)
        return Line(name, said, move.change, seq=move.seq, balance_after=move.balance_after)
    if order is not None:
        is_back, said = move.kind == "return", sentences.of_order(move, order, facts)
        name = gettext("退回 %(goods)s", goods=order.words) if is_back else gettext("兑换 %(goods)s", goods=order.words)
        return Line(name, said, move.change, seq=move.seq, balance_after=move.balance_after)
    close = facts.lapse_of(move)
    if close is not None:
        said = sentences.of_lapse(move, close, facts)
        return Line(sentences.lapse_title(close), said, move.change, seq=move.seq, balance_after=move.balance_after)
    if found is None:
        name, said = gettext("积分变动"), sentences.of_other(move)
        return Line(name, said, move.change, seq=move.seq, balance_after=move.balance_after)
    if move.kind == "reversal":
        name, said = gettext("更正：%(rule)s", rule=title(found)), sentences.of_reversal(move, found, facts)
        return Line(name, said, move.change, seq=move.seq, deed_id=found.id, balance_after=move.balance_after)
    return replace(_of_deed(found, facts, move.change, reader), seq=move.seq, balance_after=move.balance_after)


def _of_deed(found: Deed, facts: Facts, change: int, reader: Reader) -> Line:
    booked = facts.entries.get(found.entry_id or 0)
    said = sentences.of_deed(found, facts, is_own=reader.is_own)
    return Line(title(found), said, change, sentences.rule_of(found), booked.seq if booked else None, found.id)
