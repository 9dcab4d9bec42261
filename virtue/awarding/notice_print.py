"""A notice as it hangs on the wall: named lines on one sheet, places and problems on another, the rest as a count."""

from dataclasses import dataclass

from virtue.awarding import public_queries
from virtue.awarding.public_queries import Line
from virtue.notices.models import Notice
from virtue.people import public_queries as people
from virtue.people.public_queries import Face
from virtue.people.queries import grids_of

NAMED = {"red", "list"}


@dataclass(frozen=True)
class Sheet:
    """What may be shown. A deduction stands beside nothing that names a household."""

    named: tuple[tuple[Line, Face], ...]
    places: tuple[tuple[Line, str], ...]
    """Line and the grid's name."""
    unpublished: int


def sheet(notice: Notice) -> Sheet:
    """The lines of a notice by publish level; households that left since are not named any more."""
    lines = public_queries.notice_lines(notice.id)
    named = [line for line in lines if line.publish in NAMED and not line.is_deduction]
    places = [line for line in lines if line.publish == "place_only" or (line.publish in NAMED and line.is_deduction)]
    faces = people.faces({line.household_id for line in named}, None)
    grids = {grid.id: grid.name for grid in grids_of(notice.village_id)}
    return Sheet(
        tuple((line, faces[line.household_id]) for line in named if line.household_id in faces),
        tuple((line, grids[line.grid_id]) for line in places),
        len(lines) - len(named) - len(places),
    )
