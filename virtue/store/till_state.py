"""The till's states, as its page draws them: nobody yet, a household to be checked, a basket, a question, or done."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from virtue import clock
from virtue.people.standing import Face
from virtue.store.basket_forms import Basket
from virtue.store.served import Served
from virtue.store.services import Quote
from virtue.store.till_search import Matches


@dataclass(frozen=True)
class Counter:
    """Where a sale is made and to whom, and how long it may be taken back."""

    store_id: int
    face: Face
    undo: timedelta


@dataclass(frozen=True)
class Done:
    """What was just handed over."""

    order_id: int
    face: Face
    points: dict[str, int]
    left: dict[str, int]
    undo_until: datetime
    cash_fen: int = 0
    is_repeat: bool = False
    lines: list[Any] | None = None
    """What can still be taken back of it, line by line; None where only the whole is offered."""

    @property
    def can_undo(self) -> bool:
        """Whether the keeper may still take it back alone."""
        return clock.now() <= self.undo_until and self.lines != []


@dataclass(frozen=True)
class Last:
    """The keeper's last order, while some of it can be taken back."""

    order_id: int
    face: Face
    points: dict[str, int]
    undo_until: datetime
    lines: list[Any]


@dataclass(frozen=True)
class Almost:
    """A good for which only a few points are missing."""

    name: str
    unit: str
    missing: int


@dataclass
class Till:
    """A state of the till: nobody yet, a household to be checked, a basket, a question, or done."""

    who: Served | None = None
    basket: Basket = field(default_factory=Basket)
    quote: Quote | None = None
    is_again: bool = False
    done: Done | None = None
    error: str | None = None
    typed: str = ""
    name: str | None = None
    """The whole name, once 核对 was pressed."""
    is_fragment: bool = False
    """Only the household's side goes back; it then fetches the goods anew."""
    key: str | None = None
    """The key of an earlier drawing of the same form; None draws a new one."""
    matches: Matches | None = None
    """Who may be meant by a typed name."""
    wrong: dict[str, str] = field(default_factory=dict)
    """What is wrong with the PIN (``pin``) or the second person (``second``) behind a big basket."""
    second: str = ""
    """The second person's sign-in name as typed."""
