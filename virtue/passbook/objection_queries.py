"""What a household reads of objections: its own with their answers, and those to its own lines without who made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue import clock
from virtue.awarding import line_subjects
from virtue.awarding import objection_queries as awarding
from virtue.awarding import queries as deeds
from virtue.awarding.line_subjects import About
from virtue.awarding.models import Deed
from virtue.awarding.public_queries import STANDING
from virtue.core import remarks
from virtue.formatting import rule_name
from virtue.notices import queries as notices
from virtue.notices.models import NoticeLine, Objection
from virtue.people import public_queries as people
from virtue.people.models import Household
from virtue.people.queries import find_grid
from virtue.staff import queries as staff

OTHERS = {
    "stars": _l("星级评定"),
    "star_loss": _l("星级评定"),
    "dividend": _l("分红试算表"),
    "campaign": _l("评选结果"),
}
"""By a notice's kind what a line is about that is no deed."""
MONTHS = 12
"""How many months of deeds are looked through for objections to the own lines."""


@dataclass(frozen=True)
class Seen:
    """A line as this household may see it."""

    notice: int
    number: int
    what: str
    """王某某家（尾号0147） 参加环境整治 +8; for a problem its place."""


@dataclass(frozen=True)
class Answer:
    """An objection with its answer."""

    number: int
    notice: int
    line: int
    title: str
    state: str
    outcome: str
    received_on: date
    answer_by: date
    words: str | None
    """The own words; None for an objection of others."""
    reason: str | None
    opened: tuple[tuple[str, datetime], ...]
    """Who opened the own name, and when."""
    is_listed: bool = True
    """Of a deed's or a star's line: it can be taken back here."""
    is_of_sheet: bool = False
    """Of a dividend's trial sheet: it can be taken back on the dividend's page."""


def seen_line(household: Household, notice_number: int, line_number: int) -> Seen | None:
    """A line of an open notice, if it is shown to everybody or is the household's own."""
    line = notices.find_line(household.village_id, notice_number, line_number)
    if line is None or not line.notice.published_on <= clock.today() <= line.notice.ends_on:
        return None
    about = line_subjects.abouts([line]).get(line.id)
    if about is not None:
        what = _shown_star(line, about, is_own=about.household_id == household.id) if about.stands else None
        return None if what is None else Seen(notice_number, line_number, what)
    deed_id = awarding.find_deed_of_line(line.notice_id, line.number)
    deed = deeds.find_deed(household.village_id, deed_id) if deed_id is not None else None
    if deed is None or deed.state not in STANDING:
        return None
    what = _shown(line, deed, is_own=deed.household_id == household.id)
    return None if what is None else Seen(notice_number, line_number, what)


def _shown_star(line: NoticeLine, about: About, *, is_own: bool) -> str | None:
    if is_own:
        return gettext("您家 %(what)s", what=about.title)
    face = people.faces({about.household_id}, None).get(about.household_id) if line.publish == "list" else None
    if face is None:
        return None
    return gettext("%(name)s（尾号%(tail)s） %(what)s", name=face.name, tail=face.tail, what=about.title)


def _shown(line: NoticeLine, deed: Deed, *, is_own: bool) -> str | None:
    rule = rule_name(deed)
    points = f"{deed.points:+d}"
    if is_own:
        return gettext("您家 %(rule)s %(points)s", rule=rule, points=points)
    if line.publish in {"red", "list"} and deed.points > 0:
        face = people.faces({deed.household_id}, None).get(deed.household_id)
        if face is None:
            return None
        return gettext(
            "%(name)s（尾号%(tail)s） %(rule)s %(points)s", name=face.name, tail=face.tail, rule=rule, points=points
        )
    if line.publish == "never":
        return None
    grid = find_grid(deed.village_id, deed.grid_id)
    return f"{grid.name if grid else ''} {rule}"


def own(rows: Sequence[Objection]) -> list[Answer]:
    """The household's own objections, with what it wrote and who opened its name."""
    titles = awarding.titles(rows)
    openings = notices.openings_of([row.id for row in rows])
    names = staff.names_of({row[1] for row in openings})
    texts = remarks.texts([number for row in rows for number in (row.words_id, row.reason_id)])
    return [
        _answer(row, _title(row, titles), texts, texts.get(row.words_id or 0),
                tuple((names.get(by, ""), at) for number, by, at in openings if number == row.id))
        for row in rows
    ]  # fmt: skip


def about(household: Household) -> list[Answer]:
    """Objections to the household's own lines of the last year: what came of them, and why."""
    months = clock.months_back(clock.month_of(clock.today()), MONTHS)
    stars = line_subjects.lines_of(household.id, clock.first_day(months[-1]))
    rows = [row for row, _deed in awarding.objections_about(household.id, months)] + notices.objections_to(stars)
    rows.sort(key=lambda row: row.number, reverse=True)
    texts, titles = remarks.texts([row.reason_id for row in rows]), awarding.titles(rows)
    return [_answer(row, titles.get(row.id, ""), texts, None, ()) for row in rows]


def _title(row: Objection, titles: dict[int, str]) -> str:
    """The rule alone: an answered objection says nothing more of whose line it was."""
    kind = row.line.notice.kind
    return str(OTHERS[kind]) if kind in OTHERS else titles.get(row.id, "")


def _answer(
    row: Objection, title: str, texts: dict[int, str], words: str | None, opened: tuple[tuple[str, datetime], ...]
) -> Answer:
    return Answer(
        row.number, row.line.notice.number, row.line.number, title, row.state, awarding.outcome(row), row.received_on,
        row.answer_by, words, texts.get(row.reason_id or 0), opened, row.line.notice.kind in notices.LISTED,
        row.line.notice.kind == "dividend",
    )  # fmt: skip
