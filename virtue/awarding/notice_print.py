"""A notice as it hangs on the wall: named lines on one sheet, places and problems on another, the rest as a count."""

from dataclasses import dataclass

from virtue.awarding import line_subjects, objection_queries, public_queries
from virtue.awarding.line_subjects import Corrected
from virtue.awarding.objection_queries import Correction
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
    corrected: tuple[tuple[Correction, Face], ...]
    """更正 that name a household, as the wrong line did."""
    corrected_places: tuple[tuple[Correction, str], ...]
    others: tuple[tuple[Corrected, Face], ...]
    """更正 of what is no deed: stars that a line of an earlier notice lacked."""


def sheet(notice: Notice) -> Sheet:
    """The lines that stand, by publish level; households that left since are not named any more."""
    every = public_queries.notice_lines(notice.id)
    lines = [line for line in every if line.state in public_queries.STANDING]
    named = [line for line in lines if line.publish in NAMED and not line.is_deduction]
    places = [line for line in lines if line.publish == "place_only" or (line.publish in NAMED and line.is_deduction)]
    corrections = objection_queries.corrections_on(notice)
    wrong = [one for one in corrections if one.names_household]
    others = line_subjects.corrected(objection_queries.upheld_for(notice))
    shown = {line.household_id for line in named} | {one.household_id for one in wrong}
    faces = people.faces(shown | {one.household_id for one in others}, None)
    grids = {grid.id: grid.name for grid in grids_of(notice.village_id)}
    return Sheet(
        tuple((line, faces[line.household_id]) for line in named if line.household_id in faces),
        tuple((line, grids[line.grid_id]) for line in places),
        sum(line.publish == "never" for line in every),
        tuple((one, faces[one.household_id]) for one in wrong if one.household_id in faces),
        tuple((one, grids[one.grid_id]) for one in corrections if not one.names_household),
        tuple((one, faces[one.household_id]) for one in others if one.household_id in faces),
    )
