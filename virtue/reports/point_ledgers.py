"""Two of the seven: the points ledger and the score sheets, by household. They add up to transfers and tallies."""

from collections import defaultdict
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, case, func, or_, select

from virtue.extensions import db
from virtue.formatting import unit_name
from virtue.ledger.models import Account, AccountKind, Entry, EntryKind, Transfer
from virtue.people.models import Household
from virtue.reports.ledgers import Cell, Sheet, Window, masked
from virtue.scores.models import NO_DIMENSION, Tally

UNITS = ("home", "civility")
COLUMNS = ("earned", "deducted", "corrected", "redeemed", "returned", "held", "lapsed")
OF_KIND = {
    EntryKind.REVERSAL: "corrected", EntryKind.ORDER: "redeemed", EntryKind.RETURN: "returned",
    EntryKind.RESERVATION: "held", EntryKind.RELEASE: "held", EntryKind.FETCH: "redeemed", EntryKind.LAPSE: "lapsed",
}  # fmt: skip
"""Which column an entry's kind stands in; deeds by their sign."""
DIMENSIONS = (
    "爱党爱国",
    "遵纪守法",
    "勤劳致富",
    "孝老爱亲",
    "诚实守信",
    "移风易俗",
    "环境卫生",
    "邻里和睦",
    NO_DIMENSION,
)

_PURSES = (AccountKind.PURSE, AccountKind.OWED)


def points(village_id: int, month: int, window: Window) -> Sheet:
    """Each household whose points moved: by kind of entry and unit, and what it could spend when the month ended."""
    in_month = (Entry.month == month, Entry.village_id == village_id)
    moved = select(Entry.household_id).where(*in_month).distinct()
    households, total = _page(moved, window)
    mine = () if window.size is None else (Entry.household_id.in_(households),)
    sums = _sums(Account.household_id, *in_month, *mine)
    left = _left(*in_month, *mine)
    homes = masked(set(households))
    rows = [
        _line(homes[household], unit, sums[household, unit], left.get((household, unit)))
        for household in households for unit in UNITS if (household, unit) in sums
    ]  # fmt: skip
    whole = _sums(Entry.village_id, *in_month)
    foot = [_line(_("合计"), unit, whole[village_id, unit], None) for unit in UNITS if (village_id, unit) in whole]
    heads = [
        _("农户"), _("积分"), _("加的分"), _("扣的分"), _("更正的"), _("换掉的"), _("退回"), _("预留"), _("失效"), _("增减"),
        _("月末可兑换"),
    ]  # fmt: skip
    notes = [_("分数里含记作欠、以后补上的。月末可兑换写到本月最后一笔。")]
    return Sheet(heads, rows, total, foot, notes, frozenset(households))


def _page(moved: Any, window: Window) -> tuple[list[int], int]:
    """Households of a subquery by their code, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(moved.subquery())) or 0
    query = select(Household.id).where(Household.id.in_(moved)).order_by(Household.code)
    return list(db.session.scalars(window.of(query))), total


def _sums(by: Any, *where: ColumnElement[bool]) -> dict[tuple[int, str], dict[str, int]]:
    """By household (or village) and unit, what each column counts; purse and what is owed together."""
    came = Account.id == Transfer.destination_id
    change = case((came, Transfer.points), else_=-Transfer.points)
    # A deduction takes from the purse; its sign tells it from a deed that gave.
    gave = case((came, 1), else_=0).label("gave")
    rows = db.session.execute(
        select(by, Transfer.unit, Entry.kind, gave, func.sum(change))
        .join(Transfer, Transfer.entry_id == Entry.id)
        .join(Account, or_(Account.id == Transfer.source_id, Account.id == Transfer.destination_id))
        .where(*where, Account.kind.in_([str(kind) for kind in _PURSES]))
        .group_by(by, Transfer.unit, Entry.kind, gave)
    )
    found: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for owner, unit, kind, is_gain, change_sum in rows:
        column = ("earned" if is_gain else "deducted") if kind == EntryKind.DEED else OF_KIND[EntryKind(kind)]
        found[owner, unit][column] += int(change_sum)
    return found


def _left(*where: ColumnElement[bool]) -> dict[tuple[int, str], int]:
    """What lay in each purse after its last transfer of the month."""
    last = (
        select(func.max(Transfer.id))
        .join(Entry, Entry.id == Transfer.entry_id)
        .join(Account, or_(Account.id == Transfer.source_id, Account.id == Transfer.destination_id))
        .where(*where, Account.kind == str(AccountKind.PURSE))
        .group_by(Account.id)
    )
    rows = db.session.execute(
        select(Entry.household_id, Transfer.unit, Transfer.balance_after)
        .join(Entry, Entry.id == Transfer.entry_id)
        .where(Transfer.id.in_(last))
    )
    return {(household_id, unit): int(after or 0) for household_id, unit, after in rows}


def _line(who: str, unit: str, sums: dict[str, int], left: int | None) -> list[Cell]:
    figures = [sums.get(name, 0) for name in COLUMNS]
    return [who, unit_name(unit), *figures, sum(figures), "" if left is None else left]


def scores(village_id: int, month: int, window: Window) -> Sheet:
    """Each household with a score in the month: by dimension and unit, earned, deducted, and what counts."""
    in_month = (Tally.month == month, Tally.village_id == village_id)
    households, total = _page(select(Tally.household_id).where(*in_month).distinct(), window)
    mine = () if window.size is None else (Tally.household_id.in_(households),)
    sums = _tallies(Tally.household_id, *in_month, *mine)
    homes = masked(set(households))
    rows = [
        _score_line(homes[household], unit, sums[household, unit])
        for household in households for unit in UNITS if (household, unit) in sums
    ]  # fmt: skip
    whole = _tallies(Tally.village_id, *in_month)
    foot = [_score_line(_("合计"), unit, whole[village_id, unit]) for unit in UNITS if (village_id, unit) in whole]
    heads = [_("农户"), _("积分"), *DIMENSIONS[:-1], _("其他"), _("得分"), _("扣分"), _("计入")]
    notes = [_("花积分不影响得分。按户号排，不排名次。")]
    return Sheet(heads, rows, total, foot, notes, frozenset(households))


def _tallies(by: Any, *where: ColumnElement[bool]) -> dict[tuple[int, str], dict[str, tuple[int, int]]]:
    rows = db.session.execute(
        select(by, Tally.unit, Tally.dimension, func.sum(Tally.earned), func.sum(Tally.deducted))
        .where(*where)
        .group_by(by, Tally.unit, Tally.dimension)
    )
    found: dict[tuple[int, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    for owner, unit, dimension, earned, deducted in rows:
        at = dimension if dimension in DIMENSIONS else NO_DIMENSION
        before = found[owner, unit].get(at, (0, 0))
        found[owner, unit][at] = (before[0] + int(earned), before[1] + int(deducted))
    return found


def _score_line(who: str, unit: str, sums: dict[str, tuple[int, int]]) -> list[Cell]:
    earned, deducted = (sum(pair[place] for pair in sums.values()) for place in (0, 1))
    by_dimension: list[Cell] = [
        sums[name][0] - sums[name][1] if name in sums else "" for name in DIMENSIONS
    ]  # fmt: skip
    return [who, unit_name(unit), *by_dimension, earned, -deducted, earned - deducted]
