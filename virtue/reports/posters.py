"""What a poster is: a title, blocks of rows, what is said below them. It has no field for more than a wall may show."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

MANY = 12
WIDE = 16
"""Characters of a name beyond which a line needs the whole width."""


@dataclass(frozen=True)
class Row:
    """One line: number or mark, who or what (with the tail of a masked name), what is told of it, a figure."""

    name: str
    tail: str | None = None
    text: str = ""
    figure: str = ""
    number: str = ""
    photo: str = ""
    """The address of a portrait that everybody may see."""


@dataclass(frozen=True)
class Block:
    """Some rows under a heading, with the rule that they follow."""

    title: str
    rows: tuple[Row, ...] = ()
    note: str = ""

    @property
    def is_names(self) -> bool:
        """Many short lines without more than a name, which stand three abreast."""
        return len(self.rows) > MANY and not any(row.text or row.figure for row in self.rows)


@dataclass(frozen=True)
class Poster:
    """A page of the wall on paper, with the public page it leads to."""

    title: str
    endpoint: str
    blocks: tuple[Block, ...]
    lead: str = ""
    notes: tuple[str, ...] = ()
    until: date | None = None
    """The day on which the paper comes down at the latest."""
    empty: str = ""
    """What is said while nothing stands there."""
    values: dict[str, Any] = field(default_factory=dict)
    """What else the page's address asks for."""

    @property
    def is_narrow(self) -> bool:
        """Whether its blocks are short lists that stand beside each other."""
        rows = [row for one in self.blocks for row in one.rows]
        return (
            len(self.blocks) > 1
            and not any(row.text or row.photo or len(row.name) > WIDE for row in rows)
            and not any(one.is_names for one in self.blocks)
        )
