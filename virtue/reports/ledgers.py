"""The seven ledgers a village keeps, month by month: what each is called, who may read it, and how its lines are found.

A ledger is a table of texts and whole numbers, the same on the page, on paper and in the workbook.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from virtue.formatting import mask_name
from virtue.pages import PER_PAGE
from virtue.people import queries as people

Cell = str | int


@dataclass(frozen=True)
class Window:
    """Which lines of a ledger: a page of it, or (``size`` None) all."""

    number: int = 1
    size: int | None = PER_PAGE

    def cut(self, rows: Sequence[Any]) -> Sequence[Any]:
        """These lines of a list that is short by nature."""
        if self.size is None:
            return rows
        return rows[(self.number - 1) * self.size : self.number * self.size]

    def of(self, query: Any) -> Any:
        """These lines of a statement."""
        return query if self.size is None else query.limit(self.size).offset((self.number - 1) * self.size)


@dataclass(frozen=True)
class Sheet:
    """Some lines of a ledger: its heads, lines and foot in texts and whole numbers."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int
    """Of what is paged: goods, orders, households."""
    foot: Sequence[Sequence[Cell]] = ()
    """Sums of the whole month, not of the page."""
    notes: Sequence[str] = ()
    households: frozenset[int] = field(default_factory=frozenset)
    """Whose private figures stand in it: an export of it is a look at them."""


@dataclass(frozen=True)
class Ledger:
    """One of the seven."""

    name: str
    title: Any
    lead: Any
    read: Callable[[int, int, Window], Sheet]
    """Of a village, a month (202611), a window; a fixed number of statements."""
    signers: tuple[Any, ...]
    is_wide: bool = False


KEEPER, COMMITTEE, SUPERVISOR = _l("管理员签字："), _l("村委会签字："), _l("村监会签字：")


def masked(household_ids: set[int]) -> dict[int, str]:
    """Households as they stand in a ledger: 王*智家（尾号0147）."""
    return {
        number: str(_l("%(name)s家（尾号%(tail)s）", name=mask_name(one.head_name), tail=one.tail))
        for number, one in people.households_by_ids(household_ids).items()
    }
